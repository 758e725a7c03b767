"""Tables of a register cut into records: one row each, or a few where packages stand in rows of their own."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import IO, Any, Final, NamedTuple

from reconcile.files.tables import folded
from reconcile.registers import reasons
from reconcile.registers.chunks import Layout, Raw
from reconcile.registers.headings import KNOWN, NEEDED
from reconcile.registers.records import Bad
from reconcile.registers.rows import Row, Sheet, delimited_rows, workbook_sheets

HEADINGS_WITHIN: Final = 10
PACKING: Final = ("bzcpbs", "cpbzjb", "bznhxyjcpbssl", "bznhxyjbzcpbs")
IDENTIFIER: Final = (
    *("deviceId", "deviceIdType", "deviceIdIssuingAgency", "containsDINumber", "pkgQuantity"),
    *("pkgDiscontinueDate", "pkgStatus", "pkgType"),
)
# Rows of one record stand together; nobody packs a device in more ways than this.
MOST_ROWS: Final = 1000


class Table(NamedTuple):
    """A sheet whose headings are known. `columns`: the name for each place, in order."""

    layout: Layout
    sheet: str
    columns: tuple[str, ...]
    rows: Iterator[Row]


def delimited_table(read: Any) -> Table | None:
    """The table in a text file, or None if nobody knows its headings."""
    return _table(Sheet("", delimited_rows(read)))


def side_table(read: Any) -> Table | None:
    """A table beside GUDID's devices, told by its first heading; None for any other and for the devices'."""
    rows = delimited_rows(read)
    first = next(rows, None)
    if first is None or first.trouble is not None or not first.cells or _headings(first) is not None:
        return None
    known = KNOWN[Layout.GUDID_TABLE]
    columns = tuple(known.get(folded(cell), str(cell)) for cell in first.cells)
    return Table(Layout.GUDID_TABLE, "", columns, rows) if columns[0] == "PrimaryDI" else None


def workbook_tables(stream: IO[bytes], part: str, bad: list[Bad]) -> list[Table]:
    """The tables of a workbook that are of one register; what is left alone is told."""
    sheets = workbook_sheets(stream, part, bad)
    tables = [(sheet, _table(sheet)) for sheet in sheets]
    known = [table for _, table in tables if table is not None]
    for sheet, table in tables:
        if table is None or table.layout != known[0].layout:
            bad.append(Bad(part, reasons.UNKNOWN_SHEET, value=sheet.name, refused=not known))
    return [table for table in known if table.layout == known[0].layout]


def _table(sheet: Sheet) -> Table | None:
    looked = 0
    for row in sheet.rows:
        if row.trouble is not None:
            return None
        if not any(_is_filled(cell) for cell in row.cells):
            continue
        if (found := _headings(row)) is not None:
            return Table(found[0], sheet.name, found[1], sheet.rows)
        looked += 1
        if looked == HEADINGS_WITHIN:
            return None
    return None


def _headings(row: Row) -> tuple[Layout, tuple[str, ...]] | None:
    best: tuple[int, Layout, tuple[str, ...]] | None = None
    for layout, known in KNOWN.items():
        columns: list[str] = []
        count = 0
        for cell in row.cells:
            name = known.get(folded(cell), "")
            if name and name not in columns:
                count += 1
                columns.append(name)
            else:
                columns.append(str(cell or "").strip())
        if any(needed <= set(columns) for needed in NEEDED[layout]) and (best is None or count > best[0]):
            best = (count, layout, tuple(columns))
    return (best[1], best[2]) if best else None


def split_tables(tables: Iterable[Table]) -> Iterator[Raw]:
    """Each record of the tables, packages with the device they are packages of."""
    tables = list(tables)
    if not tables:
        return
    if tables[0].layout is Layout.NMPA_TABLE:
        packages = _packages([t for t in tables if "bzcpbs" in t.columns and "zxxsdycpbs" not in t.columns])
        for table in tables:
            if "zxxsdycpbs" in table.columns:
                raws = _joined(_raws(table), "deviceRecordKey", "packingList", PACKING)
                for raw in raws:
                    key = str(raw.content.get("deviceRecordKey", "")) if raw.content else ""
                    if key in packages:
                        raw.content.setdefault("packingList", []).extend(packages[key])
                    yield raw
    elif tables[0].layout is Layout.GUDID_TABLE:
        for table in tables:
            yield from _joined(_raws(table), "PrimaryDI", "identifiers", IDENTIFIER)
    else:
        for table in tables:
            yield from _raws(table)


def _raws(table: Table) -> Iterator[Raw]:
    width = len(table.columns)
    for row in table.rows:
        if row.trouble is not None:
            yield Raw(row.number, row.offset, None, row.trouble, row.value, table.sheet)
            continue
        cells = row.cells
        if len(cells) > width and any(map(_is_filled, cells[width:])):
            yield Raw(row.number, row.offset, None, reasons.TOO_MANY_CELLS, "", table.sheet)
            continue
        content = {
            name: cell for name, cell in zip(table.columns, cells, strict=False) if name and _is_filled(cell)
        }
        if content:
            yield Raw(row.number, row.offset, content, None, "", table.sheet)


def _joined(raws: Iterator[Raw], key: str, name: str, columns: tuple[str, ...]) -> Iterator[Raw]:
    """Rows that follow each other and have one key are one record with a list of the rest."""
    for raw in _grouped(raws, key):
        first, *others = raw
        if first.content is not None:
            listed = [
                {column: each.content.pop(column) for column in columns if column in each.content}
                for each in (first, *others)
            ]
            if listed := [entry for entry in listed if entry]:
                first.content[name] = listed
        yield first


def _grouped(raws: Iterator[Raw], key: str) -> Iterator[list[Raw]]:
    held: list[Raw] = []
    for raw in raws:
        same = (
            held
            and raw.content is not None
            and held[0].content is not None
            and raw.content.get(key) is not None
            and raw.content.get(key) == held[0].content.get(key)
            and len(held) < MOST_ROWS
            # A row that says the same again is the same record a second time, not a part of it.
            and raw.content != held[-1].content
            and raw.content.keys() & {"bzcpbs", "deviceId"}
        )
        if held and not same:
            yield held
            held = []
        held.append(raw)
    if held:
        yield held


def _packages(tables: list[Table]) -> dict[str, list[dict[str, Any]]]:
    """The packages of a workbook's second sheet, by the key of their device."""
    found: dict[str, list[dict[str, Any]]] = {}
    for raw in itertools.chain.from_iterable(_raws(table) for table in tables):
        if raw.content is not None and (key := raw.content.get("deviceRecordKey")) is not None:
            entry = {column: raw.content[column] for column in PACKING if column in raw.content}
            found.setdefault(str(key), []).append(entry)
    return found


def _is_filled(cell: Any) -> bool:
    return cell is not None and cell != "" and not (isinstance(cell, str) and cell.isspace())
