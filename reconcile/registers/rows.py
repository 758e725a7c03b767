"""Rows of tables as they stand: text files of any size line by line, workbooks sheet by sheet.

A row that cannot be read is given with its trouble, and the rows after it are read.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import IO, Any, Final, NamedTuple

from reconcile.errors import BadInput, Reason
from reconcile.files.xlsx import plain_cells, refuse_bombs
from reconcile.registers import reasons
from reconcile.registers.records import Bad

LONGEST_LINE: Final = 1024 * 1024
WORKBOOK_BYTES: Final = 256 * 1024 * 1024
_DELIMITERS: Final = ",\t;|"


class Row(NamedTuple):
    """`number`: as the spreadsheet shows it. `offset`: the byte of the file; None in a workbook."""

    number: int
    cells: Sequence[Any]
    offset: int | None = None
    trouble: Reason | None = None
    value: str = ""


class Sheet(NamedTuple):
    name: str
    rows: Iterator[Row]


# --- text ------------------------------------------------------------------------------------------------


def delimited_rows(read: Callable[[int], bytes]) -> Iterator[Row]:
    """Rows of a CSV, TSV or `|` file in UTF-8, UTF-16 with its mark, or GB18030."""
    lines = _lines(read)
    first = next(lines, None)
    if first is None:
        return
    delimiter = max(_DELIMITERS, key=first[1].count)
    waiting: deque[tuple[int, str]] = deque([first])
    taken: list[tuple[int, str]] = []

    def feed() -> Iterator[str]:
        while True:
            one = waiting.popleft() if waiting else next(lines, None)
            if one is None:
                return
            taken.append(one)
            yield one[1]

    number = width = 0
    reader = csv.reader(feed(), delimiter=delimiter, strict=True)
    while True:
        number += 1
        if delimiter == "|" and (one := waiting.popleft() if waiting else next(lines, None)) is not None:
            # Whoever parts with `|` quotes nothing, and an inch is written with a quote.
            plain = _parted(one[1])
            if width in (0, len(plain)):
                width = len(plain)
                yield _row(number, plain, *one)
                continue
            waiting.appendleft(one)
        try:
            cells = next(reader, None)
        except csv.Error:
            # A quote that is never closed has swallowed lines: all but the first are read again.
            offset, line = taken[0]
            yield Row(number, (), offset, reasons.BROKEN_ROW, line.strip()[:80])
            waiting.extendleft(reversed(taken[1:]))
            taken.clear()
            reader = csv.reader(feed(), delimiter=delimiter, strict=True)
            continue
        if cells is None:
            return
        yield _row(number, cells, *taken[0])
        taken.clear()


def _row(number: int, cells: Sequence[str], offset: int, line: str) -> Row:
    if not line.isascii() and any("\udc80" <= character <= "\udcff" for character in line):
        shown = line.encode("utf-8", "replace").decode()[:80]
        return Row(number, (), offset, reasons.BAD_BYTES, shown)
    return Row(number, cells, offset)


def _parted(line: str) -> list[str]:
    """The cells of a line of `|`; one that somebody quoted all the same without its quotes."""
    cells = line.rstrip("\r\n").split("|")
    if '"' not in line:
        return cells
    quoted = ('"', '"')
    return [
        one[1:-1].replace('""', '"') if len(one) > 1 and (one[0], one[-1]) == quoted else one for one in cells
    ]


def _lines(read: Callable[[int], bytes]) -> Iterator[tuple[int, str]]:
    """(offset, text) of each line; bytes that cannot be decoded are lone surrogates."""
    stream = io.BufferedReader(_Stream(read), 1024 * 1024)
    head = stream.peek(4)[:4]
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = io.TextIOWrapper(stream, "utf-16", errors="surrogateescape", newline="")
        offset = 0
        while line := text.readline(LONGEST_LINE):
            yield offset, line
            offset += 2 * len(line)
        return
    encoding, offset = "", 0
    while line_bytes := stream.readline(LONGEST_LINE):
        size = len(line_bytes)
        if offset == 0:
            line_bytes = line_bytes.removeprefix(codecs.BOM_UTF8)
            encoding = "utf-8" if len(line_bytes) != size else ""
        if line_bytes.isascii():
            yield offset, line_bytes.decode("ascii")
        else:
            encoding = encoding or _encoding(line_bytes)
            yield offset, line_bytes.decode(encoding, "surrogateescape")
        offset += size


def _encoding(line: bytes) -> str:
    """What the first line with more than ASCII in it is written in."""
    try:
        line.decode("utf-8")
        return "utf-8"
    except UnicodeDecodeError:
        text = line.decode("utf-8", "replace")
        wrong = text.count("\ufffd")
        right = sum(1 for character in text if character > "\x7f") - wrong
        return "utf-8" if right > 10 * wrong else "gb18030"


class _Stream(io.RawIOBase):
    """A reading function as a stream."""

    def __init__(self, read: Callable[[int], bytes]) -> None:
        self._read = read

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        block = self._read(len(buffer))
        buffer[: len(block)] = block
        return len(block)


# --- workbooks -------------------------------------------------------------------------------------------


def workbook_sheets(stream: IO[bytes], part: str, bad: list[Bad]) -> list[Sheet]:
    """The sheets that a person sees. Hidden ones are told and left alone: what they hold was taken back."""
    import python_calamine as calamine

    content = stream.read(WORKBOOK_BYTES + 1)
    if len(content) > WORKBOOK_BYTES:
        bad.append(Bad(part, reasons.TOO_LARGE))
        return []
    try:
        refuse_bombs(io.BytesIO(content), part)
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        found = []
        for meta in book.sheets_metadata:
            if meta.typ != calamine.SheetTypeEnum.WorkSheet:
                continue
            if meta.visible != calamine.SheetVisibleEnum.Visible:
                bad.append(Bad(part, reasons.HIDDEN_SHEET, value=meta.name, refused=False))
                continue
            found.append(Sheet(meta.name, _sheet_rows(book.get_sheet_by_name(meta.name))))
    except BadInput as error:
        bad.append(Bad(part, error.cells[0].reason))
        return []
    except (calamine.CalamineError, OSError, ValueError):
        bad.append(Bad(part, reasons.BAD_TABLE))
        return []
    return found


def _sheet_rows(sheet: Any) -> Iterator[Row]:
    start = sheet.start
    if start is None:
        return
    # A merged cell stands for all the cells it covers.
    spans = [
        ((top, left - start[1]), (bottom, right - start[1]))
        for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()
    ]
    waiting = sorted(spans)
    open_: list[tuple[int, int, int, Any]] = []
    for at, cells in enumerate(sheet.iter_rows()):
        row = plain_cells(cells)
        while waiting and waiting[0][0][0] <= at:
            (_, left), (bottom, right) = waiting.pop(0)
            if left < len(row):
                open_.append((left, right, bottom, row[left]))
        open_ = [span for span in open_ if span[2] >= at]
        for left, right, _, value in open_:
            for column in range(left, min(right + 1, len(row))):
                row[column] = value
        yield Row(at + 1, row)
