"""What a supplier may say of an item, and how one value is answered. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum


class Field(StrEnum):
    """What a supplier says of its items."""

    INSURANCE = "insurance"
    UDI = "udi"
    CERTIFICATE = "certificate"
    PRICE = "price"


class Outcome(StrEnum):
    """What became of a row, or of one value of it, at once."""

    TAKEN = "taken"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


class State(StrEnum):
    """What became of an entry later. `half`: a price that one of two approvers has approved."""

    WAITING = "waiting"
    HALF = "half"
    APPROVED = "approved"
    ENDED = "ended"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"


OPEN = (State.WAITING, State.HALF)


class Doubt(StrEnum):
    """Why an entry is not approved without a look."""

    HELD_ELSEWHERE = "held_elsewhere"
    WANTED_ELSEWHERE = "wanted_elsewhere"
    RIVAL = "rival"
    REPLACES = "replaces"
    REGISTER_DIFFERS = "register_differs"
    WITHDRAWN_THERE = "withdrawn_there"
    IS_PACKAGE = "is_package"
    DEARER = "dearer"
    ABOVE_LISTED = "above_listed"
    NOT_VOLUME_BASED = "not_volume_based"
    OVER_ALREADY = "over_already"
    NOT_SOLD = "not_sold"


@dataclass(frozen=True, slots=True)
class Certified:
    """A registration certificate's number and its last day, if it has one or one is known."""

    number: str
    until: date | None = None


Value = str | Decimal | Certified
Values = Mapping[Field, Value]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one cell; `code` is one of `REASONS` in words.py, `column` the heading."""

    column: str
    value: str
    code: str
    data: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """What one row says of one item. `item_id` is None until it is known whose the material code is."""

    number: int
    material: str
    values: Values
    faults: tuple[Fault, ...] = ()
    item_id: int | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    """The headings as they stand in the file."""


@dataclass(frozen=True, slots=True)
class Known:
    """What holds of an item now, and what this supplier has said that nobody has decided yet."""

    holds: Values
    waiting: Values


@dataclass(frozen=True, slots=True)
class Answer:
    """How a row is answered, as a whole and field by field; a refused one is not carried out in part."""

    row: Row
    outcome: Outcome
    fields: Mapping[Field, Outcome]
    faults: tuple[Fault, ...] = ()


def judge(row: Row, known: Known, *, twice: Sequence[Fault] = ()) -> Answer:
    """Set a row beside what is known. `twice` are contradictions with other rows of the same file."""
    if faults := (*row.faults, *twice):
        return Answer(row, Outcome.REFUSED, {}, faults)
    fields = {
        one: Outcome.UNCHANGED
        if same(value, known.holds.get(one)) or same(value, known.waiting.get(one))
        else Outcome.TAKEN
        for one, value in row.values.items()
    }
    taken = Outcome.TAKEN in fields.values()
    return Answer(row, Outcome.TAKEN if taken else Outcome.UNCHANGED, fields)


def same(said: Value, known: Value | None) -> bool:
    """Does the value say nothing new? A certificate named without its last day says only its number."""
    if isinstance(said, Certified) and isinstance(known, Certified) and said.until is None:
        return said.number == known.number
    return said == known


def contradictions(rows: Sequence[Row]) -> dict[int, list[Fault]]:
    """Row number → what another row says otherwise: two values for one item, or one code for two items.

    Both rows are at fault, since nobody can know which is meant.
    """
    found: dict[int, list[Fault]] = {}
    of_item: dict[tuple[int, Field], Row] = {}
    of_code: dict[tuple[Field, Value], Row] = {}

    def blame(one: Row, field_: Field, code: str, other: Row) -> None:
        column, value = one.columns.get(field_, field_.value), shown(one.values[field_])
        data = {"row": str(other.number), "other": shown(other.values[field_])}
        found.setdefault(one.number, []).append(Fault(column, value, code, data))

    for row in rows:
        if row.item_id is None:
            continue
        for field_, value in row.values.items():
            first = of_item.setdefault((row.item_id, field_), row)
            if first is not row and first.values[field_] != value:
                blame(row, field_, "item_twice", first)
                blame(first, field_, "item_twice", row)
            if field_ in (Field.INSURANCE, Field.UDI):
                owner = of_code.setdefault((field_, value), row)
                if owner.item_id != row.item_id:
                    blame(row, field_, "code_twice", owner)
                    blame(owner, field_, "code_twice", row)
    return found


def shown(value: Value) -> str:
    """A value as a person reads it in one cell."""
    if isinstance(value, Certified):
        return f"{value.number} ({value.until})" if value.until else value.number
    return str(value)
