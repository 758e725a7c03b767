"""A package cut into chunks, from the beginning or from where an earlier reading stopped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from reconcile.registers import reasons
from reconcile.registers.archives import DAMAGE, Bomb, Limits, Part, walk
from reconcile.registers.chunks import Chunk, Layout, Raw
from reconcile.registers.layouts import REGISTER_OF, layout_of
from reconcile.registers.records import Bad, Register
from reconcile.registers.sides import Sides

CHUNK_RECORDS: Final = 500
CHUNK_BYTES: Final = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Place:
    """How far a reading has come: so many parts behind, so many records of the next one."""

    part_number: int = 0
    records: int = 0


@dataclass(frozen=True)
class Package:
    """A file of a register."""

    path: Path
    size: int
    limits: Limits = field(default_factory=Limits)
    wanted: Register | None = None

    def chunks(self, start: Place | None = None) -> Iterator[Chunk]:
        """The chunks of every part that can be read. Never raises for what the file holds."""
        start = start or Place()
        number = 0
        sides = Sides(self.path, self.limits)
        try:
            for number, part in enumerate(walk(self.path, self.limits)):
                if number >= start.part_number:
                    skip = start.records if number == start.part_number else 0
                    yield from self._part(part, number, skip, sides)
        except OSError:
            bad = Bad(self.path.name, reasons.NO_FILE)
            yield Chunk(self.path.name, number + 1, None, (), 0, self.size, (bad,))

    def _part(self, part: Part, number: int, skip: int, sides: Sides) -> Iterator[Chunk]:
        bad: list[Bad] = []
        reason, until = part.trouble, skip
        if reason is None:
            try:
                with part.open() as stream:
                    layout, splitter = layout_of(stream, part, bad)
                    if layout is None or splitter is None:
                        reason = reasons.SIDE_TABLE if sides.holds(part) else reasons.UNKNOWN_PART
                    elif self.wanted not in (None, REGISTER_OF[layout]):
                        reason = reasons.OTHER_REGISTER
                    else:
                        cut = splitter(stream)
                        if layout is Layout.GUDID_TABLE:
                            cut = sides.joined(cut, bad)
                        for raws, until in _gathered(cut, skip):
                            yield Chunk(part.name, number, layout, raws, until, _done(part, raws))
                        reason = None if until else reasons.NOTHING_FOUND
            except Bomb:
                reason = reasons.BOMB
            except DAMAGE:
                reason = reasons.CUT_OFF
        if reason is not None and not bad:
            bad.append(Bad(part.name, reason, until or None, refused=reason is not reasons.SIDE_TABLE))
        yield Chunk(part.name, number + 1, None, (), 0, part.done, tuple(bad))


def _done(part: Part, raws: tuple[Raw, ...]) -> int:
    offset = raws[-1].offset
    if offset is None or not part.size:
        return part.begin
    return part.begin + int((part.done - part.begin) * min(offset / part.size, 1))


def open_package(path: Path, *, register: Register | None = None, limits: Limits | None = None) -> Package:
    """The file, not yet read. `register`: parts of any other are reported and left alone.

    Raises OSError if there is no such file.
    """
    return Package(path, path.stat().st_size, limits or Limits(), register)


def _gathered(raws: Iterator[Raw], skip: int) -> Iterator[tuple[tuple[Raw, ...], int]]:
    """Chunks of records, and the number of the last one in each. Where a part breaks off, all before it."""
    held: list[Raw] = []
    size = count = 0
    try:
        for count, raw in enumerate(raws, start=1):
            if count <= skip:
                continue
            held.append(raw)
            size += len(raw.content) if isinstance(raw.content, bytes) else 1000
            if len(held) >= CHUNK_RECORDS or size >= CHUNK_BYTES:
                yield tuple(held), count
                held, size = [], 0
    except DAMAGE:
        if held:
            yield tuple(held), count
        raise
    if held:
        yield tuple(held), count
