"""What a variance run gives back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class VarianceResult:
    """Rows, roll-ups, causes and what could not be mapped.

    `rows`: a frame of the caller's engine, INVALID first, then BREACH, then OK, each by date, location and
    material. Columns: `reconcile.columns.VARIANCE_COLUMNS`, then `EXTRA_COLUMNS`:

    | columns | dtype (pandas) |
    |---|---|
    | business_date | the engine's day (datetime64[us] at midnight) |
    | location, material, name, status, cause, category | text; name, category null where unknown |
    | opening … written_off, book_closing, consumed, billed, weight | int64, base units |
    | counted, stock_variance | int64, null where not counted (Int64) |
    | charge_variance | int64, null where the item is not chargeable (Int64) |
    | rate | decimal text with six places, half-up; null on INVALID rows |
    | variance_value, unit_cost | decimal text in yuan, two and four places; null without a unit cost |
    | variance_cents, weight_cents | int64, null without a unit cost (Int64): Vc and max(S, B) at unit cost |
    | chargeable | int64 0 or 1 |

    `summary`: the dict of `summary.json`. `unmapped`: charges that map to no item, columns business_date,
    location, those of billing, order, insurance given, quantity, and amount, encounter, id if given.
    """

    rows: Any
    summary: dict[str, Any]
    unmapped: Any
    _causes: Callable[[], pd.DataFrame] = field(repr=False)

    @cached_property
    def causes(self) -> pd.DataFrame:
        """pandas, one row for each cause of each row with a variance, worked out on first use.

        Columns business_date, location, material, cause, units (int64 > 0), evidence (JSON list of record
        ids, `movements:ID` or `charges:ID`). Units of one row add up to its |variance|, `unexplained` and
        beside it `not_chargeable` apart.
        """
        return self._causes()
