"""One cell, one value, or the reason why not."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracer.catalog.codes_file import cells
from tracer.catalog.codes_file.cells import Unreadable
from tracer.catalog.identifiers import canonical_di, wrong_check_digit
from tracer.catalog.rules import Tracking


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (" WZ1 ", "WZ1"),
        ("ＷＺ１", "WZ1"),
        ("\u3000WZ1\u00a0", "WZ1"),
        ('="00123"', "00123"),
        (6901234567892.0, "6901234567892"),
        (12, "12"),
        ("1E10", "1E10"),
        ("A-1/2 b", "A-1/2 b"),
    ],
)
def test_codes_are_trimmed_and_folded(cell, value):
    assert cells.read_code(cell) == value


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("6.90123E+12", "spreadsheet_number"),
        ("7E+05", "spreadsheet_number"),
        (6.9012345678921e15, "spreadsheet_number"),
        (1.5, "spreadsheet_number"),
        (-3, "spreadsheet_number"),
        (datetime(2026, 3, 1), "spreadsheet_date"),
        (date(2026, 3, 1), "spreadsheet_date"),
        (True, "not_text"),
        ("WZ\x001", "control_character"),
        ("WZ\u200b1", "control_character"),
        ("WZ\n1", "control_character"),
        ("#N/A", "error_cell"),
        ("x" * 101, "too_long"),
    ],
)
def test_what_is_no_code(cell, reason):
    with pytest.raises(Unreadable) as refused:
        cells.read_code(cell)
    assert refused.value.code == reason


@pytest.mark.parametrize(
    "cell",
    [
        "2026-01-05",
        "2026/1/5",
        "2026.1.5",
        "2026年1月5日",
        "20260105",
        " 2026-01-05 00:00:00",
        "２０２６-01-05",
        date(2026, 1, 5),
        datetime(2026, 1, 5, 13, 0),
        20260105,
        46027.0,
    ],
)
def test_the_fifth_of_january(cell):
    assert cells.read_day(cell) == date(2026, 1, 5)


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("2026-02-30", "no_such_day"),
        ("20260229", "no_such_day"),
        ("2026-13-01", "no_such_day"),
        (20261301, "no_such_day"),
        ("05/01/2026", "not_a_date"),
        ("26-1-5", "not_a_date"),
        ("2026-01-05 10:30", "not_a_date"),
        ("46027", "not_a_date"),
        ("tomorrow", "not_a_date"),
        (1.5, "not_a_date"),
        (True, "not_a_date"),
        ("1890-01-01", "date_out_of_range"),
        ("2206-01-05", "date_out_of_range"),
    ],
)
def test_what_is_no_day(cell, reason):
    with pytest.raises(Unreadable) as refused:
        cells.read_day(cell)
    assert refused.value.code == reason


def test_the_last_day_of_all_is_no_end():
    assert cells.read_end("9999-12-31") is None
    assert cells.read_end("2027-01-01") == date(2027, 1, 1)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("12.5", "12.50"),
        ("0", "0.00"),
        (12, "12.00"),
        (0.1 + 0.2, "0.30"),
        ("12.500", "12.50"),
        (".5", "0.50"),
    ],
)
def test_prices(cell, value):
    assert str(cells.read_price(cell)) == value


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("1.234", "price_decimals"),
        (1.234, "price_decimals"),
        ("-1", "price_negative"),
        ("1,234.50", "price_separator"),
        ("1.234,50", "price_separator"),
        ("¥12", "price_separator"),
        ("12元", "price_separator"),
        ("1.2E3", "price_scientific"),
        ("1E+3", "price_scientific"),
        ("free", "not_a_price"),
        ("NaN", "not_a_price"),
        (True, "not_a_price"),
        ("1000001", "price_too_high"),
        ("9" * 40, "price_too_high"),
    ],
)
def test_what_is_no_price(cell, reason):
    with pytest.raises(Unreadable) as refused:
        cells.read_price(cell)
    assert refused.value.code == reason


@pytest.mark.parametrize("cell", ["0", "-1", "1.5", "", "ten", "1e3", 0, 1.5, "1000001", True])
def test_what_is_no_number_of_pieces(cell):
    with pytest.raises(Unreadable):
        cells.read_pieces(cell)


def test_words_for_yes_no_and_tracking():
    assert [cells.read_flag(c) for c in ("1", "是", True, 1.0, "Y", "１")] == [True] * 6
    assert [cells.read_flag(c) for c in ("0", "否", False, 0, "no")] == [False] * 5
    assert cells.read_tracking(" 按件 ") is Tracking.SERIAL
    assert cells.read_tracking("lot") is Tracking.LOT
    assert cells.read_tracking("不追踪") is Tracking.NONE
    for reader, cell in (
        (cells.read_flag, "maybe"),
        (cells.read_flag, 2),
        (cells.read_tracking, "sometimes"),
    ):
        with pytest.raises(Unreadable):
            reader(cell)


def test_insurance_codes_have_27_or_20_characters():
    assert cells.read_insurance("C01030100101016091540000010") == "C01030100101016091540000010"
    assert cells.read_insurance("C0344051070500007551") == "C0344051070500007551"
    for wrong in ("C0103010010101609154000001", "X01030100101016091540000010", "C0344051070500007551A"):
        with pytest.raises(Unreadable) as refused:
            cells.read_insurance(wrong)
        assert refused.value.code == "insurance_shape"


def test_identifiers_are_stored_as_scans_answer_them():
    assert canonical_di("6901234567892") == "06901234567892"
    assert canonical_di("96385074") == "00000096385074"
    assert canonical_di("+A99912345/") == "+A99912345/"  # no HIBC primary: the check character is wrong
    assert canonical_di("+A123BJC5D6E71G") == "A123BJC5D6E71"
    assert canonical_di("MA.156.M0.100001.P0000001") == "MA.156.M0.100001.P0000001"
    assert wrong_check_digit("06901234567890") == ("2", "0")
    assert wrong_check_digit("06901234567892") is None
    assert wrong_check_digit("MA.156.M0.100001.P0000001") is None


ANYTHING = st.one_of(
    st.text(max_size=40),
    st.floats(),
    st.integers(),
    st.booleans(),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.decimals(allow_nan=False),
)


@given(ANYTHING)
def test_whatever_is_in_a_cell_is_a_value_or_a_reason(cell):
    for reader in (
        *(cells.read_code, cells.read_insurance, cells.read_text, cells.read_day, cells.read_end),
        *(cells.read_price, cells.read_pieces, cells.read_flag, cells.read_tracking),
    ):
        try:
            reader(cell)
        except Unreadable as refused:
            assert refused.code


@given(st.decimals(min_value=0, max_value=Decimal(1_000_000), places=2))
def test_every_amount_with_two_decimals_is_itself(amount):
    assert cells.read_price(f"{amount:f}") == amount
    assert cells.read_price(float(amount)) == amount


@given(st.dates(date(1990, 1, 1), date(2199, 12, 31)))
def test_every_day_is_itself_however_it_is_written(day):
    for written in (
        f"{day:%Y-%m-%d}",
        f"{day:%Y/%m/%d}",
        f"{day.year}/{day.month}/{day.day}",
        f"{day:%Y%m%d}",
    ):
        assert cells.read_day(written) == day
