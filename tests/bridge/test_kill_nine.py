"""kill -9 of the bridge, and of the service's workers, while somebody scans: nothing told is lost or doubled.

Whoever scans keeps a log of their own: of each pull, whether the bridge said that it was kept before it
died. `KILLS` asks for more than a commit's worth of it.
"""

from __future__ import annotations

import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import urlopen

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from tests.bridge.bench import PATIENCE_SECONDS, ROOT, Bridge, Scanner, eventually
from tests.faults.crowd import add_pieces
from tests.small_hospital import SmallHospital, build
from tracer.access.rules import Role
from tracer.access.tokens import issue_token
from tracer.closing.invariants import check_invariants

KILLS = int(os.environ.get("KILLS", "6"))
PIECES = 3000
BETWEEN_PULLS_SECONDS = 0.03


@dataclass
class DyingService:
    """`tracer serve` whose workers die before and after some commits (see `tests.faults.dying_server`)."""

    port: int
    process: subprocess.Popen[bytes]

    @classmethod
    def start(cls, engine: Engine, data: Path, **faults: int) -> DyingService:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = int(taken.getsockname()[1])
        settings = {
            "TRACER_DATABASE_URL": engine.url.render_as_string(hide_password=False),
            "TRACER_DATA": str(data),
            "TRACER_SAMPLE": "0",
            "PORT": str(port),
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.dying_server"],
            cwd=ROOT,
            env={**os.environ, **settings, **{name: str(value) for name, value in faults.items()}},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            process_group=0,
        )
        made = cls(port, process)
        eventually(made.is_ready)
        return made

    def is_ready(self) -> bool:
        with suppress(OSError), urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
        return False

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=PATIENCE_SECONDS)


@pytest.fixture
def hospital(fresh_database: Engine) -> tuple[str, list[str]]:
    """A nurse's token, and the labels of many stents: each can be charged once, so a double would show."""
    with Session(fresh_database, expire_on_commit=False) as session, session.begin():
        here: SmallHospital = build(session)
        return issue_token(session, "bridge", Role.NURSE, "/", here.clock), add_pieces(here, PIECES)


@pytest.fixture
def serve(fresh_database: Engine, tmp_path: Path) -> Iterator[Callable[..., DyingService]]:
    made: list[DyingService] = []

    def start(**faults: int) -> DyingService:
        made.append(DyingService.start(fresh_database, tmp_path / "data", **faults))
        return made[-1]

    yield start
    for one in made:
        one.stop()


@dataclass
class Person:
    """Scans one piece after the other, and writes down what the bridge said of each."""

    scanner: Scanner
    start: Callable[[], Bridge]
    work: Iterator[str]
    told: list[str] = field(default_factory=list)
    unsure: list[str] = field(default_factory=list)

    def scan_until_killed(self, seconds: float) -> None:
        """Start a bridge, scan through it, kill it at a moment nobody chose."""
        bridge = self.start()
        bridge.until("扫码枪已连接")
        die_at, pulled = time.monotonic() + seconds, 0
        while time.monotonic() < die_at:
            piece = next(self.work)
            self.scanner.send(piece.encode() + b"\r")
            pulled += 1
            while bridge.said.count("已存本机") < pulled and time.monotonic() < die_at:
                time.sleep(0.0005)
            if time.monotonic() >= die_at:
                bridge.kill()
            (self.told if bridge.said.count("已存本机") >= pulled else self.unsure).append(piece)
            time.sleep(BETWEEN_PULLS_SECONDS)
        bridge.kill()

    def finish(self) -> None:
        """A last bridge sends all that is left."""
        bridge = self.start()
        bridge.until("扫码枪已连接")
        piece = next(self.work)
        self.scanner.send(piece.encode() + b"\r")
        bridge.until("已存本机")
        self.told.append(piece)
        number = bridge.said[: bridge.said.rindex(" 已存本机")].rpartition("#")[2]
        bridge.until(f"#{number} ✓")
        assert bridge.ctrl_c() == 0
        assert bridge.lines[-1].startswith("已停止，0 条待发送")


@pytest.fixture
def person(scanner: Scanner, tmp_path: Path, hospital: tuple[str, list[str]]) -> Callable[..., Person]:
    token, labels = hospital

    def make(service: DyingService, program: str) -> Person:
        def start() -> Bridge:
            url = f"http://127.0.0.1:{service.port}"
            return Bridge(
                scanner, url, tmp_path, "--encounter", "E1", token=token, program=tuple(program.split())
            )

        return Person(scanner, start, iter(labels))

    return make


@pytest.fixture
def dice() -> random.Random:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    return random.Random(seed)


def test_nothing_told_kept_is_lost_and_nothing_doubled(
    fresh_database: Engine,
    serve: Callable[..., DyingService],
    person: Callable[..., Person],
    dice: random.Random,
) -> None:
    nurse = person(serve(FAULT_BEFORE=30, FAULT_AFTER=60), "-m tracer scanner-bridge")
    for _ in range(KILLS):
        nurse.scan_until_killed(dice.uniform(0.02, 1.0))
    nurse.finish()
    with fresh_database.connect() as connection:
        raws = [bytes(raw).decode() for raw in connection.scalars(text("SELECT raw FROM scan ORDER BY id"))]
        charges = connection.scalar(text("SELECT count(*) FROM charge"))
        told_by = connection.scalar(text("SELECT count(DISTINCT idempotency_key) FROM scan"))
    print(f"{KILLS} kills, {len(nurse.told)} scans told kept, {len(nurse.unsure)} nobody knows of")
    assert len(nurse.told) > 3 * KILLS
    assert len(raws) == len(set(raws)) == charges == told_by
    assert set(nurse.told) <= set(raws) <= set(nurse.told) | set(nurse.unsure)
    with Session(fresh_database) as session:
        assert check_invariants(session) == []


def test_a_bridge_that_makes_a_new_key_for_each_try_doubles_and_the_harness_sees_it(
    fresh_database: Engine, serve: Callable[..., DyingService], person: Callable[..., Person]
) -> None:
    """The control. A piece is charged once whatever the bridge does; that it was sent twice is to be seen."""
    nurse = person(serve(FAULT_AFTER=300), "-m tests.bridge.forgetful")
    for _ in range(5):
        nurse.scan_until_killed(1.5)
        with fresh_database.connect() as connection:
            raws = list(connection.scalars(text("SELECT raw FROM scan")))
        if len(raws) > len(set(raws)):
            return
    raise AssertionError("nothing was doubled")
