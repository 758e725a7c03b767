"""From the six digits on a pack to a day in the calendar (General Specifications 7.12)."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from functools import lru_cache
from time import time

NO_DATE = "000000"  # printed by makers who must fill the field and have nothing to put there


@lru_cache(maxsize=8192)
def resolve_date(yymmdd: str, this_year: int) -> date | None:
    """The day that YYMMDD means in that year; None if there is no such day.

    The century is the one that brings the year closest: 51 or more ahead is the last century,
    50 or more behind the next. Day 00 is the last day of the month.
    """
    year, month, day = int(yymmdd[:2]), int(yymmdd[2:4]), int(yymmdd[4:])
    ahead = year - this_year % 100
    century = this_year - this_year % 100
    if ahead >= 51:
        century -= 100
    elif ahead <= -50:
        century += 100
    try:
        return date(century + year, month, day or monthrange(century + year, month)[1])
    except ValueError:
        return None


def current_year() -> int:
    """The year by this machine's clock and zone.

    The system is asked once in a quarter of an hour, since that takes as long as reading an EAN;
    in no zone does a year begin between two quarters.
    """
    return _year_in(time() // 900)


@lru_cache(maxsize=1)
def _year_in(quarter: float) -> int:
    return date.fromtimestamp(quarter * 900).year
