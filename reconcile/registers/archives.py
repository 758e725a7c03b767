"""The files inside a file: a zip, zips in a zip, a gzip, or just the file; read in place, never unpacked.

What a zip declares is checked before a byte is unpacked: zipfile never gives out more than was declared.
"""

from __future__ import annotations

import gzip
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, cast

from reconcile.errors import Reason
from reconcile.registers import reasons

ZIP: Final = b"PK\x03\x04"
EMPTY_ZIP: Final = b"PK\x05\x06"
GZIP: Final = b"\x1f\x8b"
DAMAGE: Final = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)
_WORKBOOK_PART: Final = "xl/workbook.xml"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a package may be. The full national release: some 20 GB in 1,136 parts, packed 20 to 1."""

    nesting: int = 3
    parts: int = 100_000
    unpacked_bytes: int = 200 * 2**30
    ratio: int = 250
    # Below this nothing can do harm, and a small file of blanks packs as well as it likes.
    ratio_counts_from: int = 16 * 2**20


@dataclass
class Part:
    """One file inside. `done` is the place in the outermost file that is reached when it has been read."""

    name: str
    open: Callable[[], IO[bytes]]
    size: int
    begin: int
    done: int
    trouble: Reason | None = None


@dataclass
class _Budget:
    limits: Limits
    parts: int = 0
    unpacked: int = 0
    told: bool = False

    def is_spent(self) -> bool:
        return self.parts > self.limits.parts or self.unpacked > self.limits.unpacked_bytes


def walk(path: Path, limits: Limits) -> Iterator[Part]:
    """Every file inside, in the order in which they lie there; a Part with a trouble cannot be read.

    Raises OSError if the file itself cannot be opened.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(4)
        file.seek(0)
        budget = _Budget(limits)
        if head in (ZIP, EMPTY_ZIP) and not _is_workbook(file):
            yield from _inside(file, path.name, 1, (0, size), budget)
        elif head[:2] == GZIP:
            name = path.name.removesuffix(".gz")
            yield Part(name, lambda: cast(IO[bytes], _Limited(path, limits, size)), size, 0, size)
        else:
            yield Part(path.name, lambda: path.open("rb"), size, 0, size)


def _inside(file: IO[bytes], name: str, depth: int, span: tuple[int, int], budget: _Budget) -> Iterator[Part]:
    begin, end = span
    limits = budget.limits

    def refused(reason: Reason, inner: str = name) -> Part:
        return Part(inner, lambda: file, 0, begin, end, reason)

    if depth > limits.nesting:
        yield refused(reasons.TOO_DEEP)
        return
    try:
        archive = zipfile.ZipFile(file)
        members = sorted(archive.infolist(), key=lambda member: member.header_offset)
    except DAMAGE:
        yield refused(reasons.BROKEN_ZIP)
        return
    behind = 0
    total = max((member.header_offset + member.compress_size for member in members), default=1) or 1
    for member in members:
        if member.is_dir() or _is_litter(member.filename):
            continue
        inner = f"{name}/{_readable(member)}" if depth > 1 else _readable(member)
        budget.parts += 1
        budget.unpacked += member.file_size
        if budget.is_spent():
            if not budget.told:
                budget.told = True
                yield refused(reasons.TOO_MANY_PARTS if budget.parts > limits.parts else reasons.BOMB)
            return
        share = (end - begin) / total
        first = begin + int(member.header_offset * share)
        last = begin + int((member.header_offset + member.compress_size) * share)
        # Members that share their bytes unpack to any size whatever each of them declares.
        if member.header_offset < behind or _is_bomb(member, limits):
            yield refused(reasons.BOMB, inner)
            continue
        behind = member.header_offset + member.compress_size
        if member.flag_bits & 0x1:
            yield refused(reasons.ENCRYPTED, inner)
            continue
        try:
            with archive.open(member) as opened:
                head = opened.read(4)
        except DAMAGE:
            yield refused(reasons.BROKEN_ZIP, inner)
            continue
        if head in (ZIP, EMPTY_ZIP):
            with archive.open(member) as opened:
                workbook = _is_workbook(opened)
            if not workbook:
                with archive.open(member) as opened:
                    yield from _inside(opened, inner, depth + 1, (first, last), budget)
                continue
        yield Part(inner, _opener(archive, member), member.file_size, first, last)


def _opener(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Callable[[], IO[bytes]]:
    return lambda: archive.open(member)


def _is_bomb(member: zipfile.ZipInfo, limits: Limits) -> bool:
    return member.file_size > limits.ratio_counts_from and member.file_size > limits.ratio * max(
        member.compress_size, 1
    )


def _is_workbook(file: IO[bytes]) -> bool:
    try:
        with zipfile.ZipFile(file) as archive:
            return _WORKBOOK_PART in archive.namelist()
    except DAMAGE:
        return False
    finally:
        file.seek(0)


def _readable(member: zipfile.ZipInfo) -> str:
    """The member's name. Chinese tools write it in GB18030 without saying so."""
    name = member.filename
    if not member.flag_bits & 0x800:
        try:
            return name.encode("cp437").decode("gb18030")
        except UnicodeError:
            return name
    return name


def _is_litter(name: str) -> bool:
    return name.startswith("__MACOSX/") or name.rpartition("/")[2] in (
        ".DS_Store",
        "Thumbs.db",
        "desktop.ini",
    )


class _Limited(gzip.GzipFile):
    """A gzip declares no size that could be trusted: it is measured while it is read."""

    def __init__(self, path: Path, limits: Limits, packed: int) -> None:
        super().__init__(path, mode="rb")
        self._most = max(limits.ratio_counts_from, min(limits.unpacked_bytes, limits.ratio * packed))
        self._given = 0

    def read(self, size: int | None = -1) -> bytes:
        block = super().read(size)
        self._given += len(block)
        if self._given > self._most:
            raise Bomb()
        return block


class Bomb(ValueError):
    """Unpacks to more than it may."""
