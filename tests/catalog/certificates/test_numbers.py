"""How certificates' numbers are written: the forms of the law, and how people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracer.catalog.certificates.numbers import NumberKind, canonical_number, parse_number, read_number
from tracer.shared.errors import Invalid

NEW, FILED, OLD = NumberKind.REGISTRATION, NumberKind.FILING, NumberKind.OLD


@pytest.mark.parametrize(
    ("written", "text", "kind", "year", "device_class"),
    [
        ("国械注准20153771234", "国械注准20153771234", NEW, 2015, 3),
        ("国械注进20193130123号", "国械注进20193130123", NEW, 2019, 3),
        ("国械注许20202140011", "国械注许20202140011", NEW, 2020, 2),
        ("苏械注准２０１６２６６０１２３", "苏械注准20162660123", NEW, 2016, 2),
        (" 注册证编号：国械注准 2015 3 77 1234 ", "国械注准20153771234", NEW, 2015, 3),
        ("国械备20150012", "国械备20150012号", FILED, 2015, 1),
        ("苏锡械备20180031号", "苏锡械备20180031号", FILED, 2018, 1),
        ("国食药监械（准）字2010第3770123号", "国食药监械(准)字2010第3770123号", OLD, 2010, 3),
        ("国食药监械(进)字【2012】第3461234号（更）", "国食药监械(进)字2012第3461234号(更)", OLD, 2012, 3),
        ("沪食药监械〔准〕字2013第2660123", "沪食药监械(准)字2013第2660123号", OLD, 2013, 2),
        ("苏锡食药监械(准)字2009第1560001号", "苏锡食药监械(准)字2009第1560001号", OLD, 2009, 1),
        ("国药管械(进)字2001第3150123号", "国药管械(进)字2001第3150123号", OLD, 2001, 3),
        ("国药监械\u200b(许)字2003第3150123号", "国药监械(许)字2003第3150123号", OLD, 2003, 3),
    ],
)
def test_forms(written: str, text: str, kind: NumberKind, year: int, device_class: int):
    number = read_number(written)
    assert (number.text, number.kind, number.year, number.device_class) == (text, kind, year, device_class)
    assert number.is_endless == (kind is FILED)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "国械注准2015377123",  # a digit short
        "国械注准201537712345",  # and one too many
        "国械注准20154771234",  # there is no class 4
        "国械注准30153771234",
        "国械注外20153771234",
        "某械注准20153771234",
        "国食药监械(准)字2010第377012号",
        "国械备2015001",
        "国械注准20153771234,国械注准20153771235",  # two
        "K123456",
        "2.01538E+10",
    ],
)
def test_what_cannot_be_one_is_refused_with_what_was_expected(written: str):
    assert parse_number(written) is None
    with pytest.raises(Invalid) as refusal:
        read_number(written)
    assert "国械注准20153771234" in refusal.value.data["reason"]


WIDE = {ord(narrow): ord(narrow) + 0xFEE0 for narrow in "0123456789()"}


@given(
    st.sampled_from(["国械注准20153771234", "国械备20150012号", "国食药监械(准)字2010第3770123号(更)"]),
    st.booleans(),
    st.lists(st.tuples(st.integers(0, 40), st.sampled_from(" \t\u3000\xa0\u200b")), max_size=5),
)
def test_width_and_blanks_make_no_other_number(number: str, wide: bool, blanks: list[tuple[int, str]]):
    written = number.translate(WIDE) if wide else number
    for place, blank in blanks:
        written = written[:place] + blank + written[place:]
    assert canonical_number(written) == number


@given(st.text(max_size=40))
def test_any_text_is_read_or_left_and_reading_again_changes_nothing(text: str):
    once = canonical_number(text)
    assert canonical_number(once) == once
