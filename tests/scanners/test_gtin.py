from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanners import gtin
from tests.scanners.golden import gtins


@pytest.mark.parametrize(
    ("given", "fourteen", "printed"),
    [
        ("06901234567892", "06901234567892", "6901234567892"),
        ("6901234567892", "06901234567892", "6901234567892"),
        ("690 1234-567892", "06901234567892", "6901234567892"),
        ("02345673", "00000002345673", "02345673"),
        ("96385074", "00000096385074", "96385074"),
        ("036000291452", "00036000291452", "036000291452"),
        ("416000336108", "00416000336108", "416000336108"),
        ("17310230007657", "17310230007657", "17310230007657"),
    ],
)
def test_every_length_becomes_fourteen_digits(given, fourteen, printed):
    assert gtin.validate(given) == fourteen
    assert gtin.validate(gtin.format(given)) == fourteen
    assert gtin.format(given) == printed


@pytest.mark.parametrize(
    "number", ["", "690123456789", "6901234567893", "069012345678921", "69012345678٩2", "ABCDEFGH"]
)
def test_what_is_no_gtin_is_refused_with_the_reason(number):
    assert not gtin.is_valid(number)
    with pytest.raises(ValueError, match=r"digit"):
        gtin.validate(number)


@pytest.mark.parametrize("number", ["", "69012345678٩2", "ABCDEFGH"])
def test_a_gtin_is_of_digits_only(number):
    with pytest.raises(ValueError, match="digits only"):
        gtin.validate(number)


@given(gtins(), st.integers(0, 13), st.integers(1, 9))
def test_no_single_wrong_digit_passes(number, place, added):
    wrong = number[:place] + str((int(number[place]) + added) % 10) + number[place + 1 :]
    assert gtin.is_valid(number)
    assert not gtin.is_valid(wrong)


@pytest.mark.parametrize("body", ["", "690A", "69012345678٩", "-1"])
def test_a_check_digit_is_of_digits_only(body):
    with pytest.raises(ValueError, match="digits only"):
        gtin.check_digit(body)
