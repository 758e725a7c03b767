"""A web worker's view of pictures: one at a time, by a child process, and only a few in the queue.

Reading an image is work of 20 to 200 ms for a processor. A worker therefore lets in few images at once:
the next one is told to come again, and its thread stays free for scans, which nobody may keep waiting.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

import tracer
from tracer.charging.errors import ImagesBusy, UnreadableImage
from tracer.charging.eye import PATIENCE, receive, send

EXTENSION = "tracer.eye"
LONGEST_START = 30.0  # s
A_PHOTO = 2.0  # s that may be spent on it
A_FRAME = 0.4  # and on one of many: the next one may show it better
LONGEST_LOOK = 6.0  # s; after this it hangs: it keeps to its time on a processor that has nothing else to do
SHARE = 2  # one thread in so many may be taken by images
# Not one thread of a mathematical library is of use here, and each would reserve memory.
ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


class Eye:
    """The child process of one web worker; safe to make before a fork, since it starts on first use."""

    def __init__(self, threads: int) -> None:
        self._turns = threading.BoundedSemaphore(max(1, threads // SHARE))
        self._one = threading.Lock()
        self._processes: list[subprocess.Popen[bytes]] = []  # one, or none
        weakref.finalize(self, _end, self._processes)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """A place among the images of this worker: being read, or one of few that wait. Raises ImagesBusy."""
        if not self._turns.acquire(blocking=False):
            raise ImagesBusy(seconds=1)
        try:
            yield
        finally:
            self._turns.release()

    def look(self, image: bytes, *, frame: bool = False) -> dict[str, Any]:
        """What `eye.told` says of an image, after no more than some seconds of trying.

        `frame`: it is one of many, and most show nothing, which a glance tells.

        Raises UnreadableImage if the child did not survive it.
        """
        with self._one:
            for _ in range(2):  # it may have been dead before: then this image is innocent
                seconds = A_FRAME if frame else A_PHOTO
                answer = self._ask(PATIENCE.pack(seconds, frame) + image)
                if answer is not None:
                    found: dict[str, Any] = json.loads(answer)
                    return found
                _end(self._processes)
        raise UnreadableImage(fault="too_slow")

    def close(self) -> None:
        """End the child, whatever it is doing."""
        _end(self._processes)

    def _ask(self, message: bytes) -> bytes | None:
        """The child's answer; None if it died. Raises UnreadableImage if it took too long."""
        if not self._processes:
            self._processes.append(_start())
            if _answer_of(self._processes[0], LONGEST_START) is None:
                _end(self._processes)
                raise RuntimeError("the reader of images does not start; it said why on standard error")
        [process] = self._processes
        assert process.stdin is not None
        try:
            send(process.stdin, message)
        except OSError:
            return None
        try:
            return _answer_of(process, LONGEST_LOOK)
        except TimeoutError:
            _end(self._processes)
            raise UnreadableImage(fault="too_slow") from None


def _start() -> subprocess.Popen[bytes]:
    here = str(Path(tracer.__file__).parent.parent)
    # It has no business with the database or the secret key.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TRACER_")}
    path = os.pathsep.join(filter(None, (here, kept.get("PYTHONPATH"))))
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "tracer.charging.eye"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**kept, **ENVIRONMENT, "PYTHONPATH": path},
    )


def _answer_of(process: subprocess.Popen[bytes], seconds: float) -> bytes | None:
    """What it says next; None if it ended. Raises TimeoutError."""
    assert process.stdout is not None
    if not wait([process.stdout], seconds):  # type: ignore[list-item]
        raise TimeoutError
    return receive(process.stdout)


def _end(processes: list[subprocess.Popen[bytes]]) -> None:
    while processes:
        process = processes.pop()
        process.kill()
        process.communicate()
