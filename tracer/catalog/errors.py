"""What the catalogue refuses.

Invalid
└── ImportRefused   a file of codes with something wrong in it; carries every finding
NotFound
├── UnknownSystem   not one of the five code systems
└── UnknownCode     nobody has this code on that day
"""

from __future__ import annotations

from collections.abc import Iterable

from tracer.catalog.codes_file.findings import Finding, in_order
from tracer.shared.errors import Invalid, NotFound


class ImportRefused(Invalid):
    """Nothing of the file was written; `findings` holds all that is wrong with it, row by row.

    `remarks` are what a person should know besides, and would not have stood in the way.
    """

    code = "catalog.import_refused"
    zh = "“{source}”未导入：{count} 处有误，未写入任何数据"
    en = "{source} was not imported: {count} findings; nothing was written"

    def __init__(self, source: str, findings: Iterable[Finding], remarks: Iterable[Finding] = ()) -> None:
        self.findings = in_order(findings)
        self.remarks = in_order(remarks)
        super().__init__(source=source, count=len(self.findings))


class UnknownSystem(NotFound):
    code = "catalog.unknown_system"
    zh = "没有编码系统“{system}”；应为 {systems} 之一"
    en = "there is no code system {system!r}; one of these is expected: {systems}"


class UnknownCode(NotFound):
    code = "catalog.unknown_code"
    zh = "{at} 没有物资使用 {system} 编码“{value}”"
    en = "no item has the {system} code {value!r} on {at}"
