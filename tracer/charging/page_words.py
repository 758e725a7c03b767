"""What the scan page's scripts say, in the reader's language. `{…}` is filled in by the script."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _


def scan_page_words() -> dict[str, Any]:
    """Every text of the page that a script shows, by name."""
    return {**_results(), **_facts(), **_steps(), **_orders(), **_queue()}


def _results() -> dict[str, Any]:
    return {
        "state": {
            "charged": _("已计费"),
            "used": _("已使用，未计费"),
            "needs_choice": _("请选择"),
            "chosen": _("已选择"),
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
