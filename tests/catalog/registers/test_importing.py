"""Releases go in once, whatever happens: twice, in another order, or with the power cut in between."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from sqlalchemy import Engine, text

from reconcile.registers import Register
from tests.reconcile.registers.releases import numbered, part, real_records, zipped
from tracer.access.operator import OPERATOR
from tracer.access.rules import Actor, Grant, Role
from tracer.catalog.registers import importing
from tracer.catalog.registers.errors import ImportRunning, NoSuchFile
from tracer.catalog.registers.importing import Progress, import_register
from tracer.settings import Settings
from tracer.shared.clock import SystemClock
from tracer.shared.errors import Forbidden

ROOT = Path(__file__).resolve().parents[3]
CLOCK = SystemClock(Settings().timezone)


def take_in(engine: Engine, path: Path, content: bytes | None = None, **more: object) -> Progress:
    if content is not None:
        path.write_bytes(content)
    return import_register(engine, OPERATOR, path, clock=CLOCK, **more)  # type: ignore[arg-type]


def everything(engine: Engine) -> list[tuple[object, ...]]:
    """All that the register holds, without the numbers of rows and batches."""
    asked = text("""
SELECT r.register, r.key, r.version, r.version_date, r.said, p.name, p.maker, p.certificates,
       (SELECT array_agg(row(c.code, c.kind, c.sales_units, c.use_units)::text ORDER BY c.code, c.kind)
          FROM register_code c WHERE c.record_id = r.id)
  FROM register_record r JOIN register_product p ON p.digest = r.product ORDER BY 1, 2""")
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(asked)]


def codes(engine: Engine, code: str) -> list[tuple[str, str, int | None, int | None]]:
    asked = text(
        "SELECT r.key, c.kind, c.sales_units, c.use_units FROM register_code c JOIN register_record r"
        " ON r.id = c.record_id WHERE c.code = :code ORDER BY r.key, c.kind"
    )
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(asked, {"code": code})]  # type: ignore[misc]


def bad(engine: Engine, batch: int) -> list[tuple[str, int | None, str]]:
    asked = text("SELECT part, number, code FROM register_bad WHERE batch_id = :batch ORDER BY id")
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(asked, {"batch": batch})]  # type: ignore[misc]


def test_the_real_records_with_every_kind_of_identifier(fresh_database: Engine, tmp_path: Path) -> None:
    real = real_records()
    with_package = dict(real[0], btcpbs="04054585999999", zxxsdyzsydydsl="5", sydycpbs="04054585999982")
    with_package["packingList"] = [
        {
            "bzcpbs": "14054585068521",
            "cpbzjb": "盒",
            "bznhxyjcpbssl": "10",
            "bznhxyjbzcpbs": real[0]["zxxsdycpbs"],
        }
    ]
    done = take_in(fresh_database, tmp_path / "r.zip", zipped({"P.xml": part([with_package, *real[1:]])}))
    assert (done.records, done.added, done.refused, done.status) == (92, 92, 0, "done")
    key = real[0]["deviceRecordKey"]
    assert codes(fresh_database, "04054585068524") == [(key, "sales_unit", 1, 5)]
    assert codes(fresh_database, "04054585999982") == [(key, "use_unit", None, 1)]
    assert codes(fresh_database, "04054585999999") == [(key, "direct_mark", None, 1)]
    assert codes(fresh_database, "14054585068521") == [(key, "package", 10, 50)]
    assert codes(fresh_database, "C01030100101016091540000010") == [(key, "insurance", None, None)]
    assert codes(fresh_database, "MR-414818-XS") == [(key, "model", None, None)]
    assert codes(fresh_database, "414818-XS") == [(key, "model", None, None)]


def test_the_same_again_changes_nothing(fresh_database: Engine, tmp_path: Path) -> None:
    content = part(numbered(30))
    take_in(fresh_database, tmp_path / "a.xml", content)
    before = everything(fresh_database)
    again = take_in(fresh_database, tmp_path / "renamed.xml", content)
    assert again.known
    otherwise = take_in(fresh_database, tmp_path / "b.zip", zipped({"in.zip": zipped({"a.xml": content})}))
    assert (otherwise.known, otherwise.unchanged, otherwise.is_change) == (False, 30, False)
    assert everything(fresh_database) == before


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_newer_version_counts_in_whatever_order(
    fresh_database: Engine, tmp_path: Path, order: tuple[int, int]
) -> None:
    old = numbered(10)
    new = [dict(old[3], versionNumber="2", versionStauts="更新", ggxh="RENAMED-77", tsrq="2026-02-01")]
    releases = [part(old), part(new)]
    for number in order:
        take_in(fresh_database, tmp_path / f"{number}.xml", releases[number])
    (changed,) = [row for row in everything(fresh_database) if row[1] == old[3]["deviceRecordKey"]]
    assert changed[2] == 2
    assert codes(fresh_database, "RENAMED-77") == [(old[3]["deviceRecordKey"], "model", None, None)]
    assert codes(fresh_database, "MX-000003") == []  # what it was called is nobody's code any more
    with fresh_database.connect() as connection:
        withdrawn = connection.execute(
            text("SELECT withdrawn FROM register_record WHERE version = 2")
        ).scalar()
    assert withdrawn == "2026-02-01"
    assert len(everything(fresh_database)) == 10


def test_a_key_that_occurs_twice_is_told_and_is_there_once(
    fresh_database: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "STEP_RECORDS", 8)
    monkeypatch.setattr("reconcile.registers.cutting.CHUNK_RECORDS", 4)
    records = numbered(20)
    again = [records[2], dict(records[5], ggxh="OTHER"), dict(records[6], versionNumber="9", ggxh="NEWER")]
    parts = {"P1.xml": part([*records[:9], records[0]]), "P2.xml": part([*records[9:], *again])}
    done = take_in(fresh_database, tmp_path / "a.zip", zipped(parts))
    assert done.twice == 4
    assert bad(fresh_database, done.batch_id) == [
        ("P1.xml", 10, "key_twice"),
        *[("P2.xml", number, "key_twice") for number in (12, 13, 14)],
    ]
    assert len(everything(fresh_database)) == 20
    assert codes(fresh_database, "OTHER") == []
    assert len(codes(fresh_database, "NEWER")) == 1
    # And also where all of them are known already.
    content = zipped({**parts, "P3.xml": part(numbered(1, deviceRecordKey="one-more"))})
    later = take_in(fresh_database, tmp_path / "b.zip", content)
    assert (later.added, later.twice) == (1, 4)


def test_what_is_bad_is_listed_and_the_rest_is_in(fresh_database: Engine, tmp_path: Path) -> None:
    broken = "<device><deviceRecordKey>X</deviceRecordKey><cpms>A & B</cpms></device>"
    content = zipped(
        {"P1.xml": part([*numbered(5), broken]), "x.bin": b"\0\1", "P2.xml": b"PK\x03\x04rubbish"}
    )
    done = take_in(fresh_database, tmp_path / "a.zip", content)
    assert (done.added, done.refused) == (5, 3)
    assert bad(fresh_database, done.batch_id) == [
        ("P1.xml", 6, "not_xml"),
        ("x.bin", None, "unknown_part"),
        ("P2.xml", None, "broken_zip"),
    ]


def test_another_register_than_asked_for(fresh_database: Engine, tmp_path: Path) -> None:
    done = take_in(fresh_database, tmp_path / "a.xml", part(numbered(2)), register=Register.GUDID)
    assert (done.records, done.refused) == (0, 1)
    assert take_in(fresh_database, tmp_path / "a.xml").added == 2


def test_who_may_not_and_what_is_not_there(fresh_database: Engine, tmp_path: Path) -> None:
    nurse = Actor(id=1, username="n", name="n", grants=(Grant(Role.NURSE),))
    with pytest.raises(Forbidden):
        import_register(fresh_database, nurse, tmp_path / "a", clock=CLOCK)
    with pytest.raises(NoSuchFile):
        take_in(fresh_database, tmp_path / "a")


def test_two_imports_take_turns(fresh_database: Engine, tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_bytes(part(numbered(3)))
    refused = []

    def intrude(progress: Progress) -> None:
        try:
            import_register(fresh_database, OPERATOR, path, clock=CLOCK)
        except ImportRunning as error:
            refused.append(error)

    assert take_in(fresh_database, path, watch=intrude).added == 3
    assert refused


KILLED = """
import os, sys
from pathlib import Path
from reconcile.registers import Register
from tracer.access.operator import OPERATOR
from tracer.catalog.registers import importing
from tracer.db.engine import make_engine
from tracer.settings import Settings
from tracer.shared.clock import SystemClock

