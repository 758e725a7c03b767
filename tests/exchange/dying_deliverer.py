"""A deliverer that kills itself at a named point: `python -m tests.exchange.dying_deliverer`.

FAULT names the point (before or after `post`, `commit` or `file`, as `after_post`) and FAULT_AT at which
passage of it; LEASE and FOLDER are the deliverer's.
"""

from __future__ import annotations

import itertools
import os
import signal
from datetime import timedelta
from pathlib import Path
from typing import Any

from tracer.db.engine import make_engine
from tracer.exchange import drop_files
from tracer.exchange.delivering import Deliverer
from tracer.exchange.posting import Poster

FAULT, AT = os.environ.get("FAULT", ""), int(os.environ.get("FAULT_AT", "1"))
_passages = itertools.count(1)


def point(name: str) -> None:
    if name == FAULT and next(_passages) == AT:
        os.kill(os.getpid(), signal.SIGKILL)


def dying(name: str, work: Any) -> Any:
    def do(*arguments: Any, **named: Any) -> Any:
        point(f"before_{name}")
        done = work(*arguments, **named)
        point(f"after_{name}")
        return done

    return do


if __name__ == "__main__":
    Poster.post = dying("post", Poster.post)  # type: ignore[method-assign]
    Deliverer._write = dying("commit", Deliverer._write)  # type: ignore[method-assign]
    drop_files.put = dying("file", drop_files.put)
    Deliverer(
        make_engine(os.environ["TRACER_DATABASE_URL"]),
        tries=48,
        folder=Path(os.environ["FOLDER"]),
        file_seconds=0.0,
        lease=timedelta(seconds=float(os.environ["LEASE"])),
        whole_seconds=0.4,
    ).run(0.05)
