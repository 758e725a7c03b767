"""The template to fill in, and the answers to a file, as CSV or XLSX. No cell runs as a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Final

from tracer.catalog.suppliers.queries import RowAnswer, SoldItem
from tracer.catalog.suppliers.reading import MATERIAL, UNTIL, headings_in
from tracer.catalog.suppliers.rules import Field
from tracer.catalog.suppliers.words import OUTCOMES

MEDIA: Final = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
COLUMNS: Final = (
    MATERIAL, "name", "specification", "unit", Field.INSURANCE, Field.UDI, Field.CERTIFICATE, UNTIL,
    Field.PRICE,
)  # fmt: skip
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_ANSWER_HEADINGS: Final = {
    "zh": ("行", "物资编码", "结果", "列", "填写的内容", "原因"),
    "en": ("row", "material_code", "result", "column", "what was found", "reason"),
}
Cells = Sequence[str | int | Decimal]


def template(items: Iterable[SoldItem], language: str, format_: str) -> bytes:
    """A supplier's items with what holds of each: to be filled in, and read again as it is."""
    headings = headings_in(language)
    rows = (
        (
            item.material or "",
            item.name,
            item.specification,
            item.unit,
            item.insurance or "",
            item.udi or "",
            item.certificate,
            item.certificate_until.isoformat() if item.certificate_until else "",
            "" if item.price is None else item.price,
        )
        for item in items
        if item.material
    )
    return _made([headings[one] for one in COLUMNS], rows, format_)


def report(answers: Iterable[RowAnswer], language: str, format_: str) -> bytes:
    """Every answer, a line for each fault of a refused row."""
    english = language.startswith("en")
    rows: list[Cells] = []
    for one in answers:
        begin = (one.row, one.material, OUTCOMES[one.outcome][english])
        faults = [(f["column"], f["value"], f["en" if english else "zh"]) for f in one.faults]
        rows += [(*begin, *fault) for fault in faults or [("", "", "")]]
    return _made(_ANSWER_HEADINGS["en" if english else "zh"], rows, format_)


def _made(headings: Sequence[str], rows: Iterable[Cells], format_: str) -> bytes:
    return _csv(headings, rows) if format_ == "csv" else _xlsx(headings, rows)


def _csv(headings: Sequence[str], rows: Iterable[Cells]) -> bytes:
    """UTF-8 with a mark, as spreadsheets want it. ="00123" keeps a spreadsheet from eating a code."""
    out = StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(headings)
    for row in rows:
        writer.writerow(_for_csv(cell) for cell in row)
    return out.getvalue().encode("utf-8-sig")


def _for_csv(cell: str | int | Decimal) -> str:
    text = str(cell)
    if isinstance(cell, str) and (text.isdigit() or text.startswith(_FORMULA)):
        return f'="{text}"' if '"' not in text else f"'{text}"
    return text


def _xlsx(headings: Sequence[str], rows: Iterable[Cells]) -> bytes:
    """One sheet in which every code is text."""
    import xlsxwriter

    out = BytesIO()
    options = {
        "in_memory": True, "constant_memory": False, "strings_to_formulas": False, "strings_to_urls": False,
        "strings_to_numbers": False,
    }  # fmt: skip
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet()
        bold, text = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
        money = book.add_format({"num_format": "0.00"})
        sheet.set_column(0, len(headings) - 1, 24, text)
        sheet.write_row(0, 0, headings, bold)
        sheet.freeze_panes(1, 0)
        for number, row in enumerate(rows, start=1):
            for place, cell in enumerate(row):
                if isinstance(cell, Decimal):
                    sheet.write_number(number, place, float(cell), money)
                elif isinstance(cell, int):
                    sheet.write_number(number, place, cell)
                elif cell:
                    sheet.write_string(number, place, cell, text)
    return out.getvalue()
