"""A national release imported, beside COPY of the same rows into tables of the same shape; then searched.

`python -m benchmarks.bench_registers 5000000` for the whole register: it needs 40 GB and the better part of
an hour.
"""

from __future__ import annotations

import random
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

from benchmarks.register_release import write_release
from benchmarks.serving import data_folder
from tracer.access.operator import OPERATOR
from tracer.catalog.registers.facts import register_facts
from tracer.catalog.registers.importing import Progress, import_register
from tracer.catalog.registers.searching import search_registers
from tracer.db import embedded, migrating
from tracer.db.engine import make_engine
from tracer.settings import Settings
from tracer.shared.clock import SystemClock

RECORDS = 100_000
WANTED = 0.25
TABLES = ("register_product", "register_record", "register_code")
SEARCHES = 300  # of a kind: the slowest percent is three of them


def main(records: int = RECORDS) -> None:
    """Print rates, their ratio, and how long searches take."""
    with data_folder() as data, embedded.server(data) as url:
        migrating.upgrade(url)
        engine = make_engine(url, pool_size=2)
        release = data / "release.zip"
        write_release(release, records)
        print(f"{records:,} records, {release.stat().st_size / 2**20:,.0f} MB packed", flush=True)
        seconds = _timed(lambda: _import(engine, release))
        release.unlink()
        rate = records / seconds
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(
            f"import           {seconds:>8.1f} s{rate:>10,.0f} records/s"
            f"   ({memory:,.0f} MB, {child:,.0f} MB in the largest child)",
            flush=True,
        )
        yardstick = records / _copy(engine, data, indexed=True)
        print(f"COPY             {records / yardstick:>8.1f} s{yardstick:>10,.0f} records/s", flush=True)
        print(f"ratio            {rate / yardstick:>8.2f}   wanted: {WANTED}", flush=True)
        bare = records / _copy(engine, data, indexed=False)
        print(
            f"COPY, no indexes {records / bare:>8.1f} s{bare:>10,.0f} records/s   ratio {rate / bare:.2f}",
            flush=True,
        )
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            # As autovacuum does within minutes.
            connection.execute(text("SET statement_timeout = 0"))
            connection.execute(text("VACUUM (ANALYZE) register_record, register_code, register_product"))
            connection.execute(text("RESET statement_timeout"))
        _searches(engine)
        engine.dispose()


def _import(engine: Engine, release: Path) -> None:
    began = told = time.monotonic()

    def watch(progress: Progress) -> None:
        nonlocal told
        if time.monotonic() - told > 60:
            told = time.monotonic()
            print(f"  … {progress.records:,} after {told - began:,.0f} s", flush=True)

    done = import_register(engine, OPERATOR, release, clock=SystemClock(Settings().timezone), watch=watch)
    if done.added != done.records or done.refused or done.remarked:
        raise RuntimeError(f"not all of it was taken: {done}")


def _copy(engine: Engine, data: Path, *, indexed: bool) -> float:
    """Seconds for COPY of what was imported into tables like those."""
    seconds = 0.0
    shape = "INCLUDING ALL" if indexed else "INCLUDING DEFAULTS"
    for table in TABLES:
        rows = data / "rows"
        connection: Any = engine.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute("SET statement_timeout = 0")
            with rows.open("wb") as file, cursor.copy(f"COPY {table} TO STDOUT") as copy:
                for block in copy:
                    file.write(block)
            cursor.execute(f"CREATE TABLE beside (LIKE {table} {shape})")
            connection.commit()
            began = time.perf_counter()
            with rows.open("rb") as file, cursor.copy("COPY beside FROM STDIN") as copy:
                while block := file.read(2**20):
                    copy.write(block)
            connection.commit()
            seconds += time.perf_counter() - began
            cursor.execute("DROP TABLE beside")
            connection.commit()
            cursor.execute("RESET statement_timeout")
            connection.commit()
        finally:
            connection.close()
            rows.unlink(missing_ok=True)
    return seconds


def _searches(engine: Engine) -> None:
    dice = random.Random(7)
    with engine.connect() as connection:
        some = [
            row
            for row in connection.execute(
                text(
                    "SELECT r.di, r.said, p.name, p.maker, p.certificates"
                    " FROM register_record r TABLESAMPLE SYSTEM (:share) JOIN register_product p"
                    " ON p.digest = r.product LIMIT 2000"
                ),
                {"share": 2},
            )
        ]
        dice.shuffle(some)

        def look(typed: str) -> None:
            search_registers(connection, typed)

        kinds: dict[str, Callable[[Any], object]] = {
            "what a DI is": lambda row: register_facts(connection, row.di),
            "a DI": lambda row: look(row.di),
            "nine digits of one": lambda row: look(row.di[:9]),
            "a model": lambda row: look(row.said["ggxh"]),
            "half a model": lambda row: look(row.said["ggxh"][:6]),
            "a name": lambda row: look(row.name),
            "a common word": lambda row: look(dice.choice(("一次性", "一次性使用", "支架", "医疗", "导管"))),
            "a maker": lambda row: look(row.maker),
            "name and maker": lambda row: look(f"{row.name} {row.maker[:5]}"),
            "name and model": lambda row: look(f"{row.name[-4:]} {row.said['ggxh'][:8]}"),
            "common word, model": lambda row: look(f"一次性 {row.said['ggxh'][:6]}"),
            "a certificate": lambda row: look(row.certificates),
            "nothing there": lambda row: look(f"没有的东西 {row.maker[:4]}"),
        }
        print(f"\n{'search':<22}{'median ms':>10}{'p99 ms':>9}{'worst':>8}")
        everything: list[float] = []
        for name, search in kinds.items():
            took = []
            for row in dice.sample(some, min(SEARCHES, len(some))):
                took.append(_timed(lambda search=search, row=row: search(row)) * 1000)  # type: ignore[misc]
            everything += took
            print(f"{name:<22}{_at(took, 0.5):>10.1f}{_at(took, 0.99):>9.1f}{max(took):>8.1f}", flush=True)
        print(f"{'all':<22}{_at(everything, 0.5):>10.1f}{_at(everything, 0.99):>9.1f}{max(everything):>8.1f}")


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _at(values: list[float], share: float) -> float:
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else RECORDS)
