"""`tracer serve` as an operator meets it: a real process, real signals, a real port."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import psutil
import pytest

from tracer.cli import main
from tracer.db import dwelling
from tracer.db.embedded import running

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 30


class Started:
    """A `tracer serve` in a process group of its own, as a terminal gives it one."""

    def __init__(self, data: Path, port: int, **settings: str) -> None:
        self.port = port
        environment = {
            **os.environ,
            "TRACER_DATA": str(data),
            "PORT": str(port),
            "TRACER_SAMPLE": "0",
            **settings,
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tracer", "serve"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT, env=environment,
            process_group=0,
        )  # fmt: skip

    def ready(self) -> bool:
        with (
            suppress(URLError, OSError),
            urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5) as answer,
        ):
            return bool(answer.status == 200)
        return False

    def workers(self) -> list[psutil.Process]:
        """The web processes; the keeper and the deliverer are none."""
        found = []
        for child in psutil.Process(self.process.pid).children():
            with suppress(psutil.NoSuchProcess):  # gone, or not yet buried
                if "serve" in child.cmdline():
                    found.append(child)
        return found

    def ctrl_c(self) -> tuple[int, str, str]:
        os.killpg(self.process.pid, signal.SIGINT)
        out, err = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, out, err


def eventually(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.05)


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@pytest.fixture
def start(data_folder: Path, port: int) -> Iterator[Callable[..., Started]]:
    made: list[Started] = []

    def start(**settings: str) -> Started:
        made.append(Started(data_folder, port, **settings))
        return made[-1]

    yield start
    for each in made:
        if each.process.poll() is None:
            each.ctrl_c()


def test_ctrl_c_stops_everything_without_a_word_and_a_second_start_finds_it_all(
    start: Callable[..., Started], data_folder: Path, port: int
) -> None:
    for _ in range(2):
        server = start()
        eventually(server.ready)
        code, out, err = server.ctrl_c()
        assert code in (0, 130)
        assert f"http://127.0.0.1:{port}" in out
        assert err == ""
        assert running(dwelling.find(data_folder).cluster) is None


def test_a_port_in_use_is_told_in_one_line_and_the_first_server_is_not_disturbed(
    start: Callable[..., Started], port: int
) -> None:
    first = start()
    eventually(first.ready)
    second = start()
    _, err = second.process.communicate(timeout=PATIENCE)
    assert second.process.returncode == 2
    assert err.startswith(f"tracer: cannot listen on 127.0.0.1:{port}: Address already in use")
    assert err.count("\n") == 1
    assert first.ready()


def test_a_killed_worker_and_a_killed_database_come_back_unaided(
    start: Callable[..., Started], data_folder: Path
) -> None:
    server = start()
    eventually(server.ready)
    eventually(lambda: len(server.workers()) == 2)
    killed = server.workers()[0]
    killed.kill()
    eventually(lambda: len(server.workers()) == 2 and killed not in server.workers())
    database = running(dwelling.find(data_folder).cluster)
    assert database is not None
    database.kill()
    eventually(lambda: running(dwelling.find(data_folder).cluster) not in (None, database))
    eventually(server.ready)


def test_a_killed_server_leaves_nothing_behind_that_hinders_the_next(
    start: Callable[..., Started], data_folder: Path
) -> None:
    server = start()
    eventually(server.ready)
    server.process.kill()
    server.process.communicate(timeout=PATIENCE)
    eventually(lambda: running(dwelling.find(data_folder).cluster) is None)
    again = start()
    eventually(again.ready)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (
            {"TRACER_DATABASE_URL": "postgresql://u:hunter2@127.0.0.1:1/tracer"},
            "tracer: cannot reach the database",
        ),
        (
            {"TRACER_DATABASE_URL": "mysql://127.0.0.1/tracer"},
            "tracer: TRACER_DATABASE_URL: a PostgreSQL address",
        ),
        (
            {"TRACER_DATA": "/dev/null/data"},
            "tracer: TRACER_DATA=/dev/null/data: the folder cannot be written",
        ),
        (
            {"TRACER_DATABASE_URL": "postgresql://u:p@h:hunter2/d"},
            "tracer: TRACER_DATABASE_URL cannot be read",
        ),
        ({"PORT": "http"}, "tracer: PORT=http: a whole number"),
        ({"TRACER_HOST": "203.0.113.7"}, "tracer: cannot listen on 203.0.113.7:8000"),
        ({"TRACER_SECRET_KEY": "secret"}, "tracer: TRACER_SECRET_KEY: too easy to guess"),
    ],
)
def test_what_the_operator_can_put_right_is_told_in_one_line(
    settings: dict[str, str],
    told: str,
    data_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in {"TRACER_DATA": str(data_folder), **settings}.items():
        monkeypatch.setenv(name, value)
    assert main(["serve"]) == 2
    out, err = capsys.readouterr()
    assert err.startswith(told)
    assert err.count("\n") == 1
    assert "hunter2" not in err
    assert out == ""


def test_a_misspelt_command_is_told_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sevre"]) == 2
    err = capsys.readouterr().err
    assert err.startswith("tracer: No such command 'sevre'")
    assert err.count("\n") == 1
