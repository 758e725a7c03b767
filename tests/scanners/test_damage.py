"""Any damage that we know of, done to any valid code: the original comes back, or an error.

The damage is done here by tables and rules of its own, not by undoing what `scanners` does.
"""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from scanners import InHouse, Scan, inhouse, parse
from tests.scanners.golden import GS, TODAY, days, element_string, gtins
from tests.scanners.hibc_messages import messages

# What a code says, and its text as a sound scanner sends it.
LOT = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-./", min_size=1, max_size=20)


@st.composite
def devices(draw: st.DrawFn, separated: bool = False) -> str:
    """A GS1 message of a device, GTIN first as on nearly every pack, with or without identifier."""
    elements = [("01", draw(gtins()))]
    for code, values in (("11", days()), ("17", days())):
        if draw(st.booleans()):
            elements.append((code, f"{draw(values):%y%m%d}"))
    for code in draw(st.permutations(["10", "21"])):
        if separated or draw(st.booleans()):
            elements.append((code, draw(LOT)))
    return draw(st.sampled_from(["]d2", "]C1", "]Q3", ""])) + element_string(elements)


def meaning(scan: Scan) -> tuple[object, ...]:
    return (scan.agency, scan.di, scan.lot, scan.serial, scan.expiry, scan.manufactured, scan.elements)


def readable(sound: str) -> bool:
    """Not one of the few sound texts whose lot may hide a separator: ``029`` before an AI."""
    scan = parse(sound, today=TODAY)
    assert scan.error is None or scan.error.code == "ambiguous"
    return scan.error is None


def original_or_error(sound: str, damaged: str, *, by: str | None = None) -> Scan:
    before, after = parse(sound, today=TODAY), parse(damaged, today=TODAY)
    if before.error is not None:
        assert not readable(sound)
        return after
    assert after.raw == damaged
    if after.error is None:
        assert meaning(after) == meaning(before), (sound, damaged, after)
        if damaged != sound and by is not None and after.repairs:
            assert by in after.repairs
    return after


# --- keyboards: rows of keys as they lie before a person, from a picture of each keyboard -----------------

KEYS = {
    "us": ("1234567890-=", "!@#$%^&*()_+", "qwertyuiop[]", "QWERTYUIOP{}", "asdfghjkl;'", 'ASDFGHJKL:"',
           "zxcvbnm,./", "ZXCVBNM<>?"),
    "uk": ("1234567890-=", '!"£$%^&*()_+', "qwertyuiop[]", "QWERTYUIOP{}", "asdfghjkl;'", "ASDFGHJKL:@",
           "zxcvbnm,./", "ZXCVBNM<>?"),
    "de": ("1234567890ß´", '!"§$%&/()=?`', "qwertzuiopü+", "QWERTZUIOPÜ*", "asdfghjklöä", "ASDFGHJKLÖÄ",
           "yxcvbnm,.-", "YXCVBNM;:_"),
    "fr": ("&é\"'(-è_çà)=", "1234567890°+", "azertyuiop^$", "AZERTYUIOP¨£", "qsdfghjklmù", "QSDFGHJKLM%",
           "wxcvbn,;:!", "WXCVBN?./§"),
    "be": ("&é\"'(§è!çà)-", "1234567890°_", "azertyuiop^$", "AZERTYUIOP¨*", "qsdfghjklmù", "QSDFGHJKLM%",
           "wxcvbn,;:=", "WXCVBN?./+"),
}  # fmt: skip


def typed_on(text: str, layout: str, *, caps_lock: bool = False) -> str:
    """What a machine with that layout makes of a US scanner's keys. GS comes as Ctrl and is left alone."""
    row = dict(zip("".join(KEYS["us"]), "".join(KEYS[layout]), strict=True))
    if caps_lock and layout in ("fr", "be"):
        shifted = {}
        for plain, shift in zip(KEYS[layout][::2], KEYS[layout][1::2], strict=True):
            shifted |= dict(zip(plain, shift, strict=True)) | dict(zip(shift, plain, strict=True))
        return "".join(shifted.get(row.get(c, c), row.get(c, c)) for c in text)
    typed = "".join(row.get(character, character) for character in text)
    return typed.swapcase() if caps_lock and layout == "us" else typed


