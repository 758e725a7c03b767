"""kill -9 of the web and of the database while scanners go on: nothing acknowledged is lost, nothing doubled.

`KILLS` asks for more than a commit's worth of it.
"""

from __future__ import annotations

import json
import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import psutil
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from tests.faults.crowd import add_pieces
from tests.faults.devices import Devices, Link
from tests.small_hospital import SYRINGE_DI, build, udi
from tracer.access.rules import Role
from tracer.access.tokens import issue_token
from tracer.closing.invariants import check_invariants
from tracer.db import dwelling, embedded
from tracer.db.engine import make_engine
from tracer.db.transaction import in_transaction, transaction

KILLS = int(os.environ.get("KILLS", "12"))
ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 60
SYRINGE = udi(SYRINGE_DI, lot="L1")
PIECES = 3000


@dataclass
class House:
    """A running service with a hospital in it, and ways to harm it."""

    data: Path
    port: int
    faults: dict[str, str]
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        settings = {"TRACER_DATA": str(self.data), "PORT": str(self.port), "TRACER_SAMPLE": "0"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.dying_server"],
            cwd=ROOT,
            env={**os.environ, **settings, **self.faults},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            process_group=0,
        )

    def ready(self) -> bool:
        with suppress(OSError), urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
        return False

    def until_ready(self) -> None:
        """Start it again where nothing serves: as systemd would."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self.ready():
            assert time.monotonic() < deadline, "the service did not come back"
            if self.process is None or self.process.poll() is not None:
                self.start()
            time.sleep(0.05)

    def kill_worker(self, dice: random.Random) -> None:
        assert self.process is not None
        with suppress(psutil.NoSuchProcess, IndexError):
            workers = [
                child
                for child in psutil.Process(self.process.pid).children()
                if "dying_server" in " ".join(child.cmdline())
            ]
            dice.choice(workers).kill()

    def kill_master(self, dice: random.Random) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def kill_database(self, dice: random.Random) -> None:
        with suppress(AttributeError, psutil.NoSuchProcess):
            embedded.running(dwelling.find(self.data).cluster).kill()  # type: ignore[union-attr]

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=PATIENCE_SECONDS)


@pytest.fixture
def house(data_folder: Path) -> Iterator[Callable[..., House]]:
    made: list[House] = []

    def open_house(**faults: int) -> House:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = int(taken.getsockname()[1])
        made.append(House(data_folder, port, {name: str(value) for name, value in faults.items()}))
        made[0].until_ready()
        return made[0]

    yield open_house
    for each in made:
        each.stop()


@pytest.fixture
def dice() -> random.Random:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    return random.Random(seed)


@contextmanager
def database_of(house: House) -> Iterator[Engine]:
    """A look at the database from beside the service."""
    with embedded.server(house.data) as url:
        engine = make_engine(url)
        yield engine
        engine.dispose()


def fill(house: House) -> tuple[str, list[str]]:
    """The smallest hospital: a nurse's token, and the labels of many stents."""

    def write(session: Session) -> tuple[str, list[str]]:
        hospital = build(session)
        token = issue_token(session, "scanner", Role.NURSE, "/", hospital.clock)
        return token, add_pieces(hospital, PIECES)

    with database_of(house) as engine:
        return in_transaction(engine, write)


def day_of_kills(house: House, devices: Devices, dice: random.Random, kills: int) -> None:
    """Kill a worker and the database in turn, now and then the master, at moments nobody chose."""
    for number in range(kills):
        time.sleep(dice.uniform(0.05, 0.6))
        harm = house.kill_database if number % 2 else house.kill_worker
        if number % 10 == 6:
            harm = house.kill_master
        harm(dice)
        house.until_ready()
    time.sleep(0.3)
    devices.stop()


def without_words(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer as it is kept: remarks are worded for each reader anew."""
    kept = [{"code": one["code"], "data": one["data"]} for one in answer["warnings"]]
    return answer | {"warnings": kept}


def test_nothing_told_is_lost_and_nothing_doubled(house: Callable[..., House], dice: random.Random) -> None:
    here = house(FAULT_BEFORE=4, FAULT_AFTER=4)
    token, labels = fill(here)
    by_turns = chain.from_iterable((label, SYRINGE) for label in labels)
    devices = Devices(here.port, token, by_turns)
    devices.begin()
    day_of_kills(here, devices, dice, KILLS)
    told = devices.told
    replays = sum(log.replays for log in devices.logs)
    print(
        f"{KILLS} kills from outside, {len(told)} scans, {replays} of them told after a first answer was lost"
    )
    assert len(told) > 10 * KILLS
    assert replays > 0, "no answer was lost after its commit: nothing was tested"

    with database_of(here) as engine, transaction(engine) as session:
        asked = text("SELECT key, answer FROM request_key WHERE operation = 'scan'")
        kept = {row.key: row.answer for row in session.execute(asked)}
        scans = list(session.execute(text("SELECT idempotency_key FROM scan")).scalars())
        charges = session.execute(text("SELECT count(*) FROM charge")).scalar_one()
        assert check_invariants(session) == []
    # Everything told is there exactly once, and nothing is there that nobody was told of.
    assert sorted(scans) == sorted(told) == sorted(kept)
    answers = {key: json.loads(body) for key, body in told.items()}
    assert {key: without_words(answer) for key, answer in answers.items()} == kept
    assert {answer["outcome"] for answer in answers.values()} == {"charged"}
    assert charges == len(told)
    # Whoever asks again with the key is told the same, to the byte.
    link = Link(here.port, token)
    for key in dice.sample(sorted(told), 50):
        assert ask_patiently(link, devices.bodies[key]) == told[key]
    link.close()


def ask_patiently(link: Link, body: dict[str, Any]) -> bytes:
    """Its workers still die now and then."""
    for _ in range(200):
        status, answer = link.post("/api/v1/scans", body)
        if status == 200:
            return answer
        assert status in (0, 409, 503)
        time.sleep(0.05)
    raise AssertionError("never answered")


def test_a_device_that_forgets_its_key_doubles_and_the_harness_sees_it(
    house: Callable[..., House], dice: random.Random
) -> None:
    """The control."""
    here = house(FAULT_AFTER=100)
    token, _ = fill(here)
    devices = Devices(here.port, token, (SYRINGE for _ in count()), new_key_each_try=True)
    devices.begin()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while sum(log.tries_in_vain for log in devices.logs) < 10 and time.monotonic() < deadline:
        time.sleep(0.1)
    devices.stop()
    with database_of(here) as engine, transaction(engine) as session:
        charges = session.execute(text("SELECT count(*) FROM charge")).scalar_one()
    assert charges > len(devices.told)
