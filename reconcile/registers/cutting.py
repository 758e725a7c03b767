"""A package cut into chunks, from the beginning or from where an earlier reading stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

from reconcile.errors import Reason
from reconcile.registers import reasons
from reconcile.registers.archives import DAMAGE, Bomb, Limits, Part, walk
from reconcile.registers.chunks import Chunk, Raw
from reconcile.registers.layouts import REGISTER_OF, layout_of
from reconcile.registers.records import Bad, Register

CHUNK_RECORDS: Final = 500
CHUNK_BYTES: Final = 4 * 1024 * 1024
Splitter = Callable[[IO[bytes]], Iterator[Raw]]


@dataclass(frozen=True, slots=True)
class Place:
    """How far a reading has come: so many parts behind, so many records of the next one."""

    part_number: int = 0
    records: int = 0


@dataclass
class Package:
    """A file of a register. `bad` fills while `chunks` runs; `register` is known once a part was read."""

    path: Path
    size: int
    limits: Limits = field(default_factory=Limits)
    wanted: Register | None = None
    bad: list[Bad] = field(default_factory=list)

    def chunks(self, start: Place = Place()) -> Iterator[Chunk]:
        """The chunks of every part that can be read. Never raises for what the file holds."""
        try:
            for number, part in enumerate(walk(self.path, self.limits)):
                if number >= start.part_number:
                    skip = start.records if number == start.part_number else 0
                    yield from self._part(part, number, skip)
        except OSError:
            self._tell(self.path.name, reasons.NO_FILE)

    def _part(self, part: Part, number: int, skip: int) -> Iterator[Chunk]:
        if part.trouble is not None:
            self._tell(part.name, part.trouble)
            return
        layout, until, cut = None, skip, 0
        try:
            with part.open() as stream:
                layout, splitter = layout_of(stream, part.name)
                if layout is None or splitter is None:
                    self._tell(part.name, reasons.UNKNOWN_PART)
                    return
                if self.wanted not in (None, REGISTER_OF[layout]):
                    self._tell(part.name, reasons.OTHER_REGISTER)
                    return
                for raws, last in _gathered(splitter(stream), skip):
                    cut += len(raws)
                    until = last
                    yield Chunk(part.name, number, layout, raws, until, self._done(part, raws))
        except Bomb:
            self._tell(part.name, reasons.BOMB, until)
        except DAMAGE:
            self._tell(part.name, reasons.CUT_OFF, until)
        else:
            if not cut and not skip:
                self._tell(part.name, reasons.NOTHING_FOUND)
        if layout is not None:
            yield Chunk(part.name, number + 1, layout, (), 0, part.done)

    def _done(self, part: Part, raws: tuple[Raw, ...]) -> int:
        offset = raws[-1].offset
        if offset is None or not part.size:
            return part.begin
        return part.begin + int((part.done - part.begin) * min(offset / part.size, 1))

    def _tell(self, part: str, reason: Reason, number: int | None = None) -> None:
        self.bad.append(Bad(part, reason, number))


def open_package(path: Path, *, register: Register | None = None, limits: Limits | None = None) -> Package:
    """The file, not yet read. `register`: parts of any other are reported and left alone.

    Raises OSError if there is no such file.
    """
    return Package(path, path.stat().st_size, limits or Limits(), register)


def _gathered(raws: Iterator[Raw], skip: int) -> Iterator[tuple[tuple[Raw, ...], int]]:
    """Chunks of records, and the number of the last one in each."""
    held: list[Raw] = []
    size = count = 0
    for count, raw in enumerate(raws, start=1):
        if count <= skip:
            continue
        held.append(raw)
        size += len(raw.content) if isinstance(raw.content, bytes) else 1000
        if len(held) >= CHUNK_RECORDS or size >= CHUNK_BYTES:
            yield tuple(held), count
            held, size = [], 0
    if held:
        yield tuple(held), count
