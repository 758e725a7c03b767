"""`variance`: the daily purchase–sale–stock variance, from frames to a result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

import narwhals as nw

from reconcile import columns as c
from reconcile.causes import explain
from reconcile.engine import Lazy, same_engine, settled
from reconcile.intake import (
    CHARGES,
    CODES,
    COUNTS,
    LIMIT_UNITS,
    MOVEMENTS,
    OPENING,
    refuse_impossible,
    take,
)
from reconcile.mapping import packs, with_items, with_materials
from reconcile.result import VarianceResult
from reconcile.rollup import added, indicators, sums_by, with_value
from reconcile.rows import checked_tolerance, day_rows, with_status, with_unit_costs, with_variances

_NULLABLE: Final = ("counted", "stock_variance", "charge_variance", "variance_cents", "weight_cents")
_PLACE: Final = {c.INVALID: 0, c.BREACH: 1, c.OK: 2}


def variance(
    movements: Any,
    charges: Any,
    *,
    opening: Any = None,
    counts: Any = None,
    codes: Any = None,
    tolerance: Decimal | Mapping[str, Decimal] = Decimal("0.05"),
    timezone: str = "Asia/Shanghai",
    counts_rolled_forward: bool = False,
) -> VarianceResult:
    """Set what stock says was consumed against what was billed, per business date, location and item.

    The frames are of one engine: pandas by default, else anything Narwhals reads (DuckDB relations and
    PySpark frames stay lazy; pyarrow tables come back as such). Nothing given is changed.

    | frame | columns needed | columns used if there |
    |---|---|---|
    | movements | business_date, location, material, kind, | occurred_at, unit_cost, serial, reference, |
    |   | quantity ≥ 1 | id |
    | charges | business_date, location, quantity (negative: | occurred_at, serial, reference, id, |
    |   | refund), one of material, billing, order, insurance | amount, encounter, the other codes |
    | opening | location, material, quantity (may be negative) | |
    | counts | business_date, location, material, quantity ≥ 0 | |
    |   | (several rows of a pair, such as its lots, add up) | |
    | codes | material | billing, order, insurance, name, category, |
    |   | | chargeable (0, 1; empty is 1), |
    |   | | pack_quantity, price, valid_from |

    `reference` names the use a charge belongs to and stands on both; where it is missing, `serial` ties
    them.
    `id` is what causes cite as evidence. `occurred_at` differing from business_date makes a record late;
    aware times are taken to `timezone`. `unit_cost` and `price` are yuan, rounded to four places.

    `tolerance`: one share, or category → share with "" for every other category (0.05 if not given).

    `counts_rolled_forward`: the counts are what a ledger holds at the day's end after a count during the
    day; uses that came later than the count may have brought it below zero.

    Raises BadInput, with every finding, for missing columns, unknown kinds, impossible quantities, a code
    that belongs to two items on one date, or frames of different engines.
    """
    default_tolerance, _ = checked_tolerance(tolerance)
    given = {"movements": movements, "charges": charges, "opening": opening, "counts": counts, "codes": codes}
    same_engine(**given)
    engine: Any = nw.from_native(movements)
    if engine.implementation.is_pyarrow():
        return _by_way_of_pandas(
            given, tolerance=tolerance, timezone=timezone, counts_rolled_forward=counts_rolled_forward
        )

    moved = take(movements, MOVEMENTS, timezone=timezone)
    _refuse_impossible_movements(moved)
    billed = take(charges, CHARGES, timezone=timezone)
    refuse_impossible(billed, CHARGES, _gaps("business_date", "location", "quantity") | _TOO_MANY)
    opened = None if opening is None else take(opening, OPENING, timezone=timezone)
    if opened is not None:
        refuse_impossible(opened, OPENING, _gaps("location", "material", "quantity") | _TOO_MANY)
    counted = None if counts is None else take(counts, COUNTS, timezone=timezone)
    if counted is not None:
        below = {} if counts_rolled_forward else {"a count is 0 or more": nw.col("quantity") < 0}
        refuse_impossible(counted, COUNTS, _gaps(*c.KEYS, "quantity") | _TOO_MANY | below)
    table = None if codes is None else take(codes, CODES, timezone=timezone)

    mapped, unmapped = with_materials(billed, table)
    rows = with_items(day_rows(moved, mapped, opened, counted), table)
    rows = with_status(with_variances(with_unit_costs(rows, moved)), tolerance)
    rows = settled(with_value(rows))
    explained = explain(rows, moved, mapped, None if table is None else packs(table))
    return VarianceResult(
        rows=_as_given(_finished(rows, explained.text), engine),
        summary=_summary(rows, unmapped, default_tolerance),
        unmapped=_as_given(_unmapped(unmapped), engine),
        _causes=explained.frame,
    )


def _gaps(*columns: str) -> dict[str, nw.Expr]:
    return {f"{column} is empty": nw.col(column).is_null() for column in columns}


_TOO_MANY: Final = {f"quantity beyond {LIMIT_UNITS:,}": nw.col("quantity").abs() > LIMIT_UNITS}


def _refuse_impossible_movements(moved: Lazy) -> None:
    known = nw.col("kind").is_in(list(c.KINDS))
    tests = {
        "quantity is a whole number of 1 or more": nw.col("quantity") < 1,
        f"kind is one of {', '.join(c.KINDS)}": ~known,
    }
    refuse_impossible(moved, MOVEMENTS, _gaps(*c.KEYS, "kind", "quantity") | _TOO_MANY | tests)


def _summary(rows: Lazy, unmapped: Lazy, tolerance: int) -> dict[str, Any]:
    by_location = sums_by(rows, "location")
    lost = unmapped.select(n=nw.len()).collect()["n"][0]
    return {
        **indicators(added(by_location.values()), tolerance),
        "by_location": {name: indicators(sums, tolerance) for name, sums in by_location.items()},
        "unmapped": int(lost),
    }


def _finished(rows: Lazy, causes: Lazy) -> Lazy:
    """The public columns, sorted; null where a figure does not apply."""
    rows = rows.join(causes, on=list(c.KEYS), how="left")
    chargeable, counted = nw.col("chargeable") == 1, nw.col("is_counted")
    priced = nw.col("unit_cost") >= 0
    valued = priced & chargeable
    place = nw.lit(_PLACE[c.OK])
    for status in (c.BREACH, c.INVALID):
        place = nw.when(nw.col("status") == status).then(_PLACE[status]).otherwise(place)
    rows = rows.with_columns(
        counted=nw.when(counted).then(nw.col("counted")),
        stock_variance=nw.when(counted).then(nw.col("stock_variance")),
        charge_variance=nw.when(chargeable).then(nw.col("charge_variance")),
        rate=nw.when(nw.col("status") != c.INVALID).then(_decimal_text("rate_millionths", 6)),
        variance_value=nw.when(valued).then(_decimal_text("variance_cents", 2)),
        unit_cost=nw.when(priced).then(_decimal_text("unit_cost", 4)),
        variance_cents=nw.when(valued).then(nw.col("variance_cents")),
        weight_cents=nw.when(valued).then(nw.col("weight_cents")),
        cause=nw.col("cause").fill_null(""),
        _place=place,
    )
    return rows.sort("_place", *c.KEYS).select(*c.VARIANCE_COLUMNS, *c.EXTRA_COLUMNS)


def _unmapped(lost: Lazy) -> Lazy:
    present = lost.collect_schema().names()
    columns = ("business_date", "location", *c.CODE_SYSTEMS, "quantity", "amount", "encounter", "id")
    known = [column for column in columns if column in present]
    return lost.select(*known).sort(*(column for column in known if column != "amount"))


def _as_given(lazy: Lazy, given: Any) -> Any:
    """Lazy engines get a lazy answer, eager ones an eager one."""
    if isinstance(given, nw.LazyFrame):
        return lazy.to_native()
    native = lazy.collect().to_native()
    if given.implementation.is_pandas():
        from reconcile.intake_pandas import whole_numbers

        native = whole_numbers(native.reset_index(drop=True), _NULLABLE)
    return native


def _by_way_of_pandas(given: dict[str, Any], **options: Any) -> VarianceResult:
    """pyarrow tables have no window functions in Narwhals: computed in pandas, answered in pyarrow."""
    import pyarrow as pa

    frames: dict[str, Any] = {n: None if table is None else table.to_pandas() for n, table in given.items()}
    result = variance(**frames, **options)

    def back(frame: Any) -> Any:
        table = pa.Table.from_pandas(frame, preserve_index=False)
        at = table.schema.get_field_index("business_date")
        return table.set_column(at, "business_date", table["business_date"].cast(pa.date32()))

    return replace(result, rows=back(result.rows), unmapped=back(result.unmapped))


def _decimal_text(column: str, places: int) -> nw.Expr:
    value, scale = nw.col(column), 10**places
    size = value.abs()
    whole, rest = (part.cast(nw.Int64).cast(nw.String) for part in (size // scale, size % scale))
    sign = nw.when(value < 0).then(nw.lit("-")).otherwise(nw.lit(""))
    return nw.concat_str(sign, whole, nw.lit("."), rest.str.zfill(places))
