"""What is refused around suppliers.

NotFound
├── NoSuchItemHere      not an item this supplier sells here, or none at all: never told apart
├── UnknownSupplier     no such supplier
├── UnknownEntry        no such entry, or not one of this supplier
└── UnknownUpload       no such file, or not one of this supplier
Invalid
├── UnknownMaterials    material codes that nobody has; nothing was assigned
├── NotASuppliersPerson the person does not hold the role
├── FileRefused         a file that cannot be answered row by row
└── EntryRefused        what was entered cannot be taken; carries every fault
Conflict
├── NoSupplier          nobody has said which supplier this person acts for
├── SupplierExists      another supplier has the code
├── ActsForAnother      the person acts for another supplier
└── DecidedAlready      the entry was decided or withdrawn before
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tracer.catalog.codes_file.findings import Finding
from tracer.catalog.suppliers.rules import Fault
from tracer.catalog.suppliers.words import fault_text
from tracer.shared.errors import Conflict, Invalid, NotFound


class NoSupplier(Conflict):
    code = "catalog.no_supplier"
    zh = "您的账号尚未对应任何供应商，请联系医院设备物资部"
    en = "Your account does not act for any supplier yet; please ask the hospital's procurement"


class NoSuchItemHere(NotFound):
    code = "catalog.no_such_item_here"
    zh = "在您向本院供应的物资中没有这一项"
    en = "There is no such item among those you supply here"


class UnknownSupplier(NotFound):
    code = "catalog.unknown_supplier"
    zh = "没有该供应商"
    en = "There is no such supplier"


class UnknownEntry(NotFound):
    code = "catalog.unknown_entry"
    zh = "没有该填报项"
    en = "There is no such entry"


class UnknownUpload(NotFound):
    code = "catalog.unknown_upload"
    zh = "没有该文件"
    en = "There is no such file"


class UnknownMaterials(Invalid):
    code = "catalog.unknown_materials"
    zh = "没有这些物资编码，未作任何变更：{codes}"
    en = "Nobody has these material codes, and nothing was changed: {codes}"


class NotASuppliersPerson(Invalid):
    code = "catalog.not_a_suppliers_person"
    zh = "“{name}”没有供应商角色"
    en = "{name} does not hold the role of a supplier"


class SupplierExists(Conflict):
    code = "catalog.supplier_exists"
    zh = "已有编码为“{supplier}”的供应商"
    en = "there is a supplier {supplier!r} already"


class ActsForAnother(Conflict):
    code = "catalog.acts_for_another"
    zh = "“{name}”已代表“{supplier}”"
    en = "{name} acts for {supplier} already"


class DecidedAlready(Conflict):
    code = "catalog.entry_decided"
    zh = "该填报项已处理过，请刷新页面"
    en = "That entry was decided or withdrawn before; load the page again"


class FileRefused(Invalid):
    code = "catalog.supplier_file_refused"
    zh = "“{file}”无法使用：{why_zh}"
    en = "{file} cannot be used: {why_en}"

    def __init__(self, file: str, findings: Sequence[Finding]) -> None:
        first = findings[0]
        column = f"“{first.column}”" if first.column else ""
        super().__init__(
            file=file,
            why_zh=(f"第 {first.row} 行" if first.row else "") + f"{column}{first.zh}",
            why_en=(f"row {first.row} " if first.row else "") + f"{column} {first.en}".strip(),
        )


class EntryRefused(Invalid):
    code = "catalog.entry_refused"
    zh = "未提交：{why_zh}"
    en = "Nothing was submitted: {why_en}"

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(
            why_zh="；".join(f"{one.column}：{fault_text(one, 'zh')}" for one in self.faults),
            why_en="; ".join(f"{one.column}: {fault_text(one, 'en')}" for one in self.faults),
        )
