"""Things that only one may do at a time, whoever else runs on the same database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import NullPool, create_engine, text

# The numbers are arbitrary, but ours for ever. Migrations have one of their own: see migrations/env.py.
PREPARING = 7_412_660_002


@contextmanager
def alone(url: str, what: int) -> Iterator[None]:
    """Who asks for the same thing on this database waits until the block ends; death ends it too."""
    with create_engine(url, poolclass=NullPool).connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:what)"), {"what": what})
        connection.commit()  # the lock is the connection's; no transaction idles meanwhile
        yield
