"""HIBC, symbol by symbol: fields, dates, what is refused and where it says so."""

from __future__ import annotations

from datetime import date

import pytest

from scanners import Agency, Level, Scan, parse
from scanners.hibc import is_primary_alone, is_secondary
from tests.scanners.golden import TODAY
from tests.scanners.hibc_messages import ALPHANUMERIC, checked

DI = "A99912345"
BLANK = "Z99900000K1"  # its check character is a blank


def read(text: str) -> Scan:
    return parse(text, today=TODAY)


def concatenated(data: str) -> Scan:
    return read(checked(f"+{DI}/{data}"))


def fault(text: str) -> tuple[str, int]:
    error = read(text).error
    assert error is not None
    return error.code, error.at


def test_a_primary_is_a_device_and_nothing_else():
    scan = read("+A123BJC5D6E71G")
    assert (scan.agency, scan.di, scan.lot, scan.expiry) == (Agency.HIBC, "A123BJC5D6E71", None, None)
    assert scan.elements == (
        ("lic", "A123"), ("pcn", "BJC5D6E7"), ("unit_of_measure", "1"), ("check", "G"),
    )  # fmt: skip
    assert scan.error is None and is_primary_alone(scan) and not is_secondary(scan)


def test_a_concatenated_symbol_says_everything():
    scan = read("]d1+A99912345/$$52001510X3/16D20111212/S77DEFG457")
    assert (scan.symbology, scan.di, scan.lot, scan.serial) == ("]d1", DI, "10X3", "77DEFG45")
    assert (scan.expiry, scan.manufactured) == (date(2020, 1, 15), date(2011, 12, 12))
    assert scan.elements == (
        ("lic", "A999"), ("pcn", "1234"), ("unit_of_measure", "5"), ("reference", "$$"),
        ("expiry_format", "YYJJJ"), ("expiry", "20015"), ("lot", "10X3"), ("manufactured", "20111212"),
        ("serial", "77DEFG45"), ("check", "7"),
    )  # fmt: skip
    assert not is_primary_alone(scan) and not is_secondary(scan)


def test_a_concatenated_symbol_without_anything_in_it_is_not_a_primary_alone():
    scan = concatenated("$")
    assert scan.di == DI and not is_primary_alone(scan)


def test_a_secondary_lacks_its_device():
    scan = read("+$$52001510X3GD")
    assert (scan.agency, scan.di, scan.lot, scan.expiry) == (Agency.HIBC, None, "10X3", date(2020, 1, 15))
    assert fault("+$$52001510X3GD") == ("missing_di", 0)
    assert scan.elements[-2:] == (("link", "G"), ("check", "D"))
    assert is_secondary(scan) and not is_primary_alone(scan)


@pytest.mark.parametrize(
    "text",
    ["0106901234567892", "(10)LOT", "TR000000004292", "", "hello", "+A123BJC5D6E71H", "+$$52001510X3GE"],
)
def test_other_scans_are_neither_half_of_a_pair(text):
    assert not is_primary_alone(read(text)) and not is_secondary(read(text))


@pytest.mark.parametrize(("unit", "level"), [("0", Level.UNIT), ("1", Level.UNKNOWN), ("9", Level.UNKNOWN)])
def test_only_unit_0_proves_a_single_piece(unit, level):
    assert read(checked(f"+A9991234{unit}")).level is level


@pytest.mark.parametrize(
    ("data", "day"),
    [
        ("$$0228L", date(2028, 2, 29)),
        ("$$1226L", date(2026, 12, 31)),
        ("$$2022928L", date(2028, 2, 29)),
        ("$$3280229L", date(2028, 2, 29)),
        ("$$428022923L", date(2028, 2, 29)),
        ("$$528366L", date(2028, 12, 31)),
        ("$$627365" + "00L", date(2027, 12, 31)),
        ("28366L", date(2028, 12, 31)),
        ("$$7L/14D20280229", date(2028, 2, 29)),
        ("$$3760101L", date(2076, 1, 1)),
        ("$$3770101L", date(1977, 1, 1)),
        ("$$7L", None),
        ("$L", None),
    ],
)
def test_every_form_of_date(data, day):
    scan = concatenated(data)
    assert (scan.error, scan.expiry, scan.lot) == (None, day, "L")


