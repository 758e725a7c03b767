"""A second opinion: biip is asked the same, and every difference has a class and a clause.

The short form of ``python -m benchmarks.differential_biip --count 200000``.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from benchmarks import differential_biip
from benchmarks.beside_biip.differences import READ_BY_US, REFUSED_BY_US
from scanners import ErrorCode, ParseError, Scan, parse

COUNT = 2000


def test_every_difference_is_explained():
    agreed, differed, unexplained = differential_biip.compare(COUNT, seed=20260115)
    assert [(case.text, case.ours, case.theirs) for case in unexplained] == []
    assert agreed["both read the same"] > COUNT / 4 and agreed["both refuse"] > COUNT / 5
    assert len(differed) > 15
    assert sum(agreed.values()) + sum(differed.values()) == COUNT


def test_each_class_says_which_side_is_right_and_by_what():
    for kind in (*REFUSED_BY_US, *READ_BY_US):
        assert kind.right in ("ours", "biip", "both") and kind.name and kind.clause
    assert len({kind.name for kind in (*REFUSED_BY_US, *READ_BY_US)}) == len(REFUSED_BY_US) + len(READ_BY_US)


def _a_day_late(scan: Scan) -> Scan:
    return scan._replace(expiry=scan.expiry + timedelta(days=1)) if scan.expiry else scan


def _without_last_element(scan: Scan) -> Scan:
    return scan._replace(elements=scan.elements[:-1]) if len(scan.elements) > 2 else scan


def _lots_in_capitals(scan: Scan) -> Scan:
    return scan._replace(elements=tuple((code, value.upper()) for code, value in scan.elements))


def _blind_to_check_digits(scan: Scan) -> Scan:
    return scan._replace(error=None) if scan.error and scan.error.code == "check_digit" else scan


def _shy_of_serials(scan: Scan) -> Scan:
    error = ParseError(ErrorCode.LENGTH, 0, "a serial")
    return scan._replace(error=error) if scan.error is None and "21" in dict(scan.elements) else scan


@pytest.mark.parametrize(
    "fault",
    [_a_day_late, _without_last_element, _lots_in_capitals, _blind_to_check_digits, _shy_of_serials],
    ids=lambda fault: fault.__name__.strip("_"),
)
def test_a_fault_of_ours_would_stay_unexplained(fault, monkeypatch):
    monkeypatch.setattr(differential_biip, "parse", lambda text, today: fault(parse(text, today=today)))
    _, _, unexplained = differential_biip.compare(COUNT // 4, seed=20260115)
    assert unexplained


def test_the_report_counts_and_fails_if_something_is_unexplained(capsys, monkeypatch):
    assert differential_biip.report(200, seed=1) == 0
    told = capsys.readouterr().out
    assert "both read the same" in told and "0  unexplained" in told
    monkeypatch.setattr(differential_biip, "parse", lambda text, today: _a_day_late(parse(text, today=today)))
    assert differential_biip.report(500, seed=1) > 0
