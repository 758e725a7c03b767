"""GUDID's delimited release: devices in one table; their identifiers, contacts, sizes … in others beside it.

A device's packages and secondary identifiers stand in the table of identifiers, in whatever order. It is read
once, into a temporary database on disk, since it has more rows than there is memory for.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from reconcile.registers import reasons
from reconcile.registers.archives import DAMAGE, Limits, Part, walk
from reconcile.registers.chunks import Layout, Raw
from reconcile.registers.records import Bad
from reconcile.registers.tables import IDENTIFIER, delimited_table, side_table

CACHE_KILOBYTES: Final = 64 * 1024
ROWS_AT_ONCE: Final = 10_000


class Sides:
    """What stands beside a package's devices; looked for when the first device asks for it."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self._path, self._limits = path, limits
        self._entries: sqlite3.Connection | None = None
        self._bad: list[Bad] = []

    def joined(self, raws: Iterator[Raw], bad: list[Bad]) -> Iterator[Raw]:
        """Devices with their identifiers. What of those could not be read is added to `bad`, once."""
        for raw in raws:
            if raw.content is not None and "identifiers" not in raw.content:
                if self._entries is None:
                    self._entries = self._gathered()
                    bad += self._bad
                di = str(raw.content.get("PrimaryDI", ""))
                found = self._entries.execute("SELECT said FROM entry WHERE di = ? ORDER BY rowid", (di,))
                if listed := [json.loads(said) for (said,) in found]:
                    raw.content["identifiers"] = listed
            yield raw

    def holds(self, part: Part) -> bool:
        """Whether a part is one of the tables beside devices that are in this package too."""
        with part.open() as stream:
            return side_table(stream.read) is not None and self._has_devices

    @cached_property
    def _has_devices(self) -> bool:
        for part in walk(self._path, self._limits):
            if part.trouble is None:
                with suppress(*DAMAGE), part.open() as stream:
                    table = delimited_table(stream.read)
                    if table is not None and table.layout is Layout.GUDID_TABLE:
                        return True
        return False

    def _gathered(self) -> sqlite3.Connection:
        entries = sqlite3.connect("")  # on disk, and gone with the connection
        entries.execute(f"PRAGMA cache_size = -{CACHE_KILOBYTES}")
        entries.execute("CREATE TABLE entry (di TEXT, said TEXT)")
        for part in walk(self._path, self._limits):
            if part.trouble is None:
                try:
                    with part.open() as stream:
                        table = side_table(stream.read)
                        if table is not None and {"deviceId", "deviceIdType"} <= set(table.columns):
                            self._read(entries, part, table.columns, table.rows)
                except DAMAGE:
                    self._bad.append(Bad(part.name, reasons.CUT_OFF))
        entries.execute("CREATE INDEX entry_di ON entry (di)")
        return entries

    def _read(self, entries: sqlite3.Connection, part: Part, columns: tuple[str, ...], rows: Any) -> None:
        held: list[tuple[str, str]] = []
        for row in rows:
            if row.trouble is not None:
                self._bad.append(Bad(part.name, row.trouble, row.number, row.offset, value=row.value))
                continue
            said = {name: cell for name, cell in zip(columns, row.cells, strict=False) if cell}
            if di := str(said.get("PrimaryDI", "")):
                entry = {name: said[name] for name in IDENTIFIER if name in said}
                held.append((di, json.dumps(entry, ensure_ascii=False)))
            if len(held) >= ROWS_AT_ONCE:
                entries.executemany("INSERT INTO entry VALUES (?, ?)", held)
                held.clear()
        entries.executemany("INSERT INTO entry VALUES (?, ?)", held)
