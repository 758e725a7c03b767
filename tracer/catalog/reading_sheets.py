"""Files from a spreadsheet or another system → a sheet of cells: CSV, TSV, XLSX.

How bytes become text (UTF-8, UTF-16, GB18030) and what a hostile workbook may not do is decided in
`reconcile.files`, for every file that people bring.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from reconcile.errors import BadInput
from reconcile.files.text import encoding_of
from reconcile.files.xlsx import shown_sheets, xlsx_rows
from tracer.catalog.codes_file.findings import Finding
from tracer.catalog.codes_file.rows import Sheet
from tracer.catalog.errors import ImportRefused

MOST_BYTES: Final = 256 * 1024 * 1024
_WORKBOOK: Final = b"PK\x03\x04"
_OLD_WORKBOOK: Final = b"\xd0\xcf\x11\xe0"


def read_sheet(path: Path) -> Sheet:
    """The table in a file; whether it is text or a workbook follows from its content, not its name.

    Raises ImportRefused with one finding if it cannot be read at all.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise _unreadable(path.name, reason, f"文件无法打开（{reason}）") from error
    if len(content) > MOST_BYTES:
        raise _unreadable(path.name, "it is larger than 256 MiB", "文件超过 256 MiB")
    try:
        if content.startswith((_WORKBOOK, _OLD_WORKBOOK)):
            return _workbook(path)
        return _delimited(content.decode(encoding_of(content, path.name)), path.name)
    except BadInput as error:
        raise _refused(path.name, error) from error


def _refused(name: str, error: BadInput) -> ImportRefused:
    reasons = [(cell.row, cell.reason) for cell in error.cells]
    return ImportRefused(
        name,
        [
            Finding(file=name, row=row, code="unreadable_file", data={"en": r.en, "zh": r.zh})
            for row, r in reasons
        ],
    )


def _good_rows(path: Path) -> Iterator[Any]:
    """What is wrong further down a workbook is found on the way."""
    try:
        yield from xlsx_rows(path)
    except BadInput as error:
        raise _refused(path.name, error) from error


def _workbook(path: Path) -> Sheet:
    rows = _good_rows(path)
    return Sheet(next(rows, ()), rows, *_titles(path))


def _titles(path: Path) -> tuple[str, tuple[str, ...]]:
    """The name of the sheet that is read, and of those that are not."""
    from python_calamine import CalamineWorkbook

    with CalamineWorkbook.from_path(str(path)) as book:
        first = shown_sheets(book)[0]
        return first, tuple(name for name in book.sheet_names if name != first)


def _delimited(text: str, name: str) -> Sheet:
    first = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(",\t;", key=first.count)
    # Strict: a quote that is never closed would otherwise swallow the rest of the file without a word.
    rows = _records(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), name)
    return Sheet(next(rows, ()), rows)


def _records(rows: Any, name: str) -> Iterator[list[str]]:
    number = 0
    try:
        for row in rows:
            number += 1
            yield row
    except csv.Error as error:
        en = f"the quotes of this row are broken, or a cell is too long ({error})"
        zh = f"该行引号未闭合，或单元格过长（{error}）"
        raise _unreadable(name, en, zh, number + 1) from error


def _unreadable(name: str, en: str, zh: str, row: int | None = None) -> ImportRefused:
    return ImportRefused(
        name, [Finding(file=name, row=row, code="unreadable_file", data={"en": en, "zh": zh})]
    )