importing.STEP_RECORDS = 700
importing.SMALL_BYTES = int(sys.argv[3])

def watch(progress):
    print(progress.records, flush=True)

if __name__ == "__main__":
    engine = make_engine(sys.argv[1], pool_size=1)
    importing.import_register(
        engine, OPERATOR, Path(sys.argv[2]), clock=SystemClock(Settings().timezone), watch=watch, workers=2
    )
    print("done", flush=True)
"""


@pytest.mark.parametrize("small_bytes", [0, 10**9], ids=["with workers", "alone"])
def test_killed_again_and_again_it_goes_on(fresh_database: Engine, tmp_path: Path, small_bytes: int) -> None:
    broken = "<device><deviceRecordKey>X</deviceRecordKey><cpms>A & B</cpms></device>"
    records = numbered(8000)
    parts = {
        f"P{n}.xml": part([*records[n * 1000 : n * 1000 + 1000], broken, records[n * 1000 + 7]])
        for n in range(8)
    }
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({**parts, "y.bin": b"?"}))
    script = tmp_path / "importer.py"
    script.write_text(KILLED)
    url = fresh_database.url.render_as_string(hide_password=False)
    kills, told = 0, [0]
    workers: list[psutil.Process] = []
    for _ in range(40):
        importer = subprocess.Popen(
            [sys.executable, str(script), url, str(path), str(small_bytes)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert importer.stdout is not None
        lines = []
        for line in importer.stdout:
            lines.append(line.strip())
            if len(lines) == 3 and line.strip() != "done":
                workers += psutil.Process(importer.pid).children(recursive=True)
                importer.send_signal(signal.SIGKILL)
                kills += 1
                break
        importer.wait()
        importer.stdout.close()
        if "done" in lines:
            break
        _until_alone(fresh_database)
        assert int(lines[0]) >= told[-1], "it began again"
        told.append(int(lines[0]))
    else:
        raise AssertionError("it never ended")
    assert kills >= 3
    # Who worked for a killed one does not wait for it for ever.
    assert bool(workers) is (small_bytes == 0)
    assert psutil.wait_procs(workers, timeout=30)[1] == []
    assert told[-1] > 0
    with fresh_database.connect() as connection:
        (batch,) = connection.execute(text("SELECT * FROM register_batch")).all()
    assert (batch.records, batch.added, batch.refused, batch.status) == (8008, 8000, 9, "done")
    assert batch.twice == 8
    found = bad(fresh_database, batch.id)
    expected = [(f"P{n}.xml", 1001, "not_xml") for n in range(8)]
    expected += [(f"P{n}.xml", 1002, "key_twice") for n in range(8)] + [("y.bin", None, "unknown_part")]
    assert sorted(found, key=str) == sorted(expected, key=str)
    interrupted = everything(fresh_database)
    with fresh_database.begin() as connection:
        names = (
            "register_record, register_code, register_product, register_seen, register_bad, register_batch,"
            " intake_job"
        )
        connection.execute(text(f"TRUNCATE {names}"))
    take_in(fresh_database, path)
    assert everything(fresh_database) == interrupted


def _until_alone(engine: Engine) -> None:
    """Until the server has noticed that the killed one is gone."""
    asked = text(
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database ="
        " (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with engine.connect() as connection:
            if not connection.execute(asked).scalar():
                return
        time.sleep(0.05)
    raise AssertionError("the killed importer's lock stays")
