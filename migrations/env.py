"""How Alembic reaches the database: on the connection it is handed, or as the settings say."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection, NullPool, create_engine, text

from migrations.everything import metadata
from tracer.db.embedded import database
from tracer.settings import load_settings

# Two services that start at once must not migrate at once. The number is arbitrary, but ours for ever.
LOCK = 7_412_660_001


def migrate(connection: Connection) -> None:
    """Run the wanted migrations, each in a transaction of its own, one migrator at a time."""
    connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": LOCK})
    connection.commit()
    try:
        context.configure(
            connection=connection,
            target_metadata=metadata,
            transaction_per_migration=True,
            compare_type=True,
            compare_server_default=True,
        )
        with context.begin_transaction():
            context.run_migrations()
    finally:
        connection.rollback()
        connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": LOCK})
        connection.commit()


def main() -> None:
    """Migrate on a given connection, else (called as `alembic …`) on the installation's database."""
    if context.is_offline_mode():
        raise SystemExit("tracer: migrations run on a database only; --sql is not supported")
    given = context.config.attributes.get("connection")
    if given is not None:
        migrate(given)
        return
    with database(load_settings()) as url, create_engine(url, poolclass=NullPool).connect() as connection:
        migrate(connection)


main()
