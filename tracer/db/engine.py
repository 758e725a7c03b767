"""The way to PostgreSQL: one engine per process."""

from __future__ import annotations

from sqlalchemy import Engine, create_engine

# A stuck statement must not hold a nurse, nor a lost client hold a lock.
SESSION_OPTIONS = "-c statement_timeout=60000 -c idle_in_transaction_session_timeout=30000 -c timezone=UTC"


def sqlalchemy_url(url: str) -> str:
    """Any PostgreSQL URL, made to name the driver we ship (psycopg 3)."""
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def make_engine(url: str, *, pool_size: int = 8, max_overflow: int = 8) -> Engine:
    """An engine for one process.

    A connection is not asked whether it lives before each use (that would cost every scan a round trip);
    one found dead is replaced, and `in_transaction` begins again.
    """
    return create_engine(
        sqlalchemy_url(url),
        pool_size=pool_size,
        max_overflow=max_overflow,
        pool_timeout=10,
        pool_recycle=1800,
        hide_parameters=True,  # what a statement carries may name a patient's stay; logs must not
        connect_args={"options": SESSION_OPTIONS, "connect_timeout": 5, "application_name": "tracer"},
    )
