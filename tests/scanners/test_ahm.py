"""AHM: recognised and taken apart, and nothing promised."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanners import parse
from tests.scanners.golden import TODAY
from tests.scanners.timing import LIMIT, best_seconds

PRINTABLE = "".join(chr(code) for code in range(0x21, 0x7F))
names = st.sampled_from(["BA", "BN", "SN", "MD", "BD", "ED", "PL"])
values = st.text(PRINTABLE.replace("*", ""), max_size=20)


@settings(max_examples=200, deadline=None)
@given(st.from_regex("[0-9A-Za-z]{1,13}", fullmatch=True), st.lists(st.tuples(names, values), max_size=7))
def test_fields_are_shown_under_their_mnemonics_and_nothing_is_promised(code, fields):
    raw = "*".join([f"MF{code}", *(name + value for name, value in fields)])
    scan = parse(raw, today=TODAY)
    assert (scan.raw, scan.agency, scan.error.code, scan.error.at) == (raw, "AHM", "missing_di", 0)
    assert scan.elements == (("MF", code), *fields)
    assert (scan.di, scan.lot, scan.serial, scan.expiry, scan.manufactured, scan.quantity) == (None,) * 6


def test_a_field_without_a_known_mnemonic_is_shown_too():
    scan = parse("]Q1MF123*XX9**b*BAL1", today=TODAY)
    assert scan.elements == (("MF", "123"), ("other", "XX9"), ("other", "b"), ("BA", "L1"))


@pytest.mark.parametrize(
    "text", ["MF", "MF-00012", "MF*BA1", "MF hello", "MF12 34", "MF１２", "MF12\x1d34", "mf123"]
)
def test_what_does_not_look_like_one_is_nobodys(text):
    scan = parse(text, today=TODAY)
    assert scan.error is not None and (scan.error.code, scan.error.at) == ("not_a_udi", 0)
    assert (scan.agency, scan.di, scan.elements) == ("UNKNOWN", None, ())


@pytest.mark.parametrize("piece", ["*", "*BA", "A", "*BA1", "*X"])
def test_long_text_takes_far_less_than_five_milliseconds(piece):
    assert best_seconds(("MF1" + piece * 4096)[:4096]) < LIMIT
