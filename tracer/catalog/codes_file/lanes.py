"""What holds from when to when. Pure.

A lane is one thing of one item that has one value at a time: its billing code, its charge price. A
lane is a list of spans that never overlap. A claim is what a file says; `settle` sets it against the
spans that are there, and either nothing is to be done, or a span is added, perhaps ending the one before.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any

Value = str | Decimal


@dataclass(slots=True)
class Span:
    """A value from `start` until the day before `end`. `id` is None while it is not in the database."""

    value: Value
    start: date
    end: date | None
    id: int | None = None
    row: int = 0
    is_ended: bool = False


@dataclass(slots=True)
class Claim:
    """What rows of a file say: a value from `start` (None: no day was given, it holds today) to `end`."""

    value: Value
    start: date | None
    end: date | None
    row: int
    column: str


class Settled(Enum):
    ALREADY_SO = 0
    ADDED = 1
    ENDED = 2
    """An end was set to what was open-ended; nothing was added."""


class Clash(Exception):
    """A claim that does not fit; `code` and `data` make the message."""

    def __init__(self, code: str, **data: Any) -> None:
        self.code = code
        self.data = data
        super().__init__(code)


def overlap(start: date, end: date | None, other_start: date, other_end: date | None) -> bool:
    """True if two stretches of time share a day; an end of None is never."""
    return (other_end is None or start < other_end) and (end is None or other_start < end)


def merged(claims: Iterable[Claim], today: date) -> list[Claim]:
    """Claims of one lane in the order of time; those that say the same and touch become one.

    Two rows of an item whose UDI changed both repeat its billing code: that code did not change.
    """
    result: list[Claim] = []
    latest: dict[Value, Claim] = {}
    for claim in sorted(claims, key=lambda c: (c.start or today, c.row)):
        known = latest.get(claim.value)
        if known is not None and (known.end is None or (claim.start or today) <= known.end):
            if known.end is not None:
                known.end = None if claim.end is None else max(known.end, claim.end)
        else:
            latest[claim.value] = own = Claim(claim.value, claim.start, claim.end, claim.row, claim.column)
            result.append(own)
    return result


def settle(claim: Claim, spans: list[Span], today: date) -> Settled:
    """Make a claim true in a lane, changing `spans`; raises Clash, changing nothing.

    What is there already is left alone. Another value takes over only from a later day than the one
    before began; nothing that was recorded is moved or taken back.
    """
    start = claim.start or today
    if claim.start is None and claim.end is not None and claim.end <= today:
        return _confirm_past(claim, spans, today)
    others: list[Span] = []
    for span in spans:
        if overlap(start, claim.end, span.start, span.end):
            if span.value == claim.value:
                return _confirm(claim, span, start)
            others.append(span)
    for span in others:
        if span.id is None:
            raise Clash("two_values_of_item", row=span.row, other=span.value)
        if span.start >= start:
            raise Clash("change_not_later", current=span.value, since=span.start)
    for span in others:
        span.end, span.is_ended = start, True
    spans.append(Span(claim.value, start, claim.end, row=claim.row))
    return Settled.ADDED


def _confirm(claim: Claim, span: Span, start: date) -> Settled:
    """The same value is there already, at least for a time."""
    if span.start > start:
        raise Clash("begins_later", since=span.start)
    if claim.end == span.end or (claim.start is None and claim.end is None):
        return Settled.ALREADY_SO
    if span.end is not None or claim.end is None:
        raise Clash("ends_otherwise", since=span.start, until=span.end)
    span.end, span.is_ended = claim.end, True
    return Settled.ENDED


def _confirm_past(claim: Claim, spans: list[Span], today: date) -> Settled:
    """No first day was given and the last one is past: the claim can only be about what is known."""
    for span in spans:
        if span.value == claim.value and span.end == claim.end:
            return Settled.ALREADY_SO
    for span in spans:
        if (
            span.value == claim.value
            and span.end is None
            and claim.end is not None
            and span.start < claim.end
        ):
            span.end, span.is_ended = claim.end, True
            return Settled.ENDED
    raise Clash("validity_order", valid_from=today)
