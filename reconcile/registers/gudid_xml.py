"""Devices of GUDID's XML releases as the same structure that its JSON has."""

from __future__ import annotations

from typing import Any

from reconcile.registers.chunks import Chunk
from reconcile.registers.gudid import gudid_record, in_gudid_names
from reconcile.registers.nmpa_xml import elements
from reconcile.registers.records import Bad, Record


def parse_gudid_xml(chunk: Chunk) -> tuple[list[Record], list[Bad]]:
    """The records of a chunk, and what is wrong in it."""
    records: list[Record] = []
    bad: list[Bad] = []
    for raw, device in elements(chunk.raws, chunk.part, bad):
        said = _structure(device)
        record, troubles = gudid_record(
            chunk.part, raw.number, raw.offset, in_gudid_names(said if isinstance(said, dict) else {})
        )
        if record is not None:
            records.append(record)
        bad += troubles
    return records, bad


def _structure(element: Any) -> Any:
    """Text of a leaf, else its children by name; a name that comes again becomes a list. Empty ones go."""
    if not len(element):
        text = element.text
        return text.strip("\r\n\t") if text and not text.isspace() else None
    found: dict[str, Any] = {}
    for child in element:
        value = _structure(child)
        if value is None:
            continue
        name = child.tag.rpartition("}")[2]
        if name not in found:
            found[name] = value
        elif isinstance(found[name], list):
            found[name].append(value)
        else:
            found[name] = [found[name], value]
    return found or None
