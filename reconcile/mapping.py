"""From the code a charge carries to the item it means, and what is known of the item.

A binding holds from its `valid_from` until the same code's next binding begins; a charge takes the binding of
its business date. Two items on one code from the same day on is refused: the table must be one-to-one.
"""

from __future__ import annotations

from datetime import datetime

import narwhals as nw

from reconcile.columns import CODE_SYSTEMS
from reconcile.engine import Lazy
from reconcile.errors import BadCell, BadInput, Reason
from reconcile.intake import UNKNOWN


def with_materials(charges: Lazy, codes: Lazy | None) -> tuple[Lazy, Lazy]:
    """(charges with a material, charges that map to no item).

    A charge's own material comes first, then its billing, order and insurance code in that order.
    """
    present = charges.collect_schema().names()
    found = [nw.col("material")] if "material" in present else []
    if codes is not None:
        table = codes.collect_schema().names()
        for system in CODE_SYSTEMS:
            if system in present and system in table:
                charges = charges.join(
                    _bound(charges, codes, system), on=[system, "business_date"], how="left"
                )
                found.append(nw.col(f"_by_{system}"))
    if not found:
        missing = Reason(
            "missing_column",
            "缺少物资编码列，且没有可用的五码对照表",
            "no material column, and no code table maps it",
        )
        raise BadInput([BadCell(file="charges", column="material", reason=missing)])
    charges = charges.with_columns(material=nw.coalesce(*found))
    charges = charges.select(*dict.fromkeys((*present, "material")))
    lost = nw.col("material").is_null()
    return charges.filter(~lost), charges.filter(lost)


def items(codes: Lazy) -> Lazy:
    """One row for each item and each date it changed: what the table says of it.

    Columns: material, valid_from and valid_until (only if the table is dated; the first binding of an item is
    taken to hold before its own date too), and those of name, category, chargeable, price the table has.
    """
    present = codes.collect_schema().names()
    known = [c for c in ("name", "category", "chargeable", "price") if c in present]
    by = ["material", "valid_from"] if "valid_from" in present else ["material"]
    codes = codes.filter(~nw.col("material").is_null())
    if "valid_from" in present:
        codes = codes.with_columns(valid_from=_since(codes))
    grouped = codes.group_by(*by).agg(*(nw.col(c).max() for c in known), _rows=nw.len()).drop("_rows")
    if "valid_from" not in present:
        return grouped
    return grouped.with_columns(
        valid_until=nw.col("valid_from").shift(-1).over("material", order_by="valid_from"),
        _first=nw.col("valid_from") == nw.col("valid_from").min().over("material"),
    )


def packs(codes: Lazy) -> Lazy | None:
    """Columns material, pack: every package size above one that the table names for the item."""
    if "pack_quantity" not in codes.collect_schema().names():
        return None
    sized = codes.filter((nw.col("pack_quantity") > 1) & ~nw.col("material").is_null())
    return sized.select("material", pack=nw.col("pack_quantity")).unique()


def with_items(rows: Lazy, codes: Lazy | None) -> Lazy:
    """Add name, category, chargeable (0/1), price (1/10,000 yuan or UNKNOWN) as of the row's day."""
    known: list[str] = []
    if codes is not None:
        facts = items(codes)
        names = facts.collect_schema().names()
        known = [c for c in ("name", "category", "chargeable", "price") if c in names]
        if "valid_from" in names:
            asked = rows.select("business_date", "material").unique()
            held = asked.join(facts, on="material", how="inner").filter(
                ((nw.col("valid_from") <= nw.col("business_date")) | nw.col("_first"))
                & (nw.col("valid_until").is_null() | (nw.col("business_date") < nw.col("valid_until")))
            )
            facts = held.select("business_date", "material", *known)
            rows = rows.join(facts, on=["business_date", "material"], how="left")
        else:
            rows = rows.join(facts.select("material", *known), on="material", how="left")
    text = {c: nw.lit(None, nw.String) for c in ("name", "category") if c not in known}
    whole = {
        c: nw.col(c).fill_null(default).cast(nw.Int64) if c in known else nw.lit(default)
        for c, default in (("chargeable", 1), ("price", UNKNOWN))
    }
    return rows.with_columns(**text, **whole)


def _bound(charges: Lazy, codes: Lazy, system: str) -> Lazy:
    """Columns system, business_date, _by_system: the item of each code on each day it was charged."""
    dated = "valid_from" in codes.collect_schema().names()
    pairs = codes.filter(~nw.col(system).is_null() & ~nw.col("material").is_null())
    if dated:
        pairs = pairs.with_columns(valid_from=_since(pairs))
    key = [system, "valid_from"] if dated else [system]
    pairs = pairs.select(*key, "material").unique()
    _refuse_shared(pairs, key, system)
    asked = charges.select(system, "business_date").filter(~nw.col(system).is_null()).unique()
    if dated:
        pairs = pairs.with_columns(_until=nw.col("valid_from").shift(-1).over(system, order_by="valid_from"))
    bound = asked.join(pairs, on=system, how="inner")
    if dated:
        bound = bound.filter(
            (nw.col("valid_from") <= nw.col("business_date"))
            & (nw.col("_until").is_null() | (nw.col("business_date") < nw.col("_until")))
        )
    return bound.select(system, "business_date", nw.col("material").alias(f"_by_{system}"))


def _since(codes: Lazy) -> nw.Expr:
    """valid_from with the empty ones at the beginning of time."""
    day = codes.collect_schema()["valid_from"]
    return nw.col("valid_from").fill_null(nw.lit(datetime(1900, 1, 1)).cast(day))


def _refuse_shared(pairs: Lazy, key: list[str], system: str) -> None:
    shared = pairs.group_by(*key).agg(_items=nw.len()).filter(nw.col("_items") > 1)
    found = shared.select(system, "_items").sort(system).collect()
    reason = "this code belongs to {n} items on the same date; expected one"
    bad = [
        BadCell(
            file="codes",
            column=system,
            value=str(code),
            reason=Reason("code_shared", f"同一日期对应 {n} 个物资编码，应只对应一个", reason.format(n=n)),
        )
        for code, n in found.iter_rows()
    ]
    if bad:
        raise BadInput(bad)
