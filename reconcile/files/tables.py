"""The cells of a file, as they are: no guessing of types, row numbers as the spreadsheet shows them."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from reconcile.errors import BadCell, BadInput, Reason, refuse
from reconcile.files import reasons
from reconcile.files.text import encoding_of

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

LIMIT_BYTES: Final = 256 * 1024 * 1024
LIMIT_COLUMNS: Final = 500


@dataclass(frozen=True)
class Table:
    """`headings`: column name → heading as the file has it, the name behind it where that differs.

    `cells`: column name → values, in file order: text, or what a spreadsheet cell or a Parquet column holds
    (int, float, bool, date, datetime, Decimal, None).
    `rows`: int64, each one's row number with the headings as row 1. Blank rows are left out.
    """

    name: str
    headings: dict[str, str]
    cells: dict[str, list[Any]]
    rows: npt.NDArray[np.int64]


def read_table(path: Path, known: dict[str, str]) -> Table:
    """Read a file by its ending. `known`: recognised heading (folded) → column name.

    Unknown columns are left out. Raises BadInput for a file that cannot be read, two columns of one meaning,
    or rows with more cells than there are headings.
    """
    readers: dict[str, Callable[[Path], Iterable[Sequence[Any]]]] = {
        ".csv": _csv_rows,
        ".tsv": _csv_rows,
        ".txt": _csv_rows,
        ".xlsx": _xlsx_rows,
        ".parquet": _parquet_rows,
    }
    name = str(path)
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise refuse(
            name,
            "unknown_ending",
            f"cannot read {path.suffix or 'a file without ending'}; expected one of {', '.join(readers)}",
            f"无法读取 {path.suffix or '没有扩展名的文件'}；应为 {'、'.join(readers)} 之一",
        )
    try:
        size = path.stat().st_size
    except OSError as error:
        raise refuse(name, "no_file", f"cannot be opened: {error.strerror}", "文件无法打开") from error
    if size > LIMIT_BYTES:
        raise refuse(name, "file_too_large", "larger than 256 MiB", "文件大于 256 MiB")
    return _table(name, iter(reader(path)), known)


def folded(heading: object) -> str:
    """Headings are compared without width, case, surrounding blanks and line breaks."""
    return "".join(unicodedata.normalize("NFKC", str(heading or "")).split()).casefold()


def _table(name: str, rows: Iterator[Sequence[Any]], known: dict[str, str]) -> Table:
    import numpy as np

    headings, places = _headings(name, next(rows, []), known)
    width = max(places.values(), default=-1) + 1
    cells: dict[str, list[Any]] = {column: [] for column in headings}
    appends = [(cells[column].append, places[column]) for column in headings]
    kept: list[int] = []
    bad: list[BadCell] = []
    full = places.pop("", 0)
    for number, row in enumerate(rows, start=2):
        if len(row) < width:
            row = [*row, *[None] * (width - len(row))]
        elif len(row) > full and any(_is_filled(cell) for cell in row[full:]):
            bad.append(BadCell(file=name, row=number, reason=reasons.TOO_MANY_CELLS))
        if not any(map(_is_filled, row)):
            continue
        kept.append(number)
        for append, place in appends:
            append(row[place])
    if bad:
        raise BadInput(bad)
    return Table(name, headings, cells, np.array(kept, dtype="int64"))


def _headings(
    name: str, first: Sequence[Any], known: dict[str, str]
) -> tuple[dict[str, str], dict[str, int]]:
    """(column → heading, column → place, and "" → number of headings)."""
    if not any(map(_is_filled, first)):
        raise BadInput([BadCell(file=name, row=1, reason=reasons.NO_HEADINGS)])
    if len(first) > LIMIT_COLUMNS:
        raise refuse(
            name, "too_many_columns", f"more than {LIMIT_COLUMNS} columns", f"超过 {LIMIT_COLUMNS} 列"
        )
    headings: dict[str, str] = {}
    places: dict[str, int] = {}
    bad = []
    for place, heading in enumerate(first):
        column = known.get(folded(heading))
        if column is None:
            continue
        if column in headings:
            bad.append(BadCell(file=name, row=1, column=str(heading).strip(), reason=reasons.TWICE))
        shown = str(heading).strip()
        headings[column] = shown if folded(shown) == column else f"{shown} ({column})"
        places[column] = place
    if bad:
        raise BadInput(bad)
    places[""] = len(first)
    return headings, places


def _is_filled(cell: Any) -> bool:
    return cell is not None and cell != "" and not (isinstance(cell, str) and not cell.strip())


def _csv_rows(path: Path) -> Iterator[list[str]]:
    name = str(path)
    data = path.read_bytes()
    text = io.TextIOWrapper(io.BytesIO(data), encoding_of(data, name), newline="")
    delimiter = max(",\t;", key=text.readline().count)
    text.seek(0)
    # Strict: a quote that is never closed would otherwise swallow the rest of the file without a word.
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    number = 0
    try:
        for row in reader:
            number += 1
            yield row
    except csv.Error as error:
        raise BadInput(
            [
                BadCell(
                    file=name,
                    row=number + 1,
                    reason=Reason(
                        "broken_csv",
                        f"CSV 格式有误（引号未闭合或过长）：{error}",
                        f"broken CSV (an open quote, or a cell too long): {error}",
                    ),
                )
            ]
        ) from error


def _xlsx_rows(path: Path) -> Iterable[Sequence[Any]]:
    from reconcile.files.xlsx import xlsx_rows

    return xlsx_rows(path)


def _parquet_rows(path: Path) -> Iterator[Sequence[Any]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
    except (pa.ArrowException, OSError) as error:
        raise refuse(str(path), "not_parquet", f"not a Parquet file: {error}", "不是 Parquet 文件") from error
    yield table.column_names
    for batch in table.to_batches(max_chunksize=65_536):
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)
