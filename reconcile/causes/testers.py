"""The testers: each looks for one cause whose evidence is direct.

A tester returns a Claim or None where the input cannot show its cause. Signs are those of the variance:
+ billed without stock, − used without billing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import narwhals as nw

from reconcile import columns as c
from reconcile.causes.lines import Evidence
from reconcile.engine import Lazy, stack
from reconcile.rows import PAIR


@dataclass(frozen=True)
class Claim:
    """`units`: the keys and `claim` (signed). `records()`: the keys, sign (−1, 1), record; may repeat.

    Records are looked up only when somebody opens the causes, not in the nightly run.
    """

    units: Lazy
    records: Callable[[], Lazy]


@dataclass(frozen=True)
class Tester:
    code: str
    test: Callable[[Evidence], Claim | None]


def late_posting(evidence: Evidence) -> Claim | None:
    """Records that happened on another day than the one they are booked on.

    On the day of booking they are too many, on the day they belong to they are missing. A late use counts
    only where no count was made: a count sees the use whenever it is booked.
    """
    if not evidence.has_true_dates:
        return None
    late = evidence.lines.filter(nw.col("true_date") != nw.col("business_date"))
    effects = {
        "_by_use": nw.col("billed") - nw.col("used"),
        "_by_count": nw.col("billed") - nw.col("inflow"),
        "_of_stock": nw.col("used") - nw.col("inflow"),
    }
    sides = [
        late.select(
            "record",
            *PAIR,
            business_date=nw.col(day),
            **{name: sign * effect for name, effect in effects.items()},
        )
        for day, sign in (("business_date", 1), ("true_date", -1))
    ]
    moved = stack(sides)
    asked = moved.join(
        evidence.rows.select(*c.KEYS, "chargeable", "is_counted"), on=list(c.KEYS), how="inner"
    )
    of_chargeable = nw.when(nw.col("is_counted")).then(nw.col("_by_count")).otherwise(nw.col("_by_use"))
    claimed = asked.with_columns(
        claim=nw.when(nw.col("chargeable") == 1).then(of_chargeable).otherwise(nw.col("_of_stock"))
    )
    return Claim(units=_total(claimed), records=lambda: _signed(claimed))


def late_charge_of_a_known_use(evidence: Evidence) -> Claim | None:
    """A use on one day, its own charge (same reference or serial) on another."""
    if not evidence.has_links:
        return None
    return _claim_of(evidence.linked.with_columns(claim=nw.col("late")), evidence)


def packaging_factor(evidence: Evidence) -> Claim | None:
    """Off by a package: one side counts packs, the other pieces, in exactly the ratio the code table names.

    Shown by a use and its own charge; or, where nothing ties charges to uses, by the row as a whole.
    """
    if evidence.packs is None:
        return None
    return _claim_of(evidence.in_pack_ratio, evidence)


def used_not_charged(evidence: Evidence) -> Claim | None:
    """A use whose own charge is missing or too small; or uses on a day without any charge at all."""
    return _claim_of(evidence.one_sided.filter(nw.col("claim") < 0), evidence)


def charged_not_used(evidence: Evidence) -> Claim | None:
    """A charge whose own use is missing or too small; or charges on a day without any use at all."""
    return _claim_of(evidence.one_sided.filter(nw.col("claim") > 0), evidence)


TESTERS: Final = (
    Tester("late_posting", late_posting),
    Tester("late_posting", late_charge_of_a_known_use),
    Tester("packaging_factor", packaging_factor),
    Tester("used_not_charged", used_not_charged),
    Tester("charged_not_used", charged_not_used),
)


def _claim_of(groups: Lazy, evidence: Evidence) -> Claim:
    """A claim on chargeable rows from keys, link, claim; its records are the lines of those links."""
    chargeable = evidence.rows.filter(nw.col("chargeable") == 1).select(*c.KEYS)
    groups = groups.filter(nw.col("claim") != 0).join(chargeable, on=list(c.KEYS), how="inner")

    def records() -> Lazy:
        # Nothing to tie lines by is a tie of its own here: engines do not join null to null.
        tie = nw.col("link").fill_null("")
        lines = evidence.true_lines.with_columns(link=tie)
        return _signed(lines.join(groups.with_columns(link=tie), on=[*c.KEYS, "link"], how="inner"))

    return Claim(units=_total(groups), records=records)


def _total(claimed: Lazy) -> Lazy:
    total = claimed.group_by(*c.KEYS).agg(nw.col("claim").sum())
    return total.select(*c.KEYS, nw.col("claim").cast(nw.Int64))


def _signed(claimed: Lazy) -> Lazy:
    sign = nw.when(nw.col("claim") > 0).then(1).otherwise(-1)
    return claimed.filter(nw.col("claim") != 0).select(*c.KEYS, "record", sign=sign)
