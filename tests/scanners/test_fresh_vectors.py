"""Rows written from the design page's clauses by somebody who had not seen the readers, then tried on them.

Each table holds what once went wrong, or would have been easy to get wrong; each test says by what clause.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from scanners import InHouse, inhouse, parse
from scanners.hibc import check_character, is_secondary
from tests.scanners.golden import GS, TODAY

ROOT = Path(__file__).parents[2]
DI, OTHER = "06901234567892", "06901234567908"
MA = "MA.156.M0.100204.13351764"
ICCBBA = "=/A9999XYZ100T0944=,000025=>014032&,1000000000000XYZ123"
BAG = "=)1TE123456A&)RZ12345678"
LABEL = "TR000000004292"
ENVELOPE = f"[)>\x1e05\x1d01{DI}\x1d10lot42A\x1e\x04"
FIELDS = f"[)>\x1e06\x1d8P{DI}\x1d1TLOT\x1d14D20281130\x1e\x04"
LINK = f"https://a.cn/01/{DI}/10/LOT"


def hibc(text: str) -> str:
    return text + check_character(text)


PRIMARY = hibc("+H123ABC1")
SECONDARY = hibc("+$$3281130LOT9" + PRIMARY[-1])
BLANK_CHECK = "+H123A61 "  # whose check character is a blank
SOUND = [
    f"]d201{DI}10Lot42{GS}21Sn9", f"(01){DI}(17)281130(10)Lot42", LINK, PRIMARY, f"{PRIMARY}\r\n{SECONDARY}",
    f"{SECONDARY}\r\n{PRIMARY}", BLANK_CHECK, ICCBBA, BAG, f"{MA}.LA1.E281130", f"https://x.cn/i?c={MA}.LA1",
    ENVELOPE, FIELDS, LABEL,
]  # fmt: skip


def meaning(text: str, **settings: InHouse) -> tuple[object, ...]:
    scan = parse(text, today=TODAY, **settings)
    assert scan.error is None, scan
    return (scan.agency, scan.di, scan.lot, scan.serial, scan.expiry, dict(scan.elements))


# --- one scan at a time ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        LINK + f"https://a.cn/01/{OTHER}/10/M",
        LINK + f"HTTPS://A.CN/01/{OTHER}/10/M",
        LINK + f"https://x.cn/i?c={MA}.LA1",
        f"https://x.cn/i?c={MA}.LA1" + LINK,
        f"https://x.cn/?c={MA}&x=1" + LINK,
        f"{LINK}?linkType=all" + LINK.replace(DI, OTHER),
        f"{LINK}?17=281130" + LINK.replace(DI, OTHER),
    ],
)
def test_two_addresses_run_together_are_never_the_second_one(text):
    """A scanner without a terminator: the first would pass for a path before the second's key."""
    scan = parse(text, today=TODAY)
    assert scan.error is not None and scan.di is None


def test_an_address_as_the_value_of_a_parameter_is_no_second_scan():
    assert parse(f"{LINK}?back=https://b.cn/", today=TODAY).lot == "LOT"
    assert parse(f"https://r.cn/?to=https://x.cn/i?c={MA}.LA1", today=TODAY).di == MA


@pytest.mark.parametrize("sound", SOUND)
@pytest.mark.parametrize("times", [2, 3])
@pytest.mark.parametrize("between", ["", "\r\n", "\t"])
def test_sent_twice_or_three_times_is_one_and_named(sound, times, between):
    text = between.join([sound] * times) + ("\r\n" if between else "")
    assert meaning(text) == meaning(sound)
    if sound != f"{SECONDARY}\r\n{PRIMARY}":
        assert "double_sent" in parse(text, today=TODAY).repairs


def test_what_was_sent_twice_is_doubted_like_what_was_sent_once():
    once = f"]d201{DI}10LOT02921A"
    scan = parse(once + once, today=TODAY)
    assert scan.error is not None and scan.error.code == "ambiguous"
    assert all(reading.repairs[0] == "double_sent" for reading in scan.readings)


# --- section 5: keyboards and case -------------------------------------------------------------------------


