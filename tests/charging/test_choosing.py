"""What of several codes in one picture may be meant: taken together, taken for one, or left to a person."""

from __future__ import annotations

from datetime import date
from itertools import permutations

import pytest

from scanners import InHouse
from scanners.hibc.mod43 import check_character
from scanners.inhouse import make
from tracer.charging.choosing import Choice, choices_among

TODAY = date(2026, 3, 10)
DI, OTHER = "06901234567892", "00643169001763"
FULL = f"]d201{DI}1728113010L1\x1d21S1".encode()
EAN = b"]E06901234567892"
PRIMARY = b"+H123ABC01234561"
PRIMARY += check_character(PRIMARY.decode()).encode()


def secondary(lot: str, link: bytes) -> bytes:
    begun = b"+$$3281130" + lot.encode() + link
    return b"]A0" + begun + check_character(begun.decode()).encode()


HIBC, SECOND = b"]A0" + PRIMARY, secondary("L7", PRIMARY[-1:])


def choices(*scanned: bytes) -> list[Choice]:
    return choices_among(scanned, TODAY, InHouse())


def test_an_empty_picture_offers_nothing():
    assert choices() == []


@pytest.mark.parametrize("raw", [FULL, EAN, HIBC, b"]C0" + make(42).encode()])
def test_one_device_is_certain_and_sent_as_it_stands(raw: bytes):
    [one] = choices(raw)
    assert (one.raw, one.symbols, one.device, one.certain) == (raw, (0,), True, True)


@pytest.mark.parametrize("order", list(permutations([FULL, EAN, b"]C101" + DI.encode()])))
def test_a_code_that_says_less_of_the_same_article_is_no_choice_beside_it(order: tuple[bytes, ...]):
    [one] = choices(*order)
    assert one.raw == FULL
    assert sorted(one.symbols) == [0, 1, 2] and one.symbols[0] == order.index(FULL)


def test_the_same_content_twice_is_one_choice():
    [one] = choices(FULL, b"]Q3" + FULL[3:])
    assert (one.raw, one.symbols) == (FULL, (0, 1))


def test_two_pieces_of_one_article_are_two_choices():
    other = FULL.replace(b"21S1", b"21S2")
    assert [one.raw for one in choices(FULL, other, EAN)] == [FULL, other]


def test_two_articles_are_two_choices():
    other = f"]d201{OTHER}21Z9".encode()
    assert [one.raw for one in choices(other, FULL)] == [other, FULL]
    assert all(one.certain for one in choices(other, FULL))


@pytest.mark.parametrize("raw", [(HIBC, SECOND), (SECOND, HIBC)])
def test_the_two_symbols_of_a_hibc_pack_are_one_scan(raw: tuple[bytes, ...]):
    [one] = choices(*raw)
    assert one.raw == HIBC + b"\n" + SECOND
    assert (one.reading.lot, one.certain) == ("L7", True)


def test_a_secondary_of_another_pack_is_not_joined():
    stranger = secondary("L7", b"Z")
    assert stranger != SECOND
    whole, half = choices(HIBC, stranger)
    assert (whole.raw, half.raw, half.device) == (HIBC, stranger, False)


def test_two_halves_in_gs1_are_joined_and_a_person_is_asked():
    first, half = f"]C101{DI}".encode(), b"]C11728113010L1"
    [one] = choices(first, half)
    assert one.raw == first + b"\x1d" + half[3:]
    assert (one.reading.lot, one.device, one.certain) == ("L1", True, False)


def test_a_half_that_fits_two_belongs_to_neither():
    first, second, half = f"]C101{DI}".encode(), f"]C101{OTHER}".encode(), b"]C11728113010L1"
    assert [(one.raw, one.device) for one in choices(half, first, second)] == [
        (first, True),
        (second, True),
        (half, False),
    ]


def test_a_half_is_not_joined_to_a_code_that_has_its_lot_or_another_symbology():
    half = b"]C11728113010L9"
    assert [one.raw for one in choices(FULL, half)] == [FULL, half]
    assert [one.raw for one in choices(EAN, half)] == [EAN, half]


def test_a_label_of_this_house_beside_a_udi_is_left_to_a_person():
    label = b"]C0" + make(42).encode()
    assert [one.raw for one in choices(label, FULL)] == [label, FULL]


def test_what_is_no_device_comes_last_and_is_never_certain():
    band = b"]C0ZY20260301"
    found = choices(band, b"]Q1ZY20260301", FULL)
    assert [(one.raw, one.symbols, one.certain) for one in found] == [
        (FULL, (2,), True),
        (band, (0, 1), False),
    ]


def test_bytes_that_are_no_text_are_kept():
    raw = b"]d1\xb3\xa4\xff\x00"
    [one] = choices(raw)
    assert (one.raw, one.device) == (raw, False)


def test_every_code_is_covered_by_exactly_one_choice():
    many = [FULL, EAN, HIBC, SECOND, b"]C0ZY1", b"]C11728113010L1", b"]Q1http://x", FULL]
    covered = [place for one in choices(*many) for place in one.symbols]
    assert sorted(covered) == list(range(len(many)))
