"""Files handed in and taken in by tests: at once, or by a thread while a browser looks on."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from tracer.access.operator import OPERATOR
from tracer.access.rules import Actor
from tracer.catalog.intake.doing import do_job
from tracer.catalog.intake.folder import Folder
from tracer.catalog.intake.jobs import HandIn, begin, hand_in, next_job
from tracer.catalog.intake.queries import JobView, find_job
from tracer.catalog.intake.running import LOCK
from tracer.catalog.intake.tables import JobKind
from tracer.shared.clock import Clock


def take_all(engine: Engine, clock: Clock, folder: Folder) -> None:
    """Take in whatever waits, as the process does that is there for it."""
    while True:
        with engine.begin() as connection:
            job = next_job(connection, folder.place)
            if job is None:
                return
            begin(connection, clock, job)
        do_job(engine, clock, folder, job)
        folder.remove(job.kept)


def take_all_of(app: Flask) -> None:
    here = app.extensions["tracer"]
    take_all(here.engine, here.clock, Folder(here.settings.intake_root))


@contextmanager
def taking(engine: Engine, clock: Clock, folder: Folder) -> Iterator[None]:
    """Whatever is handed in meanwhile is taken in by a thread."""
    ended = threading.Event()

    def work() -> None:
        with engine.connect() as connection:
            connection.execute(text(f"SELECT pg_advisory_lock({LOCK})"), {"place": folder.place})
            connection.commit()
            while not ended.wait(0.1):
                take_all(engine, clock, folder)
            connection.invalidate()

    thread = threading.Thread(target=work)
    thread.start()
    yield
    ended.set()
    thread.join(30)


def put(
    engine: Engine, clock: Clock, folder: Folder, content: bytes, *, actor: Actor = OPERATOR,
    kind: JobKind = JobKind.EXPORT, file: str = "hrp.csv", **asked: Any,
) -> int:  # fmt: skip
    """A file that waits to be taken in."""
    incoming = folder.receive(file, len(content))
    incoming.write(content)
    assert incoming.settle()
    wanted = asked or ({"source": "HRP", "owns": []} if kind is JobKind.EXPORT else {"register": ""})
    command = HandIn(kind, file, incoming.size, folder.place, Path(incoming.path).name, wanted)
    with Session(engine) as session, session.begin():
        number = hand_in(session, actor, clock, command)
    incoming.keep()
    incoming.close()
    return number


def job_of(engine: Engine, number: int) -> JobView:
    with engine.connect() as connection:
        found = find_job(connection, number)
    assert found is not None
    return found