@pytest.mark.parametrize("layout", ["uk", "de", "fr", "be"])
@settings(max_examples=250, deadline=None)
@given(sound=devices())
def test_a_foreign_keyboard_gives_the_original_or_an_error(layout, sound):
    # y and z, or nothing but capitals, changed places in a text that carries no other sign of it: such a
    # lot cannot be told from another, see test_what_no_parser_can_see.
    damaged = typed_on(sound, layout)
    assume(sound.startswith("]") or layout != "de")
    scan = original_or_error(sound, damaged, by="keyboard_layout")
    if damaged != sound and layout in ("fr", "be"):
        assert scan.error is None or scan.error.code == "ambiguous"


@pytest.mark.parametrize("layout", ["us", "fr", "be"])
@settings(max_examples=250, deadline=None)
@given(sound=devices())
def test_caps_lock_behind_an_identifier_is_undone(layout, sound):
    assume(sound.startswith("]") and readable(sound))
    scan = original_or_error(sound, typed_on(sound, layout, caps_lock=True))
    assert scan.error is None and scan.repairs


@settings(max_examples=200, deadline=None)
@given(sound=devices())
def test_what_is_told_of_caps_lock_is_believed(sound):
    damaged = sound.swapcase()
    assume(damaged != sound and readable(sound))
    scan = parse(damaged, today=TODAY, caps_lock=True)
    assert meaning(scan) == meaning(parse(sound, today=TODAY))
    assert scan.repairs == ("case_flipped",) and scan.raw == damaged


def test_what_no_parser_can_see():
    """Without identifier a lot in small letters is a lot in small letters."""
    assert parse("010690123456789210lot42a").lot == "lot42a"
    assert parse("010690123456789210lot42a", caps_lock=True).lot == "LOT42A"


# --- separators --------------------------------------------------------------------------------------------

STAND_INS = ["<GS>", "{GS}", "[GS]", "\\x1d", "\\u001d", "~d029", "~1", "{FNC1}", "\\029", "<FNC1>",
             "|", "#", "^", "@", "~", "\x1e"]  # fmt: skip


@pytest.mark.parametrize("sign", STAND_INS)
@settings(max_examples=120, deadline=None)
@given(sound=devices(separated=True))
def test_a_stand_in_for_gs_gives_the_original_or_an_error(sign, sound):
    original_or_error(sound, sound.replace(GS, sign), by="gs_replaced")


@pytest.mark.parametrize("sign", ["029", "_"])
@settings(max_examples=300, deadline=None)
@given(sound=devices(separated=True))
@example(sound="]d2010690123456789210LOT42A" + GS + "21SN1")
def test_a_stand_in_that_a_lot_could_hold_is_ambiguous_and_shows_both(sign, sound):
    damaged = sound.replace(GS, sign)
    assume(sign not in sound)
    scan = parse(damaged, today=TODAY)
    whole = meaning(parse(sound, today=TODAY))
    if scan.error is None:
        assert meaning(scan) == whole
    elif scan.error.code == "ambiguous":
        assert whole in [meaning(reading) for reading in scan.readings]


@pytest.mark.parametrize("sign", ["|", "#", "_", "029", "$", "@GS@"])
@settings(max_examples=120, deadline=None)
@given(sound=devices(separated=True))
def test_a_sites_own_sign_is_believed(sign, sound):
    assume(sign not in sound and readable(sound))
    damaged = sound.replace(GS, sign)
    scan = parse(damaged, today=TODAY, inhouse=InHouse(separators=(sign,)))
    assert meaning(scan) == meaning(parse(sound, today=TODAY))
    assert scan.repairs == ("gs_replaced",)


def test_a_german_keyboard_can_make_a_hibc_of_a_gs1_message():
    scan = parse("+C10101266677777990", today=TODAY)
    assert scan.error is not None and scan.error.code == "ambiguous"
    assert {reading.agency for reading in scan.readings} == {"GS1", "HIBC"}
    assert scan.agency == "UNKNOWN"


def test_a_site_that_knows_its_scanners_has_no_lot_suspected():
    text = "]d201069012345678921057029221"
    assert parse(text, today=TODAY).error.code == "ambiguous"
    assert parse(text, today=TODAY, inhouse=InHouse(separators=(GS,))).lot == "57029221"


