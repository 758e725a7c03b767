"""The checks of dates and times of day, as the dictionary names them.

They know no century: 29 February needs a year divisible by four, which every two-digit year is
in either century but 00 in 1900 and 2100. What day a date means is :mod:`scanners.gs1.dates`.
"""

from __future__ import annotations

from functools import lru_cache

from scanners.gs1.faults import Fault
from scanners.gs1.linters import bad, linter, named, not_digits
from scanners.scan import ErrorCode

_LAST_DAY = (0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
# All MMDD that exist in every year, with and without the day 00 that stands for the month's end.
_MMDD = frozenset(
    f"{month:02}{day:02}"
    for month in range(1, 13)
    for day in range(1, _LAST_DAY[month] + 1)
    if (month, day) != (2, 29)
)
_MMD0 = _MMDD | {f"{month:02}00" for month in range(1, 13)}


def _day_fault(value: str, year_digits: int, days: frozenset[str]) -> Fault | None:
    fault = not_digits(value)
    if fault is not None:
        return fault
    if len(value) != year_digits + 4:
        return bad(len(value), f"a date has {year_digits + 4} digits, not {len(value)}", ErrorCode.DATE)
    month_and_day = value[year_digits:]
    if month_and_day in days:
        return None
    if month_and_day == "0229":
        year = int(value[:year_digits])
        if year % 4 == 0 and (year_digits == 2 or year % 100 or year % 400 == 0):
            return None
    if not 1 <= int(month_and_day[:2]) <= 12:
        return bad(year_digits, f"no month {month_and_day[:2]} in {value}", ErrorCode.DATE)
    return bad(year_digits + 2, f"no day {month_and_day[2:]} in that month of {value}", ErrorCode.DATE)


@named("yymmdd")
def yymmdd(value: str) -> Fault | None:
    return _day_fault(value, 2, _MMDD)


@named("yymmd0")
@lru_cache(maxsize=8192)
def yymmd0(value: str) -> Fault | None:
    """As yymmdd, day 00 meaning the end of the month. Remembered: packs share few days."""
    return _day_fault(value, 2, _MMD0)


@named("yyyymmdd")
def yyyymmdd(value: str) -> Fault | None:
    return _day_fault(value, 4, _MMDD)


@named("yyyymmd0")
def yyyymmd0(value: str) -> Fault | None:
    return _day_fault(value, 4, _MMD0)


def _two_digits(name: str, limit: int) -> None:
    def check(value: str) -> Fault | None:
        fault = not_digits(value)
        if fault is not None:
            return fault
        if len(value) != 2:
            return bad(len(value), f"{name} has 2 digits, not {len(value)}", ErrorCode.DATE)
        return bad(0, f"no {name} {value}", ErrorCode.DATE) if int(value) > limit else None

    named({"hour": "hh", "minute": "mi", "second": "ss"}[name])(check)


_two_digits("hour", 23)
_two_digits("minute", 59)
_two_digits("second", 59)


@named("hhmi")
def hhmi(value: str) -> Fault | None:
    if len(value) != 4:
        return bad(len(value), f"a time of day has 4 digits, not {len(value)}", ErrorCode.DATE)
    fault = linter("hh")(value[:2])
    if fault is None:
        fault = linter("mi")(value[2:])
        fault = fault and fault._replace(offset=fault.offset + 2)
    return fault
