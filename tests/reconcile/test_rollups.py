"""Gross and net, by quantity and by value; totals that are the sums of their rows."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from reconcile import BadInput, variance
from tests.reconcile.frames import charges, counts, movements, row_of

D1, D2, D3 = "2026-03-01", "2026-03-02", "2026-03-03"


def test_a_swap_of_two_codes_nets_to_nothing_and_still_shows() -> None:
    result = variance(
        movements((D1, "W1", "M1", "use", 10), (D1, "W1", "M2", "use", 10)),
        charges((D1, "W1", "M1", 13), (D1, "W1", "M2", 7)),
    )
    assert result.summary["net_rate"] == "0.000000"
    assert result.summary["gross_rate"] == "0.260870"  # 6 of 23
    assert result.summary["status"] == "BREACH"


def priced(first: str | None, second: str | None) -> pd.DataFrame:
    return movements(
        (D1, "W1", "M1", "use", 100, first), (D1, "W2", "M2", "use", 100, second), extra=("unit_cost",)
    )


BILLED = charges((D1, "W1", "M1", 90), (D1, "W2", "M2", 100))


def test_value_weighs_what_quantity_cannot() -> None:
    # Ten of 200 pieces are missing (5 %), but they are the dear ones.
    summary = variance(priced("100.00", "1.00"), BILLED).summary
    assert summary["gross_rate"] == "0.050000"
    assert summary["gross_rate_value"] == "0.099010"  # 1,000 of 10,100
    assert summary["status"] == "BREACH"
    assert summary["gross_variance_value"] == "1000.00"
    assert summary["by_location"]["W2"]["gross_rate_value"] == "0.000000"


@pytest.mark.parametrize("costs", [("100.00", None), (None, None), ("0", "0")])
def test_without_every_unit_cost_quantity_decides(costs: tuple[str | None, str | None]) -> None:
    summary = variance(priced(*costs), BILLED).summary
    assert (summary["gross_rate_value"], summary["net_rate_value"]) == (None, None)
    assert summary["status"] == "OK"


def test_an_unpriced_row_elsewhere_does_not_take_a_location_its_value() -> None:
    by_location = variance(priced("100.00", None), BILLED).summary["by_location"]
    assert by_location["W1"]["gross_rate_value"] == "0.100000"
    assert by_location["W2"]["gross_rate_value"] is None


def test_the_unit_cost_is_the_latest_known_on_the_day() -> None:
    result = variance(
        movements(
            (D1, "W1", "M1", "use", 1, None),
            (D2, "W9", "M1", "receipt", 1, "10.00"),
            (D2, "W9", "M1", "receipt", 1, "11.00"),
            (D3, "W1", "M1", "use", 1, None),
            ("2026-03-05", "W1", "M1", "receipt", 1, "20.00"),
            ("2026-03-06", "W1", "M1", "use", 1, None),
            (D1, "W1", "M2", "use", 1, None),
            (D1, "W1", "M3", "use", 1, None),
            extra=("unit_cost",),
        ),
        charges(),
        codes=pd.DataFrame({"material": ["M1", "M2"], "price": ["99.00", "7.50"]}),
    )
    costs = {
        (day, material): row_of(result, day, "W1", material)["unit_cost"]
        for day, material in [(D1, "M1"), (D3, "M1"), ("2026-03-06", "M1"), (D1, "M2"), (D1, "M3")]
    }
    assert costs == {
        (D1, "M1"): "11.0000",  # nothing earlier: the first one known
        (D3, "M1"): "11.0000",  # the highest of that day
        ("2026-03-06", "M1"): "20.0000",
        (D1, "M2"): "7.5000",  # the table's
        (D1, "M3"): None,
    }


def test_money_is_rounded_half_up_per_row_and_never_a_float() -> None:
    result = variance(
        movements(
            (D1, "W1", "M1", "use", 1, "0.125"), (D1, "W1", "M2", "use", 3, "0.1"), extra=("unit_cost",)
        ),
        charges(),
    )
    assert row_of(result, D1, "W1", "M1")["variance_value"] == "-0.13"
    assert row_of(result, D1, "W1", "M2")["variance_value"] == "-0.30"
    assert result.summary["net_variance_value"] == "-0.43"


def test_large_money_is_exact() -> None:
    result = variance(
        movements((D1, "W1", "M1", "use", 99_999_999, "999999.99"), extra=("unit_cost",)), charges()
    )
    assert row_of(result, D1, "W1", "M1")["variance_value"] == str(-99_999_999 * Decimal("999999.99"))


def test_totals_are_the_sums_of_their_rows() -> None:
    random = np.random.default_rng(20260301)
    size = 3_000
    moved = pd.DataFrame(
        {
            "business_date": pd.Timestamp(D1) + pd.to_timedelta(random.integers(0, 3, size), "D"),
            "location": random.choice(["W1", "W2", "W3"], size),
            "material": random.choice([f"M{i}" for i in range(40)], size),
            "kind": random.choice(["use", "receipt", "use_reversal", "write_off"], size),
            "quantity": random.integers(1, 30, size),
            "unit_cost": [Decimal(int(fen)) / 100 for fen in random.integers(1, 99_999, size)],
        }
    )
    billed = moved[["business_date", "location", "material", "quantity"]].sample(1_000, random_state=1)
    result = variance(moved, billed, counts=counts((D2, "W1", "M1", 10_000), (D2, "W1", "M2", 0)))
    rows = result.rows[result.rows["status"] != "INVALID"]
    cents = [int(Decimal(value) * 100) for value in rows["variance_value"]]
    assert result.summary["invalid"] == 1
    for total, parts in (
        ("gross_variance", rows["charge_variance"].abs()),
        ("net_variance", rows["charge_variance"]),
        ("weight", rows["weight"]),
    ):
        assert result.summary[total] == int(parts.sum())
        assert result.summary[total] == sum(part[total] for part in result.summary["by_location"].values())
    for total, value in (("net_variance_value", sum(cents)), ("gross_variance_value", sum(map(abs, cents)))):
        by_location = result.summary["by_location"].values()
        assert Decimal(result.summary[total]) * 100 == value
        assert Decimal(result.summary[total]) == sum(Decimal(part[total]) for part in by_location)
    for count in ("rows", "breaches", "invalid"):
        assert result.summary[count] == sum(part[count] for part in result.summary["by_location"].values())


def test_a_category_may_have_its_own_tolerance() -> None:
    result = variance(
        movements((D1, "W1", "M1", "use", 10), (D1, "W1", "M2", "use", 10), (D1, "W1", "M3", "use", 10)),
        charges((D1, "W1", "M1", 9), (D1, "W1", "M2", 9), (D1, "W1", "M3", 9)),
        codes=pd.DataFrame({"material": ["M1", "M2"], "category": ["stents", "gloves"]}),
        tolerance={"": Decimal("0.05"), "gloves": Decimal("0.10")},
    )
    statuses = {material: row_of(result, D1, "W1", material)["status"] for material in ("M1", "M2", "M3")}
    assert statuses == {"M1": "BREACH", "M2": "OK", "M3": "BREACH"}
    assert result.summary["tolerance"] == "0.05"


@pytest.mark.parametrize(
    "tolerance", [Decimal("-0.01"), Decimal("1.01"), Decimal("0.0000001"), Decimal("NaN")]
)
def test_an_impossible_tolerance_is_refused(tolerance: Decimal) -> None:
    with pytest.raises(BadInput):
        variance(movements(), charges(), tolerance=tolerance)
