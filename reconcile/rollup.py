"""Rates over many rows: gross and net, by quantity and by value, overall and by location.

Only chargeable rows that are not INVALID enter a rate. The sums come from the engine as integers; rates are
made from them exactly, and rendered once.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final

import narwhals as nw

from reconcile import columns as c
from reconcile.engine import Lazy
from reconcile.intake import UNKNOWN
from reconcile.rows import PLACES

SUMS: Final = (
    "rows",
    "breaches",
    "invalid",
    "rated",
    "unpriced",
    "gross",
    "net",
    "weight",
    "gross_cents",
    "net_cents",
    "weight_cents",
)
"""What is summed over a group: rows of every kind; the rest over rated rows only."""


def with_value(rows: Lazy) -> Lazy:
    """Add variance_cents (Vc at unit cost) and weight_cents; both half-up per row, 0 without a unit cost."""
    cost = nw.when(nw.col("unit_cost") != UNKNOWN).then(nw.col("unit_cost")).otherwise(0)
    # 1/10,000 yuan to fen, halves away from zero as money is rounded.
    size = ((nw.col("charge_variance").abs() * cost + 50) // 100).cast(nw.Int64)
    return rows.with_columns(
        variance_cents=nw.when(nw.col("charge_variance") < 0).then(-size).otherwise(size),
        weight_cents=((nw.col("weight") * cost + 50) // 100).cast(nw.Int64),
    )


def sums_by(rows: Lazy, column: str) -> dict[str, dict[str, int]]:
    """Value of the column ("" for null) → its `SUMS`. Adding them up gives those of any larger whole."""
    rated = (nw.col("chargeable") == 1) & (nw.col("status") != c.INVALID)
    one = nw.lit(1)
    parts = {
        "rows": one,
        "breaches": (nw.col("status") == c.BREACH).cast(nw.Int64),
        "invalid": (nw.col("status") == c.INVALID).cast(nw.Int64),
        "rated": rated.cast(nw.Int64),
        "unpriced": (rated & (nw.col("unit_cost") == UNKNOWN)).cast(nw.Int64),
        "gross": _only(rated, nw.col("charge_variance").abs()),
        "net": _only(rated, nw.col("charge_variance")),
        "weight": _only(rated, nw.col("weight")),
        "gross_cents": _only(rated, nw.col("variance_cents").abs()),
        "net_cents": _only(rated, nw.col("variance_cents")),
        "weight_cents": _only(rated, nw.col("weight_cents")),
    }
    named = rows.select(group=nw.col(column).fill_null(""), **parts)
    grouped = named.group_by("group").agg(*(nw.col(name).sum() for name in SUMS))
    found = grouped.select("group", *SUMS).sort("group").collect()
    return {str(group): dict(zip(SUMS, map(int, sums), strict=True)) for group, *sums in found.iter_rows()}


def added(groups: Iterable[dict[str, int]]) -> dict[str, int]:
    """The sums of several groups as those of one."""
    total = dict.fromkeys(SUMS, 0)
    for group in groups:
        for name in SUMS:
            total[name] += group[name]
    return total


def _only(test: nw.Expr, value: nw.Expr) -> nw.Expr:
    return nw.when(test).then(value).otherwise(0)


def indicators(sums: dict[str, int], tolerance_millionths: int) -> dict[str, Any]:
    """The figures of a group of rows from their sums (`SUMS`, over the rows that enter a rate)."""
    # By value only where every rated row has a unit cost: a partial sum would compare unlike things.
    # Costs of 0.00 throughout are no costs either, and would turn any variance into "within tolerance".
    worthless = sums["weight_cents"] == 0 and sums["weight"] > 0
    by_value = sums["rated"] > 0 and sums["unpriced"] == 0 and not worthless
    measure = ("gross_cents", "weight_cents") if by_value else ("gross", "weight")
    gap, weight = (sums[name] for name in measure)
    return {
        "rows": sums["rows"],
        "breaches": sums["breaches"],
        "invalid": sums["invalid"],
        "gross_rate": rate_text(sums["gross"], sums["weight"]),
        "net_rate": rate_text(abs(sums["net"]), sums["weight"]),
        "gross_rate_value": rate_text(sums["gross_cents"], sums["weight_cents"]) if by_value else None,
        "net_rate_value": rate_text(abs(sums["net_cents"]), sums["weight_cents"]) if by_value else None,
        "tolerance": tolerance_text(tolerance_millionths),
        "status": c.OK if gap * PLACES <= tolerance_millionths * weight else c.BREACH,
        "gross_variance": sums["gross"],
        "net_variance": sums["net"],
        "weight": sums["weight"],
        "gross_variance_value": yuan(sums["gross_cents"]) if by_value else None,
        "net_variance_value": yuan(sums["net_cents"]) if by_value else None,
        "weight_value": yuan(sums["weight_cents"]) if by_value else None,
    }


def rate_text(part: int, whole: int) -> str:
    """part / whole with six places, half-up; 0 where whole is 0."""
    millionths = (2 * part * PLACES + whole) // (2 * whole) if whole else 0
    return f"{millionths // PLACES}.{millionths % PLACES:06d}"


def tolerance_text(millionths: int) -> str:
    """0.05, not 0.050000: as a person writes it."""
    return format((Decimal(millionths) / PLACES).normalize(), "f")


def yuan(cents: int) -> str:
    """Fen as yuan with two places."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"
