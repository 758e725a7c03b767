"""A sheet of cells → typed rows. Every cell that cannot be read is a finding; none stops the reading."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

from tracer.catalog.codes_file import cells
from tracer.catalog.codes_file.cells import Unreadable
from tracer.catalog.codes_file.columns import Layout, lay_out
from tracer.catalog.codes_file.findings import Finding
from tracer.catalog.errors import ImportRefused
from tracer.catalog.identifiers import canonical_di, wrong_check_digit
from tracer.catalog.rules import PriceKind

FIRST_ROW: Final = 2
CODES: Final = ("material", "billing", "order", "insurance", "udi")
PRICES: Final = {"price": PriceKind.CHARGE, "purchase_price": PriceKind.PURCHASE}
LANES: Final = {system: system for system in CODES} | {c: kind.value for c, kind in PRICES.items()}
# Column → the item's attribute, for all that describes the item itself.
FACTS: Final = {
    "name": "name",
    "specification": "specification",
    "model": "model",
    "maker": "maker",
    "certificate": "certificate",
    "unit": "base_unit",
    "category": "category",
    "tracking": "tracking",
    "chargeable": "chargeable",
    "high_value": "high_value",
    "sterile": "sterile",
}
_READERS: Final[dict[str, Callable[[Any], Any]]] = {
    **dict.fromkeys(("material", "billing", "order", "udi", "package_di"), cells.read_code),
    "insurance": cells.read_insurance,
    **dict.fromkeys(
        ("name", "specification", "model", "maker", "certificate", "unit", "category"), cells.read_text
    ),
    "pack_quantity": cells.read_pieces,
    "tracking": cells.read_tracking,
    **dict.fromkeys(("chargeable", "high_value", "sterile"), cells.read_flag),
    **dict.fromkeys(PRICES, cells.read_price),
    "valid_from": cells.read_day,
    "valid_to": cells.read_end,
}
_FOLDING: Final = frozenset({*CODES, "package_di"})
# Columns whose values repeat from row to row, so that each is read once and kept once in memory.
_REPEATING: Final = frozenset(_READERS) - _FOLDING - {"name", "model"}
_MOST_KEPT: Final = 20_000
_NOTHING_BAD: Final[frozenset[str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table as a person sees it: the headings are row 1, `rows` begin with row 2."""

    headings: Sequence[Any]
    rows: Iterable[Sequence[Any]]
    name: str = ""
    unread: tuple[str, ...] = ()
    """Other tables in the same file, which are left alone."""

    @classmethod
    def of_records(cls, records: Sequence[Mapping[str, Any]]) -> Sheet:
        """A sheet of dictionaries whose keys are headings; a key that is missing is an empty cell."""
        headings = tuple(dict.fromkeys(key for record in records for key in record))
        return cls(headings, [tuple(record.get(key) for key in headings) for record in records])


@dataclass(slots=True)
class Row:
    """What a row says of one item. Empty cells are absent; so are cells that could not be read.

    The values stand in the order of `columns`, which all rows share: 200,000 rows with a dictionary
    each would be a quarter of a gigabyte.
    """

    number: int
    columns: Mapping[str, int]
    values: tuple[Any, ...]
    bad: frozenset[str] = frozenset()

    def get(self, column: str) -> Any:
        """The value under a column; None if it is absent."""
        place = self.columns.get(column)
        return None if place is None else self.values[place]

    @property
    def material(self) -> str:
        return str(self.get("material"))

    @property
    def valid_from(self) -> date | None:
        day: date | None = self.get("valid_from")
        return day

    @property
    def valid_to(self) -> date | None:
        day: date | None = self.get("valid_to")
        return day

    @property
    def is_dated(self) -> bool:
        """False if it cannot be said when the row holds."""
        return "valid_from" not in self.bad and "valid_to" not in self.bad

    def claims(self) -> Iterator[tuple[str, str, str | Decimal]]:
        """(column, lane, value) for everything that holds from a day to a day."""
        for column, lane in LANES.items():
            value = self.get(column)
            if value is not None:
                yield column, lane, value


@dataclass(slots=True)
class Reading:
    """A sheet, read: the usable rows, all that is wrong with the others, and what to remark."""

    file: str
    layout: Layout
    rows: list[Row] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    remarks: list[Finding] = field(default_factory=list)
    written: dict[tuple[int, str], str] = field(default_factory=dict)
    """(row, column) → the cell as it stands in the file, where the value kept differs from it."""

    def find(self, row: int, column: str, code: str, value: object = None, /, **data: Any) -> None:
        self.findings.append(self._at(row, column, code, value, data))

    def remark(self, row: int, column: str, code: str, value: object = None, /, **data: Any) -> None:
        self.remarks.append(self._at(row, column, code, value, data))

    def _at(self, row: int, column: str, code: str, value: object, data: dict[str, Any]) -> Finding:
        said = None if value is None else self.written.get((row, column), _as_seen(value))
        return Finding(
            file=self.file, row=row, column=self.layout.heading(column), value=said, code=code, data=data
        )


