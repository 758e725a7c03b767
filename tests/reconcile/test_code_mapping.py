"""Charges that carry another code than the item's."""

from __future__ import annotations

from typing import Any

import duckdb
import pandas as pd
import pytest

from reconcile import BadInput, VarianceResult, variance
from tests.reconcile.frames import charges, in_duckdb, movements, row_of

D1, D2, D3 = "2026-03-01", "2026-03-02", "2026-03-03"


def billed(*rows: tuple[Any, ...], by: str = "billing") -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["business_date", "location", by, "quantity"], dtype=object)


def table(*rows: tuple[Any, ...], columns: str = "material billing") -> pd.DataFrame:
    return pd.DataFrame(rows, columns=columns.split(), dtype=object)


@pytest.mark.parametrize("system", ["billing", "order", "insurance"])
def test_any_of_the_codes_finds_its_item(system: str) -> None:
    result = variance(
        movements((D1, "W1", "M1", "use", 2)),
        billed((D1, "W1", "X1", 2), by=system),
        codes=table(("M1", "X1"), columns=f"material {system}"),
    )
    assert row_of(result, D1, "W1", "M1")["billed"] == 2
    assert result.summary["unmapped"] == 0


def test_what_maps_to_no_item_is_listed_and_counted_never_dropped() -> None:
    result = variance(
        movements((D1, "W1", "M1", "use", 2)),
        billed((D1, "W1", "X1", 2), (D1, "W1", "X9", 7), (D2, "W1", "X9", -1)),
        codes=table(("M1", "X1"), (None, "X9")),
    )
    assert result.summary["unmapped"] == 2
    assert list(result.unmapped["billing"]) == ["X9", "X9"]
    assert list(result.unmapped["quantity"]) == [7, -1]
    assert result.summary["rows"] == 1


def test_the_own_material_code_comes_first_then_billing_order_insurance() -> None:
    both = pd.DataFrame(
        {
            "business_date": [D1, D1, D1],
            "location": ["W1"] * 3,
            "material": ["M1", None, ""],
            "billing": ["X2", "X9", "X2"],
            "order": [None, "O1", None],
            "quantity": [1, 2, 4],
        }
    )
    result = variance(
        movements(),
        both,
        codes=table(("M1", None, "O1"), ("M2", "X2", None), columns="material billing order"),
    )
    assert row_of(result, D1, "W1", "M1")["billed"] == 3
    assert row_of(result, D1, "W1", "M2")["billed"] == 4


DATED = table(("M1", "X1", "2026-01-01"), ("M2", "X1", D2), columns="material billing valid_from")


@pytest.mark.parametrize("engine", ["pandas", "duckdb"])
def test_a_code_means_what_it_meant_on_that_day(engine: str) -> None:
    moved, given, codes = (
        movements(),
        billed((D1, "W1", "X1", 1), (D2, "W1", "X1", 2), (D3, "W1", "X1", 4)),
        DATED,
    )
    if engine == "duckdb":
        connection = duckdb.connect()
        frames = {"moved": moved, "given": given, "codes": codes}
        moved, given, codes = (in_duckdb(connection, name, each) for name, each in frames.items())
    rows = variance(moved, given, codes=codes).rows
    rows = rows if engine == "pandas" else rows.df()
    found = {
        (str(day)[:10], material): n
        for day, material, n in rows[["business_date", "material", "billed"]].to_numpy()
    }
    assert found == {(D1, "M1"): 1, (D2, "M2"): 2, (D3, "M2"): 4}


def test_a_code_means_nothing_before_its_first_day() -> None:
    result = variance(movements(), billed(("2025-12-31", "W1", "X1", 1)), codes=DATED)
    assert result.summary["unmapped"] == 1


def test_facts_of_an_item_are_those_of_the_day() -> None:
    facts = table(
        ("M1", "old", 1, "2026-01-01"), ("M1", "new", 0, D2), columns="material name chargeable valid_from"
    )
    early = "2025-12-01"
    result = variance(
        movements(*((day, "W1", "M1", "use", 1) for day in (early, D1, D2))), charges(), codes=facts
    )
    names = {day: row_of(result, day, "W1", "M1")["name"] for day in (early, D1, D2)}
    assert names == {early: "old", D1: "old", D2: "new"}
    assert row_of(result, D2, "W1", "M1")["charge_variance"] is None


def conflict(codes: pd.DataFrame) -> VarianceResult:
    return variance(movements(), billed((D1, "W1", "X1", 1)), codes=codes)


def test_a_code_of_two_items_is_refused_by_name() -> None:
    with pytest.raises(BadInput) as refused:
        conflict(table(("M1", "X1"), ("M2", "X1"), ("M3", "X3")))
    (finding,) = refused.value.cells
    assert (finding.file, finding.column, finding.value) == ("codes", "billing", "X1")
    assert finding.reason.code == "code_shared"


def test_a_code_named_twice_for_one_item_is_no_conflict() -> None:
    assert conflict(table(("M1", "X1"), ("M1", "X1"))).summary["unmapped"] == 0


def test_charges_without_any_way_to_an_item_are_refused() -> None:
    with pytest.raises(BadInput):
        variance(movements(), billed((D1, "W1", "X1", 1)))
