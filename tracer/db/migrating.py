"""Bringing a database to the shape this version of the code knows."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, NullPool, create_engine

SCRIPTS = Path(__file__).resolve().parent.parent.parent / "migrations"


@cache
def head() -> str:
    """The newest revision this code knows."""
    found = ScriptDirectory.from_config(_config()).get_current_head()
    assert found is not None
    return found


def revision_of(connection: Connection) -> str | None:
    """The revision a database is at; None: it has never been migrated."""
    return MigrationContext.configure(connection).get_current_revision()


def is_current(connection: Connection) -> bool:
    """Whether a database has exactly the shape this code knows."""
    return revision_of(connection) == head()


def upgrade(url: str, revision: str = "head") -> None:
    """Migrate up to a revision. Of two who ask at once, the second waits and finds it done."""
    _run(url, lambda config: command.upgrade(config, revision))


def downgrade(url: str, revision: str) -> None:
    """Migrate down to a revision (`base`: to nothing)."""
    _run(url, lambda config: command.downgrade(config, revision))


def _run(url: str, what: Callable[[Config], None]) -> None:
    # Not the service's engine: its statement timeout is meant for nurses, not for rebuilding an index.
    with create_engine(url, poolclass=NullPool).connect() as connection:
        config = _config()
        config.attributes["connection"] = connection
        what(config)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
