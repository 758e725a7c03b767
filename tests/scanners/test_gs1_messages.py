"""What a GS1 message may look like, what must not pass, and what an error leaves standing."""

from __future__ import annotations

from datetime import date

import pytest

from scanners import Agency, Level, ParseError, gtin, parse
from tests.scanners.golden import GS, TODAY

DI = "06901234567892"
UDI = f"01{DI}1728113010LOT42A{GS}21SN000123"


def read(text: str):
    return parse(text, today=TODAY)


def error(text: str) -> tuple[str, int]:
    found = read(text).error
    assert isinstance(found, ParseError), f"{text!r} was read"
    assert found.message
    return found.code.value, found.at


@pytest.mark.parametrize(
    "identifier", ["]C1", "]d2", "]d5", "]d8", "]Q3", "]Q4", "]J1", "]e0", "]z1", "", GS, "]d2" + GS]
)
@pytest.mark.parametrize("ending", ["", GS])
def test_one_message_however_it_arrives(identifier, ending):
    scan = read(identifier + UDI + ending)

    assert (scan.di, scan.lot, scan.serial, scan.expiry) == (DI, "LOT42A", "SN000123", date(2028, 11, 30))
    assert (scan.agency, scan.symbology) == (Agency.GS1, identifier.rstrip(GS) or None)
    assert scan.elements == (("01", DI), ("17", "281130"), ("10", "LOT42A"), ("21", "SN000123"))
    assert scan.repairs == () and scan.error is None


def test_a_separator_after_a_predefined_length_is_tolerated():
    assert read(f"]d201{DI}{GS}17281130{GS}10A").elements == (("01", DI), ("17", "281130"), ("10", "A"))


def test_brackets_are_legal_in_values():
    assert read(f"]d201{DI}10A(B)C").lot == "A(B)C"
    assert read(f"(01){DI}(10)A(B)C(21)(1)").lot == "A(B)C"
    assert read(f"(01){DI}(10)A(B)C(21)(1)").serial == "(1)"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("]d20106901234567893", ("check_digit", 18)),
        ("0106901234567893", ("check_digit", 15)),
        ("  ]d20106901234567893", ("check_digit", 20)),
        ("(01)06901234567893", ("check_digit", 17)),
        ("]d20106901234567893" + "17281130", ("check_digit", 18)),
        ("]E06901234567893", ("check_digit", 15)),
        ("6901234567893", ("check_digit", 12)),
        ("https://id.gs1.org/01/06901234567893/10/A", ("check_digit", 35)),
        ("]d201069012345678", ("truncated", 17)),
        (f"]d201069012345678{GS}10A", ("length", 17)),
        (f"]d201{DI}10", ("truncated", 21)),
        (f"]d201{DI}10{'A' * 21}", ("length", 41)),
        (f"]d201{DI}10A{GS}21", ("truncated", 25)),
        (f"]d201{DI}10{GS}21A", ("length", 21)),
        (f"]d201{DI}10A{GS}{GS}21B", ("unknown_ai", 23)),
        (f"]d201{DI}10A B", ("charset", 22)),
        (f"]d201{DI}10A#B", ("charset", 22)),
        (f"]d201{DI}30A", ("charset", 21)),
        ("]d201" + "06901234567٨92", ("charset", 16)),
        (f"]d201{DI}89ABC", ("unknown_ai", 19)),
        (f"]d201{DI}14281130", ("unknown_ai", 19)),
        (f"]d201{DI}1", ("truncated", 20)),
        (f"]d201{DI}4221561A{GS}", ("length", 25)),  # fixed length, but not on the closed list: needs a GS
        (f"]d201{DI}17281330", ("date", 23)),
        (f"]d201{DI}17280230", ("date", 25)),
        (f"]d201{DI}17270229", ("date", 25)),
        (f"]d201{DI}7003281130{2460}", ("date", 29)),
        (f"]d201{DI}422000", ("value", 22)),
        (f"]d201{DI}10A{GS}10B", ("duplicate", 25)),
        ("]d21728113010A", ("missing_di", 0)),
        ("]d2", ("empty", 3)),
        (f"]d2{GS}", ("empty", 4)),
        ("(01)0690123456789", ("truncated", 17)),
        ("(01)0690123456789(10)A", ("length", 17)),
        (f"(01){DI}5(10)A", ("length", 18)),
        (f"(01){DI}(89)A", ("unknown_ai", 19)),
        (f"(01){DI}10A", ("length", 18)),  # brackets forgotten, and no GS to show that it is a symbol's
    ],
)
def test_an_error_has_its_code_and_points_at_the_character(text, expected):
    assert error(text) == expected


def test_a_wrong_check_digit_leaves_no_device():
    scan = read(f"]d20106901234567893{UDI[16:]}")
    assert scan.di is None and scan.level is Level.UNKNOWN
    # The rest of the message lines up, so it stands.
    assert (scan.lot, scan.serial) == ("LOT42A", "SN000123")
    assert "01" not in dict(scan.elements)


