"""One request is one transaction, committed at the edge before the answer is built."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

# What PostgreSQL answers when the right thing is to begin again: serialization failure, deadlock,
# and our own trigger's "the day was closed while you were writing" (see migrations).
DAY_CLOSED = "TR001"
RETRYABLE = frozenset({"40001", "40P01", DAY_CLOSED})
# Another request with the same idempotency key was quicker by a moment: its answer is there now.
KEY_TAKEN = frozenset({"pk_request_key", "uq_scan_idempotency_key"})
ATTEMPTS = 5

T = TypeVar("T")


def sqlstate(error: DBAPIError) -> str | None:
    """PostgreSQL's five-letter code of an error, if it came from the server."""
    return getattr(error.orig, "sqlstate", None)


def constraint_of(error: DBAPIError) -> str | None:
    """The name of the constraint an error is about."""
    diag = getattr(error.orig, "diag", None)
    return getattr(diag, "constraint_name", None)


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """A session whose work is committed when the block ends, and undone if it raises."""
    with Session(engine, expire_on_commit=False, autoflush=False) as session:
        yield session
        session.commit()


def in_transaction(engine: Engine, work: Callable[[Session], T]) -> T:
    """Run `work` in one transaction; begin again where the database asks for it.

    A connection found dead before anything was sent is replaced once; after that the error goes up
    and becomes 503: the client keeps its key and asks again.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with transaction(engine) as session:
                return work(session)
        except DBAPIError as error:
            if attempt == ATTEMPTS or not _worth_another_try(error):
                raise
            time.sleep(random.uniform(0, 0.01) * attempt)
    raise AssertionError("unreachable")


def _worth_another_try(error: DBAPIError) -> bool:
    return (
        error.connection_invalidated
        or sqlstate(error) in RETRYABLE
        or (isinstance(error, IntegrityError) and constraint_of(error) in KEY_TAKEN)
    )