@pytest.mark.parametrize(
    "data",
    ["$$0027L", "$$1327L", "$$2022927L", "$$2020027L", "$$3270229L", "$$3270200L", "$$3271301L",
     "$$428022924L", "$$527366L", "$$527000L", "$$6270012400L", "$$62700124L", "27366L", "$L/14D20270229",
     "$L/16D20270431", "$L/14D00000101", "$L/16D18991231"],
)  # fmt: skip
def test_no_such_day(data):
    scan = concatenated(data)
    assert scan.error is not None and scan.error.code == "date"
    digits = scan.raw[scan.error.at :]
    assert digits[:4].isdigit() and data.endswith(digits[:-1])
    assert (scan.di, scan.lot, scan.expiry) == (None, None, None)
    assert ("lot", "L") in scan.elements or data == "$$6270012400L"


@pytest.mark.parametrize(
    ("data", "quantity", "lot"),
    [("$$824", 24, None), ("$$824703C001", 24, "03C001"), ("$$900100", 100, None), ("$$8003270101L", 0, "L"),
     ("$L/Q1", 1, "L"), ("$/Q00500", 500, None), ("$$812710X3/Q12", 12, "10X3"), ("$$8057L/Q5", 5, "L")],
)  # fmt: skip
def test_every_form_of_quantity(data, quantity, lot):
    scan = concatenated(data)
    assert (scan.error, scan.quantity, scan.lot) == (None, quantity, lot)


def test_serial_and_lot_are_kept_as_they_are():
    assert concatenated("$$+70001.0-X").serial == "0001.0-X"
    assert concatenated("$+0001").serial == "0001"
    assert concatenated("$00012.5-").lot == "00012.5-"
    scan = concatenated("$$7LOT/S0077")
    assert (scan.lot, scan.serial) == ("LOT", "0077")


def test_what_no_standard_forbids_being_understood():
    """A second reference for the serial, and data identifiers without a reference before them."""
    scan = concatenated("$$7LOT/$$+3270101SN1")
    assert (scan.lot, scan.serial, scan.expiry) == ("LOT", "SN1", date(2027, 1, 1))
    scan = concatenated("S123/14D20270101/Q3")
    assert (scan.serial, scan.expiry, scan.quantity) == ("123", date(2027, 1, 1), 3)
    assert is_secondary(read(checked("+S4012T")))


@pytest.mark.parametrize(
    ("text", "code", "at"),
    [
        ("+", "not_a_udi", 0),
        ("++", "not_a_udi", 0),  # whose check character fits
        ("+%A123BJC5D6E71", "not_a_udi", 0),
        ("+/EO5232013", "not_a_udi", 0),
        ("*+/EO5232013*", "not_a_udi", 1),
        ("+A", "truncated", 2),
        ("]C0+A", "truncated", 5),
        ("+$L", "truncated", 3),
        ("+A12", "check_digit", 3),
        (checked("+A12"), "truncated", 4),
        (checked("+A1231"), "truncated", 6),
        ("+A123BJC5D6E7G", "check_digit", 13),
        ("]C0+A123BJC5D6E71H", "check_digit", 17),
        ("+A123BJC5D6E71é", "charset", 14),
        ("+A123BJC٥D6E71G", "charset", 8),
        ("+A123bJC5D6E71G", "charset", 5),
        (checked("+A123BJ-C5D6E71"), "charset", 7),
        (checked("+A123BJC5D6E7A"), "value", 13),
        (checked("+A123BJC5D6E7123456789012"), "length", 24),
        (checked("+A999/$LOT"), "length", 5),
        (checked("+$$L"), "truncated", 3),
        (checked("+$$50527"), "truncated", 7),
        (checked("+$$52ABCDEL"), "charset", 5),
        (checked("+$$XLOT"), "value", 3),
        (checked("+$$+8053270101SN"), "value", 4),
        (checked("+$$805X3270101L"), "value", 6),
        (checked("+$$80X7L"), "charset", 5),
        (checked("+$LO+TL"), "charset", 4),
        (checked("+0527"), "truncated", 4),
        (checked("+2733012345678901234X"), "length", 19),
        (checked("+A99912345/$1234567890123456789"), "length", 30),
        (checked("+A99912345/$LOT+"), "charset", 15),
        (checked("+A99912345/"), "truncated", 11),
        (checked("+A99912345/$L//Q5"), "truncated", 14),
        (checked("+A99912345/$L/17D20271231"), "unknown_ai", 14),
        (checked("+A99912345/$L/16D2027123"), "truncated", 24),
        (checked("+A99912345/$L/16D202712311"), "length", 25),
        (checked("+A99912345/$L/16D2027123A"), "charset", 24),
        (checked("+A99912345/$L/S"), "truncated", 15),
        (checked("+A99912345/$L/S1234567890123456789"), "length", 33),
        (checked("+A99912345/$L/Q123456"), "length", 20),
        (checked("+A99912345/$L/Q5/S123"), "value", 17),
        (checked("+A99912345/$$7L/S1/S2"), "duplicate", 20),
        (checked("+A99912345/$$8057L/Q6"), "duplicate", 20),
        (checked("+A99912345/$$3270101L/14D20270102"), "duplicate", 25),
        (checked("+A123" + "B" * 18 + "C"), "value", 23),
        (checked("+A123" + "B" * 19 + "1"), "length", 24),
        (checked("+" + "A" * 200), "length", 160),
        ("+" + "A" * 159, "check_digit", 159),
        ("]C0+" + "A" * 159, "check_digit", 162),
        ("*+A123BJC5D6E71H*", "check_digit", 15),
    ],
)
def test_what_is_wrong_is_named_and_where(text, code, at):
    assert fault(text) == (code, at)
    scan = read(text)
    assert (scan.di, scan.lot, scan.serial, scan.expiry, scan.quantity) == (None, None, None, None, None)
    assert (scan.agency is Agency.HIBC) is (code != "not_a_udi")


