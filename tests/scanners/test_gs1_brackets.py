"""Bracketed text as it is printed and typed: quick and careful reading, blanks, brackets in values."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanners import parse
from scanners.gs1.brackets import _split_at_every_bracket, _split_with_care
from tests.scanners.golden import TODAY, udis

DI = "06901234567892"


def read(text: str):
    return parse(text, today=TODAY)


PIECES = st.sampled_from(
    ["(01)", "(10)", "(21)", "(17)", "(240)", "(89)", "(1", ")", "(", "\\(", "\x1d", " ", "10", "21",
     DI, "281130", "A", "B)C", "(A)", "1"]
)  # fmt: skip


@settings(max_examples=1500, deadline=None)
@given(st.lists(PIECES, min_size=1, max_size=10).map("".join))
def test_what_is_read_quickly_is_what_care_would_read(text):
    quick = _split_at_every_bracket(text, 0, len(text))
    if quick is not None and text.startswith("("):
        assert _split_with_care(text, 0, len(text)) == (quick, None)


@settings(max_examples=200, deadline=None)
@given(udis(), st.data())
def test_blanks_around_brackets_change_nothing(elements, data):
    blanks = st.sampled_from(["", " ", "  "])
    text = "".join(
        f"({code}){data.draw(blanks)}" + value.replace("(", "\\(") + data.draw(blanks)
        for code, value in elements
    )
    scan = read(text)
    assert scan.error is None
    assert scan.elements == tuple(elements)
    assert scan.repairs == (("whitespace_stripped",) if " " in text else ())


@pytest.mark.parametrize(
    "text",
    [
        "(01) 06901234567892 (17) 281130 (10) LOT42",
        "(01)06901234567892 (17)281130 (10)LOT42",
        "(01) 0 6901234 56789 2 (17) 28 11 30 (10) LOT42",
        "  (01)06901234567892 (17)281130(10)LOT42  ",
        "]d2(01) 06901234567892(17)281130(10)LOT42",
    ],
)
def test_blanks_of_print_are_taken_away_and_named(text):
    scan = read(text)
    assert (scan.di, scan.lot, scan.expiry, scan.error) == (DI, "LOT42", date(2028, 11, 30), None)
    assert scan.repairs == ("whitespace_stripped",)
    assert scan.raw == text


@pytest.mark.parametrize("text", ["(01) 06901234567892 (10) LOT 42", "(01)06901234567892(10)LOT 42 (21)9"])
def test_a_blank_within_a_lot_may_be_a_lost_character(text):
    scan = read(text)
    assert scan.error is not None and scan.error.code == "ambiguous"
    assert text[scan.error.at :].startswith(" 42")
    assert (scan.di, scan.lot) == (DI, None)
    (reading,) = scan.readings
    assert (reading.di, reading.lot, reading.error) == (DI, "LOT42", None)
    assert reading.repairs == ("whitespace_stripped",)


def test_a_blank_that_is_not_all_that_is_wrong_has_no_reading():
    text = "(01) 06901234567892 (10) LOT 42 (17) 281345"
    scan = read(text)
    assert scan.error is not None and scan.error.code == "charset"
    assert text[scan.error.at :].startswith(" 42")
    assert (scan.di, scan.readings) == (DI, ())


@pytest.mark.parametrize(
    ("text", "lot"),
    [
        ("(01) 06901234567892 (10) A(89)B", "A(89)B"),  # no such AI: the lot's own
        ("(01)06901234567892(10)A\\(21)B", "A(21)B"),
        ("(01)06901234567892(10)A\\(21)B(17)281130", "A(21)B"),
        ("(01)06901234567892(10)A(21)B", "A"),
    ],
)
def test_a_bracket_may_be_a_values(text, lot):
    scan = read(text)
    assert (scan.lot, scan.error) == (lot, None)


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("(01) 06901234567893 (10) A", "check_digit", "3 (10) A"),
        ("(01) 0690123456789 (10) A", "length", "(10) A"),  # shorter than its length: no blank was print
        ("(01) 0690 1234 5678 92 (17) 28 13 30", "date", "13 30"),
        ("(01) 06901234567892 (89) A", "unknown_ai", "89) A"),
        ("(01) 06901234567892 (10) A#B", "charset", "#B"),
        ("(01) 06901234567892 (30) 1 2", "ambiguous", " 2"),
    ],
)
def test_errors_point_into_the_text_with_its_blanks(text, code, place):
    error = read(text).error
    assert error is not None
    assert (error.code, text[error.at :]) == (code, place)


def test_blanks_elsewhere_are_no_print():
    assert read(f"]d201{DI}10A B").error.code == "charset"
    assert read(f"01 {DI} 10 A").error.code == "not_a_udi"
    assert read(f"]E0{DI[1:7]} {DI[7:]}").di is None


@pytest.mark.parametrize("text", ["(hello)", "(1", "()", "(", "(1A)2", "( 01 )06901234567892", "(12345)6"])
def test_brackets_without_an_ai_are_no_message(text):
    assert read(text).error.code == "not_a_udi"
    assert read("]d2" + text).error.code == "unknown_ai"
