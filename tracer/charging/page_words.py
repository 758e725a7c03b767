"""What the scan page's scripts say, in the reader's language. `{…}` is filled in by the script."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _


def scan_page_words() -> dict[str, Any]:
    """Every text of the page that a script shows, by name."""
    return {**_results(), **_facts(), **_steps(), **_orders(), **_queue(), "camera": _camera()}


def _results() -> dict[str, Any]:
    return {
        "state": {
            "charged": _("已计费"),
            "used": _("已使用，未计费"),
            "needs_choice": _("请选择"),
            "chosen": _("已选择"),
            "half": _("还差一个条码"),
            "paired": _("已合为一件"),
            "unresolved": _("待处理"),
            "refused": _("不能使用"),
            "failed": _("未被接受"),
            "waiting": _("等待发送"),
            "undoing": _("正在撤销"),
            "reversed": _("已撤销"),
        },
        "meaning": {
            "charged": _("已记使用并计费"),
            "used": _("已记使用，没有产生费用"),
            "needs_choice": _("还差一步，尚未记账"),
            "chosen": _("已按所选数量记账"),
            "half": _("尚未记账"),
            "paired": _("同一包装的两个条码合为一件，见另一条记录"),
            "unresolved": _("已留在患者清单上，无需等待"),
            "refused": _("没有记账，也没有计费"),
            "failed": _("服务器没有接受，未记账"),
            "waiting": _("已存在本机，不会丢失"),
            "undoing": _("正在退回耗材和费用"),
            "reversed": _("耗材已退回，费用已退"),
        },
        "undo": _("撤销"),
        "undo_follows": _("得到结果后将自动撤销"),
        "seen": _("知道了"),
        "again": _("名单上已有此项（{ago}），现共 {n} {unit}"),
        "whole_package": _("整包 {n} {unit}"),
        "pieces": "{n} {unit}",
        "one_code": _("只有一个条码：{amount}"),
        "reading": _("读法 {n}"),
        "field": {
            "di": _("产品标识 DI"),
            "lot": _("批号"),
            "serial": _("序列号"),
            "expiry": _("效期"),
            "quantity": _("数量"),
        },
        "labels_here": _("请扫手中这一件上的院内标签；本科室在架："),
        "scan_again": _("请再扫一次"),
        "override": _("仍需使用…"),
        "use_anyway": _("凭此理由使用"),
        "reason": _("使用理由（将记录在案）"),
    }


def _facts() -> dict[str, Any]:
    return {
        "lot": _("批号"),
        "expiry": _("效期"),
        "serial": _("序列号"),
        "price": _("数量 × 单价"),
        "quantity": _("数量"),
        "five_codes": _("五码"),
        "system": {
            "material": _("物资"),
            "billing": _("计费"),
            "order": _("医嘱"),
            "insurance": _("医保"),
            "udi": "UDI",
        },
        "no_code": _("缺"),
        "just_now": _("刚刚"),
        "seconds_ago": _("{n} 秒前"),
        "minutes_ago": _("{n} 分钟前"),
        "total": _("本次住院合计"),
        "nothing_yet": _("还没有扫过耗材"),
        "all_rows": _("显示全部 {n} 条"),
    }


def _steps() -> dict[str, Any]:
    return {
        "place": _("所在科室"),
        "choose_place": _("请先选择所在科室"),
        "scan_wristband": _("请扫患者腕带"),
        "scan_wristband_how": _("无需点选任何输入框，直接扫即可"),
        "scan_item": _("请扫耗材"),
        "scan_item_how": _("扫包装上的 UDI 或院内标签，扫一件记一件"),
        "not_wristband": _("这不是患者腕带。请先扫腕带，再扫耗材"),
        "same_patient": _("是同一位患者，请继续扫耗材"),
        "switched": _("已换到患者 {ref}"),
        "left_behind": _("上一位患者 {ref} 有一条扫码需要处理"),
        "double": _("同一次触发重复，已忽略"),
        "too_slow": _("刚才的按键太慢，没有当作扫码。若是用扫码枪扫的，请到“扫码枪测试”调整"),
        "no_room": _("本机存储已满，这次扫码没有记下。请联网后再扫"),
        "try_again": _("没有连上服务器，请再试一次"),
        "or_choose": _("或从本科室患者中选择"),
        "nobody_here": _("本科室没有最近的就诊记录"),
        "open_orders": _("{n} 条医嘱"),
        "no_name": _("（未登记姓名）"),
        "unconfirmed": _("HIS 尚未告知"),
        "next_patient": _("下一位"),
        "is_it_wristband": _("这是腕带吗？"),
        "why_unknown": _("HIS 还没有告知这个就诊号。确认这是患者的腕带吗？"),
        "why_elsewhere": _("这位患者不在您的科室。确认要为其记账吗？"),
        "why_offline": _("现在连不上服务器，无法核对。确认这是患者的腕带吗？"),
        "yes_go_on": _("是，继续"),
        "scan_other": _("不是，重新扫"),
        "sound_on": _("声音开"),
        "sound_off": _("声音关"),
    }


def _orders() -> dict[str, Any]:
    return {
        "no_orders": _("没有医嘱；扫到的耗材照常记账"),
        "order_open": _("进行中"),
        "order_ended": _("已结束"),
        "lines_used": _("已用 {used} / {all} 项"),
        "used_of": "{used} / {expected}",
        "line": {"expected": _("待用"), "used": _("已用"), "not_used": _("未用"), "more": _("超出医嘱")},
        "end_order": _("结束医嘱"),
        "end_leaves": _("以下 {n} 项将记为未使用，不计费："),
        "end_all_used": _("所有项目都已使用。"),
        "end_confirm": _("确认结束"),
        "end_not": _("返回"),
    }


def _queue() -> dict[str, Any]:
    return {
        "sent": _("已发送"),
        "waiting": _("待发送"),
        "refused": _("未接受"),
        "offline": _("已离线，恢复后自动发送"),
        "sign_in_again": _("登录已失效，请重新登录"),
        "others": _("另有 {n} 条属于其他账号"),
    }


def _camera() -> dict[str, str]:
    return {
        "open": _("相机扫码"),
        "photo": _("拍照识别"),
        "file": _("识别图片…"),
        "paste_how": _("也可以把图片粘贴或拖到本页"),
        "insecure": _("浏览器只在 HTTPS 下开放实时取景，本页是 http；请改用拍照或图片"),
        "unsupported": _("此浏览器不支持实时取景，请改用拍照或图片"),
        "denied": _("浏览器没有相机权限。请在网站设置中允许使用相机后重试，或改用拍照"),
        "none": _("这台设备没有找到相机，请改用拍照或图片"),
        "busy": _("相机无法启动或已被其他程序占用。请关闭其他程序后重试，或改用拍照"),
        "rested": _("几分钟没有看到条码，相机已关闭以省电"),
        "opening": _("正在打开相机…"),
        "aim": _("把条码放进画面，离近些、拿稳"),
        "steady": _("看到条码，请拿稳"),
        "hold": _("已扫；移开后可扫下一件"),
        "got": _("已读到"),
        "choose": _("请在下方点选"),
        "server_busy": _("识别繁忙，稍候自动继续"),
        "offline": _("相机识别需要连接服务器，现在连不上；扫码枪照常可用"),
        "close": _("关闭相机"),
        "torch": _("手电"),
        "zoom": _("放大"),
        "lens": _("换镜头"),
        "reading": _("正在识别图片…"),
        "nothing": _("图片里没有读到条码。请靠近、对焦、避开反光后再拍"),
        "one_picture": _("一次只能识别一张图片"),
        "no_picture": _("这不是可用的图片，请使用 JPEG、PNG 或 WebP"),
        "too_large": _("图片太大，请降低相机分辨率或裁剪后再试"),
        "unreadable": _("这张图片无法读取，请重新拍摄"),
        "which": _("看到 {n} 个码，请点选手中的这一件"),
        "is_it": _("要用这个码吗？"),
        "none_of_them": _("都不是"),
        "done": _("已扫"),
        "not_udi": _("不是 UDI"),
        "two_codes": _("两个码合为一件，请核对"),
    }