def read_rows(sheet: Sheet, file: str) -> Reading:
    """Read every row of a sheet. `file` is the name that findings give; empty rows are passed over."""
    layout, findings, remarks = lay_out(file, sheet.headings)
    reading = Reading(file, layout, findings=findings, remarks=remarks)
    if not layout.width:
        reading.findings[:] = [Finding(file=file, code="empty_file")]
    if sheet.unread:
        data = {"read": sheet.name, "unread": ", ".join(sheet.unread)}
        reading.remarks.append(Finding(file=file, code="other_sheets", data=data))
    if findings:
        return reading
    readers: list[_Reader] = [
        (place, column, _READERS[column], {} if column in _REPEATING else None)
        for column, (place, _) in layout.places.items()
    ]
    columns = {column: place for place, (_, column, _, _) in enumerate(readers)}
    try:
        for number, row in enumerate(sheet.rows, FIRST_ROW):
            if read := _read_row(reading, readers, columns, number, row):
                reading.rows.append(read)
    except ImportRefused as broken:  # the file cannot be read any further
        reading.findings.extend(broken.findings)
    if not reading.rows and not reading.findings:
        reading.findings.append(Finding(file=file, code="empty_file"))
    _count_nameless_packages(reading)
    return reading


_Reader = tuple[int, str, Callable[[Any], Any], dict[Any, Any] | None]


def _read_row(
    reading: Reading, readers: list[_Reader], columns: Mapping[str, int], number: int, row: Sequence[Any]
) -> Row | None:
    """The row, or None if it is empty or does not name its item."""
    values: dict[str, Any] = {}
    bad: set[str] = set()
    width = len(row)
    for place, column, reader, kept in readers:
        cell = row[place] if place < width else None
        if cell is None or cell == "" or cells.is_empty(cell):
            continue
        if kept is not None and type(cell) is str and cell in kept:
            values[column] = kept[cell]
            continue
        try:
            value = reader(cell)
        except Unreadable as error:
            bad.add(column)
            reading.find(number, column, error.code, cell, **error.data)
            continue
        if value == "":  # ="" and the like
            continue
        if kept is not None and type(cell) is str and len(kept) < _MOST_KEPT:
            kept[cell] = value
        values[column] = value
        if column in _FOLDING and type(cell) is str and cell != value and cell.strip() != value:
            reading.written[number, column] = cell
            if not cell.isascii():
                reading.remark(number, column, "folded", cell, folded=value)
    _find_surplus(reading, number, row)
    if not values and not bad:
        return None
    for column in ("udi", "package_di"):
        if column in values:
            _read_di(reading, number, column, values, bad)
    _check_together(reading, number, values, bad)
    if "material" not in values:
        if "material" not in bad:
            reading.find(number, "material", "required", "")
        return None
    return Row(number, columns, tuple(map(values.get, columns)), frozenset(bad) if bad else _NOTHING_BAD)


def _read_di(reading: Reading, number: int, column: str, values: dict[str, Any], bad: set[str]) -> None:
    di = values[column]
    if di.isdigit() and len(di) not in (8, 12, 13, 14):
        reading.find(number, column, "udi_length", di, length=len(di))
    elif " " in di:
        reading.find(number, column, "udi_space", di)
    else:
        if fault := wrong_check_digit(di):
            reading.remark(number, column, "check_digit", di, expected=fault[0], got=fault[1])
        if (canonical := canonical_di(di)) != di:
            reading.written.setdefault((number, column), di)
            values[column] = canonical
        return
    bad.add(column)
    del values[column]


def _check_together(reading: Reading, number: int, values: dict[str, Any], bad: set[str]) -> None:
    """What two cells of one row must agree on."""
    start, end = values.get("valid_from"), values.get("valid_to")
    if start is not None and end is not None and end <= start:
        reading.find(number, "valid_to", "validity_order", end, valid_from=start)
        bad.add("valid_to")
    if "package_di" in values and "pack_quantity" not in values and "pack_quantity" not in bad:
        reading.find(number, "pack_quantity", "package_needs_quantity", "", di=values["package_di"])
        bad.add("pack_quantity")


def _find_surplus(reading: Reading, number: int, row: Sequence[Any]) -> None:
    width = reading.layout.width
    for cell in row[width:] if len(row) > width else ():
        if not cells.is_empty(cell):
            reading.findings.append(
                Finding(
                    file=reading.file, row=number, value=str(cell), code="surplus_cell", data={"most": width}
                )
            )


def _count_nameless_packages(reading: Reading) -> None:
    """A five-code table may say how many a pack holds; without the pack's identifier nothing can be kept."""
    rows = [
        row.number
        for row in reading.rows
        if (row.get("pack_quantity") or 1) > 1 and row.get("package_di") is None
    ]
    if rows:
        reading.remark(rows[0], "pack_quantity", "pack_without_identifier", None, rows=len(rows))


def _as_seen(value: object) -> str:
    return cells.plain_number(value) if isinstance(value, float) else str(value)
