"""What roles and actions are called, in Chinese and in English."""

from __future__ import annotations

from tracer.access.rules import Action, Role

ROLE_NAMES: dict[Role, tuple[str, str]] = {
    Role.NURSE: ("护士", "Nurse"),
    Role.STOREKEEPER: ("库管", "Storekeeper"),
    Role.PROCUREMENT: ("设备物资部", "Procurement"),
    Role.FINANCE: ("财务", "Finance"),
    Role.INSURANCE_OFFICE: ("医保办", "Insurance office"),
    Role.SUPPLIER: ("供应商", "Supplier"),
    Role.AUDITOR: ("审计", "Auditor"),
    Role.ADMIN: ("管理员", "Administrator"),
    Role.HIS: ("医院信息系统", "Hospital information system"),
}

# They complete "您没有“…”的权限" and "You are not allowed to …".
ACTION_NAMES: dict[Action, tuple[str, str]] = {
    Action.SCAN: ("扫码", "scan"),
    Action.OVERRIDE_SAFETY: ("越过安全提示", "override a safety refusal"),
    Action.VIEW_ENCOUNTER: ("查看就诊用耗", "see what an encounter used"),
    Action.PLACE_ORDER: ("下达医嘱", "place orders"),
    Action.END_ORDER: ("停止医嘱", "end orders"),
    Action.POST_CHARGE: ("记录计费", "post charges"),
    Action.RECEIVE: ("入库", "receive goods"),
    Action.ISSUE: ("出库与调拨", "issue or transfer goods"),
    Action.COUNT: ("盘点", "count stock"),
    Action.WRITE_OFF: ("报损", "write goods off"),
    Action.POST_USE: ("记录使用", "post uses"),
    Action.VIEW_STOCK: ("查看库存", "see stock"),
    Action.VIEW_CODES: ("查看编码", "see codes"),
    Action.IMPORT_CODES: ("导入编码", "import codes"),
    Action.SETTLE_CODES: ("提出与处理编码变更", "propose and settle codes"),
    Action.APPROVE_CODES: ("批准编码", "approve codes"),
    Action.PROPOSE_PRICE: ("提出价格", "propose prices"),
    Action.APPROVE_PRICE: ("批准价格", "approve prices"),
    Action.VIEW_VARIANCE: ("查看差异", "see variances"),
    Action.VIEW_MISMATCHES: ("查看五码对照", "see code mismatches"),
    Action.CLOSE_DAY: ("日结", "close a day"),
    Action.MANAGE_PEOPLE: ("管理人员", "manage people"),
    Action.MANAGE_EXCHANGE: ("管理对外发布", "manage what other systems are told"),
    Action.VIEW_SUPPLIERS: ("查看供应商", "see suppliers"),
    Action.MANAGE_SUPPLIERS: ("管理供应商", "manage suppliers"),
    Action.SUPPLY: ("填报供货信息", "enter what a supplier knows of its items"),
}


def role_name(role: Role, language: str) -> str:
    return ROLE_NAMES[role][language.startswith("en")]


def action_name(action: str, language: str) -> str:
    """The words for an action; an action nobody has named yet keeps its identifier."""
    try:
        return ACTION_NAMES[Action(action)][language.startswith("en")]
    except (KeyError, ValueError):
        return action
