"""A chunk becomes records: the one door to the parsers, for this process or another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from reconcile.registers.chunks import Chunk, Layout
from reconcile.registers.nmpa_xml import parse_nmpa_xml
from reconcile.registers.records import Bad, Record


class Parsed(NamedTuple):
    records: list[Record]
    bad: list[Bad]


_PARSERS: Final[dict[Layout, Callable[[Chunk], tuple[list[Record], list[Bad]]]]] = {
    Layout.NMPA_XML: parse_nmpa_xml,
}


def parse(chunk: Chunk) -> Parsed:
    """The records of a chunk and everything that is wrong with it. Never raises for what a file holds."""
    if chunk.layout is None:
        return Parsed([], list(chunk.bad))
    records, bad = _PARSERS[chunk.layout](chunk)
    return Parsed(records, [*chunk.bad, *bad])
