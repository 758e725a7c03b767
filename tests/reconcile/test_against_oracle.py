"""The engine's answer is that of a slow reading of the domain page, on pandas and on DuckDB."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

import duckdb
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconcile import VarianceResult, variance
from tests.reconcile.frames import COLUMNS, frame, in_duckdb
from tests.reconcile.oracle import expected_rates, expected_rows

KINDS = ["receipt", "supplier_return", "transfer_in", "transfer_out", "use", "use_reversal", "write_off"]
days = st.sampled_from([f"2026-02-{day:02d}" for day in (26, 27, 28)] + ["2026-03-01", "2026-03-02"])
places = st.sampled_from(["W1", "W2", "W3"])
materials = st.sampled_from(["M1", "M2", "M3", "M4", "007"])
some = st.integers(1, 12)


@st.composite
def hospitals(draw: st.DrawFn) -> dict[str, Any]:
    def rows(*parts: st.SearchStrategy[Any], most: int = 40) -> list[tuple[Any, ...]]:
        return draw(st.lists(st.tuples(*parts), max_size=most))

    costs = st.none() | st.decimals(0, 50, places=2) | st.decimals(0, 1, places=4)
    return {
        "movements": rows(days, places, materials, st.sampled_from([*KINDS, "use", "use"]), some),
        "charges": rows(days, places, materials, st.integers(-4, 12)),
        "opening": rows(places, materials, st.integers(-5, 40), most=4),
        "counts": rows(days, places, materials, st.integers(0, 40), most=6),
        "items": {m: (draw(st.booleans()), draw(costs)) for m in draw(st.sets(materials))},
        "tolerance": draw(st.sampled_from([Decimal("0.05"), Decimal(0), Decimal("0.333333"), Decimal(1)])),
    }


def compute(hospital: dict[str, Any], engine: str) -> VarianceResult:
    frames: dict[str, Any] = {name: frame(name, hospital[name]) for name in COLUMNS}
    facts = [(m, int(chargeable), cost) for m, (chargeable, cost) in hospital["items"].items()]
    frames["codes"] = pd.DataFrame(facts, columns=["material", "chargeable", "price"], dtype=object)
    if engine == "duckdb":
        connection = duckdb.connect()
        frames = {name: in_duckdb(connection, f"t_{name}", given) for name, given in frames.items()}
    result = variance(**frames, tolerance=hospital["tolerance"])
    if engine == "duckdb":
        assert isinstance(result.rows, duckdb.DuckDBPyRelation)
    return result


def rendered(rate: Fraction | None) -> str | None:
    if rate is None:
        return None
    exact = Decimal(rate.numerator) / Decimal(rate.denominator)
    return str(exact.quantize(Decimal("0.000001"), ROUND_HALF_UP))


def check(hospital: dict[str, Any], engine: str) -> None:
    result = compute(hospital, engine)
    lists = [hospital[name] for name in ("movements", "charges", "opening", "counts")]
    expected = expected_rows(*lists, items=hospital["items"], tolerance=hospital["tolerance"])
    rows = result.rows if engine == "pandas" else result.rows.df()
    found = {}
    for row in rows.to_dict("records"):
        row = {key: None if pd.isna(value) else value for key, value in row.items()}
        found[str(row["business_date"])[:10], row["location"], row["material"]] = row

    assert found.keys() == expected.keys()
    for key, want in expected.items():
        got = found[key]
        want = {**want, "rate": rendered(want["rate"])}
        got["variance_value"] = got["variance_value"] and Decimal(got["variance_value"])
        compared = {name: got[name] for name in want if name != "weight_value"}
        assert compared == {name: want[name] for name in want if name != "weight_value"}, key
        units = [part.split(":") for part in got["cause"].split("|") if part]
        gap = want["charge_variance"] if want["chargeable"] else want["stock_variance"] or 0
        assert sum(int(n) for code, n in units if code != "not_chargeable") == abs(gap)

    rates = expected_rates(list(expected.values()))
    statuses = [row["status"] for row in expected.values()]
    assert result.summary["rows"] == len(expected)
    assert result.summary["breaches"] == statuses.count("BREACH")
    assert result.summary["invalid"] == statuses.count("INVALID")
    assert result.summary["gross_rate"] == rendered(rates["gross"])
    assert result.summary["net_rate"] == rendered(rates["net"])
    places = {location for _, location, _ in expected}
    assert result.summary["by_location"].keys() == places
    for location in places:
        mine = [row for (_, where, _), row in expected.items() if where == location]
        assert result.summary["by_location"][location]["gross_rate"] == rendered(
            expected_rates(mine)["gross"]
        )


@given(hospital=hospitals())
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_pandas_agrees_with_the_page(hospital: dict[str, Any]) -> None:
    check(hospital, "pandas")


@given(hospital=hospitals())
@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_duckdb_agrees_with_the_page(hospital: dict[str, Any]) -> None:
    check(hospital, "duckdb")


@pytest.mark.parametrize("engine", ["pandas", "duckdb"])
def test_an_empty_hospital_has_no_rows_and_no_variance(engine: str) -> None:
    nothing: dict[str, Any] = {name: [] for name in COLUMNS} | {"items": {}, "tolerance": Decimal("0.05")}
    check(nothing, engine)
    summary = compute(nothing, engine).summary
    assert (summary["status"], summary["gross_rate"], summary["gross_rate_value"]) == ("OK", "0.000000", None)
