"""Mended only where it is certain, and never in silence."""

from __future__ import annotations

import pytest

from scanners import parse
from scanners.keyboards import LAYOUTS
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


@pytest.mark.parametrize("text", ["0106901234567892172811300291012", "]d20106901234567892172811300291012"])
def test_a_separator_that_nobody_sends_is_none(text):
    """``029`` behind a date: a date has a fixed length and needs no GS, so none was lost there."""
    scan = parse(text, today=TODAY)
    assert scan.error is not None and scan.error.code == "truncated"
    assert (scan.lot, scan.repairs, scan.readings) == (None, (), ())


def test_two_halves_that_are_alike_by_chance_are_one_code():
    """A GTIN that ends as it begins, and a lot of two digits: no half of it is a code."""
    text = "0101001004" * 2
    scan = parse(text, today=TODAY)
    assert (scan.di, scan.lot, scan.repairs, scan.error) == ("01001004010100", "04", (), None)


def test_of_two_ways_to_the_same_code_the_one_with_fewer_repairs_is_named():
    """Without ``EOT ETX`` the envelope would be complete by one repair more than without ETX."""
    sound = f"[)>\x1e06\x1d8P{DI}\x1d1TLOT\x1e\x04"
    scan = parse(sound + "\x03", today=TODAY)
    assert (scan.di, scan.lot, scan.error) == (DI, "LOT", None)
    assert scan.repairs == ("controls_removed",)


@pytest.mark.parametrize(("length", "doubted"), [(300, True), (301, False)])
def test_a_text_longer_than_any_udi_is_read_as_it_came(length, doubted):
    address = f"HTTPS://X.EXAMPLE/01/{DI}/10/ABC"
    scan = parse(address.replace("X.", "x" * (length - len(address) + 1) + "."), today=TODAY)
    assert len(scan.raw) == length
    assert [reading.lot for reading in scan.readings] == (["ABC", "abc"] if doubted else [])
    assert scan.lot == (None if doubted else "ABC")


def test_a_stuck_shift_that_parted_the_fields_of_an_ma_code():
    sound = "MA.156.M0.100011.2cscp023.Ste002.L343432.E200228"
    scan = parse(sound.replace(".", ">"), today=TODAY)
    assert (scan.di, scan.serial, scan.lot) == ("MA.156.M0.100011.2cscp023", "te002", "343432")
    assert (scan.repairs, scan.error) == (("shift_fault",), None)
    assert parse(sound.replace(".", ">", 4), today=TODAY).error is not None  # not stuck throughout


def test_each_of_several_keypad_codes_may_have_been_a_separator():
    scan = parse(f"]d201{DI}10A02921B02917281130", today=TODAY)
    assert scan.error is not None and scan.error.code == "ambiguous"
    assert {(reading.lot, reading.serial, str(reading.expiry)) for reading in scan.readings} == {
        ("A02921B02917281130", None, "None"),
        ("A", "B", "2028-11-30"),
        ("A", "B02917281130", "None"),
        ("A02921B", None, "2028-11-30"),
    }


@pytest.mark.parametrize("text", ["(01){}(10)A|(21)B", "(01){}(10)A|21B", "]d201{}|10A|21B"])
def test_a_package_is_mended_like_a_piece(text):
    scan = parse(text.format("16901234567899"), today=TODAY)
    assert (scan.di, scan.level, scan.lot, scan.serial) == ("16901234567899", "package", "A", "B")
    assert (scan.repairs, scan.error) == (("gs_replaced",), None)


MESSAGE = f"01{DI}1728113010LOT42A"
MA = "MA.156.M0.100011.2cscp023.Ste002"
ISBT = "=/A9999XYZ100T0944=,000025"
LABEL = "TR000000004292"
HIBC = "+A123BJC5D6E71G"
SAYS = {
    MESSAGE: (DI, "LOT42A", None), f"]d2{MESSAGE}": (DI, "LOT42A", None), DI: (DI, None, None),
    MA: ("MA.156.M0.100011.2cscp023", None, "te002"), ISBT: ("A9999XYZ100T0944", None, "000025"),
    LABEL: (None, None, LABEL), HIBC: ("A123BJC5D6E71", None, None),
}  # fmt: skip


def is_mended(sound: str, damaged: str, repair: str) -> None:
    scan = parse(damaged, today=TODAY)
    assert (scan.error, scan.repairs) == (None, (repair,))
    assert (scan.di, scan.lot, scan.serial) == SAYS[sound]