@pytest.mark.parametrize("sign", ["", "A", "7", "| |", "\t", "123456789"])
def test_a_sites_own_sign_is_a_sign(sign):
    with pytest.raises(ValueError, match="stand-in for GS"):
        InHouse(separators=(sign,))


@settings(max_examples=400, deadline=None)
@given(sound=devices(separated=True))
def test_lost_separators_never_give_another_device(sound):
    """Within the length of a lot what was lost cannot be seen; beyond it only one place is taken."""
    scan = parse(sound.replace(GS, ""), today=TODAY)
    before = parse(sound, today=TODAY)
    assert scan.di in (None, before.di)
    if "gs_restored" in scan.repairs and scan.error is None:
        assert meaning(scan) == meaning(before)
    if scan.error is None and not scan.repairs:
        assert scan.expiry in (before.expiry, None)


def test_a_lost_separator_is_restored_where_only_one_place_for_it_gives_a_message():
    text = "]d20106901234567892" + "10ABCDEFGHIJKLMNOPQRST" + "17281130"
    scan = parse(text, today=TODAY)
    assert (scan.lot, scan.expiry) == ("ABCDEFGHIJKLMNOPQRST", date(2028, 11, 30))
    assert scan.repairs == ("gs_restored",)


def test_where_two_places_do_both_are_shown_and_none_is_taken():
    scan = parse("]d20106901234567892" + "10ABCDEFGH21JKLMNO21PQRSTUV", today=TODAY)
    assert scan.error is not None and scan.error.code == "ambiguous"
    assert {(reading.lot, reading.serial) for reading in scan.readings} == {
        ("ABCDEFGH", "JKLMNO21PQRSTUV"),
        ("ABCDEFGH21JKLMNO", "PQRSTUV"),
    }
    assert (scan.agency, scan.di, scan.lot, scan.serial) == ("GS1", None, None, None)


# --- what was added, doubled, folded, or got stuck ---------------------------------------------------------


@pytest.mark.parametrize(
    "before",
    ["]", "]C", "C1", "C", "d2", "]d", "\x02", "*", "~", "\ufeff", "]C1", "]C1]C1", "UDI:", "S", " \t"],
)
@settings(max_examples=60, deadline=None)
@given(sound=devices())
def test_what_was_put_in_front_is_taken_away_or_refused(before, sound):
    original_or_error(sound, before + sound)


@pytest.mark.parametrize("text", ["]C0106901234567892" + "10AB", "C10106901234567892", "*0106901234567892"])
def test_half_an_identifier_is_named(text):
    scan = parse(text, today=TODAY)
    assert (scan.di, scan.repairs) == ("06901234567892", ("prefix_stripped",))


def test_a_half_identifier_before_a_strange_message_is_none():
    """ "]C101" with two characters swapped: the GTIN that begins too early has a check digit that fits."""
    sound = "]C101273403203234491718041810FW4RFWRZ"
    assert parse(sound, today=TODAY).di == "27340320323449"
    assert parse(sound.replace("]C101", "]C011"), today=TODAY).error is not None


@pytest.mark.parametrize("after", ["\x03", "\r\n", "#", "|", "\x04", "~~", GS, "\ufeff"])
@settings(max_examples=60, deadline=None)
@given(sound=devices())
def test_what_was_put_behind_is_taken_away_or_refused(after, sound):
    original_or_error(sound, sound + after)


@pytest.mark.parametrize("between", ["", "\r\n", "\n", "\t", " "])
@settings(max_examples=100, deadline=None)
@given(sound=devices())
def test_a_scan_sent_twice_is_one(between, sound):
    assume(readable(sound))
    scan = original_or_error(sound, sound + between + sound, by="double_sent")
    assert scan.error is None and "double_sent" in scan.repairs


@given(st.integers(0, 10**10 - 1))
def test_a_label_sent_twice_or_in_small_letters_is_one(number):
    label = inhouse.make(number)
    assert parse(label + label).serial == label
    assert parse(label.lower()).repairs == ("case_flipped",)


