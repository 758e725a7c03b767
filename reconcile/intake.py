"""The door: whatever frames the caller has become lazy Narwhals frames with known columns and types.

| type   | becomes                                                                             |
|--------|-------------------------------------------------------------------------------------|
| date   | the engine's day type (DuckDB, Spark: DATE; pandas: datetime64[us] at midnight)      |
| moment | a day in the hospital's time zone, null where unknown                                |
| text   | string, null where empty                                                             |
| units  | int64; a fraction or a gap is refused, never rounded                                 |
| money  | int64 in 1/10,000 yuan (rounded half-up), -1 where unknown                           |
| flag   | int64 0 or 1, 1 where unknown                                                        |
| pack   | int64, 1 where unknown                                                               |

Unknown amounts are numbers outside the range, not nulls: a null would turn pandas integers into floats.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import narwhals as nw

from reconcile.engine import Lazy
from reconcile.errors import BadCell, BadInput, Reason

MONEY_SCALE: Final = 10_000
UNKNOWN: Final = -1
LIMIT_UNITS: Final = 100_000_000
"""More base units than any one record can hold: beyond it, int64 products could overflow unseen."""
LIMIT_YUAN: Final = 1_000_000


@dataclass(frozen=True)
class Spec:
    """Column name → type, for one input."""

    name: str
    required: dict[str, str]
    optional: dict[str, str] = field(default_factory=dict)

    def types(self, present: list[str]) -> dict[str, str]:
        wanted = {**self.required, **self.optional}
        return {column: kind for column, kind in wanted.items() if column in present}


MOVEMENTS: Final = Spec(
    "movements",
    {"business_date": "date", "location": "text", "material": "text", "kind": "text", "quantity": "units"},
    {"occurred_at": "moment", "serial": "text", "reference": "text", "id": "text", "unit_cost": "money"},
)
CHARGES: Final = Spec(
    "charges",
    {"business_date": "date", "location": "text", "quantity": "units"},
    {
        "material": "text",
        "billing": "text",
        "order": "text",
        "insurance": "text",
        "amount": "as it is",
        "encounter": "text",
        "occurred_at": "moment",
        "serial": "text",
        "reference": "text",
        "id": "text",
    },
)
OPENING: Final = Spec("opening", {"location": "text", "material": "text", "quantity": "units"})
COUNTS: Final = Spec(
    "counts", {"business_date": "date", "location": "text", "material": "text", "quantity": "units"}
)
CODES: Final = Spec(
    "codes",
    {"material": "text"},
    {
        "billing": "text",
        "order": "text",
        "insurance": "text",
        "name": "text",
        "category": "text",
        "pack_quantity": "pack",
        "price": "money",
        "chargeable": "flag",
        "valid_from": "date",
    },
)


def take(native: Any, spec: Spec, *, timezone: str) -> Lazy:
    """Canonical lazy frame of one input; raises BadInput for missing columns and impossible values.

    `occurred_at` leaves as `true_date`; columns outside the spec are dropped.
    """
    frame: Any = nw.from_native(native)
    types = spec.types(frame.collect_schema().names())
    missing = [column for column in spec.required if column not in types]
    if missing:
        raise BadInput(_missing(spec.name, column) for column in missing)
    if frame.implementation.is_pandas():
        from reconcile.intake_pandas import canonical

        canonical_frame = nw.from_native(canonical(nw.to_native(frame), types, spec.name, timezone)).lazy()
    else:
        lazy = frame.lazy()
        schema = lazy.collect_schema()
        canonical_frame = lazy.select(
            **{column: _expression(column, kind, schema[column], timezone) for column, kind in types.items()}
        )
    return canonical_frame.rename({"occurred_at": "true_date"} if "occurred_at" in types else {})


def refuse_impossible(lazy: Lazy, spec: Spec, conditions: dict[str, nw.Expr]) -> None:
    """Raise BadInput if any row meets a condition; keys are the reasons. One pass over the frame."""
    names = {f"bad_{i}": text for i, text in enumerate(conditions)}
    counted = lazy.select(
        **{f"bad_{i}": test.cast(nw.Int64).sum() for i, test in enumerate(conditions.values())}
    ).collect()
    found = {text: int(counted[column][0] or 0) for column, text in names.items()}
    bad = [
        BadCell(
            file=spec.name, reason=Reason("impossible_value", f"{n} 行数据有误：{text}", f"{n} rows: {text}")
        )
        for text, n in found.items()
        if n
    ]
    if bad:
        raise BadInput(bad)


def _missing(name: str, column: str) -> BadCell:
    return BadCell(
        file=name, column=column, reason=Reason("missing_column", "缺少此列", "this column is missing")
    )


def _expression(column: str, kind: str, dtype: Any, timezone: str) -> nw.Expr:
    value = nw.col(column)
    if kind in ("date", "moment"):
        if dtype == nw.String:
            return value.str.to_datetime("%Y-%m-%d").cast(nw.Date)
        if kind == "moment" and isinstance(dtype, nw.Datetime) and dtype.time_zone is not None:
            value = value.dt.convert_time_zone(timezone).dt.replace_time_zone(None)
        return value.cast(nw.Date)
    if kind == "text":
        text = value.cast(nw.String).str.strip_chars()
        return nw.when(text != "").then(text)
    if kind == "units":
        if dtype.is_integer():
            return value.cast(nw.Int64)
        # A fraction becomes null here and is refused with the gaps: rounding would hide it.
        return nw.when(value == value.cast(nw.Int64)).then(value.cast(nw.Int64))
    if kind == "money":
        scaled = (value.cast(nw.Float64) * MONEY_SCALE).round().cast(nw.Int64)
        return scaled.fill_null(UNKNOWN)
    if kind in ("flag", "pack"):
        return value.cast(nw.Int64).fill_null(1)
    return value
