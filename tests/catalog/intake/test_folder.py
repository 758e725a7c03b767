"""The folder of files handed in: what breaks off leaves nothing, what waits is never swept away."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import NamedTuple

import pytest

from tracer.catalog.intake import folder as folder_module
from tracer.catalog.intake.folder import KEPT_FREE, PLACE, Folder

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "in")


def lying(folder: Folder) -> list[str]:
    return sorted(path.name for path in folder.root.iterdir() if path.name != PLACE)


class Usage(NamedTuple):
    total: int
    used: int
    free: int


def test_what_breaks_off_is_gone_and_what_is_kept_stays(folder: Folder) -> None:
    broken = folder.receive("a.csv", 3)
    broken.write(b"abc")
    broken.close()
    assert lying(folder) == []
    kept = folder.receive("登记.XLSX", 3)
    kept.write(b"abc")
    assert kept.settle() and kept.size == 3
    kept.keep()
    kept.close()
    (name,) = lying(folder)
    assert name.endswith(".xlsx") and folder.path(name).read_bytes() == b"abc"
    assert Folder(folder.root).place == folder.place  # also in the next process


@pytest.mark.parametrize("name", ["a.csv/../../x", "a.c/d", "a." + "x" * 40, "a.\0", "..", "a.<b>"])
def test_a_sender_names_no_path(folder: Folder, name: str) -> None:
    incoming = folder.receive(name, 0)
    assert incoming.path.parent == folder.root and incoming.path.exists()
    incoming.close()


def test_a_full_disk_leaves_nothing_and_reads_on(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    free = 100 * 2**20 + KEPT_FREE
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(0, 0, free))
    announced = folder.receive("a.csv", 101 * 2**20)
    assert announced.write(b"abc") == 3
    announced.seek(0)
    assert not announced.settle() and lying(folder) == []
    announced.keep()
    announced.close()
    filling = folder.receive("a.csv", 0)  # of whose size nothing was said
    free = KEPT_FREE - 1
    for _ in range(70):
        filling.write(bytes(2**20))
    assert not filling.settle() and lying(folder) == []
    filling.close()


def test_a_disk_that_fails_leaves_nothing(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path) -> object:
        path.touch()
        return open("/dev/full", "r+b", buffering=0)

    monkeypatch.setattr(folder_module, "_opened", full)
    incoming = folder.receive("a.csv", 0)
    assert incoming.write(b"abc") == 3
    assert not incoming.has_room
    incoming.seek(0)
    assert not incoming.settle() and lying(folder) == []
    incoming.close()


def test_only_what_nobody_writes_and_nothing_waits_for_is_swept_away(folder: Folder) -> None:
    coming = folder.receive("a.csv", 0)
    for name in ("orphan", "wanted"):
        folder.path(name).write_bytes(b"x")
    assert folder.sweep(lambda name: name == "wanted") == 1
    assert lying(folder) == sorted(["wanted", coming.path.name])
    coming.close()
    assert lying(folder) == ["wanted"]


def test_a_file_may_be_swept_away_in_the_moment_it_is_made(folder: Folder) -> None:
    assert folder.place
    ended = threading.Event()

    def sweep() -> None:
        while not ended.is_set():
            folder.sweep(lambda name: False)

    sweeper = threading.Thread(target=sweep)
    sweeper.start()
    for _ in range(300):
        incoming = folder.receive("a", 0)
        assert incoming.path.exists()
        incoming.close()
    ended.set()
    sweeper.join()


def test_a_killed_process_leaves_what_the_next_sweep_takes(folder: Folder) -> None:
    script = (
        "import os, sys; from pathlib import Path; from tracer.catalog.intake.folder import Folder\n"
        "Folder(Path(sys.argv[1])).receive('a.csv', 0).write(b'x' * 100000); os.kill(os.getpid(), 9)"
    )
    killed = subprocess.run(
        [sys.executable, "-c", script, str(folder.root)], cwd=ROOT, env={**os.environ}, check=False
    )
    assert killed.returncode == -9 and len(lying(folder)) == 1
    assert folder.sweep(lambda name: False) == 1
    assert lying(folder) == []
