"""What holds for every HIBC message: it reads as written, and damaged it names no other device.

As far as one check character can see that: it never sees two characters that swapped places, and one in
43 texts that lost something passes. Both are measured here, so that nobody has to believe it.
"""

from __future__ import annotations

import random

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from scanners import Agency, ErrorCode, Scan, parse
from scanners.hibc import is_primary_alone, is_secondary
from tests.scanners.golden import TODAY
from tests.scanners.hibc_messages import (
    ALPHANUMERIC,
    MOD43,
    SEPARATORS,
    Message,
    checked,
    dis,
    messages,
    secondaries,
)

PIECES = st.sampled_from(
    ["+", "*", "/", "$", "$$", "$$+", "+$", "+$$3", "8", "9", "A123BJC5D6E71", "+A123BJC5D6E71G", " ",
     "\n", ";", "\x1d", "]A0", "+$$52001510X3GD", "/S12", "/Q5", "/16D20200101", "261231", "LOT", "L", "%",
     "é", "\ud800"]
)  # fmt: skip


def read(text: str) -> Scan:
    return parse(text, today=TODAY)


def fields_of(scan: Scan) -> tuple[object, ...]:
    return (scan.di, scan.lot, scan.serial, scan.expiry, scan.manufactured, scan.quantity)


def assert_reads(text: str, fields: tuple[object, ...]) -> None:
    """As written; where a blank may or may not be a check character, as one of the readings shown."""
    scan = read(text)
    if scan.error is not None and scan.error.code is ErrorCode.AMBIGUOUS:
        assert " " in text
        assert fields in [fields_of(reading) for reading in scan.readings]
    else:
        assert fields_of(scan) == fields, scan
        assert (scan.error is None) is (fields[0] is not None)
        assert scan.agency is Agency.HIBC and scan.repairs == ()


@settings(max_examples=300, deadline=None)
@given(dis())
@example("A9991235")
def test_a_primary_reads_as_written(di):
    scan = read(checked("+" + di))
    assert_reads(checked("+" + di), (di, None, None, None, None, None))
    if scan.error is None:
        assert is_primary_alone(scan) and not is_secondary(scan)
        assert scan.elements[:3] == (("lic", di[:4]), ("pcn", di[4:-1]), ("unit_of_measure", di[-1]))


@settings(max_examples=500, deadline=None)
@given(messages())
def test_a_concatenated_symbol_reads_as_written(message):
    assert_reads(message.concatenated, message.fields)
    assert not is_primary_alone(read(message.concatenated))


@settings(max_examples=300, deadline=None)
@given(secondaries(), st.sampled_from(MOD43))
def test_a_secondary_alone_reads_as_written_but_for_its_device(message, link):
    text = checked(f"+{message.secondary}{link}")
    assert_reads(text, (None, *message.production))
    scan = read(text)
    if scan.error is not None and scan.error.code is not ErrorCode.AMBIGUOUS:
        assert is_secondary(scan) and not is_primary_alone(scan)
        assert scan.elements[-2:] == (("link", link), ("check", text[-1]))


@settings(max_examples=500, deadline=None)
@given(messages(), st.sampled_from(SEPARATORS), st.booleans(), st.sampled_from(["", "]A0", "]C0"]))
def test_two_symbols_in_one_text_read_as_one_message(message, separator, reverse, identifier):
    symbols = [message.primary_symbol, message.secondary_symbol]
    if reverse:
        symbols.reverse()
    assert_reads(identifier + (separator + identifier).join(symbols), message.fields)


@settings(max_examples=300, deadline=None)
@given(messages(), messages(), st.sampled_from(SEPARATORS), st.booleans())
def test_symbols_of_two_packs_are_never_read_as_one(one, other, separator, reverse):
    assume(one.primary_symbol[-1] != other.primary_symbol[-1])
    symbols = [one.primary_symbol, other.secondary_symbol]
    if reverse:
        symbols.reverse()
    scan = read(separator.join(symbols))
    assert scan.error is not None
    assert (scan.di, scan.lot, scan.serial, scan.expiry) == (None, None, None, None)


def forms_of(message: Message) -> list[str]:
    pair = f"{message.primary_symbol}\n{message.secondary_symbol}"
    return [message.primary_symbol, message.concatenated, pair]


