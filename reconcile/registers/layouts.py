"""Which register a part is of, and how it is cut: told by its first bytes, never by its name."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from typing import IO, Final

from reconcile.registers.archives import ZIP, Part
from reconcile.registers.chunks import Layout, Raw
from reconcile.registers.objects import split_objects
from reconcile.registers.records import Bad, Register
from reconcile.registers.splitting import split_devices
from reconcile.registers.tables import delimited_table, split_tables, workbook_tables

REGISTER_OF: Final = {
    Layout.NMPA_XML: Register.NMPA,
    Layout.NMPA_TABLE: Register.NMPA,
    Layout.GUDID_XML: Register.GUDID,
    Layout.GUDID_JSON: Register.GUDID,
    Layout.GUDID_TABLE: Register.GUDID,
    Layout.INSURANCE_TABLE: Register.INSURANCE,
}
HEAD: Final = 64 * 1024
Splitter = Callable[[IO[bytes]], Iterator[Raw]]
_GUDID_XML: Final = re.compile(rb"fda\.gov/cdrh/gudid|<gudid[\s>]|<publicDeviceRecordKey>|<deviceIdType>")
_GUDID_JSON: Final = re.compile(
    rb'"(deviceIdType|issuing_agency|deviceId|identifiers|publicDeviceRecordKey)"'
)
_NMPA_XML: Final = re.compile(rb"<udid[\s>]|<zxxsdycpbs>|<deviceRecordKey>|<devices[\s>]")


def layout_of(stream: IO[bytes], part: Part, bad: list[Bad]) -> tuple[Layout | None, Splitter | None]:
    """(layout, splitter) of a part whose stream stands at its beginning; (None, None) for anything else.

    The splitter reads the same stream, from its beginning too. What is wrong with a table as a whole is
    added to `bad`.
    """
    head = _peek(stream)
    plain = head.replace(b"\0", b"") if head.startswith((b"\xff\xfe", b"\xfe\xff")) else head
    begins = plain.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if begins.startswith(b"<"):
        if _GUDID_XML.search(plain):
            return Layout.GUDID_XML, _xml(head)
        if _NMPA_XML.search(plain):
            return Layout.NMPA_XML, _xml(head)
        return None, None
    if head.startswith(ZIP):
        tables = workbook_tables(_Rejoined(head, stream), part.name, bad)  # type: ignore[arg-type]
        return (tables[0].layout, lambda stream: split_tables(tables)) if tables else (None, None)
    if begins.startswith((b"{", b"[")):
        if _GUDID_JSON.search(plain):
            return Layout.GUDID_JSON, lambda stream: split_objects(rejoined(head, stream))
        return None, None
    if (table := delimited_table(rejoined(head, stream))) is not None:
        return table.layout, lambda stream: split_tables([table])
    return None, None


class _Rejoined:
    """The whole of a stream of which the head was read already."""

    def __init__(self, head: bytes, stream: IO[bytes]) -> None:
        self._head, self._stream = head, stream

    def read(self, size: int) -> bytes:
        return self._head + self._stream.read(max(size - len(self._head), 0))


def _peek(stream: IO[bytes]) -> bytes:
    blocks = []
    size = 0
    while size < HEAD and (block := stream.read(HEAD - size)):
        blocks.append(block)
        size += len(block)
    return b"".join(blocks)


def rejoined(head: bytes, stream: IO[bytes]) -> Callable[[int], bytes]:
    """Reads what was peeked at, then the rest."""
    first = io.BytesIO(head)
    return lambda size: first.read(size) or stream.read(size)


def _xml(head: bytes) -> Splitter:
    return lambda stream: split_devices(rejoined(head, stream))
