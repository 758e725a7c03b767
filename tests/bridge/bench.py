"""What a bridge is tried with: a scanner on a pseudo-terminal, a service that can be harmed, and a bridge
that runs as it would at a workstation.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
import tty
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from tests.browser.ward import RunningClock
from tests.small_hospital import NURSE_STATION, SmallHospital, build
from tracer.access.rules import Role
from tracer.access.tokens import issue_token
from tracer.app import create_app
from tracer.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 30
SECRET = "0123456789abcdef0123456789abcdef"
Wsgi = Callable[[dict[str, Any], Any], Any]


def eventually(what: Callable[[], bool], told: Callable[[], object] = lambda: "") -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not what():
        assert time.monotonic() < deadline, f"it never came: {told()}"
        time.sleep(0.01)


class Scanner:
    """A scanner at the end of a cable: a pseudo-terminal behind a path that stays the same."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "scanner"
        self.plug_in()

    def plug_in(self) -> None:
        self._inside, outside = os.openpty()
        tty.setraw(outside)
        self._outside = outside  # held open, so that a bridge may come and go
        self.path.unlink(missing_ok=True)
        self.path.symlink_to(os.ttyname(outside))

    def unplug(self) -> None:
        self.path.unlink(missing_ok=True)
        os.close(self._inside)
        os.close(self._outside)

    def send(self, data: bytes) -> None:
        while data:
            data = data[os.write(self._inside, data[:1024]) :]


@dataclass
class Service:
    """The real application on a real port, with a hospital in it. `fault` stands in its way."""

    engine: Engine
    hospital: SmallHospital
    clock: RunningClock = field(default_factory=RunningClock)
    fault: Callable[[Wsgi, dict[str, Any], Any], Any] | None = None
    asked: list[str] = field(default_factory=list)
    port: int = 0
    _server: BaseWSGIServer | None = None

    @classmethod
    def open(cls, engine: Engine) -> Service:
        with Session(engine, expire_on_commit=False) as session, session.begin():
            here = cls(engine, build(session))
        here.start()
        return here

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def token(self, role: Role = Role.NURSE, scope: str = "/HOSP/CARD/", name: str = "bridge") -> str:
        with Session(self.engine) as session, session.begin():
            return issue_token(session, name, role, scope, self.hospital.clock)

    def start(self) -> None:
        """Serve, at the port it had before if it had one."""
        app = create_app(Settings(secret_key=SECRET), clock=self.clock, engine=self.engine)

        def harmed(environ: dict[str, Any], answer: Any) -> Any:
            self.asked.append(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}")
            fault = self.fault
            return fault(app, environ, answer) if fault else app(environ, answer)

        self._server = make_server("127.0.0.1", self.port, harmed, threaded=True, request_handler=_WithoutLog)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def ask(self, statement: str, **values: object) -> list[Any]:
        with self.engine.connect() as connection:
            return list(connection.execute(text(statement), values))

    def raws(self) -> list[bytes]:
        """What was recorded, in the order it came."""
        return [bytes(row.raw) for row in self.ask("SELECT raw FROM scan ORDER BY id")]


class _WithoutLog(WSGIRequestHandler):
    def log(self, *args: object, **more: object) -> None: ...


class Bridge:
    """`tracer scanner-bridge` as a process: its lines as they come, on a pipe or on a terminal."""

    def __init__(
        self,
        scanner: Scanner,
        url: str,
        folder: Path,
        *more: str,
        token: str | None = None,
        terminal: bool = False,
        language: str = "zh_CN.UTF-8",
        program: tuple[str, ...] = ("-m", "tracer", "scanner-bridge"),
    ) -> None:
        if token is not None:
            (folder / "token").write_text(token + "\n")
            (folder / "token").chmod(0o600)
        given = (
            "--port", str(scanner.path), "--server", url, "--token-file", str(folder / "token"),
            "--location", NURSE_STATION, "--queue", str(folder / "queue"), *more,
        )  # fmt: skip
        inside, outside = os.openpty() if terminal else os.pipe()
        if terminal:
            tty.setraw(outside)
        self.process = subprocess.Popen(
            [sys.executable, *program, *given],
            stdout=outside,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
            env={**os.environ, "LC_ALL": language, "PYTHONUNBUFFERED": "1"},
            process_group=0,
        )
        os.close(outside)
        self.said = ""
        self._listener = threading.Thread(target=self._listen, args=(inside,), daemon=True)
        self._listener.start()

    def _listen(self, source: int) -> None:
        heard = b""
        with suppress(OSError):  # a terminal whose program has gone
            while chunk := os.read(source, 65536):
                heard += chunk
                self.said = heard.decode("utf-8", "replace")
        os.close(source)

    @property
    def lines(self) -> list[str]:
        """What was said, without the time of day."""
        return [re.sub(r"^\d\d:\d\d:\d\d ", "", line) for line in self.said.splitlines()]

    def until(self, words: str, times: int = 1) -> None:
        """Wait for so many lines with these words."""
        eventually(lambda: self.said.count(words) >= times, lambda: f"{words!r} in {self.said!r}")

    def ctrl_c(self, how: signal.Signals = signal.SIGINT) -> int:
        os.killpg(self.process.pid, how)
        return self.ended()

    def ended(self) -> int:
        status = self.process.wait(timeout=PATIENCE_SECONDS)
        self._listener.join(timeout=5)
        return status

    def kill(self) -> None:
        self.process.kill()
        self.ended()
