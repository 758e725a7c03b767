"""Takes one file in and kills itself at a named point: `python -m tests.catalog.intake.dying_taker NUMBER`.

FAULT names the point: before or after `open`, `step`, `load` or `finish` (as `after_step`); or
`before_commit`, when all of an export is written and nothing of it told. It dies there whenever the file was
begun fewer than FAULT_TIMES times before.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from sqlalchemy import create_engine, text

from tracer.catalog.intake import doing
from tracer.catalog.mismatches import loading
from tracer.catalog.registers import importing
from tracer.db.transaction import in_transaction

FAULT, TIMES = os.environ["FAULT"], int(os.environ.get("FAULT_TIMES", "1"))


def begun(number: int) -> int:
    engine = create_engine(os.environ["TRACER_DATABASE_URL"])
    with engine.connect() as connection:
        asked = text("SELECT begun FROM intake_job WHERE id = :id")
        found = int(connection.execute(asked, {"id": number}).scalar_one())
    engine.dispose()
    return found


def point(name: str) -> None:
    if name == FAULT:
        os.kill(os.getpid(), signal.SIGKILL)


def dying(name: str, work: Any) -> Any:
    def do(*arguments: Any, **named: Any) -> Any:
        point(f"before_{name}")
        done = work(*arguments, **named)
        point(f"after_{name}")
        return done

    return do


def dying_in_transaction(engine: Any, work: Any) -> Any:
    def written(session: Any) -> Any:
        done = work(session)
        if work.__name__ == "load":
            point("before_commit")
        return done

    return in_transaction(engine, written)


if __name__ == "__main__":
    job = int(sys.argv[1])
    importing.STEP_RECORDS = 300
    importing.SMALL_BYTES = 10**9
    if begun(job) <= TIMES:
        importing.open_package = dying("open", importing.open_package)
        importing._write = dying("step", importing._write)
        loading.run = dying("load", loading.run)
        doing.finish = dying("finish", doing.finish)
        doing.in_transaction = dying_in_transaction
    status = doing.main(job)
    if begun(job) <= TIMES and FAULT == "after_all":
        os.kill(os.getpid(), signal.SIGKILL)
    sys.exit(status)
