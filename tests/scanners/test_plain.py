"""Text that says neither what it is nor where its values end: read if it proves itself, never guessed."""

from __future__ import annotations

import pytest

from scanners import Agency, parse
from tests.scanners.golden import TODAY

DI = "06901234567892"


def code(text: str) -> str | None:
    error = parse(text, today=TODAY).error
    return error.code.value if error else None


def test_a_last_value_of_variable_length_runs_to_the_end():
    scan = parse("010403507700171717240117108317326", today=TODAY)
    assert (scan.di, scan.lot, scan.serial) == ("04035077001717", "8317326", None)


def test_no_ai_is_looked_for_inside_such_a_value():
    """It may be a lost separator. It may as well be the lot."""
    scan = parse(f"01{DI}1728113010LOT4221SN9", today=TODAY)
    assert (scan.lot, scan.serial, scan.error) == ("LOT4221SN9", None, None)


def test_a_value_too_long_for_its_ai_shows_that_a_separator_was_lost():
    scan = parse(f"01{DI}1728113010LOT42A1234521SN0001239876", today=TODAY)
    assert scan.error is not None and scan.error.code == "ambiguous"
    assert (scan.di, scan.lot, scan.serial, scan.expiry) == (None, None, None, None)


@pytest.mark.parametrize(
    "text",
    [
        "1021072911172405310100693570007182",
        "21ABC01" + DI,
        "1729033110LOT",
        "17290331",  # a date, or a GTIN-8
        "11290331",
    ],
)
def test_what_cannot_be_decided_is_ambiguous(text):
    scan = parse(text, today=TODAY)
    assert scan.error is not None and scan.error.code == "ambiguous"
    assert scan.agency is Agency.UNKNOWN and scan.elements == ()


@pytest.mark.parametrize(
    "text",
    [
        "hello", "10D9T", "21ABC", "240REF", "01ABC", "2024", "00000000", "(hello)", "()",
        "(1", "HRP-000123", "https://example.com/", "https://example.com/01", "C106901234567892", "\x00",
        "MF*1234",
        "0112345678901234XYZ", "张三", "١٢٣٤٥٦٧٨", "]", "]]]",
    ],
)  # fmt: skip
def test_the_rest_is_cleanly_not_a_udi(text):
    scan = parse(text, today=TODAY)
    assert scan.error is not None and scan.error.code == "not_a_udi"
    assert scan.agency is Agency.UNKNOWN
    assert scan.as_dict() | {"raw": 0, "error": 0} == parse("hello").as_dict() | {"raw": 0, "error": 0}


@pytest.mark.parametrize("text", ["", " ", "\r\n", "\t \t"])
def test_nothing_is_empty(text):
    assert code(text) == "empty"


def test_a_damaged_key_is_reported_if_the_rest_is_a_message():
    assert code("0106901234567893" + "1728113010LOT") == "check_digit"
    assert code("0106901234567893" + "ZZ") == "not_a_udi"


def test_too_long_to_be_a_code():
    scan = parse("A" * 4097)
    assert scan.error is not None and (scan.error.code, scan.error.at) == ("too_long", 4096)
    assert scan.raw == "A" * 4097
    assert code("A" * 4096) == "not_a_udi"
