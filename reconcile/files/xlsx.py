"""The worksheet of an XLSX file that people see first, after a look at what it would unpack to."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Generator, Sequence
from datetime import time, timedelta
from pathlib import Path
from typing import IO, Any, Final

from reconcile.errors import BadCell, BadInput, refuse
from reconcile.files import reasons

LIMIT_UNPACKED_BYTES: Final = 512 * 1024 * 1024
LIMIT_CELLS: Final = 20_000_000
"""The reader holds the whole rectangle: two cells in opposite corners would otherwise fill the memory."""

LIMIT_ROWS: Final = 1_048_576
"""Of a worksheet, by its format."""

_CELL: Final = re.compile(rb'<(?:\w+:)?c [^>]*?\br="([A-Z]+)(\d+)"')
_TAIL: Final = 64


def xlsx_rows(path: Path) -> Generator[Sequence[Any], None, None]:
    """Rows of the first worksheet that is not hidden, from row 1 on.

    Words that are merged downwards stand for all the rows they cover.

    Raises BadInput if this is no XLSX, a hostile one, or one that is full to its last row; for a number that
    is merged downwards, which may be meant for each row or for all together; and if a further worksheet goes
    on under the same headings, whose rows would be lost.
    """
    import python_calamine

    name = str(path)
    refuse_bombs(path, name)
    try:
        with python_calamine.CalamineWorkbook.from_path(str(path)) as book:
            read, *others = shown_sheets(book)
            sheet = book.get_sheet_by_name(read)
            headings = _headings(sheet)
            for other in others:
                further = book.get_sheet_by_name(other)
                if further.height > 1 and headings and _headings(further) == headings:
                    raise _goes_on(name, read, other)
    except BadInput:
        raise
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise refuse(
            name, "not_xlsx", f"not a readable XLSX file: {error}", "不是可读的 XLSX 文件"
        ) from error
    if sheet.end is not None and sheet.end[0] + 1 >= LIMIT_ROWS:
        raise refuse(
            name,
            "sheet_full",
            f"the worksheet is full to its last row ({LIMIT_ROWS:,}): what came after it was cut off; "
            "export as CSV",
            f"工作表已满 {LIMIT_ROWS:,} 行，其后的记录已被截断；请改导出为 CSV",
        )
    return _rows(sheet, name)


def shown_sheets(book: Any) -> list[str]:
    """The names of the worksheets that a person sees; what is hidden was taken back. Raises ValueError."""
    import python_calamine

    seen = [
        meta.name
        for meta in book.sheets_metadata
        if meta.typ == python_calamine.SheetTypeEnum.WorkSheet
        and meta.visible == python_calamine.SheetVisibleEnum.Visible
    ]
    if not seen:
        raise ValueError("all its worksheets are hidden")
    return seen


def _headings(sheet: Any) -> list[Any]:
    return [cell for row in sheet.to_python(skip_empty_area=False, nrows=1) for cell in row if cell != ""]


def _goes_on(name: str, read: str, other: str) -> Exception:
    return refuse(
        name,
        "more_sheets",
        f"the worksheet {other!r} goes on under the headings of {read!r}: save each as a file of its own",
        f"工作表“{other}”与“{read}”列名相同，数据还在继续；请把每个工作表另存为单独的文件",
    )


def _rows(sheet: Any, name: str) -> Generator[Sequence[Any], None, None]:
    if sheet.start is None:
        return
    _, left = sheet.start
    waiting = sorted(sheet.merged_cell_ranges or ())
    standing: list[tuple[int, int, Any]] = []
    for at, cells in enumerate(sheet.iter_rows()):
        row = [None] * left + plain_cells(cells)
        while waiting and waiting[0][0][0] <= at:
            (_, column), (bottom, _) = waiting.pop(0)
            # Down its own column only: a title across several is no value of each.
            if column < len(row) and bottom > at > 0:
                if isinstance(row[column], (int, float)):
                    shown = f"{row[column]:g}"
                    raise BadInput(
                        [BadCell(file=name, row=at + 1, value=shown, reason=reasons.MERGED_NUMBER)]
                    )
                standing.append((column, bottom, row[column]))
        if standing:
            standing = [one for one in standing if one[1] >= at]
            for column, _, value in standing:
                row[column] = value
        yield row


def plain_cells(row: list[Any]) -> list[Any]:
    """The cells of a row as numbers, dates and texts."""
    # True equals 1 and would pass for a quantity; times and durations are nothing any column expects.
    return [str(cell).upper() if isinstance(cell, (bool, time, timedelta)) else cell for cell in row]


def refuse_bombs(workbook: Path | IO[bytes], name: str) -> None:
    """Raises BadInput if this is no ZIP, or one that unpacks to more than a workbook may hold."""
    try:
        with zipfile.ZipFile(workbook) as archive:
            left = LIMIT_UNPACKED_BYTES
            for part in archive.infolist():
                if part.file_size > left:
                    raise _too_large(name)
                with archive.open(part) as opened:
                    left -= _measured(opened, part.filename.startswith("xl/worksheets/"), left, name)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise refuse(
            name,
            "not_xlsx",
            f"not a readable XLSX file (old .xls, or protected by a password?): {error}",
            "不是可读的 XLSX 文件（可能是旧版 .xls 或加密文件）",
        ) from error


def _measured(opened: Any, is_sheet: bool, left: int, name: str) -> int:
    """Bytes unpacked; the sizes a ZIP declares need not be true."""
    size, tail, widest, lowest = 0, b"", 0, 0
    while chunk := opened.read(1 << 20):
        size += len(chunk)
        if size > left:
            raise _too_large(name)
        if is_sheet:
            found = _CELL.findall(tail + chunk)
            if found:
                widest = max(widest, *(_column(letters) for letters in {letters for letters, _ in found}))
                lowest = max(lowest, *(int(row) for row in {row for _, row in found}))
                if widest * lowest > LIMIT_CELLS:
                    raise _too_large(name)
            tail = chunk[-_TAIL:]
    return size


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _too_large(name: str) -> Exception:
    return refuse(
        name,
        "unpacks_too_large",
        f"unpacks to more than {LIMIT_UNPACKED_BYTES >> 20} MiB or {LIMIT_CELLS:,} cells; export as CSV",
        f"解压后超过 {LIMIT_UNPACKED_BYTES >> 20} MiB 或 {LIMIT_CELLS:,} 个单元格；请改导出为 CSV",
    )
