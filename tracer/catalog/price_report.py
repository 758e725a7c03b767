"""Every item whose prices disagree on a day, by which rule and by how much; on a page or as a file."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Final

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from tracer.catalog.items import SPECIFICATION
from tracer.catalog.price_exceptions import Allowed, agreed_exceptions, exception_for
from tracer.catalog.price_markups import markup_rules
from tracer.catalog.price_rules import Disagreement, PriceRule, disagreements, markup_for
from tracer.catalog.rules import PriceKind
from tracer.catalog.words import PRICE_KINDS, PRICE_RULES

# A cell that begins so is a formula to a spreadsheet.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_HEADINGS: Final = {
    "zh": ("物资编码", "名称", "规格型号", "类别", "规则", "实际价", "应为", "差额", "例外原因"),
    "en": (
        "material",
        "name",
        "specification",
        "category",
        "rule",
        "found",
        "expected",
        "difference",
        "exception",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceRow:
    """One rule that one item's prices break, with all its prices of the day."""

    item_id: int
    material: str | None
    name: str
    specification: str
    category: str
    prices: dict[PriceKind, Decimal]
    broken: Disagreement
    allowed: Allowed | None


@dataclass(frozen=True, slots=True)
class PriceReport:
    """Rows ordered by rule, those that nobody allowed and the largest difference first.

    `counts` are of all rules, whatever was asked; `allowed` how many of all have an exception.
    """

    on: date
    rows: tuple[PriceRow, ...]
    counts: dict[PriceRule, int]
    items: int
    allowed: int


def price_report(reader: Session | Connection, on: date, rule: PriceRule | None = None) -> PriceReport:
    """What the prices in force on a day break; three statements, however many items."""
    rules = markup_rules(reader)
    agreed = agreed_exceptions(reader)
    rows: list[PriceRow] = []
    found = reader.execute(_PRICES, {"on": on}).all()
    for item in found:
        prices = {PriceKind(kind): Decimal(amount) for kind, amount in (item.prices or {}).items()}
        markup = markup_for(item.category, rules)
        for broken in disagreements(prices, markup, chargeable=item.chargeable):
            rows.append(
                PriceRow(
                    item_id=item.id,
                    material=item.material,
                    name=item.name,
                    specification=item.specification,
                    category=item.category,
                    prices=prices,
                    broken=broken,
                    allowed=exception_for(agreed, item.id, broken),
                )
            )
    counts = Counter(row.broken.rule for row in rows)
    order = list(PriceRule)
    rows.sort(
        key=lambda row: (
            order.index(row.broken.rule),
            row.allowed is not None,
            -abs(row.broken.difference or Decimal(0)),
            row.item_id,
        )
    )
    wanted = tuple(row for row in rows if rule is None or row.broken.rule is rule)
    allowed = sum(1 for row in rows if row.allowed is not None)
    return PriceReport(on, wanted, {one: counts[one] for one in PriceRule}, len(found), allowed)


def as_csv(rows: Sequence[PriceRow], language: str) -> bytes:
    """UTF-8 with a mark, as spreadsheets want it; no cell runs as a formula."""
    out = StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(_headings(language))
    for row in rows:
        cells = _cells(row, language)
        writer.writerow(
            f"'{one}" if isinstance(one, str) and one.startswith(_FORMULA) else one for one in cells
        )
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(rows: Sequence[PriceRow], language: str) -> bytes:
    """A workbook of one sheet; codes stay text, amounts are numbers, no cell is a formula."""
    import xlsxwriter

    out = BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet("价格" if language == "zh" else "prices")
        money, bold = book.add_format({"num_format": "0.00"}), book.add_format({"bold": True})
        sheet.write_row(0, 0, _headings(language), bold)
        sheet.freeze_panes(1, 0)
        for number, row in enumerate(rows, start=1):
            for place, cell in enumerate(_cells(row, language)):
                if isinstance(cell, Decimal):
                    sheet.write_number(number, place, float(cell), money)
                elif cell is not None:
                    sheet.write_string(number, place, cell)
        sheet.autofilter(0, 0, max(len(rows), 1), len(_headings(language)) - 1)
        sheet.set_column(0, 3, 22)
        sheet.set_column(4, 4, 36)
    return out.getvalue()


def _headings(language: str) -> list[str]:
    english = language.startswith("en")
    kinds = [PRICE_KINDS[kind][english] for kind in PriceKind]
    return [*_HEADINGS["en" if english else "zh"], *kinds]


def _cells(row: PriceRow, language: str) -> list[str | Decimal | None]:
    broken = row.broken
    return [
        row.material,
        row.name,
        row.specification,
        row.category,
        PRICE_RULES[broken.rule][language.startswith("en")],
        broken.found,
        broken.expected,
        broken.difference,
        f"{row.allowed.why}（{row.allowed.who}）" if row.allowed else None,
        *(row.prices.get(kind) for kind in PriceKind),
    ]


_PRICES = text(f"""
    WITH priced AS MATERIALIZED (
        SELECT item_id, jsonb_object_agg(kind, amount::text) AS prices FROM price
         WHERE status = 'approved' AND valid_from <= :on AND (valid_to IS NULL OR valid_to > :on)
         GROUP BY item_id
    ), coded AS MATERIALIZED (
        SELECT item_id, code FROM code_binding
         WHERE system = 'material' AND status IN ('approved', 'retired')
           AND valid_from <= :on AND (valid_to IS NULL OR valid_to > :on)
    )
    SELECT i.id, i.name, {SPECIFICATION} AS specification, i.category, i.chargeable, c.code AS material,
           p.prices
      FROM item i JOIN coded c ON c.item_id = i.id LEFT JOIN priced p ON p.item_id = i.id ORDER BY i.id""")
