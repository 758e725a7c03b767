"""What holds for every text: nothing raises, what was written is read, what was damaged is not."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scanners import Agency, ErrorCode, Level, Scan, parse
from scanners.gs1.dictionary import IDENTIFIERS
from scanners.gs1.elements import GS
from tests.scanners.golden import TODAY, days, element_string, gtins, udis

# Pieces that make a random text look like a code, so that the fuzz gets past the front door.
PIECES = st.sampled_from(
    ["]d2", "]C1", "]E0", "]C0", "(01)", "(10)", "(", ")", "\\(", "01", "10", "17", "21", "30", "11", "00",
     "8003", "06901234567892", "281130", "000000", "LOT", GS, "<GS>", "{GS}", "~1", "https://x.example/01/",
     "/", "?", "&", "=", "%", "|]e0", "TR", "0000000042", "9", "\r\n", " ", "０１", "（", "\ud800", "\0",
     "٣", "99", "7003"]
)  # fmt: skip
texts = st.one_of(
    st.text(max_size=60),
    st.lists(PIECES, max_size=14).map("".join),
    st.text("0123456789()]\x1d", max_size=60),
)


def consistent(scan: Scan, raw: str) -> None:
    """What every answer promises, whatever the text was."""
    assert scan.raw == raw
    assert isinstance(scan.agency, Agency)
    if scan.error is None:
        assert scan.di is not None or scan.serial is not None
        assert scan.elements
    else:
        assert isinstance(scan.error.code, ErrorCode)
        assert 0 <= scan.error.at <= len(raw)
    if scan.di is not None and scan.agency is Agency.GS1:
        assert len(scan.di) == 14 and scan.di.isascii() and scan.di.isdigit()
        assert sum(int(digit) * (3, 1)[place % 2] for place, digit in enumerate(scan.di)) % 10 == 0
    line = scan.to_json()
    assert line.isascii() and "\n" not in line
    assert json.loads(line)["elements"] == [list(pair) for pair in scan.elements]


@settings(max_examples=1500, deadline=None)
@given(texts)
@example("]d2" + GS * 5)
@example("\ud800")
def test_no_text_raises(raw):
    consistent(parse(raw, today=TODAY), raw)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60))
def test_no_bytes_raise(raw):
    scan = parse(raw, today=TODAY)
    assert scan.raw.encode("utf-8", "surrogateescape") == raw
    scan.to_json()


@settings(max_examples=300, deadline=None)
@given(udis(), st.sampled_from(["]d2", "]C1", GS]))
def test_an_element_string_reads_as_it_was_written(elements, identifier):
    scan = parse(identifier + element_string(elements), today=TODAY)
    assert scan.error is None
    assert scan.elements == tuple(elements)
    written = dict(elements)
    assert (scan.di, scan.lot, scan.serial) == (written["01"], written.get("10"), written.get("21"))
    for day, code in ((scan.expiry, "17"), (scan.manufactured, "11")):
        assert (f"{day:%y%m%d}" if day else None) == written.get(code)
        assert day is None or 1977 <= day.year <= 2076
    assert scan.quantity == (int(written["30"]) if "30" in written else None)


@settings(max_examples=300, deadline=None)
@given(udis())
def test_bracketed_text_reads_as_it_was_written(elements):
    r"""Brackets inside values as ``\(``, as a careful printer writes them."""
    text = "".join(f"({code})" + value.replace("(", "\\(") for code, value in elements)
    scan = parse(text, today=TODAY)
    assert scan.error is None
    assert scan.elements == tuple(elements)


@settings(max_examples=300, deadline=None)
@given(udis(), st.integers(0, 13), st.integers(1, 9))
def test_no_single_wrong_digit_gives_another_device(elements, place, added):
    number = dict(elements)["01"]
    wrong = number[:place] + str((int(number[place]) + added) % 10) + number[place + 1 :]
    damaged = [(code, wrong if code == "01" else value) for code, value in elements]
    before = damaged[: [code for code, _ in damaged].index("01")]
    # A last element would go without its GS; the GTIN's stand-in makes all of them have theirs.
    string_at = len("]d2" + element_string([*before, ("01", "")])) + 13
    bracketed_at = sum(len(f"({code}){value}") for code, value in before) + len("(01)") + 13
    for text, at in (
        ("]d2" + element_string(damaged), string_at),
        ("".join(f"({code}){value}" for code, value in damaged), bracketed_at),
    ):
        scan = parse(text, today=TODAY)
        assert scan.di is None
        assert scan.error is not None
        assert (scan.error.code, scan.error.at) == ("check_digit", at)


@settings(max_examples=300, deadline=None)
@given(gtins(), days(), st.text("ABC", min_size=1, max_size=8), st.data())
def test_an_error_after_a_lost_character_names_no_other_device(number, day, lot, data):
    """A GTIN that took a digit of the next AI may pass its check digit, but not as certain."""
    text = f"]d201{number}17{day:%y%m%d}10{lot}"
    lost = data.draw(st.integers(5, 26), label="lost")
    scan = parse(text[:lost] + text[lost + 1 :], today=TODAY)
    if scan.error is not None:
        assert scan.di in (None, number)


@settings(max_examples=200, deadline=None)
@given(udis())
def test_text_cut_anywhere_never_gives_another_device(elements):
    whole = "]d2" + element_string(elements)
    number = dict(elements)["01"]
    for length in range(len(whole)):
        assert parse(whole[:length], today=TODAY).di in (None, number)


@given(gtins())
def test_indicators_1_to_8_are_packages(number):
    level = parse(f"]d201{number}", today=TODAY).level
    assert (level is Level.PACKAGE) is (number[0] in "12345678")


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(sorted(IDENTIFIERS)), st.data())
def test_every_ai_takes_the_values_its_components_describe(code, data):
    """Structure only: an error of content is a fault of the random value, never a refusal of the AI."""
    ai = IDENTIFIERS[code]
    value = data.draw(st.from_regex(ai.pattern, fullmatch=True))
    scan = parse(f"]d2{code}{value}{GS}0106901234567892", today=TODAY)
    if scan.error is None:
        assert dict(scan.elements)[code] == value
    elif scan.error.code not in {"duplicate", "association"}:
        assert ai.check is not None
        assert code in {"01", "02", "03"} or scan.di == "06901234567892"


@pytest.mark.parametrize("character", [chr(code) for code in range(128)])
def test_a_lot_holds_the_82_characters_and_no_other(character):
    scan = parse("]d20106901234567892" + f"10A{character}B", today=TODAY)
    if character == GS:
        assert scan.error is not None
    else:
        legal = character.isalnum() or character in "!\"%&'()*+,-./:;<=>?_"
        assert (scan.lot == f"A{character}B") is legal
