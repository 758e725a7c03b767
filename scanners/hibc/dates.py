"""From the digits of a HIBC date to a day in the calendar (ANSI/HIBC 2.6, appendix F).

The standard does not say which century two digits mean: the rule is GS1's, as on every other label of
the same shelf. Hours (of UTC, in the forms that end in HH) must be hours and are not kept.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

from scanners.gs1.dates import resolve_date

# What follows the date digit of "$$": the form and its number of digits. In MMYY the digit is the first
# of the month itself.
FORMS = {
    "0": ("MMYY", 4),
    "1": ("MMYY", 4),
    "2": ("MMDDYY", 6),
    "3": ("YYMMDD", 6),
    "4": ("YYMMDDHH", 8),
    "5": ("YYJJJ", 5),
    "6": ("YYJJJHH", 7),
}
_EARLIEST = 1900


@lru_cache(maxsize=8192)
def find_day(form: str, digits: str, this_year: int) -> date | None:
    """The day, in MMYY the last of the month; None if there is no such day or hour."""
    if form.endswith("HH") and int(digits[-2:]) > 23:
        return None
    if form == "YYYYMMDD":
        year, month, day = int(digits[:4]), int(digits[4:6]), int(digits[6:])
        try:
            return date(year, month, day) if year >= _EARLIEST else None
        except ValueError:
            return None
    if form.startswith("YYJJJ"):
        first = resolve_date(digits[:2] + "0101", this_year)
        count = int(digits[2:5])
        if first is None or count == 0:
            return None
        found = first + timedelta(count - 1)
        return found if found.year == first.year else None
    if form == "MMYY":
        return resolve_date(digits[2:] + digits[:2] + "00", this_year)
    yymmdd = digits[4:] + digits[:4] if form == "MMDDYY" else digits[:6]
    # To GS1 a day 00 is the last of the month; HIBC has MMYY for that.
    return resolve_date(yymmdd, this_year) if yymmdd[4:] != "00" else None
