"""Devices of the national XML packages, parsed some hundred at a time and one by one where that fails."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree

from reconcile.registers import reasons
from reconcile.registers.chunks import Chunk, Raw
from reconcile.registers.nmpa import LISTS, nmpa_record
from reconcile.registers.records import Bad, Record


def safe_parser() -> etree.XMLParser:
    """A new one for each document: nothing that one document does to its parser reaches the next."""
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        encoding="utf-8",
    )


def elements(raws: tuple[Raw, ...], part: str, bad: list[Bad]) -> Iterator[tuple[Raw, Any]]:
    """The parsed element of every device that is XML; the others go to `bad`."""
    whole = [raw for raw in raws if raw.content is not None]
    try:
        root = etree.fromstring(b"<d>%b</d>" % b"".join([raw.content for raw in whole]), safe_parser())
        parsed = (
            dict(zip((raw.number for raw in whole), root, strict=True)) if len(root) == len(whole) else None
        )
    except etree.XMLSyntaxError:
        parsed = None
    for raw in raws:
        if raw.content is None:
            bad.append(Bad(part, raw.trouble or reasons.NOT_XML, raw.number, raw.offset, value=raw.value))
        elif parsed is not None:
            yield raw, parsed[raw.number]
        else:
            try:
                yield raw, etree.fromstring(raw.content, safe_parser())
            except etree.XMLSyntaxError as error:
                bad.append(Bad(part, reasons.NOT_XML, raw.number, raw.offset, value=str(error.msg)))


def parse_nmpa_xml(chunk: Chunk) -> tuple[list[Record], list[Bad]]:
    """The records of a chunk, and what is wrong in it."""
    records: list[Record] = []
    bad: list[Bad] = []
    for raw, device in elements(chunk.raws, chunk.part, bad):
        said: dict[str, Any] = {}
        for element in device:
            text = element.text
            if text and not text.isspace():
                said[element.tag] = text
            elif len(element) and element.tag in LISTS:
                said[element.tag] = [entry for entry in map(_texts, element) if entry]
        record, troubles = nmpa_record(chunk.part, raw.number, raw.offset, said)
        if record is not None:
            records.append(record)
        if troubles:
            bad += troubles
    return records, bad


def _texts(entry: Any) -> dict[str, str]:
    return {field.tag: field.text for field in entry if field.text and not field.text.isspace()}
