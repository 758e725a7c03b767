"""kill -9 of a deliverer, at named points and at random: nothing is lost, nothing overtakes.

`KILLS` asks for more than a commit's worth of it.
"""

from __future__ import annotations

import csv
import io
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.exchange.house import House
from tests.exchange.receiver import Receiver, Reply
from tracer.exchange.rules import EndpointKind

ROOT = Path(__file__).resolve().parents[2]
KILLS = int(os.environ.get("KILLS", "12"))
LEASE = 6.0  # a try may take 0.4 s here, and 5 s are kept between it and the lease's end
Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def start(house: House) -> Iterator[Start]:
    """A deliverer as a process of its own, dying where it is told to."""
    begun: list[subprocess.Popen[bytes]] = []

    def begin(fault: str = "", at: int = 1) -> subprocess.Popen[bytes]:
        house.folder.mkdir(exist_ok=True)
        settings = {
            "TRACER_DATABASE_URL": house.engine.url.render_as_string(hide_password=False),
            "FOLDER": str(house.folder),
            "LEASE": str(LEASE),
            "FAULT": fault,
            "FAULT_AT": str(at),
        }
        begun.append(
            subprocess.Popen(
                [sys.executable, "-m", "tests.exchange.dying_deliverer"],
                cwd=ROOT,
                env={**os.environ, **settings},
            )
        )
        return begun[-1]

    yield begin
    for process in begun:
        process.kill()
        process.wait(10)


def wait_until(what: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def all_settled(house: House) -> bool:
    return set(house.states()) == {"delivered"}


def in_order(sequence: list[int]) -> bool:
    return sequence == sorted(sequence)


@pytest.mark.parametrize(
    ("fault", "at", "twice"),
    [("before_post", 10, 1), ("after_post", 10, 1), ("before_commit", 1, 1), ("after_commit", 1, 0)],
)
def test_a_deliverer_dies_at_a_named_point(
    house: House, receiver: Receiver, start: Start, fault: str, at: int, twice: int
) -> None:
    house.webhook(receiver.url)
    items = house.items(20)
    house.tell([items[n % 20] for n in range(100)])
    assert start(fault, at).wait(30) == -signal.SIGKILL
    came = len(receiver.messages)
    assert came >= twice
    start()
    wait_until(lambda: all_settled(house))
    assert len(receiver.taken()) == 100
    assert len({message.id for message in receiver.messages}) == 100
    assert (len(receiver.messages) > 100) == bool(twice)
    assert len(receiver.messages) <= 100 + came  # what was sent and not written down, and nothing else
    for sequence in receiver.by_item().values():
        assert in_order(sequence), sequence


def test_deliverers_die_at_random(house: House, receiver: Receiver, start: Start) -> None:
    house.webhook(receiver.url)
    receiver.reply = lambda message: Reply(hang=0.005)
    items, dice = house.items(30), random.Random(4)
    running = [start(), start()]
    for _ in range(KILLS):
        house.tell([items[n % 30] for n in range(150)])
        time.sleep(dice.uniform(0.1, 0.9))
        victim = dice.randrange(2)
        running[victim].kill()
        running[victim].wait(10)
        running[victim] = start()
    wait_until(lambda: all_settled(house), 120)
    assert len(receiver.taken()) == KILLS * 150
    for sequence in receiver.by_item().values():
        assert in_order(sequence), sequence
        assert len(set(sequence)) == KILLS * 5


@pytest.mark.parametrize("fault", ["before_file", "after_file"])
def test_a_deliverer_dies_while_it_makes_a_file(house: House, start: Start, fault: str) -> None:
    house.drop("his", EndpointKind.CSV)
    (item,) = house.items(1)
    house.tell([item] * 3)
    assert start(fault).wait(30) == -signal.SIGKILL
    house.tell([item] * 2)
    start()
    wait_until(lambda: all_settled(house))
    files = sorted((house.folder / "his").glob("events-*"))
    assert [file.name for file in files] == ["events-00000001.csv", "events-00000002.csv"]
    rows = [
        [row["sequence"] for row in csv.DictReader(io.StringIO(file.read_text("utf-8-sig")))]
        for file in files
    ]
    events = [str(row.id) for row in house.rows("SELECT id FROM event ORDER BY id")]
    assert rows == [events[:3], events[3:]]
