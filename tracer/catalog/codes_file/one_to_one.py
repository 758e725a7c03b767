"""A code belongs to one item at a time: the file's items among each other, and against all others.

The database holds the same (`ex_code_binding_one_item_per_code`); here every offence is
found, and told by row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from tracer.catalog.codes_file.known import Known
from tracer.catalog.codes_file.lanes import Span, overlap
from tracer.catalog.codes_file.rows import CODES, Reading, Row

Names = Callable[[Iterable[int]], dict[int, tuple[str, str]]]
"""Items → (name, material code) of each."""


@dataclass(frozen=True, slots=True)
class Owner:
    """An item of the file, known or new, with all it has or is to have."""

    item_id: int | None
    material: str
    lanes: dict[str, list[Span]]
    rows: list[Row]


def check_codes(reading: Reading, owners: Sequence[Owner], known: Known, names: Names) -> None:
    """Add a finding for every new span whose code another item has at an overlapping time."""
    for system in CODES:
        _check_within_file(reading, system, owners, known)
    _check_against_others(reading, owners, known, names)


def _check_within_file(reading: Reading, system: str, owners: Sequence[Owner], known: Known) -> None:
    # Almost every code has one span: a list is made only for the few that have more.
    first: dict[object, tuple[Span, Owner]] = {}
    more: dict[object, list[tuple[Span, Owner]]] = {}
    for owner in owners:
        for span in owner.lanes.get(system, ()):
            if span.value not in first:
                first[span.value] = (span, owner)
                continue
            seen = more.setdefault(span.value, [first[span.value]])
            for other, other_owner in seen:
                if other_owner is not owner and overlap(span.start, span.end, other.start, other.end):
                    _report(reading, system, (span, owner), (other, other_owner), known)
                    break
            seen.append((span, owner))


def _report(
    reading: Reading, system: str, one: tuple[Span, Owner], other: tuple[Span, Owner], known: Known
) -> None:
    """The later of two new spans is told of the earlier; a new one is told of a recorded one."""
    (old, old_owner), (new, _) = sorted((one, other), key=lambda pair: (pair[0].id is None, pair[0].row))
    if old.id is None:
        data = {"row": old.row, "material": old_owner.material}
        reading.find(new.row, system, "code_of_two_items", new.value, **data)
    elif old_owner.item_id is not None:
        name = known.items[old_owner.item_id]["name"]
        data = {"name": name, "material": old_owner.material, "since": old.start, "until": old.end or "…"}
        reading.find(new.row, system, "code_of_other_item", new.value, **data)


def _check_against_others(reading: Reading, owners: Sequence[Owner], known: Known, names: Names) -> None:
    clashes = [
        (span, system, holder)
        for owner in owners
        for system in CODES
        for span in owner.lanes.get(system, ())
        if span.id is None
        for holder in known.others.get((system, str(span.value)), ())
        if overlap(span.start, span.end, holder.start, holder.end)
    ]
    told = names(holder.item_id for _, _, holder in clashes) if clashes else {}
    for span, system, holder in clashes:
        name, material = told[holder.item_id]
        data = {"name": name, "material": material, "since": holder.start, "until": holder.end or "…"}
        reading.find(span.row, system, "code_of_other_item", span.value, **data)
