"""A process beside this one that ends with it, however it ends."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
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


def accompany(work: Callable[[Callable[[str], None], Callable[[], None]], None]) -> None:
    """The other end of it, in the process that was begun: does not return.

    `work` gets how to say a line to the operator, and what returns when it is to leave.
    """
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    work(say, _until_let_go)
    sys.stderr.flush()
    os._exit(0)  # a thread that still waits for an answer holds nothing up


def say(line: str) -> None:
    """Tell the operator, if anybody still looks."""
    with suppress(OSError):  # the terminal is gone; the work is not
        print(f"tracer: {line}", file=sys.stderr, flush=True)


def _until_let_go() -> None:
    select.select([sys.stdin], [], [])
