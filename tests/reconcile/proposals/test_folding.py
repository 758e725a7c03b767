"""What is folded away and what is not: one line for each way in which people write one thing."""

from __future__ import annotations

import pytest

from reconcile.proposals.folding import (
    fold_certificate,
    fold_maker,
    fold_model,
    fold_number,
    fold_size,
    is_old_certificate,
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2.0×15mm", "2.0*15 mm"),
        ("2.0×15mm", "0.2cm X 1.5cm"),
        ("2.0mm×15mm", "２．０ｍｍ＊１５ｍｍ"),
        ("5mm", "0.5cm"),
        ("5毫米", "5 MM"),
        ("5Fr×20cm", "5F x 200mm"),
        ("100ml", "100毫升"),
        ("0.1L", "100ml"),
        ("+5.0D", "5D"),
        ("3孔×40mm", "3孔/40mm"),
    ],
)
def test_one_size(one: str, other: str) -> None:
    assert fold_size(one) == fold_size(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2.0×15mm", "2.0×16mm"),
        ("2.0×15mm", "15×2.0mm"),
        ("5mm", "5cm"),
        ("5Fr", "5mm"),
        ("+5.0D", "-5.0D"),
        ("5-0", "50"),
        ("10ml", "1.0ml"),
        ("A×5mm", "B×5mm"),
        ("2×3×4mm", "2×3mm"),
        # Half an inch is not one by two.
        ("1/2in", "1×2in"),
    ],
)
def test_two_sizes(one: str, other: str) -> None:
    assert fold_size(one) != fold_size(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("科罗特（上海）医疗器械有限公司", "科罗特(上海)医疗器械有限责任公司"),
        ("科罗特（上海）医疗器械有限公司", "上海市科罗特医疗器械"),
        ("COOK INCORPORATED", "Cook Inc."),
        ("Urotech GmbH优泰有限公司", "urotech gmbh 优泰有限公司"),
        ("Bard Access Systems, Inc.", "BARD ACCESS SYSTEMS INC"),
        ("某某医疗股份有限公司", "某某医疗"),
    ],
)
def test_one_maker(one: str, other: str) -> None:
    assert fold_maker(one) == fold_maker(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("科罗特医疗器械有限公司", "科罗德医疗器械有限公司"),
        ("COOK INCORPORATED", "COOPER INCORPORATED"),
        ("Incor GmbH", "Tecor GmbH"),
        ("上海有限公司", "北京有限公司"),
    ],
)
def test_two_makers(one: str, other: str) -> None:
    assert fold_maker(one) != fold_maker(other)


def test_models_differ_in_what_a_maker_prints_and_not_in_blanks_or_hyphens() -> None:
    assert fold_model("EN-300526") == fold_model("ＥＮ　３００５２６") == fold_model("en300526")
    assert fold_model("EN-300526") != fold_model("EN-300528")
    assert fold_model("SOFTEC I/2") != fold_model("SOFTEC I2")


@pytest.mark.parametrize(
    ("certificate", "is_old"),
    [
        ("国食药监械(进)字2011第3991234号", True),
        ("国食药监械（准）字２０１１第3991234号", True),
        ("京药监械(准)字2013第2660001号", True),
        ("国药管械(进)2003第399号", True),
        ("国械注进20163990001", False),
        ("国械注准20193140206", False),
        ("沪械注准20162140001", False),
        ("国械备20150001号", False),
    ],
)
def test_a_certificate_of_the_old_form(certificate: str, is_old: bool) -> None:
    assert is_old_certificate(certificate) is is_old


def test_brackets_and_blanks_make_no_other_certificate() -> None:
    assert fold_certificate("国食药监械(进)字2011第3991234号") == fold_certificate(
        "国食药监械（进）字 2011 第3991234号"
    )


@pytest.mark.parametrize(
    ("text", "number"), [("12.50", "12.5"), ("１２．５", "12.5"), ("1,200", "1200"), ("￥8", "8")]
)
def test_numbers(text: str, number: str) -> None:
    assert fold_number(text) == number


def test_what_is_no_number_stays_a_text() -> None:
    assert fold_number("NaN") == "nan" and fold_number("面议") == "面议"
