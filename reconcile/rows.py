"""The day rows: flows summed, openings carried, variances and status by the contract (domain page, §5).

Everything is integer arithmetic inside the engine; no row is ever visited from Python.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

import narwhals as nw

from reconcile import columns as c
from reconcile.engine import Lazy, stack
from reconcile.errors import refuse
from reconcile.intake import UNKNOWN

PLACES: Final = 1_000_000
"""Rates are kept in millionths, tolerances too."""

PAIR: Final = ("location", "material")
_FLOWS: Final = {
    "received": ((c.RECEIPT, 1), (c.SUPPLIER_RETURN, -1)),
    "transferred_in": ((c.TRANSFER_IN, 1),),
    "transferred_out": ((c.TRANSFER_OUT, 1),),
    "used": ((c.USE, 1), (c.USE_REVERSAL, -1)),
    "written_off": ((c.WRITE_OFF, 1),),
}
_SUMMED: Final = (*_FLOWS, "billed", "counted", "counts")


def flow(name: str) -> nw.Expr:
    """The signed base units a movement adds to one of the flows of the day row."""
    total = nw.lit(0)
    for kind, sign in reversed(_FLOWS[name]):
        total = nw.when(nw.col("kind") == kind).then(sign * nw.col("quantity")).otherwise(total)
    return total


def day_rows(movements: Lazy, charges: Lazy, opening: Lazy | None, counts: Lazy | None) -> Lazy:
    """One row per (business_date, location, material) with O, P, Ti, To, U, L, K, C, B and `is_counted`."""
    zero = nw.lit(0)

    def part(frame: Lazy, **given: nw.Expr) -> Lazy:
        values = {name: given.get(name, zero).cast(nw.Int64) for name in _SUMMED}
        return frame.select(*c.KEYS, **values)

    flows = {name: flow(name) for name in _FLOWS}
    parts = [part(movements, **flows), part(charges, billed=nw.col("quantity"))]
    if counts is not None:
        # Counts are summed: one pair may be counted lot by lot. `counts` tells zero from not counted.
        parts.append(part(counts, counted=nw.col("quantity"), counts=nw.lit(1)))
    rows = stack(parts).group_by(*c.KEYS).agg(*(nw.col(name).sum() for name in _SUMMED))
    rows = rows.with_columns(nw.col(name).cast(nw.Int64) for name in _SUMMED)
    return _carry(rows.with_columns(is_counted=nw.col("counts") > 0), opening)


def _carry(rows: Lazy, opening: Lazy | None) -> Lazy:
    """Opening and book closing: a count starts a new segment of its pair; sums run within the segments."""
    if opening is not None:
        first_stock = opening.group_by(*PAIR).agg(_first=nw.col("quantity").sum())
        rows = rows.join(first_stock, on=list(PAIR), how="left")
        first = nw.col("_first").fill_null(0).cast(nw.Int64)
    else:
        first = nw.lit(0)
    was_counted = nw.col("is_counted").cast(nw.Int64)

    def of_pair(expression: nw.Expr) -> nw.Expr:
        return expression.over(*PAIR, order_by="business_date")

    rows = rows.with_columns(
        _counts_before=of_pair(was_counted.cum_sum()) - was_counted,
        _counted_before=of_pair(nw.when(nw.col("is_counted")).then(nw.col("counted")).otherwise(0).shift(1)),
        _is_first=nw.col("business_date") == nw.col("business_date").min().over(*PAIR),
        _net=nw.col("received")
        + nw.col("transferred_in")
        - nw.col("transferred_out")
        - nw.col("used")
        - nw.col("written_off"),
    )
    start = (
        nw.when(nw.col("_is_first"))
        .then(first)
        .otherwise(nw.col("_counted_before").fill_null(0).cast(nw.Int64))
    )
    rows = rows.with_columns(_step=start + nw.col("_net"))
    running = nw.col("_step").cum_sum().over(*PAIR, "_counts_before", order_by="business_date")
    rows = rows.with_columns(book_closing=running.cast(nw.Int64))
    return rows.with_columns(opening=nw.col("book_closing") - nw.col("_net"))


def with_variances(rows: Lazy) -> Lazy:
    """Add consumed (S), stock_variance (Vs), charge_variance (Vc), weight max(|S|, |B|), `gap` and `base`.

    `gap` / `base` is the rate that is checked: |Vc| / max(|S|, |B|) for what is chargeable; for the rest,
    where use stands in for billing, |Vs| / max(|S|, |U|) if counted, else 0. Since S = U − Vs, both say the
    same: how far apart are what stock lost and what was booked. Figures that do not apply hold 0 here.
    """
    counted = nw.col("is_counted")
    rows = rows.with_columns(
        stock_variance=nw.when(counted).then(nw.col("counted") - nw.col("book_closing")).otherwise(0)
    )
    # S = O + P + Ti − To − L − C where counted: with K = O + P + Ti − To − U − L that is U − (C − K).
    rows = rows.with_columns(consumed=nw.col("used") - nw.col("stock_variance"))
    rows = rows.with_columns(charge_variance=nw.col("billed") - nw.col("consumed"))
    chargeable = nw.col("chargeable") == 1
    checked_against = nw.when(chargeable).then(nw.col("billed")).otherwise(nw.col("used"))
    return rows.with_columns(
        weight=nw.max_horizontal(nw.col("consumed").abs(), nw.col("billed").abs()),
        gap=nw.when(chargeable)
        .then(nw.col("charge_variance").abs())
        .otherwise(nw.col("stock_variance").abs()),
        base=nw.max_horizontal(nw.col("consumed").abs(), checked_against.abs()),
    )


def with_status(rows: Lazy, tolerance: Decimal | Mapping[str, Decimal]) -> Lazy:
    """Add status and `rate_millionths` (half-up). INVALID: the count found more than book and use explain."""
    used = nw.col("used")
    least = nw.when(used < 0).then(used).otherwise(0)
    within = nw.col("gap") * PLACES <= nw.col("base") * _tolerance(tolerance)
    status = (
        nw.when(nw.col("is_counted") & (nw.col("consumed") < least))
        .then(nw.lit(c.INVALID))
        .otherwise(nw.when(within).then(nw.lit(c.OK)).otherwise(nw.lit(c.BREACH)))
    )
    return rows.with_columns(status=status, rate_millionths=half_up(nw.col("gap") * PLACES, nw.col("base")))


def with_unit_costs(rows: Lazy, movements: Lazy) -> Lazy:
    """Add unit_cost (1/10,000 yuan, UNKNOWN if nobody says).

    The material's latest cost among the movements up to the row's day (the highest, if a day has several);
    before the first one, that first one; without any, `price` of the code table.
    """
    if "unit_cost" not in movements.collect_schema().names():
        return rows.with_columns(unit_cost=nw.col("price"))
    day = ("business_date", "material")
    costs = stack(
        [
            movements.filter(nw.col("unit_cost") != UNKNOWN).select(*day, "unit_cost"),
            rows.select(*day, unit_cost=nw.lit(UNKNOWN).cast(nw.Int64)),
        ]
    )
    costs = costs.group_by(*day).agg(cost=nw.col("unit_cost").max())
    is_known = nw.col("cost") != UNKNOWN
    costs = costs.with_columns(
        _known=is_known.cast(nw.Int64).cum_sum().over("material", order_by="business_date")
    )
    costs = costs.with_columns(
        _latest=nw.col("cost").max().over("material", "_known"),
        _earliest=nw.when(nw.col("_known") == 1)
        .then(nw.col("cost"))
        .otherwise(UNKNOWN)
        .max()
        .over("material"),
    )
    cost = nw.when(nw.col("_known") > 0).then(nw.col("_latest")).otherwise(nw.col("_earliest"))
    rows = rows.join(costs.select(*day, _cost=cost), on=list(day), how="left")
    told = nw.col("_cost").cast(nw.Int64)
    return rows.with_columns(unit_cost=nw.when(told != UNKNOWN).then(told).otherwise(nw.col("price")))


def half_up(part: nw.Expr, whole: nw.Expr) -> nw.Expr:
    """part / whole to the nearest integer, halves up, for part ≥ 0; 0 where whole is 0."""
    divisor = nw.when(whole > 0).then(whole).otherwise(1)
    return ((2 * part + whole) // (2 * divisor)).cast(nw.Int64)


def checked_tolerance(tolerance: Decimal | Mapping[str, Decimal]) -> tuple[int, dict[str, int]]:
    """(millionths for everything else, millionths by category); raises BadInput outside 0 to 1."""
    by_category = dict(tolerance) if isinstance(tolerance, Mapping) else {}
    default = by_category.pop("", Decimal("0.05")) if isinstance(tolerance, Mapping) else tolerance

    def millionths(value: Decimal) -> int:
        scaled = Decimal(value) * PLACES
        if not scaled.is_finite() or not 0 <= scaled <= PLACES or scaled != int(scaled):
            raise refuse(
                "tolerance",
                "bad_tolerance",
                f"{value} is not a share from 0 to 1 with at most six decimals",
                f"{value} 不是 0 到 1 之间、至多六位小数的比例",
            )
        return int(scaled)

    return millionths(default), {name: millionths(value) for name, value in by_category.items()}


def _tolerance(tolerance: Decimal | Mapping[str, Decimal]) -> nw.Expr:
    default, by_category = checked_tolerance(tolerance)
    allowed = nw.lit(default)
    for name, value in by_category.items():
        allowed = nw.when(nw.col("category") == name).then(value).otherwise(allowed)
    return allowed
