"""The headings of a file of codes that are understood, in Chinese and English."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from tracer.catalog.codes_file.findings import Finding, shown

# Column → its headings; the first Chinese one is what messages ask for.
HEADINGS: Final[dict[str, tuple[str, ...]]] = {
    "material": ("物资编码", "物料编码", "耗材编码", "material_code"),
    "billing": ("计费编码", "收费编码", "billing_code"),
    "order": ("医嘱编码", "order_code"),
    "insurance": ("医保编码", "医保耗材编码", "医用耗材代码", "insurance_code"),
    "udi": ("UDI-DI", "最小销售单元标识", "最小销售单元产品标识", "产品标识", "UDI编码", "DI"),
    "name": ("名称", "物资名称", "耗材名称", "产品名称", "品名"),
    "specification": ("规格", "规格型号", "spec"),
    "model": ("型号",),
    "maker": ("生产企业", "生产厂家", "厂家", "manufacturer"),
    "certificate": ("注册证号", "注册备案证号", "注册证", "certificate_no"),
    "unit": ("单位", "基本单位", "计量单位", "base_unit"),
    "pack_quantity": ("包装数量", "包装系数"),
    "package_di": ("包装标识", "包装产品标识", "package_udi"),
    "category": ("类别", "分类"),
    "tracking": ("追踪方式", "管理方式"),
    "chargeable": ("可收费", "是否可收费", "是否收费"),
    "high_value": ("高值", "是否高值"),
    "sterile": ("无菌", "是否无菌"),
    "price": ("收费价", "价格", "收费价格", "charge_price"),
    "purchase_price": ("采购价", "采购价格", "unit_cost"),
    "valid_from": ("生效日期", "启用日期"),
    "valid_to": ("失效日期", "停用日期"),
}
REQUIRED: Final = ("material",)


def _folded(heading: object) -> str:
    text = unicodedata.normalize("NFKC", str(heading)).casefold()
    return "".join(c for c in text if c.isalnum())


_MEANING: Final = {_folded(h): name for name, headings in HEADINGS.items() for h in (name, *headings)}


@dataclass(frozen=True, slots=True)
class Layout:
    """Which column of a sheet means what: name → (place from 0, heading as it stands there)."""

    places: dict[str, tuple[int, str]]
    width: int

    def heading(self, name: str) -> str:
        """The heading as in the file; what it should be, if the file has none."""
        return self.places[name][1] if name in self.places else HEADINGS[name][0]


def lay_out(file: str, headings: Sequence[Any]) -> tuple[Layout, list[Finding], list[Finding]]:
    """(layout, findings, remarks) of a row of headings."""
    places: dict[str, tuple[int, str]] = {}
    findings: list[Finding] = []
    remarks: list[Finding] = []
    for place, cell in enumerate(headings):
        if cell is None or not str(cell).strip():
            continue
        heading = shown(str(cell).strip())
        name = _MEANING.get(_folded(cell))
        if name is None:
            remarks.append(Finding(file=file, row=1, column=heading, code="unknown_column"))
        elif name in places:
            first, other = places[name]
            findings.append(
                Finding(
                    file=file,
                    row=1,
                    column=heading,
                    code="duplicate_column",
                    data={"first": first + 1, "heading": other},
                )
            )
        else:
            places[name] = (place, heading)
    for name in REQUIRED:
        if name not in places:
            chinese = HEADINGS[name][0]
            findings.append(
                Finding(
                    file=file,
                    row=1,
                    column=chinese,
                    code="missing_column",
                    data={"chinese": chinese, "english": name},
                )
            )
    return Layout(places, len(headings)), findings, remarks
