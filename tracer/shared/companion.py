"""A process beside this one that ends with it, however it ends."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


class Companion:
    """Begun at once, and again should it die. It is to leave at a word on its standard input, or when that
    ends: then this process was killed.

    It leads a session of its own, so that Ctrl-C in a terminal does not reach it.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        self._command, self._environment = list(command), environment
        self._process = self._begin()

    def ensure(self) -> None:
        """Begin again if it was killed."""
        if self._process.poll() is not None:
            self._close()
            self._process = self._begin()

    def leave(self) -> None:
        """Let it go, and wait until it went."""
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.write(b"\n")
            self._process.stdin.flush()
        self._close()
        self._process.wait()

    def _close(self) -> None:
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.close()

    def _begin(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self._command, stdin=subprocess.PIPE, start_new_session=True, cwd=ROOT, env=self._environment
        )