def test_data_of_patients_are_not_shown():
    scan = read("+/ACMRN123456/V2009121908334")
    assert (scan.agency, scan.elements, scan.readings) == (Agency.UNKNOWN, (), ())
    assert scan.error is not None and "no device" in scan.error.message
    assert "MRN" not in scan.error.message


@pytest.mark.parametrize("text", ["*+A123BJC5D6E71G*", "]A0*+A123BJC5D6E71G*", "*+A123BJC5D6E71G*\r\n"])
def test_the_asterisks_of_code_39_are_stripped_and_named(text):
    scan = read(text)
    assert scan.di == "A123BJC5D6E71"
    assert scan.repairs[-1:] == ("prefix_stripped",)


# --- the blank, which may be a check character -------------------------------------------------------------


def test_a_blank_is_a_check_character():
    text = f"+{BLANK} "
    assert checked("+" + BLANK) == text
    scan = read(text)
    assert (scan.di, scan.error, scan.repairs) == (BLANK, None, ())
    assert scan.elements[-1] == ("check", " ")


def test_a_repair_is_named_only_if_more_than_the_check_character_was_stripped():
    text = f"+{BLANK} "
    for around in (text + "\r\n", "\t" + text, text + " "):
        scan = read(around)
        assert (scan.di, scan.repairs) == (BLANK, ("whitespace_stripped",))
    scan = read("+A123BJC5D6E71G ")
    assert (scan.di, scan.repairs) == ("A123BJC5D6E71", ("whitespace_stripped",))


def test_link_and_check_may_both_be_blanks():
    text = next(checked(f"+$L{number} ") for number in range(10**4) if checked(f"+$L{number} ")[-1] == " ")
    scan = read(text)
    assert is_secondary(scan) and scan.repairs == ()
    assert scan.elements[-2:] == (("link", " "), ("check", " "))


def test_a_blank_that_may_or_may_not_belong_to_the_code_is_not_guessed():
    """Both readings pass; a scanner that sends a blank after each scan is as possible as the other."""
    bodies = (f"+A99912345/$AL{character}" for character in ALPHANUMERIC)
    text = next(whole for body in bodies if (whole := checked(body)).endswith("J"))
    assert checked(text) == text + " "
    scan = read(text + " ")
    assert scan.error is not None and scan.error.code == "ambiguous"
    assert (scan.di, scan.lot) == (None, None)
    lot = text[text.index("AL") :]
    assert [reading.lot for reading in scan.readings] == [lot[:-1], lot]
    assert [reading.repairs for reading in scan.readings] == [("whitespace_stripped",), ()]


def test_of_two_readings_the_one_without_a_fault_is_meant():
    """With the blank, the J that completes the code would be part of a second serial."""
    bodies = (f"+A99912345/$+{one}{other}/S{one}{other}" for one in ALPHANUMERIC for other in ALPHANUMERIC)
    text = next(whole for body in bodies if (whole := checked(body)).endswith("J"))
    scan = read(text + " ")
    assert (scan.di, scan.error, scan.repairs) == (DI, None, ("whitespace_stripped",))
