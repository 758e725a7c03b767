"""What the fields of the catalogue's forms and addresses say."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, tzinfo
from decimal import Decimal, InvalidOperation

from flask import request

from tracer.catalog.searching import LAST_PAGE
from tracer.shared.errors import Invalid

LONGEST = 200


def read_day(word: str) -> date | None:
    """A day as a date field sends it; nothing, if there is none."""
    try:
        return date.fromisoformat(word) if len(word) == 10 else None
    except ValueError:
        return None


def read_instant(word: str, zone: tzinfo) -> datetime | None:
    """A moment as a field for day and time sends it, by the hospital's clock; nothing, if there is none."""
    try:
        return datetime.fromisoformat(word).replace(tzinfo=zone) if 16 <= len(word) <= 19 else None
    except ValueError:
        return None


def read_amount(word: str, field: str = "amount") -> Decimal:
    """A number as a person types it. Raises Invalid."""
    try:
        return Decimal(word.strip())
    except InvalidOperation:
        raise Invalid(field=field, reason=word[:40] or "–") from None


def read_ids(words: Iterable[str]) -> list[int]:
    """Records' numbers; what is none is left out."""
    return [int(word) for word in words if word.isascii() and word.isdigit() and len(word) < 19]


def read_line(word: str) -> str:
    """One line of free text, of bounded length."""
    return word.strip()[:LONGEST]


def page_asked(last: int = LAST_PAGE) -> int:
    """Which page of a list the address asks for; the first, if it says nothing that is one."""
    wanted = request.args.get("page", "1")
    return min(max(int(wanted[:9]), 1), last) if wanted.isascii() and wanted.isdigit() else 1
