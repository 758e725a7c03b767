"""Uploads as an operator meets them: taken in beside `tracer serve`, whatever is killed."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import psutil
from sqlalchemy import Engine, text

from tests.access.application import token_of
from tests.catalog.intake.taking import job_of, put
from tracer.access.rules import Role
from tracer.catalog.intake.folder import PLACE, Folder
from tracer.settings import Settings
from tracer.shared.clock import SystemClock

ROOT = Path(__file__).resolve().parents[3]
CLOCK = SystemClock(Settings().timezone)
HRP = "物资编码,计费编码\nM1,B1\n"
BOUNDARY = "----a-boundary"


@contextmanager
def served(engine: Engine, data: Path, **settings: str) -> Iterator[tuple[str, int]]:
    """A running server: its address, and its process."""
    chosen = {
        "TRACER_DATABASE_URL": engine.url.render_as_string(hide_password=False),
        "TRACER_DATA": str(data),
        "TRACER_SAMPLE": "0",
        "TRACER_WORKERS": "1",
        "TRACER_DELIVER": "0",
        "PORT": "0",
    }
    server = subprocess.Popen(
        [sys.executable, "-m", "tracer", "serve"],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, **chosen, **settings},
        process_group=0,
    )
    assert server.stdout is not None
    try:
        yield urlsplit(server.stdout.readline().removeprefix("Tracer:").strip()).netloc, server.pid
    finally:
        with suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGINT)
        server.communicate(timeout=30)


def form(**fields: str) -> bytes:
    """The beginning of a form, up to the content of its file."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    head = 'Content-Disposition: form-data; name="file"; filename="hrp.csv"\r\nContent-Type: text/csv\r\n\r\n'
    return ("".join(parts) + f"--{BOUNDARY}\r\n{head}").encode()


def eventually(what: Callable[[], bool], seconds: float = 40.0) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.05)


def lying(folder: Folder) -> list[str]:
    return [one.name for one in folder.root.iterdir() if one.name != PLACE]


def test_uploads_break_off_or_are_taken_in(fresh_database: Engine, data_folder: Path) -> None:
    folder = Folder(data_folder / "intake")
    who = token_of(fresh_database, CLOCK, "buyer", Role.PROCUREMENT)  # type: ignore[arg-type]
    headers = {**who, "Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    before = put(fresh_database, CLOCK, folder, HRP.encode())  # while nobody was there
    with served(fresh_database, data_folder) as (address, server):
        host, _, port = address.partition(":")
        begin = form(source="HIS")
        with socket.create_connection((host, int(port))) as sender:
            lines = [f"{name}: {value}" for name, value in headers.items()]
            lines = [
                "POST /mismatches/exports HTTP/1.1",
                f"Host: {address}",
                "Content-Length: 9000000",
                *lines,
            ]
            sender.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + begin + b"x" * 3_000_000)
            eventually(lambda: any(folder.path(one).stat().st_size > 2_000_000 for one in lying(folder)))
        eventually(lambda: lying(folder) == [])  # it broke off
        eventually(lambda: job_of(fresh_database, before).state == "done")
        (taker,) = [
            one
            for one in psutil.Process(server).children()
            if "tracer.catalog.intake.running" in one.cmdline()
        ]
        taker.kill()
        connection = http.client.HTTPConnection(address)
        connection.request(
            "POST", "/mismatches/exports", begin + HRP.encode() + f"\r\n--{BOUNDARY}--\r\n".encode(), headers
        )
        answer = connection.getresponse()
        assert answer.status == 303
        number = int((answer.headers["Location"] or "").rpartition("/")[2])
        connection.close()
        eventually(lambda: job_of(fresh_database, number).state == "done")  # by the next one
        eventually(lambda: lying(folder) == [])
    assert not taker.is_running()
    with fresh_database.connect() as connection_:
        names = connection_.execute(text("SELECT name FROM claim_source ORDER BY name")).scalars().all()
    assert names == ["HIS", "HRP", "settled"]


def test_a_server_may_be_told_to_take_nothing_in(fresh_database: Engine, data_folder: Path) -> None:
    number = put(fresh_database, CLOCK, Folder(data_folder / "intake"), HRP.encode())
    who = token_of(fresh_database, CLOCK, "buyer", Role.PROCUREMENT)  # type: ignore[arg-type]
    with served(fresh_database, data_folder, TRACER_INTAKE="0") as (address, server):
        assert not [one for one in psutil.Process(server).children() if "intake" in " ".join(one.cmdline())]
        connection = http.client.HTTPConnection(address)
        connection.request("GET", f"/intake/{number}", headers=who)
        assert "没有处理上传文件的进程" in connection.getresponse().read().decode()
        connection.close()
    assert job_of(fresh_database, number).state == "waiting"
