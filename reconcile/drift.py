"""Drift: does a system's own export say what that system was told?

A change is told (this item's billing code is B from that day on, no longer A), and the next extract of that
system shows which of them it says. Nobody learns from a receipt alone whether a receiver also did it.

FOLLOWED      it says the new value, and nothing else
WAITING       it still says the old one, but was not told long enough ago, or the change is not in force yet
SILENT        it still says the old one, and was told long enough ago
CONTRADICTS   it says something third, or nothing where there was something
SUPERSEDED    something later was told of the same field before the extract was made: only that is looked for
UNSEEN        the extract cannot show it: it lacks the field, or is older than the telling

Values are compared as in `reconcile.codes`; what an extract says is kept as it stands there, to be read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from reconcile.codes.columns import NUMBERS, SYSTEMS
from reconcile.codes.forms import canonical_code, canonical_number, canonical_text, canonical_udi


class Drift(StrEnum):
    FOLLOWED = "FOLLOWED"
    WAITING = "WAITING"
    SILENT = "SILENT"
    CONTRADICTS = "CONTRADICTS"
    SUPERSEDED = "SUPERSEDED"
    UNSEEN = "UNSEEN"


FINDINGS = frozenset({Drift.SILENT, Drift.CONTRADICTS})
"""What a person must see to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One change that a system has received. `event` is its number: of two, the later told is the greater.

    `old` of None: there was nothing before; `new` of None: there is nothing any more. `at`: when it was
    received. `effective`: the day from which it holds; None: at once.
    """

    event: int
    source: str
    item: str
    field: str
    old: str | None
    new: str | None
    at: datetime
    effective: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract:
    """What one system said of itself. `at` is when the extract was made, not when it was read in.

    `fields`: the columns it has. `says`: of an item and a field, each value that stands there and is not
    empty. An item that is not in it says nothing.
    """

    source: str
    at: datetime
    fields: frozenset[str]
    says: Mapping[tuple[str, str], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Seen:
    """What became of one told change. `said`: what the extract says, in its own words. `days` since it had to
    be followed; None if it need not be yet."""

    told: Told
    drift: Drift
    said: tuple[str, ...]
    days: int | None


def watch(told: Iterable[Told], extract: Extract, *, patience_days: int) -> list[Seen]:
    """What became of each change that the extract's system was told, by item, field and event.

    A change is SILENT once more than `patience_days` have passed between the telling (or the day it holds
    from, if that is later) and the extract. The order of what comes in does not matter.
    """
    histories: dict[tuple[str, str], list[Told]] = defaultdict(list)
    for one in told:
        if one.source == extract.source:
            histories[one.item, one.field].append(one)
    seen: list[Seen] = []
    for key in sorted(histories):
        history = sorted(histories[key], key=lambda one: one.event)
        heard = [one for one in history if one.at <= extract.at]
        said = tuple(sorted(set(extract.says.get(key, ()))))
        for one in history:
            if key[1] not in extract.fields or one.at > extract.at:
                seen.append(Seen(one, Drift.UNSEEN, said, None))
            elif one is not heard[-1]:
                seen.append(Seen(one, Drift.SUPERSEDED, said, None))
            else:
                seen.append(_judged(one, heard, said, extract.at, timedelta(days=patience_days)))
    return seen


def _judged(
    told: Told, heard: Sequence[Told], said: tuple[str, ...], at: datetime, patience: timedelta
) -> Seen:
    forms = {_form(told.field, value) for value in said}
    wanted = set() if told.new is None else {_form(told.field, told.new)}
    if forms == wanted:
        return Seen(told, Drift.FOLLOWED, said, None)
    since = _binding_from(told)
    days = (at - since).days if at >= since else None
    # Whoever has not followed the last change may not have followed the one before it either.
    earlier = {_form(told.field, one.old) for one in heard if one.old is not None} - wanted
    nothing_before = any(one.old is None for one in heard)
    says_old = bool(forms & earlier) if forms else nothing_before
    if not says_old or forms - earlier - wanted:
        # What does not hold yet may not be said yet, but nothing third may be either.
        return Seen(told, Drift.CONTRADICTS, said, days)
    late = at - since > patience
    return Seen(told, Drift.SILENT if late else Drift.WAITING, said, days)


def _binding_from(told: Told) -> datetime:
    """From when on the new value is due: the telling, or the beginning of the day it holds from."""
    if told.effective is None:
        return told.at
    return max(told.at, datetime.combine(told.effective, datetime.min.time(), told.at.tzinfo))


def _form(field: str, value: str) -> str:
    if field == "udi":
        return canonical_udi(value)
    if field in SYSTEMS:
        return canonical_code(value)
    return canonical_number(value) if field in NUMBERS else canonical_text(value)