@pytest.mark.parametrize("sound", [SECONDARY, f"{SECONDARY}\r\n{PRIMARY}", f"*{SECONDARY}*"])
def test_caps_lock_before_a_secondary(sound):
    """A HIBC has no small letters, whichever symbol of a pack comes first, or alone."""
    scan = parse(sound.swapcase(), today=TODAY)
    assert (scan.lot, "case_flipped" in scan.repairs) == ("LOT9", True)
    assert is_secondary(scan) is (PRIMARY not in sound)


def test_caps_lock_over_an_address_that_holds_an_ma_code():
    scan = parse(f"https://x.cn/i?c={MA}.LA1".swapcase(), today=TODAY)
    assert (scan.di, scan.lot, scan.repairs) == (MA, "A1", ("case_flipped",))


@pytest.mark.parametrize(
    "typed", ["HTTPSÖ--A.CN-01-06901234567892-10-lot", "HTTPSM!!Q:CN!à&!à-çà&é\"'(-è_çé!&à!lot"]
)
def test_caps_lock_on_a_foreign_keyboard_does_not_settle_the_case_of_a_lot(typed):
    scan = parse(typed, today=TODAY)
    assert scan.error is not None and scan.error.code == "ambiguous"
    assert {reading.lot for reading in scan.readings} == {"lot", "LOT"}


def test_keys_taken_by_their_numbers():
    """Shift is lost with them: undone where a code has but one character of the key, else both are shown."""
    numbers = str.maketrans("-./+", "½¾¿»")
    for sound in (hibc("+H123ABC1/$LO-7.2/S12"), f"{MA}.LA-1"):
        damaged = sound.translate(numbers)
        assert damaged != sound and meaning(damaged) == meaning(sound)
        assert parse(damaged, today=TODAY).repairs == ("keyboard_layout",)
    scan = parse(f"]d201{DI}10QC½157", today=TODAY)
    assert scan.error is not None and scan.error.code == "ambiguous"
    assert {reading.lot for reading in scan.readings} == {"QC-157", "QC_157"}


@pytest.mark.parametrize("around", ["{}#", "\ufeff{}", "*{}*", "\x02{}\x03", "~{}"])
@pytest.mark.parametrize("sound", [ENVELOPE, FIELDS])
def test_noise_around_an_envelope_says_nothing_of_the_case_in_it(sound, around):
    assert meaning(around.format(sound)) == meaning(sound)


def test_caps_lock_in_an_envelope_shows_by_its_identifiers_if_it_has_any():
    assert meaning(FIELDS.swapcase()) == meaning(FIELDS)
    assert parse(ENVELOPE.swapcase(), today=TODAY).lot == "LOT42a"  # as without any envelope


# --- section 5: prefixes, suffixes, separators -------------------------------------------------------------


@pytest.mark.parametrize("quote", ['"', "'"])
@pytest.mark.parametrize("sound", SOUND)
def test_quotes_come_in_pairs(sound, quote):
    """The one behind is legal in a lot: with the one in front it goes, or neither."""
    assert meaning(quote + sound + quote) == meaning(sound)
    scan = parse(f"]d201{DI}10A{quote}", today=TODAY)
    assert (scan.lot, scan.repairs) == (f"A{quote}", ())


@pytest.mark.parametrize("half", ["]", "]C", "C0", "]d", "d1", "C", "A0"])
@pytest.mark.parametrize("sound", [PRIMARY, ICCBBA, BAG, f"{MA}.LA1", ENVELOPE, FIELDS, LINK])
def test_half_an_identifier_before_any_agency_s_code(sound, half):
    if half == "]" and sound.startswith(("MA.", "=")):  # without a check, it may lie in the midst of another
        assert parse(half + sound, today=TODAY).error is not None
        return
    assert meaning(half + sound) == meaning(sound)
    assert parse(half + sound, today=TODAY).repairs == ("prefix_stripped",)


@pytest.mark.parametrize(
    "code", ["C0168160008992258102", "C01681600089922581020000092", "C0139955635516711300"]
)
def test_a_code_of_the_national_insurance_is_no_message_behind_half_an_identifier(code):
    """C and 19 or 26 digits (section 4), among which a GTIN with its check digit and a lot may stand."""
    scan = parse(code, today=TODAY)
    assert scan.error is not None and scan.error.code == "not_a_udi"
    assert parse(code[1:], today=TODAY).error is None


