"""A supplier's spreadsheet, form or request → rows, each with what cannot be read of it.

Cells are read as in every other file of codes; what differs is whom the reasons are for.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

from tracer.catalog.certificates.numbers import EXPECTED, parse_number
from tracer.catalog.codes_file import cells
from tracer.catalog.codes_file.cells import Unreadable
from tracer.catalog.codes_file.findings import Finding, in_order, shown
from tracer.catalog.codes_file.rows import FIRST_ROW, Sheet
from tracer.catalog.errors import ImportRefused
from tracer.catalog.identifiers import canonical_di, wrong_check_digit
from tracer.catalog.suppliers.rules import Certified, Fault, Field, Row, Value

MATERIAL, UNTIL = "material", "valid_until"
# Column → its headings; the first Chinese and the first English one stand in the template.
HEADINGS: Final[dict[str, tuple[str, ...]]] = {
    MATERIAL: ("物资编码", "material_code", "物料编码", "耗材编码", "material"),
    "name": ("名称", "name", "物资名称", "耗材名称", "产品名称"),
    "specification": ("规格型号", "specification", "规格", "型号", "model"),
    "unit": ("最小单位", "base_unit", "单位", "unit"),
    Field.INSURANCE: ("医保编码", "insurance_code", "医保耗材编码", "医用耗材代码", "insurance"),
    Field.UDI: ("UDI-DI", "udi_di", "最小销售单元产品标识", "产品标识", "UDI", "DI"),
    Field.CERTIFICATE: ("注册证号", "certificate", "注册备案证号", "注册证编号", "certificate_no"),
    UNTIL: ("注册证有效期至", "certificate_valid_until", "有效期至", "valid_until"),
    Field.PRICE: ("供货价", "supply_price", "采购价", "价格", "purchase_price", "price"),
}
TO_FILL_IN: Final = (Field.INSURANCE, Field.UDI, Field.CERTIFICATE, UNTIL, Field.PRICE)
GTIN_LENGTHS: Final = (8, 12, 13, 14)
# The identifiers of MA, HIBC (as printed, and as kept), ICCBBA and AHM.
_OTHER_DI: Final = re.compile(
    r"MA\.[0-9]{3}\.M[0-9A-Z]\.[0-9A-Za-z]{6}\.[0-9A-Za-z]{8,32}"
    r"|\+?[A-Z][A-Z0-9]{3}[A-Z0-9]{1,18}[0-9][0-9A-Z\-.$/+%]?"
    r"|=[/)]?[A-Z0-9]{6,30}|MF[0-9A-Za-z]{6,40}",
    re.ASCII,
)


def _folded(heading: object) -> str:
    return "".join(c for c in unicodedata.normalize("NFKC", str(heading)).casefold() if c.isalnum())


_MEANING: Final = {_folded(one): name for name, all_ in HEADINGS.items() for one in (name, *all_)}


def read_sheet_rows(sheet: Sheet, file: str) -> tuple[list[Row], list[str]]:
    """(rows, headings that nobody understands) of a file; empty rows are passed over.

    Raises ImportRefused for a file that cannot be answered row by row.
    """
    places, unknown = _lay_out(sheet.headings, file)
    rows = list(_rows(sheet, places))
    if not rows:
        raise ImportRefused(file, [Finding(file=file, code="empty_file")])
    return rows, unknown


def read_row(number: int, material: object, given: Mapping[str, Any], headings: Mapping[str, str]) -> Row:
    """One row of cells by column. What cannot be read is a fault; empty cells say nothing."""
    faults: list[Fault] = []
    values: dict[Field, Value] = {}

    def read(column: str, reader: Callable[[Any], Any]) -> Any:
        cell = given.get(column)
        if cells.is_empty(cell):
            return None
        try:
            return reader(cell)
        except Unreadable as error:
            data = {name: str(value) for name, value in error.data.items()}
            faults.append(Fault(headings[column], shown(_seen(cell)), error.code, data))
            return None

    for field_, reader in _READERS.items():
        if (value := read(field_, reader)) not in (None, ""):
            values[field_] = value
    number_read, until = read(Field.CERTIFICATE, _certificate), read(UNTIL, _until)
    if number_read:
        values[Field.CERTIFICATE] = Certified(number_read, until)
    elif until and cells.is_empty(given.get(Field.CERTIFICATE)):
        faults.append(Fault(headings[Field.CERTIFICATE], "", "certificate_without_number"))
    written = "" if cells.is_empty(material) else shown(_seen(material)).strip()
    if not written:
        faults.insert(0, Fault(headings[MATERIAL], "", "material_required"))
    else:
        try:
            written = cells.read_code(material)
        except Unreadable as error:
            faults.insert(0, Fault(headings[MATERIAL], written, error.code, _texts(error.data)))
    return Row(number, written, values, tuple(faults), columns=headings)


def headings_in(language: str) -> dict[str, str]:
    """What the columns are called in the template and in forms."""
    return {name: all_[language.startswith("en")] for name, all_ in HEADINGS.items()}


def _lay_out(headings: Sequence[Any], file: str) -> tuple[dict[str, tuple[int, str]], list[str]]:
    """Column → (place, heading as it stands there)."""
    places: dict[str, tuple[int, str]] = {}
    unknown: list[str] = []
    findings: list[Finding] = []
    for place, cell in enumerate(headings):
        if cells.is_empty(cell):
            continue
        heading = shown(str(cell).strip())
        name = _MEANING.get(_folded(cell))
        if name is None:
            unknown.append(heading)
        elif name in places and name in (MATERIAL, *TO_FILL_IN):
            first, other = places[name]
            data = {"first": first + 1, "heading": other}
            findings.append(Finding(file=file, row=1, column=heading, code="duplicate_column", data=data))
        else:
            places.setdefault(name, (place, heading))
    if not headings or not any(not cells.is_empty(cell) for cell in headings):
        findings.append(Finding(file=file, code="empty_file"))
    elif MATERIAL not in places or not set(TO_FILL_IN) & set(places):
        missing = MATERIAL if MATERIAL not in places else Field.INSURANCE
        chinese, english, *_ = HEADINGS[missing]
        data = {"chinese": chinese, "english": english}
        findings.append(Finding(file=file, row=1, column=chinese, code="missing_column", data=data))
    if findings:
        raise ImportRefused(file, in_order(findings))
    return places, unknown


def _rows(sheet: Sheet, places: Mapping[str, tuple[int, str]]) -> Iterator[Row]:
    wanted = {name: place for name, (place, _) in places.items() if name in TO_FILL_IN}
    material = places[MATERIAL][0]
    chinese = headings_in("zh")
    headings = chinese | {name: heading for name, (_, heading) in places.items()}
    for number, row in enumerate(sheet.rows, FIRST_ROW):
        width = len(row)
        if all(cells.is_empty(cell) for cell in row):
            continue
        given = {name: row[place] for name, place in wanted.items() if place < width}
        read = read_row(number, row[material] if material < width else None, given, headings)
        # 1,150.00 without its quotes has become two cells: what stands left of it is not to be believed.
        most = len(sheet.headings)
        surplus = [
            Fault("", shown(str(cell)), "surplus_cell", {"most": str(most)})
            for cell in row[most:]
            if not cells.is_empty(cell)
        ]
        yield replace(read, faults=(*read.faults, *surplus)) if surplus else read


def _udi(cell: Any) -> str:
    di = cells.read_code(cell)
    if di.isdigit():
        if len(di) not in GTIN_LENGTHS:
            raise Unreadable("udi_length", length=len(di))
        if wrong := wrong_check_digit(di):
            raise Unreadable("udi_check_digit", expected=wrong[0], got=wrong[1])
    elif di and not _OTHER_DI.fullmatch(di):
        raise Unreadable("udi_characters")
    return canonical_di(di)


def _price(cell: Any) -> Decimal:
    if isinstance(cell, str) and cell.strip().startswith(("=", "+")):
        raise Unreadable("formula")
    price = cells.read_price(cell)
    if price <= 0:
        raise Unreadable("price_below_a_cent")
    return price


def _certificate(cell: Any) -> str:
    written = cells.read_text(cell)
    number = parse_number(written)
    if written and number is None:
        raise Unreadable("certificate_number", expected=EXPECTED)
    return number.text if number else ""


def _until(cell: Any) -> date | None:
    return cells.read_end(cell)


_READERS: Final[dict[Field, Callable[[Any], Any]]] = {
    Field.INSURANCE: cells.read_insurance,
    Field.UDI: _udi,
    Field.PRICE: _price,
}


def _seen(cell: Any) -> str:
    return cells.plain_number(cell) if isinstance(cell, float) else str(cell)


def _texts(data: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in data.items()}
