"""Where files lie from the moment they are handed in until they are taken in.

A file that comes in is locked by the process that writes it. What is locked by nobody and waits for nothing
was left by a process that was killed, and is swept away.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO, Final

from tracer.shared.kept_files import kept_text

PLACE: Final = "place"
# The database may live on the same disk, and must never find it full.
KEPT_FREE: Final = 2**30
LOOK_EVERY: Final = 64 * 2**20
LONGEST_ENDING: Final = 16


@dataclass(frozen=True)
class Folder:
    """A folder of files handed in. Its place is its name in the database, whatever machine it is on."""

    root: Path

    @cached_property
    def place(self) -> str:
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        return kept_text(self.root / PLACE, lambda: uuid.uuid4().hex)

    def path(self, kept: str) -> Path:
        return self.root / kept

    def receive(self, file: str, expected: int) -> Incoming:
        """A new file. Its name here ends as the sender's, for whoever tells kinds by that."""
        ending = Path(file).suffix.lower()
        fit = ending[1:].isascii() and ending[1:].isalnum() and len(ending) <= LONGEST_ENDING
        assert self.place  # which makes the folder
        return Incoming(self.root / f"{uuid.uuid4().hex}{ending if fit else ''}", expected)

    def remove(self, kept: str) -> None:
        self.path(kept).unlink(missing_ok=True)

    def sweep(self, is_wanted: Callable[[str], bool]) -> int:
        """Remove what nobody writes and nothing waits for; returns how many files that were."""
        swept = 0
        for path in self.root.iterdir() if self.root.is_dir() else ():
            if path.name == PLACE or path.name.startswith("."):
                continue
            with suppress(FileNotFoundError, BlockingIOError), path.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                # Asked once it is locked: whoever wrote it had said what it waits for before letting go.
                if not is_wanted(path.name):
                    path.unlink()
                    swept += 1
        return swept


class Incoming:
    """A file while it comes in: written in pieces, and gone when it is closed unless it was kept.

    Where the disk is too full, what comes is read and thrown away, since whoever sends it reads no answer
    before everything is sent.
    """

    def __init__(self, path: Path, expected: int) -> None:
        self.path, self.size, self.has_room, self._is_kept = path, 0, True, False
        self._file = _opened(path)
        self._look_at = LOOK_EVERY
        if not _has_room(path.parent, expected):
            self._give_up()

    def write(self, content: bytes) -> int:
        self.size += len(content)
        if not self.has_room:
            return len(content)
        if self.size > self._look_at:
            self._look_at += LOOK_EVERY
            if not _has_room(self.path.parent, 0):
                self._give_up()
                return len(content)
        try:
            self._file.write(content)
        except OSError:
            self._give_up()
        return len(content)

    def seek(self, offset: int, whence: int = 0) -> int:
        with suppress(OSError):
            return self._file.seek(offset, whence)
        self._give_up()  # what was waiting to be written found no room
        return 0

    def read(self, size: int = -1) -> bytes:
        return self._file.read(size)

    def settle(self) -> bool:
        """Everything is on the disk, also for whoever reads after a power cut; False if there was no room."""
        if self.has_room:
            try:
                self._file.flush()
                os.fsync(self._file.fileno())
            except OSError:
                self._give_up()
        return self.has_room

    def keep(self) -> None:
        """Leave it where it is: something waits for it now."""
        self._is_kept = True

    def close(self) -> None:
        if self._file.closed:
            return
        if not self._is_kept:
            self.path.unlink(missing_ok=True)
        with suppress(OSError):
            self._file.close()

    def _give_up(self) -> None:
        self.has_room = False
        self.path.unlink(missing_ok=True)
        with suppress(OSError):
            os.ftruncate(self._file.fileno(), 0)


def _opened(path: Path) -> IO[bytes]:
    """A new file, locked."""
    while True:
        file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "w+b")
        fcntl.flock(file, fcntl.LOCK_EX)
        if os.fstat(file.fileno()).st_nlink:
            return file
        file.close()  # it was swept away before it was locked


def _has_room(folder: Path, wanted: int) -> bool:
    return shutil.disk_usage(folder).free - wanted >= KEPT_FREE
