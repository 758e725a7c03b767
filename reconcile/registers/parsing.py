"""A chunk becomes records: the one door to the parsers, for this process or another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from reconcile.errors import Reason
from reconcile.registers import reasons
from reconcile.registers.cells import texts
from reconcile.registers.chunks import Chunk, Layout, Raw
from reconcile.registers.gudid import gudid_record, in_gudid_names
from reconcile.registers.gudid_xml import parse_gudid_xml
from reconcile.registers.insurance import insurance_record
from reconcile.registers.nmpa import nmpa_record
from reconcile.registers.nmpa_xml import parse_nmpa_xml
from reconcile.registers.objects import device_of
from reconcile.registers.records import Bad, Record, Register


class Parsed(NamedTuple):
    records: list[Record]
    bad: list[Bad]


_Parser = Callable[[Chunk], tuple[list[Record], list[Bad]]]
_Read = Callable[[str, int, int | None, dict[str, Any]], tuple[Record | None, list[Bad]]]


def _parse_tables(read: _Read, needed: frozenset[str]) -> _Parser:
    """Rows of cells. What a record cannot be without refuses it, any other cell is only left out."""

    def parse_rows(chunk: Chunk) -> tuple[list[Record], list[Bad]]:
        records: list[Record] = []
        bad: list[Bad] = []
        for raw in chunk.raws:
            part = f"{chunk.part}#{raw.sheet}" if raw.sheet else chunk.part
            if raw.content is None:
                reason = raw.trouble or reasons.BAD_TABLE
                bad.append(Bad(part, reason, raw.number, raw.offset, value=raw.value))
                continue
            unread: list[Bad] = []

            def tell(name: str, cell: Any, reason: Reason, at: Raw = raw, into: list[Bad] = unread) -> None:
                shown = str(cell)[:80]
                refused = name in needed
                into.append(Bad(part, reason, at.number, at.offset, name, shown, refused))  # noqa: B023

            said = texts(raw.content, tell)
            bad += unread
            if any(one.refused for one in unread):
                continue
            record, troubles = read(part, raw.number, raw.offset, said)
            if record is not None:
                records.append(record._replace(sheet=raw.sheet))
            bad += troubles
        return records, bad

    return parse_rows


def _parse_objects(chunk: Chunk) -> tuple[list[Record], list[Bad]]:
    records: list[Record] = []
    bad: list[Bad] = []
    for raw in chunk.raws:
        if raw.content is None:
            bad.append(
                Bad(chunk.part, raw.trouble or reasons.CUT_OFF, raw.number, raw.offset, value=raw.value)
            )
            continue
        said = in_gudid_names(device_of(raw.content))
        record, troubles = gudid_record(chunk.part, raw.number, raw.offset, said)
        if record is not None:
            records.append(record)
        bad += troubles
    return records, bad


_PARSERS: Final[dict[Layout, _Parser]] = {
    Layout.NMPA_XML: parse_nmpa_xml,
    Layout.NMPA_TABLE: _parse_tables(nmpa_record, frozenset({"deviceRecordKey", "zxxsdycpbs"})),
    Layout.GUDID_XML: parse_gudid_xml,
    Layout.GUDID_JSON: _parse_objects,
    Layout.GUDID_TABLE: _parse_tables(gudid_record, frozenset({"PrimaryDI"})),
    Layout.INSURANCE_TABLE: _parse_tables(insurance_record, frozenset({"code", "code27", "serial"})),
}


def parse(chunk: Chunk) -> Parsed:
    """The records of a chunk and everything that is wrong with it. Never raises for what a file holds."""
    if chunk.layout is None:
        return Parsed([], list(chunk.bad))
    records, bad = _PARSERS[chunk.layout](chunk)
    return Parsed(records, [*chunk.bad, *bad])


def record_of(register: Register, said: dict[str, Any]) -> Record | None:
    """The record that a register's own words make: what `Record.said` holds, read again."""
    read = {
        Register.NMPA: nmpa_record,
        Register.GUDID: gudid_record,
        Register.INSURANCE: insurance_record,
    }[register]
    return read("", 0, None, said)[0]
