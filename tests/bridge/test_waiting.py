"""What waits is on the disk, in order, for one bridge alone."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tracer.bridge.errors import QueueInUse, QueueUnusable
from tracer.bridge.waiting import NotKept, Waiting

BODY = json.dumps({"idempotency_key": "k", "raw_b64": "", "encounter": "E1"})


def add(waiting: Waiting, *keys: str) -> list[int]:
    numbers: list[int] = []
    for key in keys:
        waiting.add(key, BODY, numbers.append)
    return numbers


def take(waiting: Waiting) -> list[str]:
    taken = []
    while entry := waiting.first():
        taken.append(entry.key)
        waiting.forget(entry)
    return taken


def test_what_was_kept_comes_back_in_its_order_and_numbers_are_never_used_again(tmp_path: Path) -> None:
    waiting = Waiting(tmp_path)
    assert add(waiting, "a", "b", "c") == [1, 2, 3]
    waiting.close()
    waiting = Waiting(tmp_path)
    assert waiting.count() == 3
    assert take(waiting) == ["a", "b", "c"]
    assert add(waiting, "d") == [4]
    waiting.close()


def test_nobody_is_told_and_nothing_is_sent_before_it_is_on_the_disk(tmp_path: Path) -> None:
    waiting, seen = Waiting(tmp_path), []

    def tell(number: int) -> None:
        # Another look at the same files: only what is committed is there.
        copy = tmp_path / "copy.sqlite3"
        copy.write_bytes((tmp_path / "waiting.sqlite3").read_bytes())
        seen.extend(sqlite3.connect(copy).execute("SELECT number, key FROM scan").fetchall())

    waiting.add("a", BODY, tell)
    assert seen == [(1, "a")]
    waiting.close()


def test_a_scan_that_steps_behind_keeps_its_number(tmp_path: Path) -> None:
    waiting = Waiting(tmp_path)
    add(waiting, "a", "b", "c")
    first = waiting.first()
    assert first is not None
    waiting.step_behind(first)
    add(waiting, "d")
    assert take(waiting) == ["b", "c", "a", "d"]
    waiting.close()


def test_what_is_refused_is_a_line_in_the_file_and_waits_no_more(tmp_path: Path) -> None:
    waiting = Waiting(tmp_path)
    add(waiting, "a", "b")
    for _ in range(2):
        entry = waiting.first()
        assert entry is not None
        waiting.set_aside(entry, {"code": "unknown_location", "detail": f"没有 {entry.key}\u2028\ud800"})
    assert waiting.count() == 0 and waiting.count_refused() == 2
    lines = [json.loads(line) for line in waiting.refused_file.read_text(encoding="utf-8").split("\n")[:-1]]
    assert [line["detail"][:4] for line in lines] == ["没有 a", "没有 b"]
    assert lines[0]["scan"]["encounter"] == "E1"
    assert waiting.refused_file.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "waiting.sqlite3").stat().st_mode & 0o777 == 0o600
    waiting.close()


@pytest.mark.parametrize("written", [True, False])
def test_a_power_cut_while_something_is_set_aside_leaves_one_line(tmp_path: Path, written: bool) -> None:
    waiting = Waiting(tmp_path)
    add(waiting, "a")
    waiting.close()
    with sqlite3.connect(tmp_path / "waiting.sqlite3") as database:
        database.execute('UPDATE scan SET refusal = \'{"code": "x"}\'')
    database.close()
    (tmp_path / "refused.jsonl").write_text('{"code": "x"}\n' if written else '{"code": "earl')
    waiting = Waiting(tmp_path)
    assert waiting.count() == 0 and waiting.first() is None
    lines = (tmp_path / "refused.jsonl").read_text().split("\n")
    assert lines == (['{"code": "x"}', ""] if written else ['{"code": "earl', '{"code": "x"}', ""])
    waiting.close()


def test_a_second_bridge_is_refused_and_a_killed_one_is_not_in_the_way(tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from tracer.bridge.waiting import Waiting;"
        "w = Waiting(Path(sys.argv[1])); w.add('a', '{}', lambda n: print(n, flush=True)); time.sleep(60)"
    )
    other = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE)
    assert other.stdout is not None and other.stdout.readline() == b"1\n"
    with pytest.raises(QueueInUse):
        Waiting(tmp_path)
    other.kill()
    other.communicate()
    waiting = Waiting(tmp_path)
    assert take(waiting) == ["a"]
    with pytest.raises(QueueInUse):
        Waiting(tmp_path)
    waiting.close()


def no_database(folder: Path) -> None:
    (folder / "waiting.sqlite3").write_bytes(b"not a database, but somebody's notes" * 100)


def newer(folder: Path) -> None:
    Waiting(folder).close()
    with sqlite3.connect(folder / "waiting.sqlite3") as database:
        database.execute("PRAGMA user_version = 99")
    database.close()


def a_file(folder: Path) -> None:
    folder.rmdir()
    folder.write_text("a file where a folder should be")


@pytest.mark.parametrize("harm", [no_database, newer, a_file])
def test_what_is_no_queue_is_told_and_left_as_it_is(tmp_path: Path, harm: Callable[[Path], None]) -> None:
    folder = tmp_path / "queue"
    folder.mkdir()
    harm(folder)
    file = folder / "waiting.sqlite3" if folder.is_dir() else folder
    before = file.read_bytes()
    with pytest.raises(QueueUnusable):
        Waiting(folder)
    assert file.read_bytes() == before


def test_a_full_disk_refuses_the_scan_and_keeps_the_others(tmp_path: Path) -> None:
    waiting = Waiting(tmp_path)
    add(waiting, "a")
    (pages,) = waiting._database.execute("PRAGMA page_count").fetchone()
    waiting._database.execute(f"PRAGMA max_page_count = {pages}")
    told: list[int] = []
    with pytest.raises(NotKept, match="full"):
        waiting.add("b", json.dumps({"raw_b64": "x" * 20_000}), told.append)
    assert told == []
    waiting._database.execute("PRAGMA max_page_count = 100000")
    add(waiting, "c")
    assert take(waiting) == ["a", "c"]
    waiting.close()
