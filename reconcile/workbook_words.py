"""The words of the variance workbook, Chinese and English."""

from __future__ import annotations

from typing import Final

from reconcile.columns import BREACH, INVALID, OK

COLUMNS: Final = {
    "business_date": ("日期", "Date"),
    "location": ("科室", "Location"),
    "material": ("物资编码", "Material code"),
    "name": ("名称", "Name"),
    "opening": ("期初", "Opening"),
    "received": ("入库", "Received"),
    "transferred_in": ("调入", "Transferred in"),
    "transferred_out": ("调出", "Transferred out"),
    "used": ("使用", "Used"),
    "written_off": ("报损", "Written off"),
    "book_closing": ("账面期末", "Book closing"),
    "counted": ("盘点", "Counted"),
    "consumed": ("实耗", "Consumed"),
    "billed": ("计费", "Billed"),
    "stock_variance": ("库存差异", "Stock variance"),
    "charge_variance": ("计费差异", "Charge variance"),
    "rate": ("差异率", "Rate"),
    "variance_value": ("差异金额", "Variance value"),
    "status": ("状态", "Status"),
    "cause": ("原因", "Cause"),
}
"""Column → (Chinese, English) heading, in the order of the sheet."""

STATUSES: Final = {OK: ("正常", "OK"), BREACH: ("超差", "Breach"), INVALID: ("无效", "Invalid")}

CAUSES: Final = {
    "late_posting": ("跨日记账", "late posting"),
    "packaging_factor": ("包装换算", "packaging factor"),
    "used_not_charged": ("已用未计费", "used, not charged"),
    "charged_not_used": ("计费未使用", "charged, not used"),
    "not_chargeable": ("不可收费项目被计费", "billed although not chargeable"),
    "unexplained": ("未查明", "unexplained"),
}

SHEETS: Final = {
    "rows": ("差异明细", "Variance"),
    "summary": ("汇总", "Summary"),
    "by_location": ("按科室", "By location"),
    "causes": ("原因证据", "Causes"),
}

TOTAL: Final = ("合计", "Total")

CAUSE_COLUMNS: Final = {
    "business_date": ("日期", "Date"),
    "location": ("科室", "Location"),
    "material": ("物资编码", "Material code"),
    "cause": ("原因", "Cause"),
    "units": ("数量", "Units"),
    "evidence": ("证据（记录号）", "Evidence (record ids)"),
}

INDICATORS: Final = {
    "status": (
        "总体状态",
        "Status",
        "按金额（有任一行无单价则按数量）的总差异率与容差比较",
        "Gross rate by value (by quantity if a row lacks a unit cost) against the tolerance",
    ),
    "tolerance": ("容差", "Tolerance", "差异率不超过此值为正常", "A rate up to this is OK"),
    "rows": (
        "行数",
        "Rows",
        "当日有出入库、计费或盘点的科室与物资",
        "Location and item on each day with a movement, charge or count",
    ),
    "breaches": ("超差行数", "Breached rows", "差异率超过容差的行", "Rows whose rate is above the tolerance"),
    "invalid": (
        "无效行数",
        "Invalid rows",
        "盘点多于账面与使用所能解释，可能漏记入库或退货；不计入任何比率",
        "Counted more than book and use explain, so a receipt or return is missing; in no rate",
    ),
    "unmapped": (
        "未匹配计费",
        "Unmapped charges",
        "编码在五码对照表中找不到物资的计费记录",
        "Charges whose code maps to no item",
    ),
    "gross_rate_value": (
        "总差异率（金额）",
        "Gross rate (value)",
        "Σ|计费差异×采购价| ÷ Σ max(|实耗|,|计费|)×采购价",
        "Σ|charge variance × cost| ÷ Σ max(|consumed|, |billed|) × cost",
    ),
    "net_rate_value": (
        "净差异率（金额）",
        "Net rate (value)",
        "|Σ计费差异×采购价| ÷ Σ max(|实耗|,|计费|)×采购价，正负可相抵",
        "|Σ charge variance × cost| ÷ the same; opposite signs cancel",
    ),
    "gross_rate": (
        "总差异率（数量）",
        "Gross rate (quantity)",
        "Σ|计费差异| ÷ Σ max(|实耗|,|计费|)",
        "Σ|charge variance| ÷ Σ max(|consumed|, |billed|)",
    ),
    "net_rate": (
        "净差异率（数量）",
        "Net rate (quantity)",
        "|Σ计费差异| ÷ Σ max(|实耗|,|计费|)，正负可相抵",
        "|Σ charge variance| ÷ the same; opposite signs cancel",
    ),
    "gross_variance_value": (
        "差异金额绝对值合计",
        "Gross variance value",
        "可收费且有效的行",
        "Chargeable, valid rows",
    ),
    "net_variance_value": (
        "差异金额净额",
        "Net variance value",
        "可收费且有效的行；正为多计费，负为漏计费",
        "Chargeable, valid rows; + billed without stock, − used without billing",
    ),
    "weight_value": (
        "比较基数（金额）",
        "Base (value)",
        "Σ max(|实耗|,|计费|)×采购价",
        "Σ max(|consumed|, |billed|) × cost",
    ),
    "gross_variance": ("差异数量绝对值合计", "Gross variance", "可收费且有效的行", "Chargeable, valid rows"),
    "net_variance": ("差异数量净额", "Net variance", "可收费且有效的行", "Chargeable, valid rows"),
    "weight": ("比较基数（数量）", "Base (quantity)", "Σ max(|实耗|,|计费|)", "Σ max(|consumed|, |billed|)"),
}
"""Key of summary.json → (Chinese name, English name, Chinese formula, English formula)."""

FORMULAS: Final = (
    (
        "账面期末 = 期初 + 入库 + 调入 − 调出 − 使用 − 报损",
        "Book closing = opening + received + in − out − used − written off",
    ),
    (
        "实耗 = 期初 + 入库 + 调入 − 调出 − 报损 − 盘点（未盘点则为使用）",
        "Consumed = opening + received + in − out − written off − counted (not counted: used)",
    ),
    (
        "库存差异 = 盘点 − 账面期末（仅盘点时）",
        "Stock variance = counted − book closing (only where counted)",
    ),
    (
        "计费差异 = 计费 − 实耗（正：无库存而计费，合规风险；负：已用未计费，收入流失）",
        "Charge variance = billed − consumed (+ billed without stock: compliance risk; "
        "− used without billing: lost revenue)",
    ),
    (
        "差异率 = |计费差异| ÷ max(|实耗|, |计费|)；不可收费物资为 |库存差异| ÷ max(|实耗|, |使用|)",
        "Rate = |charge variance| ÷ max(|consumed|, |billed|); "
        "not chargeable: |stock variance| ÷ max(|consumed|, |used|)",
    ),
)

INDICATOR, FIGURE, MEANING, HOW = (
    ("指标", "Indicator"),
    ("数值", "Figure"),
    ("说明", "Meaning"),
    ("计算口径", "How it is computed"),
)
