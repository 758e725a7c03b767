"""Keeps a web server's embedded database alive, from beside it: `python -m tracer.db.keeper DATA`.

It starts a database that died again. It leaves at a word on its standard input, or when that ends: then the
web server and its workers were killed, and it stops the database in their stead, if nobody else uses it. It
leads a session of its own, so that Ctrl-C in a terminal reaches the web server alone.
"""

from __future__ import annotations

import os
import select
import signal
import sys
from pathlib import Path

from tracer.db import embedded
from tracer.db.dwelling import EmbeddedError
from tracer.shared.companion import Companion, say

WATCH_SECONDS = 0.5
LAST_USER_SECONDS = 15  # how long workers that outlived their server may take to go


class Keeper(Companion):
    """The web server's end of it. Who lets the keeper go stops the database."""

    def __init__(self, data: Path) -> None:
        super().__init__([sys.executable, "-m", "tracer.db.keeper", str(data.resolve())])


def keep(data: Path) -> None:
    """Keep the database under `data` running until standard input ends."""
    server: embedded.EmbeddedServer | None = None
    complaint, patience = "", 0.0
    while not select.select([sys.stdin], [], [], patience)[0]:
        patience = WATCH_SECONDS
        try:
            if server is None:  # it may die while we are only beginning, too
                server = embedded.start(data)
            elif server.revive():
                complaint = ""
                say("the database had stopped; it was started again")
        except (EmbeddedError, OSError) as error:  # a full disk may be cleared: go on trying
            if str(error) != complaint:
                complaint = str(error)
                say(complaint)
    told_to_go = os.read(sys.stdin.fileno(), 1) != b""
    if server is not None:
        server.stop(patience=0 if told_to_go else LAST_USER_SECONDS)


if __name__ == "__main__":
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    keep(Path(sys.argv[1]))
