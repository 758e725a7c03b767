"""The records behind the rows in question, in one shape for every tester."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import narwhals as nw

from reconcile import columns as c
from reconcile.engine import Lazy, settled, stack
from reconcile.rows import PAIR, flow


@dataclass(frozen=True)
class Evidence:
    """What the testers may look at.

    `rows`: the rows in question: the keys, gap (signed: Vc, or Vs where not chargeable), is_counted,
    chargeable, consumed, billed.
    `lines`: movements and charges of their pairs, on any day: location, material, business_date, true_date
    (when it happened), link (what ties a charge to its use: reference, else serial; null if nothing does),
    record (`movements:ID`, null without id), used, inflow (stock flows other than use), billed.
    `packs`: material, pack; None if no table names package sizes.
    """

    rows: Lazy
    lines: Lazy
    packs: Lazy | None
    has_true_dates: bool
    has_links: bool

    @cached_property
    def true_lines(self) -> Lazy:
        """Uses and charges on the day they happened: what is late by the clock is late_posting's already."""
        lines = self.lines.filter((nw.col("used") != 0) | (nw.col("billed") != 0))
        return lines.select(*PAIR, "link", "record", "used", "billed", business_date=nw.col("true_date"))

    @cached_property
    def linked(self) -> Lazy:
        """Links whose use and charge differ on a day.

        Columns: the keys, link, used, billed, gap = billed − used ≠ 0, late: the part of the gap that the
        same link makes good on other days.
        """
        lines = self.true_lines.filter(~nw.col("link").is_null())
        groups = lines.group_by(*c.KEYS, "link").agg(nw.col("used").sum(), nw.col("billed").sum())
        groups = groups.with_columns(gap=(nw.col("billed") - nw.col("used")).cast(nw.Int64))
        gap = nw.col("gap")
        groups = groups.filter(gap != 0).with_columns(
            _over=nw.when(gap > 0).then(gap).otherwise(0), _short=nw.when(gap < 0).then(-gap).otherwise(0)
        )
        link = (*PAIR, "link")
        for mine, other in (("_over", "_short"), ("_short", "_over")):
            # The other days' opposite units are given out in date order, each of them once.
            before = nw.col(mine).cum_sum().over(*link, order_by="business_date") - nw.col(mine)
            left = nw.max_horizontal(nw.col(other).sum().over(*link) - before, nw.lit(0))
            granted = nw.min_horizontal(nw.col(mine), left.cast(nw.Int64))
            groups = groups.with_columns(granted.alias(f"_granted{mine}"))
        return settled(groups.with_columns(late=nw.col("_granted_over") - nw.col("_granted_short")))

    @cached_property
    def in_pack_ratio(self) -> Lazy:
        """Keys, link (null: the row as a whole), claim: sides in exactly the ratio of a known package."""
        assert self.packs is not None
        whole = self._untied_rows().select(
            *c.KEYS,
            link=nw.lit(None, nw.String),
            used=nw.col("consumed"),
            billed=nw.col("billed"),
            claim=nw.col("gap"),
        )
        groups = [whole]
        if self.has_links:
            apart = self.linked.filter(nw.col("late") == 0)
            groups.append(apart.select(*c.KEYS, "link", "used", "billed", claim=nw.col("gap")))
        used, billed, pack = nw.col("used"), nw.col("billed"), nw.col("pack")
        ratio = ((used * pack == billed) | (billed * pack == used)) & (used != 0) & (billed != 0)
        sized = stack(groups).join(self.packs, on="material", how="inner")
        return settled(sized.filter(ratio).select(*c.KEYS, "link", "claim").unique())

    @cached_property
    def one_sided(self) -> Lazy:
        """Keys, link, claim: what one side shows and the other has no record of."""
        untied = self.true_lines.filter(nw.col("link").is_null()).with_columns(
            _uses=(nw.col("used") != 0).cast(nw.Int64), _bills=(nw.col("billed") != 0).cast(nw.Int64)
        )
        sides = untied.group_by(*c.KEYS).agg(
            *(nw.col(name).sum() for name in ("used", "billed", "_uses", "_bills"))
        )
        alone = sides.filter((nw.col("_uses") == 0) | (nw.col("_bills") == 0))
        claim = nw.col("billed") - nw.col("used")
        claims = [alone.select(*c.KEYS, link=nw.lit(None, nw.String), claim=claim)]
        if self.has_links:
            linked = self.linked.select(*c.KEYS, "link", claim=nw.col("gap") - nw.col("late"))
            if self.packs is not None:
                by_pack = self.in_pack_ratio.filter(~nw.col("link").is_null())
                linked = linked.join(by_pack, on=[*c.KEYS, "link"], how="anti")
            claims.append(linked)
        return settled(stack(claims))

    def _untied_rows(self) -> Lazy:
        """Chargeable rows that no link and no late record speaks of."""
        late = nw.col("true_date") != nw.col("business_date")
        told = self.lines.filter(~nw.col("link").is_null() | late)
        days = [told.select(*PAIR, business_date=nw.col(day)) for day in ("business_date", "true_date")]
        rows = self.rows.filter(nw.col("chargeable") == 1)
        return rows.join(stack(days).unique(), on=list(c.KEYS), how="anti")


def gather(questioned: Lazy, movements: Lazy, charges: Lazy, packs: Lazy | None) -> Evidence:
    """Evidence for the questioned rows; `charges` are those that have a material."""
    has = [set(frame.collect_schema().names()) for frame in (movements, charges)]
    links = [name for name in ("reference", "serial") if all(name in names for names in has)]
    pairs = questioned.select(*PAIR).unique()
    day = movements.collect_schema()["business_date"]

    def part(frame: Lazy, name: str, columns: set[str], **units: nw.Expr) -> Lazy:
        frame = frame.join(pairs, on=list(PAIR), how="inner")
        happened = [nw.col("true_date")] if "true_date" in columns else []
        record = (
            nw.concat_str(nw.lit(f"{name}:"), nw.col("id")) if "id" in columns else nw.lit(None, nw.String)
        )
        tied = [nw.concat_str(nw.lit(f"{link}:"), nw.col(link)) for link in links]
        return frame.select(
            *c.KEYS,
            true_date=nw.coalesce(*happened, nw.col("business_date")).cast(day),
            link=nw.coalesce(*tied) if tied else nw.lit(None, nw.String),
            record=record,
            **{unit: units.get(unit, nw.lit(0)).cast(nw.Int64) for unit in ("used", "inflow", "billed")},
        )

    inflow = flow("received") + flow("transferred_in") - flow("transferred_out") - flow("written_off")
    both = stack(
        [
            part(movements, "movements", has[0], used=flow("used"), inflow=inflow),
            part(charges, "charges", has[1], billed=nw.col("quantity")),
        ]
    )
    return Evidence(
        rows=questioned,
        lines=settled(both),
        packs=packs,
        has_true_dates=any("true_date" in names for names in has),
        has_links=bool(links),
    )
