"""Files from a spreadsheet or another system → a sheet of cells: CSV, TSV, XLSX.

Text is read in whatever encoding it is in: UTF-8 with or without mark, UTF-16 with mark, GB18030
(which contains GBK and GB2312). What is none of these is refused by naming the first bad byte.
"""

from __future__ import annotations

import csv
import io
import zipfile
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import python_calamine

from tracer.catalog.codes_file.findings import Finding
from tracer.catalog.codes_file.rows import Sheet
from tracer.catalog.errors import ImportRefused

MOST_BYTES: Final = 500_000_000
MOST_BYTES_UNPACKED: Final = 2_000_000_000
_ZIP: Final = b"PK\x03\x04"
_OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0"


def read_sheet(path: Path) -> Sheet:
    """The table in a file; what it is follows from its content, not from its name.

    Raises ImportRefused with one finding if it cannot be read at all.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise _unreadable(path.name, "it is larger than 500 MB", "文件超过 500 MB")
        content = path.read_bytes()
    except OSError as error:
        reason = error.strerror or "no such file"
        raise _unreadable(path.name, reason, f"无法打开（{reason}）") from error
    return sheet_of(content, path.name)


def sheet_of(content: bytes, name: str) -> Sheet:
    """The table in a file's content. Raises ImportRefused."""
    if content.startswith((_ZIP, _OLD_EXCEL)):
        return _spreadsheet(content, name)
    text = decoded(content, name)
    return _delimited(text, name)


def decoded(content: bytes, name: str) -> str:
    """Text of unknown encoding. Raises ImportRefused."""
    encodings: tuple[str, ...]
    if content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        encodings = ("utf-16",)
    elif content.startswith(BOM_UTF8):
        encodings = ("utf-8-sig",)
    else:
        # Chinese text in GB18030 is practically never valid UTF-8, so the order decides rightly.
        encodings = ("utf-8", "gb18030")
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError as error:
            at = error.start
    line = content.count(b"\n", 0, at) + 1
    raise _unreadable(
        name,
        f"line {line} (byte {at}) is in neither UTF-8 nor GB18030; UTF-16 is expected to begin with a mark",
        f"第 {line} 行既不是 UTF-8 也不是 GB18030 编码（第 {at} 字节）；UTF-16 文件应带 BOM",
    )


def _delimited(text: str, name: str) -> Sheet:
    first = text.lstrip("\r\n").partition("\n")[0]
    if "\0" in first:
        raise _unreadable(
            name, "it is not a table; CSV, TSV or XLSX is expected", "不是表格；应为 CSV、TSV 或 XLSX"
        )
    delimiter = max("\t;,", key=first.count) if first else ","
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        headings = next(rows, [])
    except csv.Error as error:
        raise _broken(name, 1, error) from error
    return Sheet(headings, _records(rows, name))


def _records(rows: Any, name: str) -> Iterator[list[str]]:
    """The records one by one; a quote that never closes is told by its line."""
    number = 1
    while True:
        number += 1
        try:
            yield next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            raise _broken(name, number, error) from error


def _spreadsheet(content: bytes, name: str) -> Sheet:
    """The first sheet that holds anything."""
    try:
        if content.startswith(_ZIP):
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                if sum(entry.file_size for entry in archive.infolist()) > MOST_BYTES_UNPACKED:
                    raise ValueError("larger than 2 GB when unpacked")
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        tables = [
            (title, book.get_sheet_by_name(title).to_python(skip_empty_area=False))
            for title in book.sheet_names
        ]
    except (python_calamine.CalamineError, zipfile.BadZipFile, OSError, ValueError) as error:
        reason = " ".join(str(error).split())[:200]
        raise _unreadable(
            name,
            f"it is a damaged or protected workbook ({reason})",
            f"工作簿已损坏或有密码保护（{reason}）",
        ) from error
    filled = [(title, rows) for title, rows in tables if any(cell != "" for row in rows for cell in row)]
    if not filled:
        return Sheet((), ())
    title, rows = filled[0]
    return Sheet(rows[0], rows[1:], title, tuple(other for other, _ in filled[1:]))


def _broken(name: str, row: int, error: csv.Error) -> ImportRefused:
    data = {
        "detail": f"the quotes or the fields of this row are broken ({error})",
        "detail_zh": f"该行的引号或字段有误（{error}）",
    }
    return ImportRefused(name, [Finding(file=name, row=row, code="unreadable_file", data=data)])


def _unreadable(name: str, detail: str, detail_zh: str) -> ImportRefused:
    finding = Finding(file=name, code="unreadable_file", data={"detail": detail, "detail_zh": detail_zh})
    return ImportRefused(name, [finding])
