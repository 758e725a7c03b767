"""The records behind the rows in question, in one shape for every tester."""

from __future__ import annotations

from dataclasses import dataclass

import narwhals as nw

from reconcile import columns as c
from reconcile.intake import Lazy, stack
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


def gather(questioned: Lazy, movements: Lazy, charges: Lazy, packs: Lazy | None) -> Evidence:
    """Evidence for the questioned rows; `charges` are those that have a material."""
    has = [set(frame.collect_schema().names()) for frame in (movements, charges)]
    links = [name for name in ("reference", "serial") if all(name in names for names in has)]
    pairs = questioned.select(*PAIR).unique()
    day = movements.collect_schema()["business_date"]

    def part(frame: Lazy, name: str, columns: set[str], **units: nw.Expr) -> Lazy:
        frame = frame.join(pairs, on=list(PAIR), how="inner")
        happened = [nw.col("true_date")] if "true_date" in columns else []
        record = nw.concat_str(nw.lit(f"{name}:"), nw.col("id")) if "id" in columns else nw.lit(None, nw.String)
        tied = [nw.concat_str(nw.lit(f"{link}:"), nw.col(link)) for link in links]
        return frame.select(
            *c.KEYS,
            true_date=nw.coalesce(*happened, nw.col("business_date")).cast(day),
            link=nw.coalesce(*tied) if tied else nw.lit(None, nw.String),
            record=record,
            **{unit: units.get(unit, nw.lit(0)).cast(nw.Int64) for unit in ("used", "inflow", "billed")},
        )

    inflow = flow("received") + flow("transferred_in") - flow("transferred_out") - flow("written_off")
    lines = stack(
        [
            part(movements, "movements", has[0], used=flow("used"), inflow=inflow),
            part(charges, "charges", has[1], billed=nw.col("quantity")),
        ]
    )
    return Evidence(
        rows=questioned,
        lines=lines,
        packs=packs,
        has_true_dates=any("true_date" in names for names in has),
        has_links=bool(links),
    )
