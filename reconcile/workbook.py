"""The variance as a workbook for finance: rows, summary and causes, in Chinese or English.

Every text is written as text (never a formula), numbers as numbers; status is worded as well as coloured.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, Final

from reconcile import columns as c
from reconcile import workbook_words as words
from reconcile.result import VarianceResult

_WIDTHS: Final = {
    "business_date": 11,
    "location": 14,
    "material": 16,
    "name": 26,
    "cause": 34,
    "evidence": 60,
}
_COLOURS: Final = {c.OK: "#E2EFDA", c.BREACH: "#FCE4D6", c.INVALID: "#D9D2E9"}
_MONEY: Final = frozenset({"variance_value"})
_RATES: Final = frozenset(
    {"rate", "tolerance", "gross_rate", "net_rate", "gross_rate_value", "net_rate_value"}
)
_SUMMED: Final = frozenset(
    {*c.VARIANCE_COLUMNS[4:11], "counted", "consumed", "billed", "stock_variance", "charge_variance"}
)


def write_variance_xlsx(
    result: VarianceResult, target: Path | str | IO[bytes], *, language: str = "zh"
) -> None:
    """Write the workbook to a path or a binary buffer. `result` must hold pandas frames.

    The total row holds the sums of the rows shown, INVALID ones included; the rates of the summary leave
    those out. Raises ValueError for more rows than a worksheet holds.
    """
    import xlsxwriter

    if len(result.rows) > 1_048_000:
        raise ValueError(f"{len(result.rows)} rows are more than a worksheet holds; use variance.csv")
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    place = str(target) if isinstance(target, Path) else target
    # A month of a large hospital has millions of cells: they go to a temporary file as they are written.
    with xlsxwriter.Workbook(place, {**options, "constant_memory": True}) as book:
        sheets = _Sheets(book, 0 if language == "zh" else 1)
        sheets.rows(result)
        sheets.summary(result.summary)
        sheets.causes(result)


class _Sheets:
    """One workbook being written; `at` is the language's place in every pair of words."""

    def __init__(self, book: Any, at: int) -> None:
        self.book, self.at = book, at
        self.head = book.add_format(
            {
                "bold": True,
                "bg_color": "#1F4E78",
                "font_color": "#FFFFFF",
                "text_wrap": True,
                "valign": "vcenter",
            }
        )
        self.bold = book.add_format({"bold": True})
        self.wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        self.status = {key: book.add_format({"bg_color": colour}) for key, colour in _COLOURS.items()}
        kinds = {"day": "yyyy-mm-dd", "units": "#,##0", "rate": "0.00%", "money": "#,##0.00", "text": "@"}
        self.plain = {kind: book.add_format({"num_format": code}) for kind, code in kinds.items()}
        self.total = {
            kind: book.add_format({"num_format": code, "bold": True, "top": 1})
            for kind, code in kinds.items()
        }

    def rows(self, result: VarianceResult) -> None:
        frame = result.rows
        sheet = self.book.add_worksheet(words.SHEETS["rows"][self.at])
        self._headings(sheet, words.COLUMNS)
        self._body(sheet, words.COLUMNS, frame)
        last = len(frame) + 1
        for place, column in enumerate(words.COLUMNS):
            self._total(sheet, last, place, column, frame)
        sheet.freeze_panes(1, 4)
        sheet.autofilter(0, 0, max(len(frame), 1), len(words.COLUMNS) - 1)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)

    def summary(self, summary: dict[str, Any]) -> None:
        sheet = self.book.add_worksheet(words.SHEETS["summary"][self.at])
        sheet.set_column(0, 0, 24)
        sheet.set_column(1, 1, 16)
        sheet.set_column(2, 2, 70)
        for place, heading in enumerate((words.INDICATOR, words.FIGURE, words.MEANING)):
            sheet.write_string(0, place, heading[self.at], self.head)
        line = 1
        for key, indicator in words.INDICATORS.items():
            sheet.write_string(line, 0, indicator[self.at])
            self._figure(sheet, line, 1, key, summary[key])
            sheet.write_string(line, 2, indicator[2 + self.at], self.wrapped)
            line += 1
        sheet.write_string(line + 1, 0, words.HOW[self.at], self.bold)
        for formula in words.FORMULAS:
            line += 1
            sheet.write_string(line + 1, 0, formula[self.at])
        sheet.freeze_panes(1, 0)
        self._by_location(summary["by_location"])

    def causes(self, result: VarianceResult) -> None:
        sheet = self.book.add_worksheet(words.SHEETS["causes"][self.at])
        self._headings(sheet, words.CAUSE_COLUMNS)
        self._body(sheet, words.CAUSE_COLUMNS, result.causes)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(len(result.causes), 1), len(words.CAUSE_COLUMNS) - 1)

    def _headings(self, sheet: Any, headings: dict[str, tuple[str, str]]) -> None:
        sheet.set_row(0, 30)
        for place, (column, heading) in enumerate(headings.items()):
            sheet.set_column(place, place, _WIDTHS.get(column, 10))
            sheet.write_string(0, place, heading[self.at], self.head)

    def _body(self, sheet: Any, columns: Iterable[str], frame: Any) -> None:
        """The rows of a frame below the headings. Row by row: what is written has left the memory."""
        names = list(columns)
        writers = [self._writer(sheet, column) for column in names]
        for line, row in enumerate(zip(*(_cells(frame[column]) for column in names), strict=True), start=1):
            for place, (write, cell) in enumerate(zip(writers, row, strict=True)):
                if cell is not None and cell != "":
                    write(line, place, cell)

    def _writer(self, sheet: Any, column: str) -> Callable[[int, int, Any], object]:
        kind = _kind(column)
        look = self.plain[kind]
        if column == "status":
            return lambda line, place, cell: sheet.write_string(
                line, place, words.STATUSES[cell][self.at], self.status[cell]
            )
        if column == "cause":
            return lambda line, place, cell: sheet.write_string(line, place, self._in_words(cell))
        if kind == "text":
            return lambda line, place, cell: sheet.write_string(line, place, _fitting(cell), look)
        if kind == "day":
            return lambda line, place, cell: sheet.write_datetime(line, place, cell.to_pydatetime(), look)
        return lambda line, place, cell: sheet.write_number(line, place, float(cell), look)

    def _total(self, sheet: Any, line: int, place: int, column: str, frame: Any) -> None:
        if place == 0:
            sheet.write_string(line, 0, words.TOTAL[self.at], self.total["text"])
        elif column in _SUMMED:
            sheet.write_number(line, place, int(frame[column].sum()), self.total["units"])
        elif column == "variance_value" and frame[column].notna().any():
            total = sum((Decimal(value) for value in frame[column].dropna()), Decimal(0))
            sheet.write_number(line, place, float(total), self.total["money"])
        else:
            sheet.write_blank(line, place, None, self.total["text"])

    def _by_location(self, by_location: dict[str, dict[str, Any]]) -> None:
        sheet = self.book.add_worksheet(words.SHEETS["by_location"][self.at])
        keys = [key for key in words.INDICATORS if key not in ("tolerance", "unmapped")]
        sheet.set_column(0, len(keys), 14)
        sheet.set_row(0, 30)
        sheet.freeze_panes(1, 1)
        line = 0
        sheet.write_string(line, 0, words.COLUMNS["location"][self.at], self.head)
        for place, key in enumerate(keys, start=1):
            sheet.write_string(line, place, words.INDICATORS[key][self.at], self.head)
        for location, figures in by_location.items():
            line += 1
            sheet.write_string(line, 0, _fitting(location))
            for place, key in enumerate(keys, start=1):
                self._figure(sheet, line, place, key, figures[key])

    def _figure(self, sheet: Any, line: int, place: int, key: str, figure: Any) -> None:
        if figure is None:
            sheet.write_string(line, place, "—")
        elif key == "status":
            sheet.write_string(line, place, words.STATUSES[figure][self.at], self.status[figure])
        elif key in _RATES:
            sheet.write_number(line, place, float(figure), self.plain["rate"])
        else:
            kind = "money" if key.endswith("_value") else "units"
            sheet.write_number(line, place, float(figure), self.plain[kind])

    def _in_words(self, cause: str) -> str:
        """`late_posting:3|unexplained:1` → 跨日记账 3；未查明 1"""
        parts = []
        for part in filter(None, cause.split("|")):
            code, _, units = part.partition(":")
            name = words.CAUSES[code][self.at] if code in words.CAUSES else code
            parts.append(f"{name} {units}".strip())
        return ("；", "; ")[self.at].join(parts)


def _cells(column: Any) -> list[Any]:
    """Values with None for every kind of gap."""
    cells: list[Any] = column.astype(object).where(column.notna(), None).tolist()
    return cells


def _kind(column: str) -> str:
    if column == "business_date":
        return "day"
    if column == "rate":
        return "rate"
    if column in _MONEY:
        return "money"
    return "units" if column in _SUMMED or column == "units" else "text"


def _fitting(text: object) -> str:
    # A cell holds 32,767 characters; control characters would make the file unreadable.
    clean = "".join(char for char in str(text) if char >= " " or char in "\t\n")
    return clean if len(clean) <= 32_767 else clean[:32_766] + "…"