@settings(max_examples=200, deadline=None)
@given(sound=devices())
def test_full_width_forms_are_folded(sound):
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in sound)
    assume(readable(sound))
    scan = original_or_error(sound, wide, by="fullwidth")
    assert scan.error is None


@pytest.mark.parametrize(
    ("text", "lot"),
    [
        ("【d2010690123456789210A", None),
        ("】d2010690123456789210A。B", "A.B"),
        ("（01）06901234567892（10）A——B", "A_B"),
    ],
)  # fmt: skip
def test_an_input_methods_punctuation(text, lot):
    scan = parse(text, today=TODAY)
    assert scan.lot == lot


def test_a_stuck_shift_is_undone_where_everything_was_shifted():
    scan = parse("}D@)!)^()!@#$%^&*(@!&@*!!#)!)A".replace("}", "]").replace("D@", "d2"), today=TODAY)
    assert scan.di is None  # half of it shifted: nothing to hold on to
    scan = parse(")!)^()!@#$%^&*(@!&@*!!#)", today=TODAY)
    assert (scan.di, scan.expiry, scan.repairs) == (
        "06901234567892", date(2028, 11, 30), ("shift_fault",),
    )  # fmt: skip
    assert parse("#Be960$f-(e76-4@f8_a584-28*Ad!b&d087", today=TODAY).error is not None


# --- HIBC: one check character, capitals only --------------------------------------------------------------

HIBC = messages().flatmap(
    lambda message: st.sampled_from(
        [message.concatenated, f"{message.primary_symbol}\n{message.secondary_symbol}"]
    )
)


@settings(max_examples=200, deadline=None)
@given(sound=HIBC)
def test_hibc_in_small_letters_is_a_caps_lock(sound):
    assume(sound.swapcase() != sound)
    scan = original_or_error(sound, sound.swapcase(), by="case_flipped")
    # A check that is a blank is not told from a blank behind the text: that is refused with either reason.
    assume(not sound.endswith(" "))
    assert scan.error is None or scan.error.code == "ambiguous"


@pytest.mark.parametrize("layout", ["uk", "de", "fr", "be"])
@settings(max_examples=150, deadline=None)
@given(sound=HIBC)
def test_hibc_on_a_foreign_keyboard_gives_the_original_or_an_error(layout, sound):
    original_or_error(sound, typed_on(sound, layout))


@settings(max_examples=150, deadline=None)
@given(sound=messages().map(lambda message: message.concatenated))
def test_hibc_that_a_full_ascii_reader_sent(sound):
    """The reader turns what pairs it finds, from the left, into one character each."""
    pairs = {"+" + chr(code): chr(code + 32) for code in range(65, 91)}
    pairs |= {"$" + chr(code): chr(code - 64) for code in range(65, 91)}
    pairs |= {"/" + letter: sign for letter, sign in zip("ABCDEFGHIJKLOZ", "!\"#$%&'()*+,/:", strict=True)}
    sent, place = "", 0
    while place < len(sound):
        pair = sound[place : place + 2]
        sent += pairs.get(pair, sound[place])
        place += 2 if pair in pairs else 1
    assume(sent != sound)
    scan = original_or_error(sound, sent)
    if scan.error is None:
        assert "full_ascii" in scan.repairs


@pytest.mark.parametrize("between", ["", "\r\n", "\n", "\t"])
@settings(max_examples=80, deadline=None)
@given(sound=messages().map(lambda message: message.concatenated))
def test_hibc_sent_twice_is_one(between, sound):
    original_or_error(sound, sound + between + sound)


@settings(max_examples=500, deadline=None)
@given(messages(), st.data())
def test_a_repair_never_turns_one_hibc_into_another(message, data):
    """What the check character lets pass when a text is read as it came is its own matter: one in 43.

    So it is if a sign was put in front of such a text as well.
    """
    sound = message.concatenated
    damaged = list(sound)
    often = data.draw(st.integers(1, 2), label="how often")
    for _ in range(often):
        place = data.draw(st.integers(0, len(damaged) - 1), label="place")
        match data.draw(st.sampled_from(["replace", "drop", "add", "cut"]), label="how"):
            case "replace":
                damaged[place] = data.draw(NOISE)
            case "drop":
                damaged[place] = ""
            case "add":
                damaged.insert(place, data.draw(NOISE))
            case "cut":
                damaged[place] = damaged[place][:1]
                del damaged[place + 1 :]
    text = "".join(damaged)
    scan = parse(text, today=TODAY)
    unseen = (
        {"whitespace_stripped"}
        if often == 1
        else {"whitespace_stripped", "prefix_stripped", "controls_removed"}
    )
    if scan.error is None and set(scan.repairs) - unseen:
        assert scan.di == message.di, (sound, text, scan)


