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

from tracer.access import audit
from tracer.access.rules import WHOLE_HOSPITAL, Action, Actor
from tracer.catalog.items import SPECIFICATION
from tracer.catalog.price_rules import Disagreement, MarkupRule, PriceRule, disagreements, markup_for
from tracer.catalog.rules import PriceKind
from tracer.catalog.words import PRICE_KINDS, PRICE_RULES
from tracer.shared.clock import Clock
from tracer.shared.errors import Invalid

MOST_PERCENT: Final = Decimal(1000)
# A cell that begins so is a formula to a spreadsheet.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_HEADINGS: Final = {
    "zh": ("物资编码", "名称", "规格型号", "类别", "规则", "实际价", "应为", "差额"),
    "en": ("material", "name", "specification", "category", "rule", "found", "expected", "difference"),
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


@dataclass(frozen=True, slots=True)
class PriceReport:
    """Rows ordered by rule, the largest difference first; `counts` are of all rules, whatever was asked."""

    on: date
    rows: tuple[PriceRow, ...]
    counts: dict[PriceRule, int]
    items: int


def price_report(reader: Session | Connection, on: date, rule: PriceRule | None = None) -> PriceReport:
    """What the prices in force on a day break; two statements, however many items."""
    rules = markup_rules(reader)
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
                )
            )
    counts = Counter(row.broken.rule for row in rows)
    order = list(PriceRule)
    rows.sort(
        key=lambda row: (order.index(row.broken.rule), -abs(row.broken.difference or Decimal(0)), row.item_id)
    )
    wanted = tuple(row for row in rows if rule is None or row.broken.rule is rule)
    return PriceReport(on, wanted, {one: counts[one] for one in PriceRule}, len(found))


def markup_rules(reader: Session | Connection) -> dict[str, MarkupRule]:
    """The hospital's rules by category; "" is every category without one."""
    return {
        row.category: MarkupRule(row.percent, row.cap)
        for row in reader.execute(text("SELECT category, percent, cap FROM markup ORDER BY category"))
    }


def set_markup(
    session: Session,
    actor: Actor,
    clock: Clock,
    *,
    category: str,
    percent: Decimal,
    cap: Decimal | None = None,
) -> None:
    """Set what may be added in a category ("" for all others). Raises Forbidden, Invalid.

    It changes no price: what is to be charged by it shows in the report, to be proposed and approved.
    """
    actor.must(Action.APPROVE_PRICE, at=WHOLE_HOSPITAL)
    if not 0 <= percent <= MOST_PERCENT:
        raise Invalid(field="percent", reason=f"{percent}: 0–{MOST_PERCENT}")
    if cap is not None and cap < 0:
        raise Invalid(field="cap", reason=f"{cap}: 不能为负 / must not be below zero")
    before = markup_rules(session).get(category)
    values = {"category": category, "percent": percent, "cap": cap, "by": actor.id, "now": clock.now()}
    session.execute(_SET_MARKUP, values)
    audit.record(
        session,
        actor,
        clock,
        action="set_markup",
        subject="markup",
        subject_id=category or "*",
        before={"percent": str(before.percent), "cap": str(before.cap)} if before else None,
        after={"percent": str(percent), "cap": str(cap)},
    )


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
_SET_MARKUP = text("""
    INSERT INTO markup (category, percent, cap, person_id, changed_at)
    VALUES (:category, :percent, :cap, :by, :now)
    ON CONFLICT (category) DO UPDATE
       SET percent = EXCLUDED.percent, cap = EXCLUDED.cap, person_id = EXCLUDED.person_id,
           changed_at = EXCLUDED.changed_at""")
