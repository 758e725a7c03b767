"""A deliverer as a process: alone (`tracer deliver`), or beside a web server, with which it ends.

Beside a web server it is begun as `python -m tracer.exchange.running`, and leaves at a word on its standard
input, or when that ends.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable

from tracer.db.engine import make_engine
from tracer.exchange.delivering import Deliverer
from tracer.settings import Settings, read_settings
from tracer.shared.companion import Companion, accompany

CONNECTIONS = 4
# What is under way may take before it is left to be sent again, as after a kill.
GOODBYE_SECONDS = 5.0


class BesideServer(Companion):
    """The web server's end of it."""

    def __init__(self, settings: Settings) -> None:
        assert settings.database_url is not None
        super().__init__(
            [sys.executable, "-m", "tracer.exchange.running"],
            {**os.environ, "TRACER_DATABASE_URL": settings.database_url},
        )


def deliver(settings: Settings, say: Callable[[str], None], until: Callable[[], None]) -> None:
    """Deliver until `until` returns; `settings` must name a running database."""
    assert settings.database_url is not None
    engine = make_engine(settings.database_url, pool_size=CONNECTIONS, max_overflow=CONNECTIONS)
    deliverer = Deliverer(
        engine,
        tries=settings.deliver_tries,
        folder=settings.drop_root,
        file_seconds=settings.drop_seconds,
        say=say,
    )
    work = threading.Thread(target=deliverer.run, args=(settings.deliver_seconds,), daemon=True)
    work.start()
    try:
        until()
    finally:
        deliverer.stop()
        work.join(GOODBYE_SECONDS)
        if not work.is_alive():
            engine.dispose()


def until_told() -> None:
    """Wait for Ctrl-C or SIGTERM."""
    told = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: told.set())
    told.wait()


if __name__ == "__main__":
    accompany(lambda say, until: deliver(read_settings(os.environ), say, until))
