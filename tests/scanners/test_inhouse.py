"""In-house labels: made, read, and never taken for one another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanners import Agency, InHouse, Level, inhouse, parse

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
sequences = st.integers(0, 10**10 - 1)


def test_a_label_reads_as_itself():
    scan = parse("TR000000004292")
    assert (scan.agency, scan.serial, scan.di, scan.level) == (
        Agency.INHOUSE, "TR000000004292", None, Level.UNIT,
    )  # fmt: skip
    assert scan.error is None and scan.elements == (("label", "TR000000004292"),)
    assert inhouse.make(42) == "TR000000004292"


@pytest.mark.parametrize("text", ["]C0TR000000004292", "]Q1TR000000004292", "]A0TR000000004292"])
def test_a_label_arrives_from_any_symbol(text):
    scan = parse(text)
    assert (scan.agency, scan.serial, scan.symbology) == (Agency.INHOUSE, "TR000000004292", text[:3])


@pytest.mark.parametrize(
    ("label", "code", "at"),
    [
        ("TR000000004293", "check_digit", 12),
        ("TR000000004292A", "not_a_udi", 0),
        ("TR00000000429", "truncated", 13),
        ("TR00000000429229", "length", 14),
        ("]C0TR000000004293", "check_digit", 15),
        ("TR123", "truncated", 5),
        ("TRAY-5", "not_a_udi", 0),
        ("TR", "not_a_udi", 0),
        ("tr000000004293", "not_a_udi", 0),
        ("TR٠00000004292", "not_a_udi", 0),
    ],
)
def test_a_damaged_label_is_refused(label, code, at):
    scan = parse(label)
    assert scan.error is not None and (scan.error.code, scan.error.at) == (code, at)
    assert scan.serial is None


def test_a_site_chooses_its_prefix_and_width():
    site = InHouse(prefix="XYYY", digits=6)
    label = inhouse.make(7, site)
    assert label.startswith("XYYY000007")
    assert parse(label, inhouse=site).serial == label
    assert parse(label).agency is Agency.UNKNOWN
    assert parse("TR000000004292", inhouse=site).agency is Agency.UNKNOWN


@pytest.mark.parametrize("prefix", ["", "T", "tr", "T1", "TOOLONG", "MA", "MF", "MAX", "HTTP", "Ｔ"])
def test_a_prefix_that_would_hide_other_codes_is_refused(prefix):
    with pytest.raises(ValueError, match="prefix"):
        InHouse(prefix=prefix)


def test_what_a_site_is_stays_so():
    """The service keeps one for all requests."""
    with pytest.raises(AttributeError):
        inhouse.DEFAULT.prefix = "XY"  # type: ignore[misc]
    assert InHouse() == inhouse.DEFAULT and hash(InHouse()) == hash(inhouse.DEFAULT)


@pytest.mark.parametrize("sequence", [-1, 10**10])
def test_a_number_that_does_not_fit_is_refused(sequence):
    with pytest.raises(ValueError, match="fit"):
        inhouse.make(sequence)


@given(sequences)
def test_what_was_made_is_read(sequence):
    label = inhouse.make(sequence)
    assert parse(label).serial == label


@given(sequences, st.integers(2, 13), st.sampled_from(ALPHABET))
def test_no_single_wrong_character_passes(sequence, place, character):
    label = inhouse.make(sequence)
    wrong = label[:place] + character + label[place + 1 :]
    if wrong != label:
        assert parse(wrong).serial is None


@given(sequences, st.integers(2, 12))
def test_no_swap_of_neighbours_passes(sequence, place):
    label = inhouse.make(sequence)
    wrong = label[:place] + label[place + 1] + label[place] + label[place + 2 :]
    if wrong != label:
        assert parse(wrong).serial is None


@given(sequences, st.integers(2, 13))
def test_no_lost_or_doubled_character_passes(sequence, place):
    label = inhouse.make(sequence)
    assert parse(label[:place] + label[place + 1 :]).serial is None
    assert parse(label[:place] + label[place] + label[place:]).serial is None


@pytest.mark.parametrize(("digits", "refused"), [(3, True), (4, False), (18, False), (19, True)])
def test_a_sequence_has_4_to_18_digits(digits, refused):
    if refused:
        with pytest.raises(ValueError, match="4 to 18 digits"):
            InHouse(digits=digits)
        return
    site = InHouse(digits=digits)
    label = inhouse.make(10**digits - 1, site)
    assert parse(label, inhouse=site).serial == label == "TR" + "9" * digits + label[-2:]
