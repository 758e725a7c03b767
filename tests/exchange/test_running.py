"""The deliverer as an operator meets it: beside `tracer serve`, or alone by `tracer deliver`."""

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

import psutil
import pytest

from tests.exchange.house import House
from tests.exchange.receiver import Receiver

ROOT = Path(__file__).resolve().parents[2]
Begin = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def begin(house: House, data_folder: Path) -> Iterator[Begin]:
    """A command of ours on the house's database."""
    begun: list[subprocess.Popen[str]] = []

    def run(command: str, **settings: str) -> subprocess.Popen[str]:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        chosen = {
            "TRACER_DATABASE_URL": house.engine.url.render_as_string(hide_password=False),
            "TRACER_DATA": str(data_folder),
            "TRACER_SAMPLE": "0",
            "TRACER_WORKERS": "1",
            "PORT": str(port),
        }
        begun.append(
            subprocess.Popen(
                [sys.executable, "-m", "tracer", command],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                cwd=ROOT,
                env={**os.environ, **chosen, **settings},
                process_group=0,
            )
        )
        return begun[-1]

    yield run
    for process in begun:
        with suppress(ProcessLookupError):
            process.terminate()
        process.communicate(timeout=30)


def deliverers(server: subprocess.Popen[str]) -> list[psutil.Process]:
    with suppress(psutil.NoSuchProcess):
        children = psutil.Process(server.pid).children()
        return [child for child in children if "tracer.exchange.running" in child.cmdline()]
    return []


def eventually(what: Callable[[], bool], seconds: float = 40.0) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.05)


def test_a_server_delivers_and_so_does_its_next_deliverer(
    house: House, receiver: Receiver, begin: Begin
) -> None:
    house.webhook(receiver.url)
    house.tell([None], n=1)
    server = begin("serve")
    eventually(lambda: len(receiver.messages) == 1)
    (first,) = deliverers(server)
    first.kill()
    house.tell([None], n=2)
    eventually(lambda: len(receiver.messages) == 2)
    (second,) = deliverers(server)
    assert second.pid != first.pid
    os.killpg(server.pid, signal.SIGINT)
    _, err = server.communicate(timeout=30)
    assert err == "" and not second.is_running()


def test_a_killed_server_takes_its_deliverer_with_it(house: House, receiver: Receiver, begin: Begin) -> None:
    house.webhook(receiver.url)
    house.tell([None])
    server = begin("serve")
    eventually(lambda: len(receiver.messages) == 1)
    (deliverer,) = deliverers(server)
    server.kill()
    eventually(lambda: not deliverer.is_running() or deliverer.status() == psutil.STATUS_ZOMBIE)


def test_a_server_may_be_told_not_to_deliver(house: House, receiver: Receiver, begin: Begin) -> None:
    server = begin("serve", TRACER_DELIVER="0")
    assert server.stdout is not None
    assert "Tracer: http" in server.stdout.readline()
    assert deliverers(server) == []


def test_it_runs_alone_and_ends_when_told(house: House, receiver: Receiver, begin: Begin) -> None:
    house.webhook(receiver.url)
    house.tell([None])
    alone = begin("deliver")
    eventually(lambda: house.states() == ["delivered"])
    alone.terminate()
    out, err = alone.communicate(timeout=30)
    assert (alone.returncode, err) == (0, "") and out.startswith("Delivering.")
