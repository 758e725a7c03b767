"""What a Code 39 reader in full-ASCII mode did to a HIBC is undone; the reader is zxing-cpp's."""

from __future__ import annotations

import pytest
import zxingcpp
from hypothesis import assume, given, settings

from scanners.code39 import PAIRS, from_full_ascii
from tests.scanners.hibc_messages import LETTERS, Message, messages

# What a reader sends for a pair, as zxing-cpp does; the test below holds that.
SENT = {pair: character for character, pair in PAIRS.items()}
# Pairs whose character Code 39 also has by itself, or that another pair makes: not to be told apart.
LOST = {"/D": "$", "/E": "%", "/K": "+", "/M": "-", "/N": ".", "/O": "/"}
LOST |= {"/" + letter: digit for letter, digit in zip("PQRSTUVWXY", "0123456789", strict=True)}
LOST |= dict.fromkeys(("%X", "%Y", "%Z"), "\x7f")


def read_in_full_ascii(text: str) -> str:
    """The text as a reader in full-ASCII mode sends the Code 39 symbol that carries it."""
    symbol = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.Code39Std)
    image = symbol.to_image(scale=3, add_quiet_zones=True)
    found = zxingcpp.read_barcodes(
        image, formats=zxingcpp.BarcodeFormat.Code39Ext, text_mode=zxingcpp.TextMode.Plain
    )
    return found[0].text


def converted(text: str) -> str:
    """The same for texts that hold one of the four signs before no letter, which readers pass on as it is."""
    sent, here = "", 0
    while here < len(text):
        pair = text[here : here + 2]
        character = SENT.get(pair) or LOST.get(pair)
        sent += character or text[here]
        here += 2 if character else 1
    return sent


@pytest.mark.parametrize("shift", "$%/+")
def test_the_table_is_a_reader_s(shift):
    pairs = [shift + letter for letter in LETTERS]
    sent = read_in_full_ascii("".join(pairs))
    assert sent == "".join(SENT.get(pair) or LOST[pair] for pair in pairs)
    assert len(PAIRS) == 128 - 43


@pytest.mark.parametrize("text", ["+D65825032111", "+A123BJC5D6E71G", "+H123ABC01234567890D"])
def test_a_primary_is_had_back_from_a_real_symbol(text):
    sent = read_in_full_ascii(text)
    assert sent == text[1].lower() + text[2:] == converted(text)
    assert from_full_ascii(sent) == (text, [0, *range(len(text))])


@pytest.mark.parametrize(
    ("sent", "text"),
    [
        ("]A5d65825032111\r\n", "]A5+D65825032111\r\n"),
        ("*d65825032111*", "*+D65825032111*"),
        ("+\x01234GU", "+$A234GU"),
        ("+\r1234GU", "+$M1234GU"),
        ("+\t1234GU\t", "+$I1234GU\t"),
        ("a99912345/\r1X3/16D20111212Z", "+A99912345/$M1X3/16D20111212Z"),
        ("+$s4012T2", "+$+S4012T2"),
        ("a123BJC5D6E71G\r]A5+$$52001510X3GD", "+A123BJC5D6E71G\r]A5+$$52001510X3GD"),
        ("a123BJC5D6E71G\x1d+$$52001510X3GD;", "+A123BJC5D6E71G\x1d+$$52001510X3GD;"),
    ],
)
def test_what_was_converted_is_undone_and_no_more(sent, text):
    found = from_full_ascii(sent)
    assert found is not None and found[0] == text


@pytest.mark.parametrize(
    "text", ["", "+A123BJC5D6E71G", "*+A123BJC5D6E71G*\r\n", "]A0+$$52001510X3GD", "张é"]
)
def test_where_nothing_was_converted_nothing_is_undone(text):
    assert from_full_ascii(text) is None


def test_each_place_knows_where_it_came_from():
    found = from_full_ascii("+\x01!2")
    assert found == ("+$A/A2", [0, 1, 1, 2, 2, 3, 4])


def forms(message: Message) -> list[str]:
    return [message.primary_symbol, message.secondary_symbol, message.concatenated]


@settings(max_examples=500, deadline=None)
@given(messages())
def test_a_hibc_survives_the_conversion_if_nothing_of_it_was_lost(message):
    for text in forms(message):
        sent = converted(text)
        # Link and check character together may be a pair that a line end or a bracket stands for.
        lost = any(pair in text for pair in LOST) or sent[-1] in "\r\n\t\x1d\x1e;]*"
        assume(not lost)
        found = from_full_ascii(sent)
        if sent == text:
            assert found is None
        else:
            assert found is not None
            undone, origin = found
            assert undone == text
            assert len(origin) == len(text) + 1 and origin[-1] == len(sent)
            assert origin == sorted(origin) and set(origin) == set(range(len(sent) + 1))
            for sign, at in zip(undone, origin, strict=False):
                assert sign in PAIRS.get(sent[at], sent[at])


@settings(max_examples=200, deadline=None)
@given(messages())
def test_a_primary_is_lost_only_by_its_check_character(message):
    text = message.primary_symbol
    assume(text[-1] not in "$%/+")
    found = from_full_ascii(converted(text))
    assert found is not None and found[0] == text
