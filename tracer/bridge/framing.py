"""Where one scan ends and the next begins, in the bytes that a serial scanner sends.

A scanner that ends each scan with a terminator may pause inside one: only the terminator ends it, and
what is still without one after `STALE_SECONDS` is dropped and told, since glued to the next scan it
would make a third code of two. Without a terminator only silence can end a scan.

Pure: time comes in, as seconds of any clock that does not jump.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

# What `POST /api/v1/scans` takes; no symbol holds a quarter of this.
LONGEST = 16_384
STALE_SECONDS = 2.0
# How the common terminators are named on the command line. A doubled one ends one scan, not two.
TERMINATORS: dict[str, re.Pattern[bytes] | None] = {
    "any": re.compile(rb"[\r\n\t]+"),
    "cr": re.compile(rb"\r+"),
    "lf": re.compile(rb"\n+"),
    "crlf": re.compile(rb"(?:\r\n)+"),
    "tab": re.compile(rb"\t+"),
    "none": None,
}
# What is left of a terminator is no scan; a space may be one's check character (HIBC).
_BLANK = b"\r\n\t"


@dataclass(frozen=True, slots=True)
class Pulled:
    """One pull of the trigger: its bytes, and when the first and the last of them came."""

    raw: bytes
    began: float
    ended: float


class Why(StrEnum):
    """Why bytes are no scan."""

    TOO_LONG = "too_long"
    NO_END = "no_end"
    UNPLUGGED = "unplugged"


@dataclass(frozen=True, slots=True)
class Dropped:
    """So many bytes, or more, that are not sent."""

    why: Why
    length: int


Piece = Pulled | Dropped


class Framer:
    """Cuts what arrives into scans; never keeps more than one scan can have."""

    def __init__(self, terminator: str = "any", silence_seconds: float = 0.1) -> None:
        self._end = TERMINATORS[terminator]
        self._patience = STALE_SECONDS if self._end else silence_seconds
        self._pending = b""
        self._is_flood = False  # told of; all that comes belongs to it until it ends
        self._began = self._last = 0.0

    def feed(self, chunk: bytes, now: float) -> list[Piece]:
        """The scans that these bytes complete."""
        if not self._pending:
            self._began = now
        searched = max(0, len(self._pending) - 1)  # a CR LF may have come in two parts
        self._pending += chunk
        self._last = now
        found: list[Piece] = []
        while self._end is not None and (match := self._end.search(self._pending, searched)):
            found += self._complete(self._pending[: match.start()])
            self._pending, searched, self._began = self._pending[match.end() :], 0, now
        if len(self._pending) > LONGEST:
            if not self._is_flood:
                found.append(Dropped(Why.TOO_LONG, len(self._pending)))
            self._is_flood = True
            self._pending = self._pending[-1:]  # perhaps the first half of a terminator
        return found

    def quiet(self, now: float) -> list[Piece]:
        """What the silence until now completes, or shows to be no scan.

        To be asked only after nothing was found waiting: on a busy machine bytes are read late, and late
        is not silent.
        """
        if now - self._last < self._patience or not self._pending:
            return []
        raw, self._pending = self._pending, b""
        if self._end is None or self._is_flood:
            return self._complete(raw)
        return [Dropped(Why.NO_END, len(raw))] if raw.strip(_BLANK) else []

    def cut(self) -> list[Piece]:
        """The port went away: what had begun is no scan."""
        length = len(self._pending) if self._pending.strip(_BLANK) and not self._is_flood else 0
        self._pending, self._is_flood = b"", False
        return [Dropped(Why.UNPLUGGED, length)] if length else []

    def _complete(self, raw: bytes) -> list[Piece]:
        if self._is_flood:
            self._is_flood = False
            return []
        if len(raw) > LONGEST:
            return [Dropped(Why.TOO_LONG, len(raw))]
        return [Pulled(raw, self._began, self._last)] if raw.strip(_BLANK) else []
