"""Mended only where it is certain, and never in silence."""

from __future__ import annotations

import pytest

from scanners import parse
from tests.scanners.golden import GS, TODAY

DI = "06901234567892"
STAND_INS = ["<GS>", "<gs>", "{GS}", "[GS]", "\\x1d", "\\u001d", "~d029", "{FNC1}", "<FNC1>", "\\029", "~1"]


@pytest.mark.parametrize("stand_in", STAND_INS)
@pytest.mark.parametrize("before", ["]d2", "", "{GS}", "<FNC1>"])
def test_a_stand_in_for_the_separator_is_replaced_and_named(stand_in, before):
    text = f"{before}01{DI}10LOT{stand_in}21SN1"
    scan = parse(text, today=TODAY)
    assert (scan.lot, scan.serial, scan.error) == ("LOT", "SN1", None)
    assert scan.repairs == ("gs_replaced",)
    assert scan.raw == text


def test_a_stand_in_in_half_bracketed_text():
    scan = parse("(01)00841396198953108117117<gs>(17)230301", today=TODAY)
    assert (scan.di, scan.lot, scan.repairs) == ("00841396198953", "8117117", ("gs_replaced",))


def test_a_stand_in_never_ends_up_in_a_value():
    """All characters of "<GS>" are legal in a lot; a message that will not read is an error."""
    scan = parse(f"]d201{DI}10LOT<GS>zz", today=TODAY)
    assert scan.error is not None
    assert scan.lot is None
    assert all("GS" not in value for _, value in scan.elements)


@pytest.mark.parametrize(
    ("rest", "code", "place"), [("89X", "unknown_ai", "89X"), ("17281330", "date", "1330")]
)
def test_errors_point_into_the_raw_text_in_spite_of_replacements(rest, code, place):
    text = f"  ]d201{DI}10A<GS>{rest}"
    error = parse(text, today=TODAY).error
    assert error is not None
    assert (error.code, text[error.at :]) == (code, place)


def test_stand_ins_are_nothing_special_in_other_codes():
    assert parse("~1 is a tilde and a one").error.code == "not_a_udi"
    assert parse("https://x.example/01/06901234567892?note=~1").di == DI
    assert parse("<GS>").error.code == "not_a_udi"


@pytest.mark.parametrize(
    ("text", "elements"),
    [
        ("（０１）０６９０１２３４５６７８９２（１０）Ａ１", (("01", DI), ("10", "A1"))),
        ("］ｄ２０１０６９０１２３４５６７８９２１０Ａ", (("01", DI), ("10", "A"))),
        ("６９０１２３４５６７８９２", (("01", DI),)),
        ("　０１０６９０１２３４５６７８９２　", (("01", DI),)),
    ],
)  # fmt: skip
def test_full_width_text_is_folded_where_the_check_digit_proves_it(text, elements):
    scan = parse(text, today=TODAY)
    assert (scan.elements, scan.error) == (elements, None)
    assert scan.repairs[0] == "fullwidth"
    assert scan.raw == text


@pytest.mark.parametrize(
    "text", ["（１７）２８１１３０", "６９０１２３４５６７８９３", "ｈｅｌｌｏ", "0106901234567892" + "１０A"]
)
def test_full_width_text_without_that_proof_is_left_alone(text):
    scan = parse(text, today=TODAY)
    if text.startswith("01"):
        assert scan.repairs == ("fullwidth",)  # half typed through the input method: still proved
        return
    assert scan.error is not None and scan.repairs == ()


def test_a_full_width_in_house_label_is_proved_by_its_own_check_digits():
    scan = parse("ＴＲ００００００００４２９２")
    assert (scan.serial, scan.repairs) == ("TR000000004292", ("fullwidth",))


@pytest.mark.parametrize("before", ["", " ", "\t"])
@pytest.mark.parametrize("after", ["\r", "\n", "\r\n", "\t", "  "])
def test_blanks_around_a_code_are_stripped_and_named(before, after):
    scan = parse(f"{before}]d201{DI}10A{after}", today=TODAY)
    assert (scan.lot, scan.error, scan.repairs) == ("A", None, ("whitespace_stripped",))


def test_a_sound_scan_is_not_repaired():
    assert parse(f"]d201{DI}10A{GS}21B", today=TODAY).repairs == ()


def test_look_alike_digits_of_other_scripts_are_never_read():
    assert parse("]d201" + "٠٦٩٠١٢٣٤٥٦٧٨٩٢").di is None
    assert parse("٦٩٠١٢٣٤٥٦٧٨٩٢").di is None
    assert parse("𝟔𝟗𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗𝟐").di is None
