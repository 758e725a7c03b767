"""The fuzz of `scanners` itself: a short run finds nothing, and what it looks for it would find."""

from __future__ import annotations

import time
from datetime import date

import pytest

from benchmarks import fuzz_scanners
from benchmarks.fuzzing import judging
from benchmarks.fuzzing.judging import Tally
from scanners import Scan, parse


def test_a_short_run_finds_nothing():
    tally = fuzz_scanners.fuzz_chunk(0, seed=20260115, size=3000)
    # Time is measured where nothing else runs: in the full one.
    findings = {what: seen for what, seen in tally.findings.items() if "slower" not in what}
    assert findings == {}
    assert tally.inputs == 3000
    assert all(tally.codes_read[form] for form in tally.codes_made)


def raises(raw: str | bytes, *, today: date, **options: bool) -> Scan:
    if len(raw) % 50 == 7:
        raise IndexError("string index out of range")
    return parse(raw, today=today, **options)


def loses_the_raw_text(raw: str | bytes, *, today: date, **options: bool) -> Scan:
    scan = parse(raw, today=today, **options)
    return scan._replace(raw=scan.raw.strip())


def is_slow(raw: str | bytes, *, today: date, **options: bool) -> Scan:
    until = time.thread_time() + (0.006 if "01" in str(raw)[:9] else 0)
    while time.thread_time() < until:
        pass
    return parse(raw, today=today, **options)


def points_behind_the_text(raw: str | bytes, *, today: date, **options: bool) -> Scan:
    scan = parse(raw, today=today, **options)
    return scan._replace(error=scan.error._replace(at=len(raw) + 1)) if scan.error else scan


def takes_the_next_number(raw: str | bytes, *, today: date, **options: bool) -> Scan:
    """Guesses the GTIN that a check digit would fit."""
    scan = parse(raw, today=today, **options)
    if scan.error is None or scan.error.code != "check_digit" or not isinstance(raw, str):
        return scan
    for digit in "0123456789":
        guess = parse(raw[: scan.error.at] + digit + raw[scan.error.at + 1 :], today=today)
        if guess.error is None:
            return guess._replace(raw=raw, repairs=("digit_restored",))
    return scan


def takes_any_number(raw: str | bytes, *, today: date, **options: bool) -> Scan:
    scan = parse(raw, today=today, **options)
    return scan._replace(di="00000000000000") if scan.agency == "GS1" and scan.di else scan


@pytest.mark.parametrize(
    ("planted", "told"),
    [
        (raises, "raises IndexError"),
        (loses_the_raw_text, "raw is not as it came"),
        (is_slow, "slower than 5 ms"),
        (points_behind_the_text, "inconsistent"),
        (takes_the_next_number, "by digit_restored"),
        (takes_any_number, "read as another device"),
    ],
)
def test_a_planted_fault_is_found(planted, told):
    tally = fuzz_scanners.fuzz_chunk(1, seed=1, size=800, judged=planted)
    assert any(told in what for what in tally.findings), dict(tally.findings)


def test_a_parse_that_hangs_is_ended_and_told(monkeypatch):
    monkeypatch.setattr(judging, "HANGS_SECONDS", 0.1)
    hung = []

    def hangs(raw: str | bytes, *, today: date, **options: bool) -> Scan:
        if not hung:
            hung.append(raw)
            while True:
                pass
        return parse(raw, today=today, **options)

    tally = fuzz_scanners.fuzz_chunk(1, seed=1, size=50, judged=hangs)
    assert any("takes longer" in what for what in tally.findings)
    assert tally.inputs == 50


def test_a_chunk_is_the_same_each_time_and_what_processes_saw_is_added_up():
    one, same = (fuzz_scanners.fuzz_chunk(7, seed=3, size=400) for _ in range(2))
    assert (one.errors, one.by_generator, one.counts) == (same.errors, same.by_generator, same.counts)
    total = Tally()
    total.add(one)
    total.add(same)
    assert total.inputs == 800 and total.errors["not_a_udi"] == 2 * one.errors["not_a_udi"]
