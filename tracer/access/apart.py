"""A process of its own for what needs pandas: a day's close, the report of an open day, files, code groups.

A web worker that computed these itself would keep 100 MB of libraries for ever, and while it computes,
every nurse whose scan it serves would wait for Python's lock. So each worker has one child for this,
started when it is first needed. The child has its own connection, and ends with its worker.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from typing import Any, TypeVar

from flask import current_app
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from tracer.access.edge import in_request_transaction
from tracer.db.engine import make_engine
from tracer.db.transaction import in_transaction

T = TypeVar("T")
EXTENSION = "tracer.apart"
# A new child after so many tasks: whatever a library does not give back is gone with the old one.
TASKS = 50

_engine: Engine | None = None  # the child's own


class Apart:
    """The child process of one web worker; safe to make before a fork, since it starts on first use."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._pool: ProcessPoolExecutor | None = None
        self._lock = threading.Lock()

    def run(self, work: Callable[..., T], *arguments: Any) -> T:
        """The result of `work(*arguments)` in the child; raises what it raises. Both must be picklable.

        A child that was killed is replaced once: what it had begun was undone with its connection, and
        what it had committed is found again, since all that is run here may be run twice.
        """
        try:
            return self._started().submit(work, *arguments).result()
        except BrokenProcessPool:
            with self._lock:
                self._pool = None
            return self._started().submit(work, *arguments).result()

    def _started(self) -> ProcessPoolExecutor:
        with self._lock:
            if self._pool is None:
                self._pool = ProcessPoolExecutor(
                    max_workers=1,
                    mp_context=multiprocessing.get_context("spawn"),
                    initializer=_begin,
                    initargs=(self._url,),
                    max_tasks_per_child=TASKS,
                )
            return self._pool


def apart(work: Callable[..., T], *arguments: Any) -> T:
    """Run a use case `work(session, *arguments)` in a transaction, in the worker's child process.

    An application on an engine of somebody else's (a test's) has no child: there it runs in place.
    """
    child: Apart | None = current_app.extensions.get(EXTENSION)
    if child is None:
        return in_request_transaction(lambda session: work(session, *arguments))
    result: T = child.run(_in_child, work, *arguments)
    return result


def elsewhere(work: Callable[..., T], *arguments: Any) -> T:
    """Run `work(*arguments)`, which needs no database, in the worker's child process."""
    child: Apart | None = current_app.extensions.get(EXTENSION)
    return work(*arguments) if child is None else child.run(work, *arguments)


def _in_child(work: Callable[..., T], *arguments: Any) -> T:
    assert _engine is not None

    def do(session: Session) -> T:
        return work(session, *arguments)

    return in_transaction(_engine, do)


def _begin(url: str) -> None:
    """In the child: its engine; and it must neither take the worker's signals nor outlive it."""
    global _engine
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _engine = make_engine(url, pool_size=1, max_overflow=0)
    parent = multiprocessing.parent_process()
    assert parent is not None

    def end_with_it() -> None:
        wait([parent.sentinel])
        os._exit(0)

    threading.Thread(target=end_with_it, daemon=True).start()
