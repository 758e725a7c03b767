"""Where the separators of a message may have been: every choice of places, or none at all."""

from __future__ import annotations

import pytest

from scanners.gs1 import lost_separators
from scanners.gs1.lost_separators import LONGEST, splits
from tests.scanners.golden import GS

KEY = "0106901234567892"
ONE_PLACE = KEY + "10ABCDEFGHIJKLMNOPQRST" + "17281130"


def found_in(text: str) -> list[str] | None:
    return splits(text, 0, len(text))


def test_every_choice_of_places_is_found():
    both = {KEY + "10AB" + GS + "21C", KEY + "10AB21C"}
    assert set(found_in(KEY + "10AB21C")) == both
    assert found_in(ONE_PLACE) == [KEY + "10ABCDEFGHIJKLMNOPQRST" + GS + "17281130"]


def test_a_date_that_is_none_begins_no_element():
    assert found_in(ONE_PLACE[:-4] + "1330") == []
    assert set(found_in(KEY + "10A17281330")) == {KEY + "10A17281330"}


def test_only_the_part_that_was_asked_for_is_split():
    text = "]d2" + ONE_PLACE + "21X"
    assert splits(text, 3, len(text) - 3) == found_in(ONE_PLACE)


def test_what_kept_a_separator_lost_none():
    assert found_in(KEY + "10A" + GS + "21B") == []
    text = GS + ONE_PLACE
    assert splits(text, 1, len(text)) == found_in(ONE_PLACE)


def test_a_search_that_was_cut_short_says_nothing(monkeypatch):
    """Of some ways nobody knows whether they are all; so with too few steps there is none."""
    whole = found_in(KEY + "10AB21C17281130")
    assert len(whole) == 4
    answers = []
    for most in range(120):
        monkeypatch.setattr(lost_separators, "_MOST_STEPS", most)
        answers.append(found_in(KEY + "10AB21C17281130"))
    cut = answers.count(None)
    assert 0 < cut < len(answers)
    assert answers == [None] * cut + [whole] * (len(answers) - cut)


@pytest.mark.parametrize("count", [3, 4])
def test_more_ways_than_anybody_would_look_at_are_none(monkeypatch, count):
    monkeypatch.setattr(lost_separators, "_MOST_SPLITS", count)
    found = found_in(KEY + "10AB21C17281130")
    assert (found is None) if count == 3 else (len(found) == 4)


@pytest.mark.parametrize(("length", "ways"), [(LONGEST, 1), (LONGEST + 1, 0)])
def test_no_longer_text_is_searched(length, ways):
    text = KEY + "10ABCDEFGHIJKLMNOPQRST" + "91"
    text += "Z" * (length - len(text))
    assert len(found_in(text)) == ways
    assert len(splits("]d2" + text, 3, 3 + length)) == ways  # wherever it begins
