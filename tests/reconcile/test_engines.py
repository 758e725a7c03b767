"""What goes in and what comes out of the function besides the figures."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pytest

from reconcile import BadInput, variance
from reconcile.columns import EXTRA_COLUMNS, VARIANCE_COLUMNS
from tests.reconcile.frames import charges, counts, in_duckdb, movements, opening, row_of

D1 = "2026-03-01"
MOVED = movements((D1, "W1", "M1", "use", 3, "2.50"), extra=("unit_cost",))
BILLED = charges((D1, "W1", "M1", 2))


def test_columns_and_types_are_as_promised() -> None:
    rows = variance(MOVED, BILLED).rows
    assert list(rows.columns) == [*VARIANCE_COLUMNS, *EXTRA_COLUMNS]
    types = {str(column): str(dtype) for column, dtype in rows.dtypes.items()}
    assert types["business_date"] == "datetime64[us]"
    assert {types[c] for c in ("opening", "book_closing", "consumed", "billed", "weight")} == {"int64"}
    assert {types[c] for c in ("counted", "stock_variance", "charge_variance", "variance_cents")} == {"Int64"}
    assert {types[c] for c in ("rate", "variance_value", "unit_cost", "status", "cause")} == {"str"}


@pytest.mark.parametrize(
    "day", [dt.date(2026, 3, 1), dt.datetime(2026, 3, 1), pd.Timestamp(D1), "2026-03-01"], ids=repr
)
def test_days_may_be_given_in_any_of_pandas_ways(day: Any) -> None:
    moved = MOVED.assign(business_date=[day], quantity=[Decimal(3)], unit_cost=[2.5])
    assert row_of(variance(moved, BILLED), D1, "W1", "M1")["variance_value"] == "-2.50"


def test_numbers_may_be_floats_only_if_they_are_whole() -> None:
    assert row_of(variance(MOVED.assign(quantity=[3.0]), BILLED), D1, "W1", "M1")["used"] == 3
    with pytest.raises(BadInput, match="quantity"):
        variance(MOVED.assign(quantity=[2.5]), BILLED)
    with pytest.raises(BadInput, match="quantity"):
        variance(MOVED.assign(quantity=[None]), BILLED)


def test_arrow_tables_come_back_as_arrow_tables() -> None:
    tables = (pa.Table.from_pandas(frame, preserve_index=False) for frame in (MOVED, BILLED))
    rows = variance(*tables).rows
    assert isinstance(rows, pa.Table)
    assert rows["business_date"].to_pylist() == [dt.date(2026, 3, 1)]
    assert rows["charge_variance"].to_pylist() == [-1]


def test_arrow_backed_pandas_frames_are_pandas_frames() -> None:
    arrow = (frame.convert_dtypes(dtype_backend="pyarrow") for frame in (MOVED, BILLED))
    assert row_of(variance(*arrow), D1, "W1", "M1")["charge_variance"] == -1


def test_frames_of_two_engines_are_refused() -> None:
    with pytest.raises(BadInput, match="charges"):
        variance(MOVED, in_duckdb(duckdb.connect(), "billed", BILLED))


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda m, b, o, c: (m.assign(quantity=[-1]), b, o, c), "movements.*1 or more"),
        (lambda m, b, o, c: (m.assign(quantity=[0]), b, o, c), "movements.*1 or more"),
        (lambda m, b, o, c: (m.assign(quantity=[10**9]), b, o, c), "movements.*beyond"),
        (lambda m, b, o, c: (m.assign(kind=["borrowed"]), b, o, c), "movements.*kind"),
        (lambda m, b, o, c: (m.assign(kind=[None]), b, o, c), "movements.*kind is empty"),
        (lambda m, b, o, c: (m.assign(material=[" "]), b, o, c), "movements.*material is empty"),
        (lambda m, b, o, c: (m.drop(columns="location"), b, o, c), "movements, column location"),
        (lambda m, b, o, c: (m, b.assign(location=[None]), o, c), "charges.*location is empty"),
        (lambda m, b, o, c: (m, b, o.assign(material=[None]), c), "opening.*material is empty"),
        (lambda m, b, o, c: (m, b, o, c.assign(quantity=[-1])), "counts.*0 or more"),
    ],
)
def test_impossible_records_are_refused_in_words(
    spoil: Callable[..., tuple[pd.DataFrame, ...]], said: str
) -> None:
    moved, billed, opened, counted = spoil(
        MOVED, BILLED, opening(("W1", "M1", 5)), counts((D1, "W1", "M1", 2))
    )
    with pytest.raises(BadInput, match=said):
        variance(moved, billed, opening=opened, counts=counted)


def test_a_ledgers_rolled_forward_count_may_be_below_zero() -> None:
    result = variance(MOVED, BILLED, counts=counts((D1, "W1", "M1", -1)), counts_rolled_forward=True)
    assert row_of(result, D1, "W1", "M1")["counted"] == -1


def test_all_findings_are_told_at_once() -> None:
    with pytest.raises(BadInput) as refused:
        variance(MOVED.assign(quantity=[-1], kind=["borrowed"]), BILLED)
    assert len(refused.value.cells) == 2


def test_duckdb_refuses_fractions_too() -> None:
    connection = duckdb.connect()
    connection.execute(
        "CREATE TABLE m AS SELECT DATE '2026-03-01' business_date, 'W' \"location\", "
        "'M' material, 'use' kind, 2.5 quantity"
    )
    with pytest.raises(BadInput, match="quantity is empty"):
        variance(connection.table("m"), in_duckdb(connection, "billed", BILLED))


def test_importing_the_package_loads_no_data_library() -> None:
    code = (
        "import sys, reconcile, reconcile.errors, reconcile.columns;"
        "print([m for m in ('pandas', 'numpy', 'narwhals', 'openpyxl', 'xlsxwriter') if m in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
