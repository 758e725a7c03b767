"""The cells of a file, as they are: no guessing of types, row numbers as the spreadsheet shows them."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from reconcile.errors import BadCell, BadInput, Reason, refuse
from reconcile.files import reasons
from reconcile.files.text import encoding_in

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

LIMIT_BYTES: Final = 256 * 1024 * 1024
"""Of a file that is held in memory whole; one that is gone through in parts may be larger."""
LIMIT_COLUMNS: Final = 500
PART_ROWS: Final = 50_000
LONGEST_LINE: Final = 1 << 20


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


@dataclass(frozen=True)
class Part:
    """Some rows of a file, as in `Table`. `bad`: rows that are left out, having more cells than headings.

    `read_bytes`: of the file, up to the end of this part.
    """

    cells: dict[str, list[Any]]
    rows: npt.NDArray[np.int64]
    bad: list[BadCell]
    read_bytes: int


def read_table(path: Path, known: dict[str, str]) -> Table:
    """Read a file by its ending. `known`: recognised heading (folded) → column name.

    Unknown columns are left out. Raises BadInput for a file that cannot be read, two columns of one meaning,
    or rows with more cells than there are headings.
    """
    import numpy as np

    headings, parts = read_parts(path, known, most_bytes=LIMIT_BYTES)
    cells: dict[str, list[Any]] = {column: [] for column in headings}
    rows = [np.empty(0, dtype="int64")]
    bad: list[BadCell] = []
    for part in parts:
        bad += part.bad
        rows.append(part.rows)
        for column, values in part.cells.items():
            cells[column] += values
    if bad:
        raise BadInput(bad)
    return Table(str(path), headings, cells, np.concatenate(rows))


def read_parts(
    path: Path, known: dict[str, str], *, most_bytes: int
) -> tuple[dict[str, str], Iterator[Part]]:
    """The headings, as in `Table`, and the rows in parts, of which only one is held at a time.

    Raises BadInput as `read_table` does, also while the parts are read: for a quote that is never closed.
    """
    readers: dict[str, Callable[[Path], _Rows]] = {
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
    if size > most_bytes:
        mebibytes = f"{most_bytes >> 20:,} MiB"
        raise refuse(
            name,
            "file_too_large",
            f"larger than {mebibytes}; export only what is in use, or in several files",
            f"文件大于 {mebibytes}；请只导出在用的记录，或分成几个文件",
        )
    rows = reader(path)
    try:
        headings, places = _headings(name, next(rows.rows, []), known)
    except BadInput:
        rows.rows.close()
        raise
    return headings, _parts(name, rows, headings, places)


@dataclass(frozen=True)
class _Rows:
    """The rows of a file, headings first; and how many of its bytes have been read so far."""

    rows: Generator[Sequence[Any], None, None]
    read_bytes: Callable[[], int]


def folded(heading: object) -> str:
    """Headings are compared without width, case, surrounding blanks and line breaks."""
    return "".join(unicodedata.normalize("NFKC", str(heading or "")).split()).casefold()


def _parts(name: str, source: _Rows, headings: dict[str, str], places: dict[str, int]) -> Iterator[Part]:
    import numpy as np

    full = places.pop("")
    width = max(places.values(), default=-1) + 1
    first = 2
    while rows := list(islice(source.rows, PART_ROWS)):
        cells: dict[str, list[Any]] = {column: [] for column in headings}
        appends = [(cells[column].append, places[column]) for column in headings]
        kept: list[int] = []
        bad: list[BadCell] = []
        for number, row in enumerate(rows, start=first):
            if len(row) < width:
                row = [*row, *[None] * (width - len(row))]
            elif len(row) > full and any(_is_filled(cell) for cell in row[full:]):
                bad.append(BadCell(file=name, row=number, reason=reasons.TOO_MANY_CELLS))
                continue
            if not any(map(_is_filled, row)):
                continue
            kept.append(number)
            for append, place in appends:
                append(row[place])
        first += len(rows)
        del rows
        yield Part(cells, np.array(kept, dtype="int64"), bad, source.read_bytes())


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


def _csv_rows(path: Path) -> _Rows:
    opened: list[IO[bytes]] = []
    size = path.stat().st_size

    def records() -> Generator[list[str], None, None]:
        with path.open("rb") as file:
            opened.append(file)
            yield from _csv_records(file, str(path))

    return _Rows(records(), lambda: size if opened[0].closed else opened[0].tell())


def _csv_records(file: IO[bytes], name: str) -> Iterator[list[str]]:
    encoding = encoding_in(file, name)
    file.seek(0)
    text = io.TextIOWrapper(file, encoding, newline="")
    # The first line says by what the cells are parted; one without an end is no line.
    beginning = text.readline(LONGEST_LINE)
    delimiter = max(",\t;", key=beginning.count)
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
    finally:
        text.detach()


def _xlsx_rows(path: Path) -> _Rows:
    from reconcile.files.xlsx import xlsx_rows

    size = path.stat().st_size
    return _Rows(xlsx_rows(path), lambda: size)


def _parquet_rows(path: Path) -> _Rows:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        raise _not_parquet(path, error) from error
    done, size = 0, path.stat().st_size

    def rows() -> Generator[Sequence[Any], None, None]:
        nonlocal done
        yield file.schema_arrow.names
        try:
            for batch in file.iter_batches(batch_size=PART_ROWS):
                yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)
                done += batch.num_rows
        except (pa.ArrowException, OSError) as error:
            raise _not_parquet(path, error) from error

    return _Rows(rows(), lambda: size * done // max(file.metadata.num_rows, 1))


def _not_parquet(path: Path, error: Exception) -> BadInput:
    return refuse(str(path), "not_parquet", f"not a Parquet file: {error}", "不是 Parquet 文件")
