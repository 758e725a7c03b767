"""How values look on a page: filters for every template."""

from __future__ import annotations

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from flask import Flask

from tracer.access.edge import service

MINUS = "\u2212"
NOTHING = "–"


def install_filters(app: Flask) -> None:
    for one in (number, signed, money, percent, moment):
        app.jinja_env.filters[one.__name__] = one


def number(value: int | Decimal | None) -> str:
    """1234 → 1,234; None, which is not zero, is a dash."""
    return NOTHING if value is None else f"{value:,}".replace("-", MINUS)


def signed(value: int | Decimal | None) -> str:
    """A difference, with its sign: +3, −3, 0."""
    return NOTHING if value is None else f"{value:+,}".replace("-", MINUS) if value else "0"


def money(value: Decimal | str | None, *, sign: bool = False) -> str:
    """CNY with two places: ¥1,234.50."""
    if value is None:
        return NOTHING
    amount = Decimal(value).quantize(Decimal("0.01"), ROUND_HALF_UP)
    plus = "+" if sign and amount > 0 else ""
    return f"{MINUS if amount < 0 else plus}¥{abs(amount):,}"


def percent(value: Decimal | str | None) -> str:
    """A share as per cent with two places: 0.0325 → 3.25 %."""
    if value is None:
        return NOTHING
    share = (Decimal(value) * 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return f"{share:,} %".replace("-", MINUS)


def moment(value: datetime, *, seconds: bool = False) -> str:
    """An instant in the hospital's time: 2026-03-10 12:00."""
    return value.astimezone(service().clock.zone).strftime(
        "%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M"
    )
