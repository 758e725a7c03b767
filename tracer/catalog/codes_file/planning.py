"""Rows of a file against what is known: the changes to make, or everything that stands against them.

Pure but for `names`, which is asked once, and only to say in a message whose code it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tracer.catalog.codes_file.known import Known
from tracer.catalog.codes_file.lanes import Claim, Clash, Settled, Span, merged, settle
from tracer.catalog.codes_file.one_to_one import Names, Owner, check_codes
from tracer.catalog.codes_file.packages import StatedPackage, check_packages
from tracer.catalog.codes_file.rows import FACTS, PRICES, Reading, Row
from tracer.catalog.rules import Tracking

DEFAULTS: dict[str, Any] = {
    "specification": "",
    "model": "",
    "maker": "",
    "certificate": "",
    "base_unit": "个",
    "category": "",
    "tracking": Tracking.LOT,
    "chargeable": True,
    "high_value": False,
    "sterile": False,
}


@dataclass(slots=True)
class Draft:
    """An item as the file would have it. For a known item `facts` are the changed ones, `before` the old."""

    material: str
    item_id: int | None
    rows: list[Row]
    facts: dict[str, Any] = field(default_factory=dict)
    before: dict[str, Any] = field(default_factory=dict)
    lanes: dict[str, list[Span]] = field(default_factory=dict)
    packages: list[StatedPackage] = field(default_factory=list)
    unchanged: dict[str, int] = field(default_factory=dict)

    @property
    def is_new(self) -> bool:
        return self.item_id is None

    def added(self) -> Iterator[tuple[str, Span]]:
        return ((lane, s) for lane, spans in self.lanes.items() for s in spans if s.id is None)

    def ended(self) -> Iterator[tuple[str, Span]]:
        return (
            (lane, s) for lane, spans in self.lanes.items() for s in spans if s.is_ended and s.id is not None
        )

    @property
    def is_changed(self) -> bool:
        """True if something of a known item changes; never for a new item."""
        if self.is_new:
            return False
        return bool(
            self.facts
            or any(package.is_changed for package in self.packages)
            or next(self.added(), None)
            or next(self.ended(), None)
        )


def plan(reading: Reading, known: Known, today: date, names: Names) -> list[Draft]:
    """One draft per item of the file; what is wrong is added to `reading.findings`."""
    drafts = _gather(reading.rows, known, today)
    for draft in drafts:
        _settle_facts(draft, reading, known)
        _settle_lanes(draft, reading, known, today)
    owners = [Owner(d.item_id, d.material, d.lanes, d.rows) for d in drafts]
    check_codes(reading, [*owners, *_former_owners(drafts, known)], known, names)
    for draft, packages in zip(drafts, check_packages(reading, owners, known, names), strict=True):
        draft.packages = packages
    return drafts


def _gather(rows: Iterable[Row], known: Known, today: date) -> list[Draft]:
    """Rows of one item, together, in the order of the file."""
    drafts: dict[int | str, Draft] = {}
    for row in rows:
        item_id = known.item_of(row.material, row.valid_from or today)
        key = row.material if item_id is None else item_id
        if (draft := drafts.get(key)) is None:
            drafts[key] = draft = Draft(row.material, item_id, [])
        draft.rows.append(row)
    return list(drafts.values())


def _former_owners(drafts: Iterable[Draft], known: Known) -> Iterator[Owner]:
    """Items that the file's material codes named once, and not on the days of the file."""
    in_file = {draft.item_id for draft in drafts}
    for item_id, lanes in known.lanes.items():
        # One that is only proposed has no material code yet.
        if item_id not in in_file and "material" in lanes:
            yield Owner(item_id, str(lanes["material"][-1].value), lanes, [])


def _settle_facts(draft: Draft, reading: Reading, known: Known) -> None:
    said: dict[str, tuple[Any, int]] = {}
    for row in draft.rows:
        for column, name in FACTS.items():
            value = row.get(column)
            if value is None:
                continue
            first, where = said.setdefault(name, (value, row.number))
            if first != value:
                data = {"row": where, "other": first, "material": draft.material}
                reading.find(row.number, column, "attribute_differs", value, **data)
    facts = {name: value for name, (value, _) in said.items()}
    if draft.item_id is None:
        first_row = draft.rows[0]
        if "name" not in facts and not any("name" in row.bad for row in draft.rows):
            reading.find(first_row.number, "name", "name_for_new_item", "", material=draft.material)
        draft.facts = DEFAULTS | facts
        return
    recorded = known.items[draft.item_id]
    draft.facts = {name: value for name, value in facts.items() if value != recorded[name]}
    draft.before = {name: recorded[name] for name in draft.facts}
    if "tracking" in draft.facts:
        after, where = said["tracking"]
        data = {"material": draft.material, "before": recorded["tracking"], "after": str(after)}
        reading.remark(where, "tracking", "tracking_changed", str(after), **data)


def _settle_lanes(draft: Draft, reading: Reading, known: Known, today: date) -> None:
    claims: dict[str, list[Claim]] = {}
    for row in draft.rows:
        if row.is_dated:
            for column, lane, value in row.claims():
                claim = Claim(value, row.valid_from, row.valid_to, row.number, column)
                claims.setdefault(lane, []).append(claim)
    if draft.item_id is not None:
        draft.lanes = known.lanes[draft.item_id]
    for lane, of_lane in claims.items():
        spans = draft.lanes.setdefault(lane, [])
        for claim in merged(of_lane, today) if len(of_lane) > 1 else of_lane:
            try:
                settled = settle(claim, spans, today)
            except Clash as clash:
                if clash.code == "validity_order":
                    reading.find(claim.row, "valid_to", clash.code, claim.end, **clash.data)
                else:
                    reading.find(claim.row, claim.column, clash.code, claim.value, **clash.data)
                continue
            if settled is Settled.ALREADY_SO:
                kind = "price" if claim.column in PRICES else "binding"
                draft.unchanged[kind] = draft.unchanged.get(kind, 0) + 1