def test_a_fault_of_content_leaves_what_the_message_proves():
    scan = read(f"]d201{DI}1728023110LOT42A")
    assert scan.error is not None and scan.error.code == "date"
    assert (scan.di, scan.lot, scan.expiry) == (DI, "LOT42A", None)
    assert scan.elements == (("01", DI), ("10", "LOT42A"))


def test_a_structural_error_fills_no_field():
    """A GTIN that lost a digit takes the next one, and one time in ten the check digit fits."""
    lost = "0690123456786"  # 14 digits with the 1 of (17), and then a valid, other GTIN
    assert gtin.is_valid(lost + "1")
    scan = read(f"]d201{lost}17281130" + "10LOT")
    assert scan.error is not None and scan.error.code == "unknown_ai"
    assert (scan.di, scan.lot, scan.expiry, scan.serial) == (None, None, None, None)
    assert scan.elements == (("01", lost + "1"),)  # evidence, not a promise


def test_a_gtin_between_brackets_or_before_a_separator_survives_a_structural_error():
    assert read(f"(01){DI}(10)LOT(17)28").di == DI
    assert read(f"]d201{DI}{GS}10LOT{GS}89X").di == DI
    assert read(f"]d201{DI}10LOT{GS}89X").di is None
    assert read(f"(01){DI}(10)LOT(17)28").lot is None


def test_one_ai_with_two_values_has_none():
    scan = read(f"(01){DI}(10)A(01)17310230007657(10)A")
    assert scan.error is not None and scan.error.code == "duplicate"
    assert (scan.di, scan.lot) == (None, "A")
    bad_and_good = read(f"(01)06901234567893(01){DI}")
    assert bad_and_good.error is not None and bad_and_good.error.code == "check_digit"
    assert bad_and_good.di is None


def test_one_ai_twice_with_one_value_is_no_error():
    assert read(f"(01){DI}(10)A(01){DI}(10)A").error is None


@pytest.mark.parametrize(
    ("text", "level", "quantity"),
    [
        (f"]d201{DI}", "unknown", None),
        ("]d20117310230007657", "package", None),
        ("]d201" + "97310230007653", "unknown", None),  # 9: variable measure
        (f"]d202{DI}3712", "package", 12),
        (f"]d201{DI}3012", "unknown", 12),
        (f"]d201{DI}300", "unknown", 0),
        (f"]d201{DI}10A{GS}3712", "unknown", None),  # a count of what, without (02)?
        ("]d200006141411234567890", "package", None),
        ("6901234567892", "unknown", None),
        ("]E06901234567892", "unknown", None),
        ("17310230007657", "package", None),
        ("]I117310230007657", "package", None),
        ("97310230007653", "unknown", None),
    ],
)
def test_level_and_quantity_say_no_more_than_is_known(text, level, quantity):
    scan = read(text)
    assert (scan.level, scan.quantity) == (level, quantity)


@pytest.mark.parametrize(
    ("text", "di"),
    [
        ("]E06901234567892", "06901234567892"),
        ("]E00036000291452", "00036000291452"),
        ("]E496385074", "00000096385074"),
        ("]I117310230007657", "17310230007657"),
        ("6901234567892", "06901234567892"),
        ("036000291452", "00036000291452"),
        ("96385074", "00000096385074"),
        ("17310230007657", "17310230007657"),
        ("]A06901234567892", "06901234567892"),
    ],
)
def test_a_gtin_alone_becomes_fourteen_digits(text, di):
    scan = read(text)
    assert (scan.di, scan.elements, scan.error) == (di, (("01", di),), None)


def test_a_short_ean_is_not_taken_for_another_items_number():
    shortened = "036000291452"  # what is left of an EAN-13 may well be a valid GTIN-12
    assert read("]E0" + shortened).di is None
    assert error("]E0" + shortened) == ("truncated", 15)


def test_ean_composite():
    scan = read(f"]E06901234567892|]e01728113010LOT{GS}21A")
    assert (scan.di, scan.lot, scan.serial, scan.expiry) == (DI, "LOT", "A", date(2028, 11, 30))
    assert read("]E06901234567892|]e089X").di == DI
    assert error("]E06901234567892|]e089X") == ("unknown_ai", 20)


def test_identifiers_are_case_sensitive_and_kept():
    assert read("]D2hello").symbology == "]D2"
    assert read("]C0TRAY").symbology == "]C0"
    assert read("]Q1").symbology == "]Q1"
    assert read("]d").symbology is None


def test_content_reference_and_its_count():
    scan = read(f"]C102{DI}37120")
    assert (scan.di, scan.level, scan.quantity) == (DI, "package", 120)


def test_expiry_with_time_is_an_expiry():
    assert read(f"]d201{DI}70032811302359").expiry == date(2028, 11, 30)
    assert read(f"]d201{DI}1727123170032811302359").expiry == date(2027, 12, 31)
