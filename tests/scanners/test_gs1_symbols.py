"""What each symbology identifier promises: ISO/IEC 15424, General Specifications 5.1 and 5.2."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanners import Agency, Scan, gtin, parse
from scanners.gs1.gtin_symbols import expand_upc_e
from scanners.symbology import ELEMENT_STRINGS
from tests.scanners.golden import GS, TODAY, gtins

DI = "06901234567892"
EAN = DI[1:]


def read(text: str) -> Scan:
    return parse(text, today=TODAY)


def error(text: str) -> tuple[str, int] | None:
    found = read(text).error
    return (found.code.value, found.at) if found else None


def test_fnc1_in_first_place_promises_elements_in_every_symbology_that_has_it():
    with_fnc1 = "C1 d2 d5 d8 dB Q3 Q4 J1 J4 e0 z1 z4 L3 O5"
    assert {f"]{identifier}" for identifier in with_fnc1.split()} == ELEMENT_STRINGS
    for identifier in ELEMENT_STRINGS:
        assert read(f"{identifier}01{DI}10A{GS}21B").lot == "A"
        # Elsewhere no beginning but a key would be taken for elements; here it is promised.
        assert read(f"{identifier}10D9T{GS}01{DI}").lot == "D9T"


@pytest.mark.parametrize(
    "identifier", ["]C0", "]C2", "]d1", "]d3", "]Q1", "]Q5", "]J0", "]z0", "]e1", "]e2", "]L0"]
)
def test_other_identifiers_promise_nothing(identifier):
    assert error(f"{identifier}10D9T") == ("not_a_udi", 3)
    assert read(f"{identifier}01{DI}").di == DI  # what proves itself is read all the same


@pytest.mark.parametrize(
    ("identifier", "text"),
    [
        ("]Q4", f"01{DI}10A"),
        ("]d5", f"01{DI}10A"),
        ("]J4", f"01{DI}10A"),
        ("]Q2", f"https://id.gs1.org/01/{DI}/10/A"),
        ("]d4", f"01{DI}10A"),
    ],
)
def test_the_number_of_an_interpretation_is_no_part_of_the_data(identifier, text):
    scan = read(f"{identifier}\\000026{text}")
    assert (scan.di, scan.lot, scan.symbology, scan.error) == (DI, "A", identifier, None)


def test_only_where_the_identifier_says_so_is_there_an_interpretation():
    assert read(f"]d2\\00002601{DI}").di is None


@pytest.mark.parametrize("add_on", ["12", "52495"])
def test_ean_with_an_add_on_is_the_ean(add_on):
    scan = read(f"]E3{EAN}{add_on}")
    assert (scan.di, scan.elements, scan.error) == (DI, (("01", DI),), None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("]E1" + "12", ("not_a_udi", 3)),
        ("]E2" + "52495", ("not_a_udi", 3)),
        ("]E1" + EAN, ("not_a_udi", 3)),  # what an add-on cannot be is not read as something else
        ("]E3" + EAN, ("truncated", 16)),  # or an EAN-8 and five digits beside it, from some scanners
        ("]E3" + "9638507412", ("truncated", 13)),
        ("]E3" + EAN + "1", ("truncated", 17)),
        ("]E3" + EAN + "123", ("length", 18)),
        ("]E3" + EAN[:-1], ("truncated", 15)),
        ("]E3" + EAN[:-1] + "3" + "12", ("check_digit", 15)),
        ("]I0" + DI, None),
        ("]I0" + DI[:-1] + "3", ("check_digit", 16)),
        ("]I0" + "036000291452", ("not_a_udi", 3)),  # part of an ITF-14 that passes for a GTIN-12
        ("]I0" + "96385074", ("not_a_udi", 3)),
        ("]I1" + EAN, ("truncated", 16)),
        ("]I1" + DI + "00", ("length", 17)),
        ("]I3" + DI[:-1], ("truncated", 16)),  # the check digit was not sent, so nothing is proved
        ("]I3" + EAN, ("truncated", 16)),
        ("]I3" + DI, ("not_a_udi", 3)),
        ("]E0" + "036000291452", ("truncated", 15)),
        ("]E0" + "96385074", ("truncated", 11)),
        ("]E4" + EAN, ("length", 11)),
        ("]e1" + EAN, ("not_a_udi", 3)),  # a later part of a composite is no number alone
        ("]E4" + "9638507X", ("charset", 10)),
        ("]E0" + "690123456789٢", ("charset", 15)),
    ],
)
def test_a_gtin_symbol_holds_what_its_identifier_promises_or_nothing(text, expected):
    assert error(text) == expected
    assert (read(text).di is None) is (expected is not None)


@pytest.mark.parametrize("between", ["|", ""])
def test_a_composite_adds_elements_to_an_ean(between):
    """The second message follows in the same transmission, with a bar between or without."""
    for identifier, digits, di in (("]E0", EAN, DI), ("]E4", "96385074", "00000096385074")):
        scan = read(f"{identifier}{digits}{between}]e01728113010LOT{GS}21A")
        assert (scan.di, scan.lot, scan.serial, scan.error) == (di, "LOT", "A", None)
        assert scan.symbology == identifier


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"]E0{EAN}|]e0", ("truncated", 20)),
        (f"]E0{EAN}|]e089X", ("unknown_ai", 20)),
        (f"]E0{EAN}||]e010A", ("length", 16)),
        (f"]E0{EAN[:-1]}|]e010A", ("truncated", 15)),
        (f"]I1{DI}|]e010A", ("length", 17)),  # an ITF-14 has no composite part
        (f"]E0{EAN}|]e001{DI}10A", None),  # the same GTIN again
        (f"]E0{EAN}|]e00117310230007657", ("duplicate", 22)),  # another one
        (f"]e001{DI}10A{GS}21B", None),
    ],
)
def test_errors_of_composites(text, expected):
    assert error(text) == expected


@pytest.mark.parametrize(
    ("eight", "twelve"),
    [
        ("04252614", "042100005264"),
        ("02345673", "023456000073"),
        ("06397126", "063200009716"),
        ("01234505", "012000003455"),
    ],
)
def test_upc_e_is_written_out(eight, twelve):
    assert expand_upc_e(eight) == twelve


def upc_e_of(twelve: str) -> str | None:
    """By the rules of suppression, General Specifications 5.2.2.4; None if a number has no UPC-E."""
    maker, item, check = twelve[:6], twelve[6:11], twelve[11]
    if maker[3] in "012" and maker[4:] == "00" and item[:2] == "00":
        return maker[:3] + item[2:] + maker[3] + check
    if maker[3] in "3456789" and maker[4:] == "00" and item[:3] == "000":
        return maker[:4] + item[3:] + "3" + check
    if maker[4] != "0" and maker[5] == "0" and item[:4] == "0000":
        return maker[:5] + item[4] + "4" + check
    if maker[5] != "0" and item[:4] == "0000" and item[4] in "56789":
        return maker + item[4] + check
    return None


SUPPRESSIBLE = "0[0-9]{2}(?:[012]0000[0-9]{3}|[3-9]00000[0-9]{2}|[0-9][1-9]00000[0-9]|[0-9]{2}[1-9]0000[5-9])"


@given(st.from_regex(SUPPRESSIBLE, fullmatch=True))
def test_writing_out_undoes_every_suppression(body):
    twelve = body + gtin.check_digit(body)
    eight = upc_e_of(twelve)
    assert eight is not None and expand_upc_e(eight) == twelve


def test_eight_digits_from_zero_on_may_be_two_things():
    eights = (f"0{number:06}" + gtin.check_digit(f"0{number:06}") for number in range(100000, 101000))
    both = next(eight for eight in eights if gtin.is_valid(expand_upc_e(eight)))
    scan = read(both)
    assert scan.error is not None and scan.error.code == "ambiguous"
    assert [reading.di for reading in scan.readings] == [both.zfill(14), expand_upc_e(both).zfill(14)]
    assert read("]E4" + both).di == both.zfill(14)  # the identifier decides


def test_a_upc_e_that_only_its_own_check_digit_fits_is_not_guessed():
    assert gtin.is_valid(expand_upc_e("04252614"))
    assert error("04252614") == ("check_digit", 7)


@given(gtins())
def test_an_itf_14_reads_as_its_gtin(number):
    scan = read("]I1" + number)
    assert (scan.di, scan.agency) == (number, Agency.GS1)


def test_the_number_of_a_logistic_unit_is_whole_without_a_gtin():
    body = "00614141029029029"  # digits that could have been typed for separators elsewhere
    scan = read("]C100" + body + gtin.check_digit(body))
    assert scan.error is not None and scan.error.code == "missing_di"
    assert (scan.level, scan.repairs, scan.readings) == ("package", (), ())
    assert dict(scan.elements)["00"] == body + gtin.check_digit(body)