@settings(max_examples=300, deadline=None)
@given(messages(), st.integers(0, 2), st.data())
def test_no_single_wrong_character_gives_another_device(message, form, data):
    """Blanks at the ends are left out: there, a text that got one instead of a character is a cut one.

    A "." for the flag may make the production half of an MA code of it: a lot perhaps, and nobody's.
    """
    text = forms_of(message)[form]
    place = data.draw(st.integers(0, len(text) - 1), label="place")
    wrong = text[:place] + data.draw(st.sampled_from(MOD43), label="wrong") + text[place + 1 :]
    assume(wrong != text and text[place] != "\n" and wrong.strip() == wrong)
    scan = read(wrong)
    assert scan.error is not None and scan.di is None
    assert scan.agency is Agency.MA or (scan.lot, scan.serial) == (None, None)


@settings(max_examples=300, deadline=None)
@given(messages(), st.integers(0, 2), st.data())
def test_two_neighbours_that_swapped_places_give_no_other_characters(message, form, data):
    """No sum sees a swap, so the device may be another one made of the same characters; never with the
    check character, whose swaps are seen."""
    text = forms_of(message)[form]
    place = data.draw(st.integers(0, len(text) - 2), label="place")
    swapped = text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    assume(swapped != text and swapped.strip() == swapped and "\n" not in swapped[place : place + 2])
    scan = read(swapped)
    if place == len(text) - 2:
        assert scan.di is None and scan.error is not None
    elif scan.di is not None:
        assert sorted(scan.di) == sorted(message.di) or "/" in swapped[place : place + 2]


def test_a_swap_within_the_product_number_is_not_seen():
    """So that nobody builds on it: these are two devices, and one check character fits both."""
    assert read("+A123BJC5D6E71G").di == "A123BJC5D6E71"
    assert read("+A123BJC5DE671G").di == "A123BJC5DE671"


@settings(max_examples=200, deadline=None)
@given(messages(), st.integers(0, 2))
def test_a_text_cut_anywhere_is_no_other_device_unless_it_is_that_devices_whole_code(message, form):
    text = forms_of(message)[form]
    for length in range(len(text)):
        scan = read(text[:length])
        if scan.di not in (None, message.di):
            cut = text[:length].rstrip("\n")
            assert checked(cut[:-1]) == cut and cut[1:-1].startswith(scan.di)


@pytest.mark.parametrize(
    ("characters", "least", "most"), [(ALPHANUMERIC, 450, 200), (ALPHANUMERIC[:10], 50, 30)]
)
def test_how_often_a_cut_primary_passes_for_a_whole_one(characters, least, most):
    """The figures in the docstring of mod43: one cut in so many."""
    random_ = random.Random(43)
    cuts = passed = 0
    for _ in range(1500):
        product = "".join(random_.choices(characters, k=random_.randrange(3, 15)))
        text = checked(f"+A{random_.randrange(100, 1000)}{product}{random_.randrange(10)}")
        for length in range(1, len(text)):
            cuts += 1
            passed += read(text[:length]).di is not None
    assert 1 / least < passed / cuts < 1 / most, cuts / passed


@settings(max_examples=1500, deadline=None)
@given(
    st.one_of(
        st.lists(PIECES, max_size=16).map("".join), st.text(MOD43 + "*\r\n;", max_size=80).map("+".__add__)
    )
)
@example("+")
@example("*+")
@example("*+*")
@example("+$$ ")
@example("+ \n+")
def test_no_text_raises(text):
    scan = read(text)
    assert scan.raw == text
    if scan.error is None:
        assert scan.di is not None
    else:
        assert 0 <= scan.error.at <= len(text)
        assert scan.di is None
    if scan.lot is not None and scan.error is not None and scan.agency is Agency.HIBC:
        assert is_secondary(scan)


@pytest.mark.parametrize(
    "text", ["+" * 4096, "+$0" * 1365, "+$A " * 1000, "*+$0*" * 800, "+A12345" * 500, "+$$52001510X3GD" * 250]
)
def test_a_long_text_is_refused_without_a_search(text):
    scan = read(text)
    assert scan.error is not None and scan.di is None and scan.readings == ()
