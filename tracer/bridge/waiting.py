"""What was scanned and has no answer yet: on disk before anything is said of it, gone once it has one.

An entry is the very body that will be sent, its idempotency key in it: whenever the power fails, the same
body is sent again, and the service answers as it did. What the service will never take goes to
`refused.jsonl`, a line each, for a person to look at.

SQLite with a rollback journal and `synchronous=EXTRA` is one file, and durable when a statement returns,
the folder's entry of the journal included. Its exclusive lock, held as long as the connection, is what
keeps a second bridge away; the system takes it back from a killed process.
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tracer.bridge.errors import QueueInUse, QueueUnusable

SHAPE = 1
_TABLE = """
    CREATE TABLE scan (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        turn INTEGER NOT NULL UNIQUE,
        key TEXT NOT NULL UNIQUE,
        body TEXT NOT NULL,
        refusal TEXT
    )
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """A scan that waits. `number` is what the terminal calls it, and never comes again."""

    number: int
    key: str
    body: str


class NotKept(Exception):
    """The disk took nothing (full, read-only): what was scanned must be scanned again."""


class Waiting:
    """The queue, in a folder of its own; used by two threads. Raises QueueInUse, QueueUnusable."""

    def __init__(self, folder: Path) -> None:
        self.refused_file = folder / "refused.jsonl"
        self._turn = threading.RLock()
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            path = folder / "waiting.sqlite3"
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # SQLite alone would let others read it
            self._database = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
            self._take_hold()
            self._write_out_refused()
        except sqlite3.Error as error:
            if "locked" in str(error):
                raise QueueInUse(folder=folder) from error
            raise QueueUnusable(folder=folder, reason=error) from error
        except OSError as error:
            raise QueueUnusable(folder=folder, reason=error.strerror) from error

    def _take_hold(self) -> None:
        run = self._database.execute
        run("PRAGMA locking_mode = EXCLUSIVE")
        run("PRAGMA journal_mode = DELETE")
        run("PRAGMA synchronous = EXTRA")
        run("BEGIN EXCLUSIVE")  # from here on nobody else, until the connection or the process ends
        (shape,) = run("PRAGMA user_version").fetchone()
        if shape == 0:
            run(_TABLE)
            run(f"PRAGMA user_version = {SHAPE}")
        elif shape != SHAPE:
            raise sqlite3.DatabaseError(f"its shape is {shape}; this version knows {SHAPE}")
        run("COMMIT")

    def close(self) -> None:
        with self._turn:
            self._database.close()

    def count(self) -> int:
        """How many wait for an answer."""
        with self._turn:
            (number,) = self._database.execute("SELECT count(*) FROM scan WHERE refusal IS NULL").fetchone()
            return int(number)

    def add(self, key: str, body: str, tell: Callable[[int], None]) -> None:
        """Keep a scan, then `tell` its number, and only then let it be sent. Raises NotKept."""
        with self._turn:
            try:
                (number,) = self._database.execute(
                    "INSERT INTO scan (turn, key, body)"
                    " VALUES ((SELECT coalesce(max(turn), 0) + 1 FROM scan), ?, ?) RETURNING number",
                    (key, body),
                ).fetchone()
            except sqlite3.Error as error:
                raise NotKept(str(error)) from error
            tell(number)

    def first(self) -> Entry | None:
        """The scan whose turn it is."""
        with self._turn:
            row = self._database.execute(
                "SELECT number, key, body FROM scan WHERE refusal IS NULL ORDER BY turn LIMIT 1"
            ).fetchone()
            return Entry(*row) if row else None

    def forget(self, entry: Entry) -> None:
        """It has its answer. Raises NotKept if that could not be written down: it is sent once more."""
        self._change("DELETE FROM scan WHERE number = ?", entry.number)

    def step_behind(self, entry: Entry) -> None:
        """Let the others go first. Raises NotKept."""
        self._change("UPDATE scan SET turn = (SELECT max(turn) + 1 FROM scan) WHERE number = ?", entry.number)

    def set_aside(self, entry: Entry, reason: dict[str, Any]) -> None:
        """It will never be taken: put it, with the reason, where a person finds it. Raises NotKept."""
        with self._turn:
            refusal = json.dumps({**reason, "scan": json.loads(entry.body)}, ensure_ascii=False)
            refusal = refusal.encode("utf-8", "backslashreplace").decode()  # half a character breaks no file
            self._change("UPDATE scan SET refusal = ? WHERE number = ?", refusal, entry.number)
            try:
                self._write_out_refused()
            except (OSError, sqlite3.Error) as error:
                raise NotKept(str(error)) from error

    def count_refused(self) -> int:
        """How many lines a person has not taken out of the file of the refused."""
        return len(self._lines_of_refused())

    def _change(self, statement: str, *values: object) -> None:
        with self._turn:
            try:
                self._database.execute(statement, values)
            except sqlite3.Error as error:
                raise NotKept(str(error)) from error

    def _write_out_refused(self) -> None:
        """Append what was refused to the file, once, and then let go of it.

        After a power cut between the two, the file has the line already.
        """
        refused = self._database.execute(
            "SELECT number, refusal FROM scan WHERE refusal IS NOT NULL"
        ).fetchall()
        if not refused:
            return
        there = self._lines_of_refused()
        with open(os.open(self.refused_file, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600), "ab+") as file:
            if file.tell() and (file.seek(-1, os.SEEK_END), file.read(1))[1] != b"\n":
                file.write(b"\n")  # a line the power cut short
            for _, line in refused:
                if line not in there:
                    file.write(line.encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        for number, _ in refused:
            self._database.execute("DELETE FROM scan WHERE number = ?", (number,))

    def _lines_of_refused(self) -> set[str]:
        try:
            text = self.refused_file.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return set()
        return set(text.split("\n")) - {""}
