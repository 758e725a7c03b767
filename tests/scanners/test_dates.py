"""Six digits to a day: century, day 00, days that do not exist, and makers' "no date"."""

from __future__ import annotations

import time
from datetime import date, datetime

import pytest

from scanners import parse
from scanners.gs1 import dates
from scanners.gs1.dates import current_year, resolve_date

MESSAGE = "]d20106901234567892"


@pytest.mark.parametrize(
    ("yymmdd", "year", "expected"),
    [
        ("281130", 2026, date(2028, 11, 30)),
        ("760101", 2026, date(2076, 1, 1)),  # 50 ahead
        ("770101", 2026, date(1977, 1, 1)),  # 51 ahead: last century
        ("250101", 2075, date(2125, 1, 1)),  # 50 behind: next century
        ("260101", 2075, date(2026, 1, 1)),  # 49 behind
        ("000101", 1999, date(2000, 1, 1)),
        ("991231", 2026, date(1999, 12, 31)),
        ("280200", 2026, date(2028, 2, 29)),
        ("270200", 2026, date(2027, 2, 28)),
        ("261200", 2026, date(2026, 12, 31)),
        ("280229", 2026, date(2028, 2, 29)),
        ("270229", 2026, None),
        ("000229", 2060, None),  # 2100 is no leap year
        ("281301", 2026, None),
        ("280001", 2026, None),
        ("280432", 2026, None),
    ],
)
def test_the_day_that_six_digits_mean(yymmdd, year, expected):
    assert resolve_date(yymmdd, year) == expected


def test_day_00_is_the_last_of_the_month():
    scan = parse(MESSAGE + "11240200" + "17280200", today=date(2026, 1, 1))
    assert (scan.manufactured, scan.expiry) == (date(2024, 2, 29), date(2028, 2, 29))
    assert dict(scan.elements)["17"] == "280200"


def test_six_zeros_are_no_date_and_the_rest_of_the_message_is_kept():
    scan = parse(MESSAGE + "11000000" + "17000000" + "10A", today=date(2026, 1, 1))
    assert (scan.manufactured, scan.expiry, scan.lot, scan.error) == (None, None, "A", None)
    assert scan.repairs == ("no_date",)
    assert dict(scan.elements)["17"] == "000000"


def test_six_zeros_excuse_nothing_but_a_date():
    scan = parse(MESSAGE + "17280000", today=date(2026, 1, 1))
    assert scan.error is not None and scan.error.code == "date"
    assert scan.repairs == ()


def test_a_leap_day_is_judged_in_its_own_century():
    scan = parse(MESSAGE + "17000229", today=date(2060, 1, 1))
    assert scan.error is not None and (scan.error.code, scan.error.at) == ("date", 21)
    assert scan.expiry is None and scan.di == "06901234567892"
    assert parse(MESSAGE + "17000229", today=date(2026, 1, 1)).expiry == date(2000, 2, 29)


def test_today_is_the_machines_unless_given():
    year = date.today().year
    scan = parse(f"{MESSAGE}17{(year + 3) % 100:02}0630")
    assert scan.expiry == date(year + 3, 6, 30)


@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai", "Asia/Kathmandu", "America/St_Johns"])
def test_the_year_changes_with_the_machines_clock_and_not_a_moment_later(zone, monkeypatch):
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        midnight = datetime(2027, 1, 1).timestamp()
        for moment, year in ((midnight - 0.001, 2026), (midnight, 2027), (midnight - 3600, 2026)):
            monkeypatch.setattr(dates, "time", lambda moment=moment: moment)
            assert current_year() == year
    finally:
        monkeypatch.undo()
        time.tzset()
    assert current_year() == date.today().year