# --- the other agencies ------------------------------------------------------------------------------------

OTHERS = [
    "MA.156.M0.100011.2cscp023.Ste002.M200206.L343432.D555555.E200228.V200307.C9",
    "=/A9999XYZ100T0944=,000025=A99971312345600=>014032=}013032&,1000000000000XYZ123",
    "=)1TE123456A&)RZ12345678",
    "[)>\x1e05\x1d0105000456013482\x1e06\x1dS0000000001\x1d1T00001\x1dD201200\x1e\x04",
    "https://id.gs1.org/01/12312312312333/10/ABC123/21/XYZ?17=290331",
    "TR000000004292",
]
DAMAGES = {
    "Caps Lock": lambda text: text.swapcase(),
    "French": lambda text: typed_on(text, "fr"),
    "Belgian": lambda text: typed_on(text, "be"),
    "German": lambda text: typed_on(text, "de"),
    "British": lambda text: typed_on(text, "uk"),
    "twice": lambda text: text + text,
    "twice, in lines": lambda text: f"{text}\r\n{text}\r\n",
    "full width": lambda text: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text),
    "asterisks": lambda text: f"*{text}*",
    "STX, ETX": lambda text: f"\x02{text}\x03",
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("sound", OTHERS, ids=lambda sound: sound[:12])
def test_every_agencys_code_is_mended(sound, damage):
    scan = original_or_error(sound, DAMAGES[damage](sound))
    if (damage, sound[:5]) == ("Caps Lock", "https"):
        # In capitals it is as good an address, and its lot another.
        assert scan.error is not None and scan.error.code == "ambiguous" and len(scan.readings) == 2
    elif damage != "asterisks":
        assert scan.error is None
        assert "envelope_completed" not in scan.repairs or damage == "STX, ETX"


def test_asterisks_are_taken_away_in_pairs():
    scan = parse("*(01)06901234567892(21)x9*", today=TODAY)
    assert (scan.serial, scan.repairs) == ("x9", ("prefix_stripped",))


# --- anything at all ---------------------------------------------------------------------------------------

NOISE = st.text("0123456789ABCabc]d2C1()+-_#|@^~<>$%&éàç\x1d\x02 \r\nＺ。", min_size=1, max_size=3)


@settings(max_examples=1000, deadline=None)
@given(devices(), st.data())
def test_a_repair_never_turns_one_device_into_another(sound, data):
    """Characters are replaced, dropped, added and swapped at random, anywhere, but only once within the
    GTIN, and there no neighbours swapped that differ by five: its check digit sees no more than that, with
    or without a repair."""
    damaged = list(sound)
    first = sound.index("01", 3 if sound[0] == "]" else 0) + 2
    within = False
    for _ in range(data.draw(st.integers(1, 3), label="how often")):
        if len(damaged) < 2:
            break
        place = data.draw(st.integers(0, len(damaged) - 2), label="place")
        how = data.draw(st.sampled_from(["replace", "drop", "add", "swap", "cut"]), label="how")
        if first - 4 <= place < first + 16:
            here, there = damaged[place], damaged[place + 1]
            if within or (how == "swap" and here.isdigit() and there.isdigit()):
                continue
            within = True
        match how:
            case "replace":
                damaged[place] = data.draw(NOISE)
            case "drop":
                del damaged[place]
            case "add":
                damaged.insert(place, data.draw(NOISE))
            case "swap":
                damaged[place], damaged[place + 1] = damaged[place + 1], damaged[place]
            case "cut":
                del damaged[place + 1 :]
    scan = parse("".join(damaged), today=TODAY)
    if scan.error is None and set(scan.repairs) - {"whitespace_stripped", "no_date"}:
        assert scan.di == parse(sound, today=TODAY).di, (sound, "".join(damaged), scan)
