"""The AI table is the official dictionary's, whole."""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files

import pytest

from scanners.gs1.dictionary import HEADS, IDENTIFIERS, PREDEFINED, _heads
from scanners.gs1.linters import linter, linter_names


def test_all_application_identifiers_are_there():
    assert len(IDENTIFIERS) == 541


def test_the_predefined_lengths_fit_the_dictionarys_components():
    for code, ai in IDENTIFIERS.items():
        if ai.predefined_length:
            assert ai.longest == ai.predefined_length, code
            assert sum(part.shortest for part in ai.components) == ai.predefined_length, code
            assert {part.kind for part in ai.components} == {"N"}, code


def test_the_closed_list_of_predefined_lengths_is_the_dictionarys_star():
    text = files("scanners.gs1").joinpath("gs1-syntax-dictionary.txt").read_text(encoding="utf-8")
    starred = {line[:2] for line in text.splitlines() if line[:2].isdigit() and "*" in line[:16]}
    # 04, 14, 18 and 19 are on the list though no AI has them yet.
    assert starred == PREDEFINED.keys() - {"04", "14", "18", "19"}


def test_fixed_length_alone_does_not_spare_the_separator():
    for code in ("402", "422", "424", "426", "7001", "7003", "8001", "8005", "8017", "8018"):
        assert IDENTIFIERS[code].predefined_length == 0


def test_every_check_the_dictionary_names_is_known():
    named = {name for ai in IDENTIFIERS.values() for part in ai.components for name in part.checks}
    assert named <= linter_names()
    assert {"csum", "yymmd0", "iso3166", "couponcode"} <= named


def test_the_first_two_digits_tell_how_long_an_ai_is():
    assert all(HEADS[code[:2]][0] == len(code) for code in IDENTIFIERS)
    assert all((HEADS[code[:2]][2] is ai) is (len(code) == 2) for code, ai in IDENTIFIERS.items())
    assert HEADS["04"] == (2, 16, None)  # on the closed list, given to no AI yet


def test_a_dictionary_of_which_two_digits_say_too_little_is_refused():
    longer = replace(IDENTIFIERS["01"], code="019")
    with pytest.raises(ValueError, match="AIs that begin with 01"):
        _heads({"01": IDENTIFIERS["01"], "019": longer})


def test_an_ai_shows_itself_in_a_few_words():
    assert repr(IDENTIFIERS["01"]) == "<AI 01 GTIN>"


def test_components_and_optional_components():
    grai = IDENTIFIERS["8003"]
    assert [(part.kind, part.shortest, part.longest, part.optional) for part in grai.components] == [
        ("N", 1, 1, False),
        ("N", 13, 13, False),
        ("X", 1, 16, True),
    ]
    assert grai.title == "GRAI"


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("gcppos1", "1234", None),
        ("gcppos1", "1234ABC", None),
        ("gcppos1", "123", ("length", 3)),
        ("gcppos1", "12A4567", ("charset", 2)),
        ("gcppos2", "01234", None),
        ("gcppos2", "A1234", None),
        ("gcppos2", "0123", ("length", 4)),
        ("gcppos2", "01X34", ("charset", 2)),
    ],
)
def test_a_company_prefix_has_four_digits_or_more(name, value, expected):
    """The reference checks look it up in a register, so their vectors say nothing of its form."""
    fault = linter(name)(value)
    assert (None if fault is None else (fault.code.value, fault.offset)) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("AB=", None),
        ("A==", None),
        ("A=BC", ("charset", 1)),  # every character is one of the set, and the place is wrong
        ("ABC=", ("charset", 3)),
        ("===", ("charset", 0)),
        ("A.=", ("charset", 1)),
    ],
)
def test_padding_of_base_64_stands_at_the_end(value, expected):
    fault = linter("cset64")(value)
    assert (None if fault is None else (fault.code.value, fault.offset)) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("12345FC", None),
        ("12345FD", ("check_digit", 5)),
        ("ABCD1TA", ("charset", 0)),  # a right check pair, of what begins with no company prefix
    ],
)
def test_a_value_passes_all_the_checks_of_its_ai(value, expected):
    fault = IDENTIFIERS["8013"].check(value)
    assert (None if fault is None else (fault.code.value, fault.offset)) == expected
