"""The web server: gunicorn with a few processes of several threads each, stopped cleanly by Ctrl-C.

The listening socket is taken first, before a database is touched, so that a port in use is known at once
and two starts at once cannot both believe they have it.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter

from tracer.catalog.intake.running import BesideServer as IntakeBesideServer
from tracer.db import embedded
from tracer.db.keeper import Keeper
from tracer.exchange.running import BesideServer
from tracer.settings import Settings
from tracer.shared.companion import Companion

FROM_TERMINAL = (signal.SIGINT, signal.SIGHUP)
REQUEST_SECONDS = 120  # a worker that answers nothing for so long is replaced
GOODBYE_SECONDS = 8  # what requests under way may take after Ctrl-C
BACKLOG = 1024
MALLOC_ARENAS = 2
M_ARENA_MAX = -8  # glibc's malloc.h


class CannotListen(RuntimeError):
    """The address is not to be had; the text says why in one line."""


def serve(
    settings: Settings,
    *,
    prepare: Callable[[Settings], list[str]],
    create_app: Callable[[Settings], Flask],
    say: Callable[[str], None],
) -> None:
    """Serve until told to stop.

    `prepare` gets settings that name a running database, readies it, and returns lines for the operator; they
    are said, after the address, once requests are answered. Raises CannotListen, EmbeddedError and whatever
    `prepare` and `create_app` raise.
    """
    listener = _listen(settings)
    host, port = listener.getsockname()[:2]
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    with ExitStack() as stack:
        stack.callback(listener.close)
        keeper = None
        where: list[str] = []
        if settings.database_url is None:
            database = embedded.start(settings.data)
            stack.callback(database.stop)
            keeper = Keeper(settings.data)
            stack.callback(_unless_forked(keeper.leave))
            settings = replace(settings, database_url=database.url)
            where = [f"Data: {database.dwelling.home}"]
        lines = where + prepare(settings)
        companions: list[Companion] = [keeper] if keeper else []
        if settings.deliver:
            deliverer = BesideServer(settings)
            stack.callback(_unless_forked(deliverer.leave))  # before the database rests
            companions.append(deliverer)
        if settings.intake:
            intake = IntakeBesideServer(settings)
            stack.callback(_unless_forked(intake.leave))
            companions.append(intake)
        _limit_arenas()

        def ready(_: Arbiter) -> None:
            for line in [f"Tracer: {address}", *lines, "Ctrl-C stops it."]:
                say(line)

        options = {
            "bind": f"fd://{listener.detach()}",
            "workers": settings.workers,
            "threads": settings.threads,
            "worker_class": "gthread",
            "preload_app": True,  # the code is loaded once and its memory shared
            "timeout": REQUEST_SECONDS,
            "graceful_timeout": GOODBYE_SECONDS,
            "backlog": BACKLOG,
            "loglevel": "warning",
            "control_socket_disable": True,
            "worker_tmp_dir": "/dev/shm" if Path("/dev/shm").is_dir() else None,
            "when_ready": ready,
            "post_worker_init": _leave_ctrl_c_to_the_master,
        }
        _Master(_Application(options, lambda: create_app(settings)), companions).run()


class _Application(BaseApplication):
    """Gunicorn's view of us: options, and how to make the application."""

    def __init__(self, options: dict[str, Any], make: Callable[[], Flask]) -> None:
        self._options = options
        self._make = make
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return self._make()


class _Master(Arbiter):
    """Gunicorn's master process, which also sees to the database's keeper, the deliverer and the intake."""

    def __init__(self, application: BaseApplication, companions: Sequence[Companion]) -> None:
        self._companions = companions
        super().__init__(application)

    def handle_int(self) -> None:
        """Ctrl-C lets requests under way finish; a second one does not."""
        self.handle_term()

    handle_hup = handle_int  # the terminal was closed

    def spawn_worker(self) -> Any:
        """A new worker, deaf to the terminal from its first moment: gunicorn gives it back the default
        answer to Ctrl-C for an instant, and it would die of it with a warning."""
        signal.pthread_sigmask(signal.SIG_BLOCK, FROM_TERMINAL)
        try:
            return super().spawn_worker()
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, FROM_TERMINAL)

    def manage_workers(self) -> None:
        """Called every second."""
        super().manage_workers()
        for companion in self._companions:
            companion.ensure()


def _leave_ctrl_c_to_the_master(_: object) -> None:
    # A terminal's Ctrl-C reaches every process; a worker must wait for the master's word.
    for each in FROM_TERMINAL:
        signal.signal(each, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, FROM_TERMINAL)  # what was waiting is forgotten


def _listen(settings: Settings) -> socket.socket:
    where = f"{settings.host}:{settings.port}"
    try:
        found = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        family, kind, protocol, _, address = found[0]
        listener = socket.socket(family, kind, protocol)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            # At once: two sockets may both be bound, but not both listen.
            listener.listen(BACKLOG)
        except OSError:
            listener.close()
            raise
    except OSError as error:
        reason = error.strerror or str(error)
        hint = "; name another: PORT=8001 make run" if "in use" in reason else ""
        raise CannotListen(f"cannot listen on {where}: {reason}{hint}") from error
    return listener


def _unless_forked(what: Callable[[], None]) -> Callable[[], None]:
    """The same in this process, nothing in its children: a worker ends by unwinding its parent's stack."""
    owner = os.getpid()
    return lambda: what() if os.getpid() == owner else None


def _limit_arenas() -> None:
    """Keep many threads from each hoarding freed memory (glibc makes eight arenas per core)."""
    with suppress(AttributeError, OSError):  # not glibc
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, MALLOC_ARENAS)
