"""What the scanner test page's scripts say, in the reader's language. `{…}` is filled in by the script."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _


def scanner_test_words() -> dict[str, Any]:
    """Every text of the page that a script shows, by name."""
    return {**_page(), **_report(), "advice": {**_keyboard_advice(), **_text_advice(), **_pace_advice()}}


def _page() -> dict[str, Any]:
    return {
        "waiting": _("请扫码"),
        "waiting_how": _("扫测试页上的符号，或任何条码；无需点选输入框"),
        "offline": _("现在连不上服务器，只能显示收到的内容"),
        "signed_out": _("登录已失效，请重新登录"),
        "not_yet": _("未扫"),
        "has_findings": _("有问题"),
        "is_right": _("设置正确"),
        "no_pace_yet": _("扫一次，就会在这里看到这支扫码枪够不够快"),
        "is_heard": _("刚才中间间隔 {middle} ms，门槛 {pace} ms：扫码页会当作扫码"),
        "is_not_heard": _("刚才中间间隔 {middle} ms，超过门槛 {pace} ms：扫码页会当作手工输入"),
        "suit": _("按这支扫码枪把门槛设为 {wanted} ms"),
        "saved": _("已保存"),
    }


def _report() -> dict[str, Any]:
    return {
        "to_change": _("有 {n} 处要改"),
        "nothing_wrong": _("没有发现问题"),
        "unknown_symbol": _("不是测试页上的符号"),
        "received": _("收到的内容"),
        "hex": _("十六进制（{n} 字节）"),
        "read": _("读出的内容"),
        "elements": _("各数据项（{n}）"),
        "reading": _("读法 {n}"),
        "field": {
            "agency": _("发码机构"),
            "di": _("产品标识 DI"),
            "lot": _("批号"),
            "serial": _("序列号"),
            "expiry": _("效期"),
            "manufactured": _("生产日期"),
            "quantity": _("数量"),
        },
        "how_sent": _("发送方式"),
        "characters": _("字符数"),
        "line_end": _("结束符"),
        "none": _("没有"),
        "lasted": _("用时"),
        "middle_gap": _("中间间隔"),
        "slowest_gap": _("最长间隔"),
    }


def _keyboard_advice() -> dict[str, str]:
    return {
        "caps_lock": _("电脑的大写锁定（Caps Lock）开着，字母大小写都颠倒了。请关闭大写锁定"),
        "ime": _("中文输入法先拿到了按键。请切换到英文输入（多数输入法按一下 Shift），或不要在输入框里扫"),
        "layout_azerty": _(
            "电脑是法语键盘（AZERTY），扫码枪按美式键盘发送。请把系统键盘改为英语（美国），或把扫码枪设为法国"
        ),
        "layout_qwertz": _(
            "电脑是德语键盘（QWERTZ），扫码枪按美式键盘发送。请把系统键盘改为英语（美国），或把扫码枪设为德国"
        ),
        "layout_uk": _("电脑是英式键盘，引号与 @ 对调了。请把系统键盘改为英语（美国），或把扫码枪设为英国"),
        "layout_other": _("电脑的键盘布局与扫码枪不同。请把系统键盘改为英语（美国），或改扫码枪的键盘国家"),
        "gs_keypad": _("分隔符 GS 以 Alt+029 发送：慢，而且有的浏览器会丢。请在扫码枪里改为 Ctrl+] 方式"),
        "gs_function": _("分隔符 GS 以 F8 发送，可以识别；改为 Ctrl+] 更通用"),
        "lost_key": _("有一个按键没有内容，多半是控制字符丢了。请检查扫码枪的控制字符设置"),
    }


def _text_advice() -> dict[str, str]:
    return {
        "good": _("设置正确"),
        "not_on_sheet": _("这不是测试页上的符号，所以只说明收到了什么"),
        "gs_missing": _(
            "此扫码枪没有发送分隔符 GS，批号和序列号会连在一起。"
            "请在扫码枪设置里打开“发送 GS / FNC1（ASCII 29）”，键盘方式选 Ctrl+]"
        ),
        "gs_replaced": _(
            "分隔符 GS 变成了“{seen}”。多数时候能还原；请在扫码枪里改回 ASCII 29，"
            "改不了就请管理员登记（TRACER_SCAN_SEPARATORS）"
        ),
        "leading_gs": _("前面多了一个 GS、没有标识符 {want}：可以识别；打开 AIM 标识符更可靠"),
        "no_identifier": _("没有发送 AIM 标识符 {want}：多数码仍能识别。请在扫码枪里打开“AIM ID”更可靠"),
        "identifier_other": _(
            "标识符是 {got}，应为 {want}：扫码枪没有认出 GS1 格式，请打开它的 GS1 / UCC 选项"
        ),
        "identifier_cut": _("标识符只剩“{seen}”，应为 {want}：请检查扫码枪的前缀设置或输入框"),
        "prefix": _("前面多了“{seen}”：请在扫码枪里清除前缀"),
        "suffix": _("后面多了“{seen}”：请在扫码枪里清除后缀（回车除外）"),
        "double": _("一次触发发送了两遍：请在扫码枪里关闭连续扫描，或调长同码间隔"),
        "case_changed": _("扫码枪自己改了字母大小写：请在扫码枪里关闭“大小写转换”"),
        "no_check_digit": _("没有发送最后一位校验位：请在扫码枪里打开 EAN-13 的“发送校验位”"),
        "lost": _("丢了 {n} 个字符“{missing}”：请在扫码枪里调大字符间隔，或换一个 USB 口"),
        "changed": _("有字符不对：少了“{missing}”，多了“{added}”。请检查键盘布局与扫码枪的键盘国家"),
        "reads_otherwise": _("内容收到了，但读出的与印刷的不同。请把本页截图交给管理员"),
    }


def _pace_advice() -> dict[str, str]:
    return {
        "at_once": _("整段一次写入，没有逐个按键；扫码页只有在输入框里才收得到"),
        "too_slow": _(
            "太慢：中间间隔 {middle} ms，超过门槛 {pace} ms。请调小扫码枪的字符间隔，或在下面放宽门槛"
        ),
        "slow": _("偏慢：中间间隔 {middle} ms，接近门槛 {pace} ms"),
        "pause": _("中途停了 {slowest} ms：无线信号不好或电量低，一次扫码可能被拆成两次"),
        "no_ending": _("没有结束符：系统只能靠停顿判断扫完没有。请在扫码枪里把后缀设为回车（CR）"),
        "line_feed": _("结束符是换行（LF），可以识别；建议改为回车（CR）"),
    }
