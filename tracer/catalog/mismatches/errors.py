"""What is refused where exports are loaded and mismatches are settled.

Invalid
├── ExportUnreadable    an export of which nothing can be used; carries every finding
└── NothingToSettle     a settlement by hand that changes nothing
NotFound
├── UnknownRow
└── UnknownSettlement
Conflict
├── NotYours            who proposed it cannot approve it
├── NotYourUndo         who wants it taken back cannot approve that
├── AlreadyProposed     somebody has proposed the same, and it waits for approval
└── AlreadyDecided      it is approved or rejected, or nothing speaks for it any more
"""

from __future__ import annotations

from collections.abc import Iterable

from reconcile.errors import BadCell
from tracer.shared.errors import Conflict, Invalid, NotFound


class ExportUnreadable(Invalid):
    code = "catalog.export_unreadable"
    zh = "“{file}”无法使用：{why_zh}"
    en = "{file} cannot be used: {why_en}"

    def __init__(self, file: str, cells: Iterable[BadCell]) -> None:
        self.cells = tuple(cells)
        first = self.cells[0]
        super().__init__(file=file, why_zh=first.said("zh"), why_en=first.said("en"))


class NothingToSettle(Invalid):
    code = "catalog.nothing_to_settle"
    zh = "没有任何改动"
    en = "nothing would be changed"


class UnknownRow(NotFound):
    code = "catalog.unknown_row"
    zh = "“{source}”现在没有第 {row} 行；请刷新页面"
    en = "{source} has no row {row} now; reload the page"


class UnknownSettlement(NotFound):
    code = "catalog.unknown_settlement"
    zh = "没有编号为 {id} 的处理方案"
    en = "there is no settlement {id}"


class NotYours(Conflict):
    code = "catalog.approve_own"
    zh = "方案 {id} 由您提出，须由另一人批准"
    en = "you proposed settlement {id}; another person must approve it"


class NotYourUndo(Conflict):
    code = "catalog.undo_own"
    zh = "方案 {id} 的撤销由您提出，须由另一人批准"
    en = "you asked for settlement {id} to be taken back; another person must approve it"


class AlreadyProposed(Conflict):
    code = "catalog.already_proposed"
    zh = "同样的改动已有人提出，正待批准"
    en = "the same changes were proposed already and await approval"


class AlreadyDecided(Conflict):
    code = "catalog.already_decided"
    zh = "方案 {id} 已被处理，或已不再适用；请刷新页面"
    en = "settlement {id} has been decided, or no longer applies; reload the page"