@pytest.mark.parametrize("half", ["]", "]C", "C0", "A0"])
def test_half_an_identifier_before_a_label(half):
    assert parse(half + LABEL).serial == LABEL
    # A letter may be part of another house's label.
    assert parse("C" + LABEL).error is not None
    assert parse("A" + LABEL).error is not None


def test_an_underline_among_digits_was_a_gs():
    """(30) holds digits alone; in a lot it could stand, too."""
    scan = parse(f"]d201{DI}305_10LOT", today=TODAY)
    assert (scan.quantity, scan.lot, scan.repairs) == (5, "LOT", ("gs_replaced",))
    assert parse(f"]d201{DI}3053210LOT", today=TODAY).error is not None


@pytest.mark.parametrize("sign", ["^]", "&#29;", "&#x1D;", "\t", "␝", "↔"])
def test_other_pictures_of_gs(sign):
    text = f"]d201{DI}10LOT{sign}21SN"
    scan = parse(text, today=TODAY)
    assert (scan.lot, scan.serial, scan.repairs, scan.error) == ("LOT", "SN", ("gs_replaced",), None)


# --- section 5: GS is lost --------------------------------------------------------------------------------


@pytest.mark.parametrize("identifier", ["", "]d2", "]C1"])
@pytest.mark.parametrize(
    ("rest", "lots"),
    [
        ("10LOT42A17281130", {"LOT42A17281130", "LOT42A"}),
        ("10LOT42A11250101", {"LOT42A11250101", "LOT42A"}),
        ("10LOT1125010117281130", {"LOT1125010117281130", "LOT11250101", "LOT"}),
        ("1728113010LOT42A11250101", {"LOT42A11250101", "LOT42A"}),
        ("10LOT42A1728113021SN1", {"LOT42A1728113021SN1", "LOT42A"}),
        ("21SN00000117281130", {None}),
        ("240REF-117281130\r\n", {None}),
    ],
)
def test_a_day_that_may_hide_in_the_last_value_is_not_overlooked(identifier, rest, lots):
    """Read as a lot it would have no expiry, and what expired would be used."""
    scan = parse(f"{identifier}01{DI}{rest}", today=TODAY)
    assert scan.error is not None and scan.error.code == "ambiguous"
    assert {reading.lot for reading in scan.readings} == lots
    assert (scan.lot, scan.serial, scan.expiry) == (None, None, None)
    assert any("gs_restored" in reading.repairs for reading in scan.readings)


@pytest.mark.parametrize(
    "text",
    [
        f"]d201{DI}1728113010LOT17290101",  # has its expiry
        f"]d201{DI}10LOT17281330",  # no day
        f"]d201{DI}10LOT17281130X",  # no AI goes on there
        f"]d201{DI}10LOT17991130",  # not of anything on a shelf
        f"]d201{DI}10LOT11281130",  # not made yet
        f"]d201{DI}10LOT17281130{GS}21A",  # a GS was kept
        f"(01){DI}(10)LOT17281130",
        f"https://a.cn/01/{DI}/10/LOT17281130",
        f"]d201{DI}10LOT21SER",  # as codes.md: nothing shows it
    ],
)
def test_a_lot_that_cannot_hide_a_day_is_a_lot(text):
    scan = parse(text, today=TODAY)
    assert (scan.error, scan.repairs) == (None, ())
    assert scan.lot is not None and scan.lot.startswith("LOT") and len(scan.lot) > 7


def test_a_house_that_knows_its_scanners_has_no_lot_suspected_of_a_day():
    scan = parse(f"]d201{DI}10LOT42A17281130", today=TODAY, inhouse=InHouse(separators=(GS,)))
    assert (scan.lot, scan.error) == ("LOT42A17281130", None)


# --- in-house labels ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("number", "digits"), [(520, 10), (213, 10), (80, 10), (83385, 10), (7, 6), (7, 14)])
def test_a_label_that_lost_its_letters_is_no_gtin(number, digits):
    """An input method swallows letters; one in ten of the digits that are left passes for a GTIN."""
    house = InHouse(prefix="HN", digits=digits)
    label = inhouse.make(number, house)
    scan = parse(label[2:], today=TODAY, inhouse=house)
    assert (scan.agency, scan.error and scan.error.code, scan.di) == ("INHOUSE", "truncated", None)
    assert parse(label[2:], today=TODAY).agency != "INHOUSE"


