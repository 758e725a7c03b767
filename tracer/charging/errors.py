"""Why the bedside cannot carry something out. What concerns the piece itself is not here: such a
scan is recorded with the outcome "refused" and its reason.

Refusal
├── UnknownScan         no such scan, or not one this person may see
├── UnknownEncounter    a stay of which this person may see nothing
├── NothingToReverse    the scan booked nothing
├── AlreadyReversed     the use was undone before
├── UnknownBillingCode  no item has this code on that day
└── UnknownUse          the use a charge names does not exist, or has its charge
"""

from __future__ import annotations

from tracer.shared.errors import Conflict, Invalid, NotFound


class UnknownScan(NotFound):
    code = "unknown_scan"
    zh = "没有扫码记录 {scan}"
    en = "There is no scan {scan}"


class UnknownEncounter(NotFound):
    code = "unknown_encounter"
    zh = "没有就诊号“{ref}”，或您无权查看"
    en = "There is no encounter {ref!r}, or you may not see it"


class NothingToReverse(Conflict):
    code = "nothing_to_reverse"
    zh = "该次扫码没有记账，无需撤销"
    en = "This scan booked nothing; there is nothing to undo"


class AlreadyReversed(Conflict):
    code = "already_reversed"
    zh = "该次扫码已经撤销过"
    en = "This scan was undone before"


class UnknownBillingCode(Invalid):
    code = "unknown_code"
    zh = "{on} 没有项目使用{system}编码“{value}”"
    en = "No item has the {system} code {value!r} on {on}"


class UnknownUse(Invalid):
    code = "unknown_use"
    zh = "使用记录 {use} 不存在、与本项目不符，或已计费"
    en = "The use {use} does not exist, is of another item, or has its charge"
