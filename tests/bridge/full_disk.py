"""`tracer scanner-bridge` whose queue has hardly any room: `python -m tests.bridge.full_disk`."""

from __future__ import annotations

import sys

from tracer.bridge.waiting import Waiting
from tracer.cli import main

_take_hold = Waiting._take_hold


def take_hold(self: Waiting) -> None:
    _take_hold(self)
    (pages,) = self._database.execute("PRAGMA page_count").fetchone()
    self._database.execute(f"PRAGMA max_page_count = {pages}")


if __name__ == "__main__":
    Waiting._take_hold = take_hold  # type: ignore[method-assign]
    sys.exit(main(["scanner-bridge", *sys.argv[1:]]))