def test_a_gtin_is_no_label_that_lost_its_letters():
    for sequence in range(2000):
        label = inhouse.make(10**9 + sequence)
        assert parse(label[2:], today=TODAY).agency != "INHOUSE"
    assert parse("000000052017", today=TODAY).agency != "INHOUSE"


# --- the command line --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("streams", "told"),
    [
        ("<&-", "parse: standard input is closed\n"),
        (">&-", "parse: standard output is closed\n"),
        (">/dev/full", "parse: No space left on device; not every line was answered\n"),
    ],
)
def test_a_stream_that_fails_is_told_in_one_line(streams, told):
    command = f"echo {LABEL} | LC_ALL=C {sys.executable} -m scanners parse {streams}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, cwd=ROOT, timeout=60)
    assert (done.returncode, done.stderr.decode(), done.stdout) == (2, told, b"")


# --- what a long fuzz found: one accident, and a repair that made another item of it -----------------------


@pytest.mark.parametrize(
    "text",
    [
        "+VSDNB$M",  # "$" alone is no stuck Shift
        "/$+WFDDMLUJBB04H",  # a HIBC that lost its head, behind a "mark"
        "_01485809071356801098AV_2010",  # if the first was a GS, so is the second
        "TR]C4772703720416",  # "]C4" within a label; the rest is no GTIN
        "]MA.156.M0.100761.21234561E00936934243551",  # a "]" is no reason to believe what has no check
        "e001764235777651282010",  # half of "]e0", and no "+E0" of a HIBC
        "]E00140329306313415953",  # an EAN with more digits, and no "]e0" under Caps Lock
        "]=)E455924535",
        "]E4=)586JTtExTJ&)oFKY6lY5T7",  # behind no identifier of it, and Caps Lock leaves no capitals
        "]C1015640101564042410208001131022810FDAY73I",  # a part of it twice
        # "029" is no GS where there are more ways to put one than can be looked at.
        "]C10165711138976699112506062190012425430292240942048",
        "]e01721040301504",  # a DataBar that was cut, and no EAN under Caps Lock
        "*+TR318007422904",  # an in-house label behind two strange characters
        "018778605346717310815\x1e\x04",  # the rest of an envelope
        "+GTJGUTJG((",  # "5" on a French keyboard, or a shifted "9"
        # Two addresses; what is tried for a GS turns them into an MA code.
        "https://id.gs1.org/01/02936405518568/10/E9/21/6?17=180125&11=2.cn/?code=MA.156.M0.004969.KGUAvzHJcfD"
        ".SZBP.LaZcEW.DJ",
    ],
)
def test_one_accident_is_not_mended_into_another_item(text):
    scan = parse(text, today=TODAY)
    assert scan.error is not None
    assert (scan.di, scan.lot, scan.serial) == (None, None, None)


@pytest.mark.parametrize("typed", ["@", "`", ";\x04"])
@pytest.mark.parametrize("before", [f"]d201{DI}10", f"01{DI}10A{GS}21"])
def test_a_last_character_that_a_keyboard_changed_is_not_cut_off(before, typed):
    """A British quote, a German plus; and a ";" that is the lot's, before an end of transmission."""
    scan = parse(f"{before}LOT{typed}", today=TODAY)
    assert "LOT" not in (scan.lot, scan.serial)
    scan = parse(f"(01){DI}(10)LOT{typed}(21)1", today=TODAY)
    assert scan.lot != "LOT"


@pytest.mark.parametrize(
    ("text", "repair"),
    [
        (f"]E001{DI}", "case_flipped"),
        (f"]E001{DI}1728113010lOT", "case_flipped"),
        (f"_01{DI}", "prefix_stripped"),
        (f"#]C401{DI}10LOT", "prefix_stripped"),
        ("]+A123BJC5D6E71G", "prefix_stripped"),
        ("#+A123BJC5D6E71G", "prefix_stripped"),
    ],
)
def test_and_what_shows_itself_is_still_mended(text, repair):
    scan = parse(text, today=TODAY)
    assert (scan.error, scan.repairs) == (None, (repair,))
