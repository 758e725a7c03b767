"""The process that looks at pictures: an image in, the codes it holds out.

`python -m tracer.charging.eye` is started by a web worker (see `looking.py`), with pipes for standard
input and output, and ends when they close. What is sent either way is a length of four bytes, then that
many bytes: the seconds that may be spent, whether a glance is enough, and the image as it came; the answer
as JSON. The first that it sends is empty: it is ready.

It is a process of its own because images come from anywhere and are decoded by libraries in C: one that
brings such a library down, or to its knees, must not take a worker's other requests along. And it gives
way to everybody else: a scan of a wedge scanner is never the slower for somebody's camera.
"""

from __future__ import annotations

import base64
import json
import os
import signal
import struct
import sys
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scanners.images import Picture, Symbol

LENGTH = struct.Struct(">I")
PATIENCE = struct.Struct(">d?")  # seconds, and whether a glance is enough
GIVES_WAY = 10  # the `nice` of this process
MOST_MEMORY = 1 << 30  # bytes; the reader keeps to half of it by itself


def main() -> None:
    """Answer until standard input ends."""
    from scanners.images import read

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal's Ctrl-C is for the server
    os.nice(GIVES_WAY)
    _limit_memory()
    # What a library prints must not get among the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    send(answers, b"")
    while (asked := receive(sys.stdin.buffer)) is not None:
        seconds, glance = PATIENCE.unpack_from(asked)
        picture = read(asked[PATIENCE.size :], deadline_seconds=seconds, glance=glance)
        send(answers, json.dumps(told(picture)).encode())


def told(picture: Picture) -> dict[str, Any]:
    """What was found in a picture, in JSON's types: `symbols`, and `error`, the code of its fault or None."""
    return {
        "symbols": [
            {
                "format": symbol.format,
                "symbology": symbol.symbology,
                "text": symbol.text,
                "raw": base64.b64encode(_as_sent(symbol)).decode(),
                "engine": symbol.engine,
                "position": symbol.position,
            }
            for symbol in picture.symbols
        ],
        "error": picture.error.code.value if picture.error else None,
    }


def _as_sent(symbol: Symbol) -> bytes:
    """What a scanner would send: its identifier, and the payload byte for byte."""
    if symbol.text.isascii():
        return symbol.scanned.encode()
    # In which alphabet such bytes are meant is a guess of the reader's.
    return (symbol.symbology or "").encode() + symbol.raw


def send(pipe: IO[bytes], message: bytes) -> None:
    pipe.write(LENGTH.pack(len(message)))
    pipe.write(message)
    pipe.flush()


def receive(pipe: IO[bytes]) -> bytes | None:
    """The next message; None if there will be none."""
    head = pipe.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(head)
    message = pipe.read(length)
    return message if len(message) == length else None


def _limit_memory() -> None:
    import resource

    with suppress(ValueError, OSError):  # not every system has this limit
        resource.setrlimit(resource.RLIMIT_DATA, (MOST_MEMORY, MOST_MEMORY))


if __name__ == "__main__":
    main()
