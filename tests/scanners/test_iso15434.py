"""ISO/IEC 15434 envelopes: GS1 in format 05, data identifiers in 06, and what scanners do to the frame."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanners import parse
from scanners.data_identifiers import ppn_check
from tests.scanners.golden import TODAY, days, element_string, golden, gtins, udis
from tests.scanners.timing import LIMIT, best_seconds

GS, RS, EOT = "\x1d", "\x1e", "\x04"
GTIN = "05000456013482"
PRINTABLE = "".join(chr(code) for code in range(0x20, 0x7F))
VECTORS = golden("iso15434.json")


def envelope(*formats: str) -> str:
    return "[)>" + RS + "".join(text + RS for text in formats) + EOT


def fields(*parts: str) -> str:
    return GS.join(["06", *parts])


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: repr(vector["input"][:30]))
def test_every_shared_vector(vector):
    expected = vector["expected"]
    scan = parse(vector["input"], today=TODAY)
    assert scan.agency == ("GS1" if expected and "di" in expected else "UNKNOWN")
    if expected is None:
        assert scan.error is not None and scan.di is None
        return
    assert scan.di == expected.get("di")
    assert (scan.serial, scan.lot) == (expected["serial"], expected["lot"])
    assert str(scan.expiry) == expected["expiry"]
    if "ppn" in expected:
        assert scan.error.code == "not_a_udi"
        assert scan.elements[0] == ("9N", expected["ppn"])
    else:
        assert scan.error is None
        assert scan.elements == (("01", GTIN), ("S", "0000000001"), ("1T", "00001"), ("D", "201200"))


# --- written and read --------------------------------------------------------------------------------------

# What may begin a separator that was written out is left out, and blanks around.
lots = st.text("".join(set(PRINTABLE) - set("{<[\\~ ")), min_size=1, max_size=30)


@st.composite
def packs(draw: st.DrawFn) -> dict[str, str]:
    """The fields of a format 06 that names a pack, in any order."""
    number = draw(gtins())
    parts = {"8P": number} if draw(st.booleans()) else {"54P": number}
    for identifier, strategy in (
        ("S", lots),
        ("1T", lots),
        ("D", days().map("{:%y%m%d}".format)),
        ("16D", days().map("{:%Y%m%d}".format)),
        ("Q", st.integers(1, 999).map(str)),
        ("1P", lots),
    ):
        if draw(st.booleans()):
            parts[identifier] = draw(strategy)
    return dict(draw(st.permutations(list(parts.items()))))


@settings(max_examples=250, deadline=None)
@given(packs())
def test_data_identifiers_read_as_they_were_written(parts):
    scan = parse(envelope(fields(*(name + value for name, value in parts.items()))), today=TODAY)
    assert scan.error is None
    assert scan.repairs == ()
    assert (scan.agency, scan.di, scan.quantity) == ("GS1", parts.get("8P", parts.get("54P")), None)
    assert (scan.serial, scan.lot) == (parts.get("S"), parts.get("1T"))
    assert (f"{scan.expiry:%y%m%d}" if scan.expiry else None) == parts.get("D")
    assert (f"{scan.manufactured:%Y%m%d}" if scan.manufactured else None) == parts.get("16D")
    assert scan.elements == tuple(parts.items())


@settings(max_examples=200, deadline=None)
@given(udis(), st.sampled_from(["", "]d1", "]Q1"]))
def test_format_05_reads_as_the_same_message_does_alone(elements, identifier):
    text = element_string(elements)
    alone = parse("]d2" + text, today=TODAY)
    scan = parse(identifier + envelope(f"05{GS}{text}"), today=TODAY)
    assert scan[2:] == alone[2:]


@settings(max_examples=200, deadline=None)
@given(gtins(), lots, lots, days())
def test_both_formats_speak_of_one_piece(number, lot, serial, day):
    text = envelope(f"05{GS}01{number}", fields(f"S{serial}", f"1T{lot}", f"14D{day:%Y%m%d}"))
    scan = parse(text, today=TODAY)
    assert (scan.error, scan.di, scan.lot, scan.serial, scan.expiry) == (None, number, lot, serial, day)


@pytest.mark.parametrize(
    ("gs1", "more", "empty"),
    [
        ("10AB", "1TAC", "lot"),
        ("21AB", "SAC", "serial"),
        ("17260131", "D260130", "expiry"),
        ("17260131", "14D20260130", "expiry"),
        ("11260131", "16D20260130", "manufactured"),
    ],
)
def test_what_two_formats_contradict_is_empty(gs1, more, empty):
    scan = parse(envelope(f"05{GS}01{GTIN}{gs1}", fields(more)), today=TODAY)
    assert scan.error.code == "duplicate"
    assert scan.di == GTIN
    assert getattr(scan, empty) is None


@pytest.mark.parametrize(
    ("gs1", "more"),
    [
        ("10AB", "1TAB"),
        ("21AB", "SAB"),
        ("17260200", "14D20260228"),
        ("17260131", "15D31012026"),
        ("11260131", "17D31012026"),
    ],
)
def test_what_two_formats_agree_on_is_said_once(gs1, more):
    scan = parse(envelope(f"05{GS}01{GTIN}{gs1}", fields(more)), today=TODAY)
    assert scan.error is None


def test_two_gtins_that_differ_are_no_device():
    other = "06901234567892"
    scan = parse(envelope(fields(f"8P{GTIN}", f"8P{other}")), today=TODAY)
    assert (scan.error.code, scan.di) == ("duplicate", None)
    scan = parse(envelope(f"05{GS}01{GTIN}", fields(f"8P{other}")), today=TODAY)
    assert (scan.error.code, scan.di) == ("duplicate", None)
    assert scan.elements == (("01", GTIN), ("8P", other))
    scan = parse(envelope(f"05{GS}01{GTIN}", fields(f"8P{GTIN}", "3P5000456013482")), today=TODAY)
    assert (scan.error, scan.di) == (None, GTIN)
    assert scan.elements == (("01", GTIN), ("8P", GTIN), ("3P", "5000456013482"))


@settings(max_examples=150, deadline=None)
@given(gtins(), st.integers(0, 13), st.integers(1, 9), st.sampled_from(["8P", "05"]))
def test_no_single_wrong_digit_gives_another_device(number, place, added, form):
    wrong = number[:place] + str((int(number[place]) + added) % 10) + number[place + 1 :]
    text = envelope(fields(f"8P{wrong}", "SA")) if form == "8P" else envelope(f"05{GS}01{wrong}")
    scan = parse(text, today=TODAY)
    assert (scan.error.code, scan.di) == ("check_digit", None)
    assert scan.error.at == text.index(wrong) + 13


# --- the frame ---------------------------------------------------------------------------------------------

WHOLE = envelope(f"05{GS}01{GTIN}", fields("S0000000001", "1T00001", "D201200"))
OF_WHOLE = (GTIN, "0000000001", "00001", date(2020, 12, 31))


def told(scan):
    return (scan.di, scan.serial, scan.lot, scan.expiry)


@pytest.mark.parametrize(
    "written",
    [
        {RS: "<RS>", EOT: "<EOT>"},
        {RS: "<RS>", EOT: "<EOT>", GS: "<GS>"},
        {RS: "{RS}", EOT: "{EOT}", GS: "{GS}"},
        {RS: "[RS]", EOT: "[EOT]", GS: "[GS]"},
        {RS: "\\x1e", EOT: "\\x04", GS: "\\x1d"},
        {RS: "\\u001e", EOT: "\\u0004", GS: "\\u001D"},
        {RS: "~d030", EOT: "~d004", GS: "~d029"},
        {EOT: "<eot>"},
        {RS: "<RS>", EOT: ""},
    ],
)
def test_separators_that_were_written_out_are_put_back(written):
    text = WHOLE
    for separator, spelt in written.items():
        text = text.replace(separator, spelt)
    scan = parse(text, today=TODAY)
    assert (scan.raw, scan.error, told(scan)) == (text, None, OF_WHOLE)
    assert "separators_restored" in scan.repairs


def test_what_stands_beside_a_real_separator_is_a_value():
    text = envelope(fields(f"8P{GTIN}", "S<RS>1"))
    scan = parse(text, today=TODAY)
    assert (scan.error, scan.serial, scan.repairs) == (None, "<RS>1", ())
    scan = parse(text.removesuffix(EOT), today=TODAY)
    assert (scan.error, scan.serial, scan.repairs) == (None, "<RS>1", ("envelope_completed",))


def test_an_error_points_into_the_text_as_it_came():
    text = envelope(fields(f"8P{GTIN}", "D260230"))
    for separator, spelt in {RS: "<RS>", EOT: "{EOT}", GS: "~d029"}.items():
        text = text.replace(separator, spelt)
    assert parse(text, today=TODAY).error.at == text.index("260230")


@pytest.mark.parametrize(
    "text",
    [
        WHOLE.removesuffix(EOT),
        WHOLE.removesuffix(RS + EOT) + EOT,
        WHOLE.removesuffix(RS + EOT),  # a date of six digits cannot be a longer one cut off
        WHOLE.replace("[)>" + RS, "[)>"),
        WHOLE.replace("[)>" + RS, "[)>").removesuffix(RS + EOT),
    ],
)
def test_what_the_frame_lost_is_missed_where_that_is_certain(text):
    scan = parse(text, today=TODAY)
    assert (scan.error, told(scan), scan.repairs) == (None, OF_WHOLE, ("envelope_completed",))


@pytest.mark.parametrize(
    ("text", "elements"),
    [
        (f"[)>{RS}06{GS}8P{GTIN}{GS}SABC", (("8P", GTIN),)),
        (f"[)>{RS}05{GS}01{GTIN}10ABC", (("01", GTIN),)),
        (f"[)>{RS}05{GS}01{GTIN}{RS}06{GS}1TABC", (("01", GTIN),)),
        (f"[)>{RS}06{GS}", ()),
    ],
)
def test_a_value_that_may_be_cut_off_is_not_taken(text, elements):
    scan = parse(text, today=TODAY)
    assert (scan.error.code, scan.error.at) == ("truncated", len(text))
    assert (scan.lot, scan.serial, scan.elements) == (None, None, elements)


@settings(max_examples=50, deadline=None)
@given(packs())
def test_text_cut_anywhere_says_nothing_else(parts):
    text = envelope(fields(*(name + value for name, value in parts.items())))
    for length in range(len(text)):
        scan = parse(text[:length], today=TODAY)
        assert scan.di in (None, parts.get("8P", parts.get("54P")))
        assert scan.serial in (None, parts.get("S"))
        assert scan.lot in (None, parts.get("1T"))


@pytest.mark.parametrize(
    ("text", "code", "at"),
    [
        ("[)>", "truncated", 3),
        ("[)>06S1", "not_a_udi", 3),
        ("[)> 06", "not_a_udi", 3),
        (f"[)>{RS}", "truncated", 4),
        (f"[)>{RS}{EOT}", "not_a_udi", 0),
        (f"[)>{RS}06S1{RS}{EOT}", "charset", 6),
        (f"[)>{RS}05X{RS}{EOT}", "charset", 6),
        (f"[)>{RS}06{RS}{EOT}", "truncated", 6),
        (f"[)>{RS}06", "truncated", 6),
        (f"[)>{RS}0", "unknown_ai", 4),
        (envelope("01" + GS + "96"), "not_a_udi", 0),
        (envelope(f"05{GS}"), "empty", None),
        (envelope(f"05{GS}10LOT"), "missing_di", 0),
        (envelope(f"05{GS}0100"), "truncated", 11),
        (envelope(fields("S1", "9N11123456840")), "check_digit", None),
        (envelope(fields("9N111234568409")), "check_digit", 19),
        (envelope(fields("9N1112345684?8")), "length", 9),
        (envelope(fields("8P0500045601348", "S1")), "length", 9),
        (envelope(fields("8P0500045601348X", "S1")), "charset", 9),
        (envelope(fields(f"8P{GTIN}", "S1\x1c2")), "charset", 26),
        (envelope(fields(f"8P{GTIN}", "S")), "length", 25),
        (envelope(fields(f"8P{GTIN}", "s1")), "unknown_ai", 24),
        (envelope(fields(f"8P{GTIN}", "1234S1")), "unknown_ai", 24),
        (envelope(fields(f"8P{GTIN}", "S" + "A" * 65)), "length", 89),
        (envelope(fields(f"8P{GTIN}", "D260230")), "date", 25),
        (envelope(fields(f"8P{GTIN}", "D2602")), "date", 25),
        (envelope(fields(f"8P{GTIN}", "D26020A")), "date", 25),
        (envelope(fields(f"8P{GTIN}", "14D20260230")), "date", 27),
        (envelope(fields(f"8P{GTIN}", "14D00010101")), "date", 27),
        (envelope(f"05{GS}01{GTIN}" + RS + "LOT"), "unknown_ai", 24),
    ],
)
def test_what_is_wrong_with_a_message(text, code, at):
    scan = parse(text, today=TODAY)
    assert scan.error is not None and scan.error.code == code
    assert at is None or scan.error.at == at
    assert scan.lot is None or code == "missing_di"


# --- what a field means ------------------------------------------------------------------------------------


def test_the_agreed_date_is_the_expiry_of_a_pack_and_nothing_elsewhere():
    assert parse(envelope(fields(f"8P{GTIN}", "D260131")), today=TODAY).expiry == date(2026, 1, 31)
    scan = parse(envelope(fields("1PSM712.TCT", "D2341", "S1")), today=TODAY)
    assert (scan.error.code, scan.expiry) == ("not_a_udi", None)


@pytest.mark.parametrize(
    ("field", "di"),
    [
        ("3P6901234567892", "06901234567892"),
        ("3P036000291452", "00036000291452"),
        ("3P06901234567892", None),  # 8P has fourteen digits
        ("3P96385074", None),
        ("8P06901234567892", "06901234567892"),
        ("54P06901234567892", "06901234567892"),
        ("54P6901234567892", None),
    ],
)
def test_each_identifier_of_a_gtin_has_its_length(field, di):
    assert parse(envelope(fields(field, "S1")), today=TODAY).di == di


def test_a_customers_lot_is_none():
    assert parse(envelope(fields(f"8P{GTIN}", "TABC", "30TX")), today=TODAY).lot is None


@pytest.mark.parametrize("none", ["D000000", "14D00000000", "16D00000000"])
def test_a_date_of_zeros_is_no_date(none):
    scan = parse(envelope(fields(f"8P{GTIN}", none, "SA")), today=TODAY)
    assert (scan.error, scan.expiry, scan.manufactured, scan.serial) == (None, None, None, "A")
    assert scan.repairs == ("no_date",)


def test_a_date_of_eight_digits_is_in_its_own_century():
    assert parse(envelope(fields(f"8P{GTIN}", "14D20990101")), today=TODAY).expiry == date(2099, 1, 1)


@given(st.text("0123456789", min_size=8, max_size=8), st.integers(0, 9), st.data())
def test_a_ppn_is_checked(number, place, data):
    body = "11" + number
    sound = parse(envelope(fields(f"9N{body}{ppn_check(body)}", "SA")), today=TODAY)
    assert (sound.agency, sound.di, sound.error.code, sound.serial) == ("UNKNOWN", None, "not_a_udi", "A")
    other = data.draw(st.sampled_from(sorted(set("0123456789") - {body[place]})))
    wrong = body[:place] + other + body[place + 1 :]
    scan = parse(envelope(fields(f"9N{wrong}{ppn_check(body)}", "SA")), today=TODAY)
    assert scan.error.code == "check_digit"


def test_the_check_of_a_ppn_is_that_of_packs():
    assert ppn_check("1112345684") == "08"
    assert ppn_check("1103752864") == "14"


def test_a_udi_di_of_another_agency_is_shown_and_not_read():
    for number in ("+A99912345", "05000456013483"):  # fourteen digits, but not of a GTIN
        scan = parse(envelope(fields(f"54P{number}", "SA")), today=TODAY)
        assert (scan.error.code, scan.di, scan.elements[0]) == ("not_a_udi", None, ("54P", number))


# --- anything ----------------------------------------------------------------------------------------------

PIECES = ["[)>", RS, GS, EOT, "05", "06", "01", GTIN, "8P", "9N111234568408", "S1", "1TA", "D260131", "<RS>",
          "{GS}", "[EOT]", "\\x1e", "~d0", "10", "17260131", "é", " "]  # fmt: skip


@settings(max_examples=500, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=16).map("".join))
def test_no_text_raises_and_no_error_points_outside(text):
    for whole in (text, "[)>" + RS + text):
        scan = parse(whole, today=TODAY)
        assert scan.error is None or 0 <= scan.error.at <= len(whole)
        if scan.error is None:
            assert scan.di is not None


@pytest.mark.parametrize(
    "piece",
    ["S1" + GS, GS, RS, EOT, "<RS>", "<GS>", f"8P{GTIN}{GS}", f"06{GS}8P{GTIN}{RS}", f"05{GS}01{GTIN}{RS}",
     "~d029", "A", f"05{GS}10A{GS}{RS}06{GS}SA{RS}", f"9N111234568408{GS}"],
)  # fmt: skip
def test_long_text_takes_far_less_than_five_milliseconds(piece):
    assert best_seconds((f"[)>{RS}06{GS}" + piece * 4096)[:4096]) < LIMIT
    assert best_seconds((f"[)>{RS}" + piece * 4096)[:4096]) < LIMIT