@pytest.mark.parametrize("sound", [MESSAGE, f"]d2{MESSAGE}", MA, ISBT, LABEL, DI])
@pytest.mark.parametrize("after", ["\x03", "\x04", "\\", "^~|"])
def test_signs_behind_a_code_are_taken_away(sound, after):
    is_mended(sound, sound + after, "suffix_stripped")


@pytest.mark.parametrize("after", ["#", "|", "~~", "#####"])
def test_a_sign_behind_a_message_may_have_been_its_separator(after):
    is_mended(MESSAGE, MESSAGE + after, "gs_replaced")


@pytest.mark.parametrize("sound", [ISBT, LABEL, DI])
def test_more_than_four_signs_behind_a_code_are_no_scanners(sound):
    is_mended(sound, sound + "####", "suffix_stripped")
    assert parse(sound + "#####", today=TODAY).error is not None


@pytest.mark.parametrize("after", ["#", "|", "\x04", "~~", "\\"])
def test_behind_a_hibc_nothing_is_taken_away(after):
    """Its last character is the check, and the one before would pass for it once in 43 times."""
    assert parse(HIBC + after, today=TODAY).error.code == "charset"


@pytest.mark.parametrize(
    ("before", "taken"),
    [
        ("]", [MESSAGE, LABEL, HIBC]),
        ("]C", [MESSAGE, MA, ISBT, LABEL, HIBC]),
        ("C1", [MESSAGE]),
        ("d2", [MESSAGE]),
        ("Q3", [MESSAGE]),
        ("C", [MESSAGE, f"]d2{MESSAGE}", MA, ISBT, HIBC]),
        ("]d", [MESSAGE, MA, ISBT, HIBC]),
        ("\x02", [MESSAGE, f"]d2{MESSAGE}", MA, ISBT, LABEL, HIBC]),
        ("!!!!", [MESSAGE, f"]d2{MESSAGE}", MA, ISBT, LABEL, HIBC]),
        ("!!!!!", [f"]d2{MESSAGE}"]),
        ("UDI:", [f"]d2{MESSAGE}"]),
        ("]C1", [f"]d2{MESSAGE}"]),
        ("]C1]C1]C1", [MESSAGE, f"]d2{MESSAGE}"]),
        ("]C1]C1]C1]C1", [MESSAGE]),
    ],
)
def test_what_a_driver_puts_in_front_is_taken_away_where_the_code_says_what_it_is(before, taken):
    for sound in taken:
        is_mended(sound, before + sound, "prefix_stripped")
    for sound in SAYS.keys() - set(taken):
        scan = parse(before + sound, today=TODAY)
        assert scan.error is not None or (scan.di, scan.lot, scan.serial) == SAYS[sound]


@pytest.mark.parametrize("sound", [LABEL, MA, ISBT, f"]d2{MESSAGE}"])
@pytest.mark.parametrize(("before", "after"), [("!", "\\"), ("\x02", "\x03"), ("\x02", "\x04")])
def test_what_stands_on_both_sides_is_taken_away(sound, before, after):
    scan = parse(before + sound + after, today=TODAY)
    assert scan.error is None and (scan.di, scan.lot, scan.serial) == SAYS[sound]
    assert scan.repairs in [
        ("prefix_stripped", "suffix_stripped"),
        ("controls_removed",),
        ("prefix_stripped", "gs_replaced"),
    ]


def test_the_shortest_lot_may_be_followed_by_a_keypad_code():
    scan = parse(f"01{DI}10A02921B", today=TODAY)
    assert scan.error is not None and scan.error.code == "ambiguous"
    assert {(reading.lot, reading.serial) for reading in scan.readings} == {("A02921B", None), ("A", "B")}


@pytest.mark.parametrize("layout", [one for one in LAYOUTS if one.undo], ids=lambda one: one.name)
def test_a_layout_typed_nothing_that_is_on_none_of_its_keys(layout):
    sign = next((one for one in "é°ß£" if layout.sign.search(one)), None)
    if sign is None:
        assert layout.undone("é") is None
        return
    meant = layout.undone(sign)
    assert layout.undone(sign + "\x1d") == meant + "\x1d"  # a control character passes every keyboard
    assert layout.undone(sign + "\0") == meant + "\0"
    assert layout.undone(sign + " ") == meant + " "
    assert layout.undone(sign + "张") is None


def test_no_sign_of_a_lot_is_taken_for_a_stuck_shift():
    scan = parse(f"]d201{DI}10A>B|21C", today=TODAY)
    assert (scan.lot, scan.serial, scan.repairs, scan.error) == ("A>B", "C", ("gs_replaced",), None)
