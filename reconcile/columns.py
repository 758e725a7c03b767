"""The columns of every input and output: names, and the Chinese headings that are recognised too."""

from __future__ import annotations

from typing import Final

KEYS: Final = ("business_date", "location", "material")
CODE_SYSTEMS: Final = ("billing", "order", "insurance")

RECEIPT, SUPPLIER_RETURN = "receipt", "supplier_return"
TRANSFER_IN, TRANSFER_OUT = "transfer_in", "transfer_out"
USE, USE_REVERSAL, WRITE_OFF = "use", "use_reversal", "write_off"

KINDS: Final = {
    RECEIPT: "入库",
    SUPPLIER_RETURN: "退货",
    TRANSFER_IN: "调入",
    TRANSFER_OUT: "调出",
    USE: "使用",
    USE_REVERSAL: "撤销使用",
    WRITE_OFF: "报损",
}

HEADINGS: Final = {
    "business_date": "业务日期",
    "location": "科室",
    "material": "物资编码",
    "billing": "计费编码",
    "order": "医嘱编码",
    "insurance": "医保编码",
    "udi": "UDI",
    "kind": "类型",
    "quantity": "数量",
    "occurred_at": "发生时间",
    "lot": "批号",
    "serial": "序列号",
    "document": "单据号",
    "unit_cost": "采购价",
    "amount": "金额",
    "encounter": "就诊号",
    "id": "记录号",
    "reference": "关联号",
    "name": "名称",
    "specification": "规格",
    "model": "型号",
    "maker": "生产企业",
    "certificate": "注册证号",
    "unit": "单位",
    "pack_quantity": "包装数量",
    "price": "价格",
    "chargeable": "可收费",
    "category": "类别",
    "valid_from": "生效日期",
}
"""Column name → Chinese heading, for all input files."""

VARIANCE_COLUMNS: Final = (
    "business_date",
    "location",
    "material",
    "name",
    "opening",
    "received",
    "transferred_in",
    "transferred_out",
    "used",
    "written_off",
    "book_closing",
    "counted",
    "consumed",
    "billed",
    "stock_variance",
    "charge_variance",
    "rate",
    "variance_value",
    "status",
    "cause",
)
"""`variance.csv`, in order."""

EXTRA_COLUMNS: Final = ("category", "chargeable", "unit_cost", "weight", "variance_cents", "weight_cents")
"""Follow VARIANCE_COLUMNS in `VarianceResult.rows`; not part of `variance.csv`."""

OK, BREACH, INVALID = "OK", "BREACH", "INVALID"
