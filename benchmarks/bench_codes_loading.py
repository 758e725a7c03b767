"""Five exports loaded one after the other by the service's own function, each with a run over all claims.

    python -m benchmarks.bench_codes_loading [--large ITEMS]

First the messy exports of 26,000 items, where half-loaded data make the most findings and suggestions. Then
ITEMS (100,000) in five larger exports beside COPY of the same rows into a table of the same shape: five
million claims with `--large 1000000`, which takes the better part of half an hour.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from benchmarks.bench_codes import make_sources
from benchmarks.serving import data_folder
from fixtures.messy import OWNERS, make_messy
from fixtures.messy.making import INCONSISTENCIES, ITEMS, SEED
from fixtures.messy.writing import FILES
from tracer.access.operator import OPERATOR
from tracer.catalog.mismatches.loading import load_export
from tracer.catalog.mismatches.watching import Step
from tracer.db import embedded, migrating
from tracer.db.engine import make_engine
from tracer.settings import Settings
from tracer.shared.clock import SystemClock

LARGER = 100_000
WRONG = 0.01
WANTED_SECONDS = 10


def main(arguments: list[str] | None = None) -> None:
    """Print what each load took, by its steps, and the most memory the process has had."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bench_codes_loading", description=__doc__)
    parser.add_argument("--large", type=int, metavar="ITEMS", default=LARGER)
    items = parser.parse_args([] if arguments is None else arguments).large
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_messy(folder, ITEMS, INCONSISTENCIES, SEED)
        print(f"messy exports of {ITEMS:,} items (wanted: {WANTED_SECONDS} s each on a quiet machine)")
        _measure([(source, folder / file, _owned(source)) for source, file in FILES.items()])
        for source, frame in make_sources(items, WRONG).items():
            frame.to_csv(folder / f"{source}.csv", index=False, encoding="utf-8-sig")
        print(f"{items:,} items × 5 exports")
        larger = [("hrp", ["material"]), ("his", ["order"]), ("catalogue", ["insurance"]), ("supplier", []),
                  ("nmpa", ["udi"])]  # fmt: skip
        _measure([(source, folder / f"{source}.csv", owned) for source, owned in larger])


def _owned(source: str) -> list[str]:
    return [system for system, owner in OWNERS.items() if owner == source]


def _measure(exports: Iterable[tuple[str, Path, list[str]]]) -> None:
    with data_folder() as data, embedded.server(data) as url:
        migrating.upgrade(url)
        engine = make_engine(url, pool_size=2)
        for source, path, owned in exports:
            _load(engine, source, path, owned)
        _copy(engine)
        engine.dispose()


def _load(engine: Engine, source: str, path: Path, owned: list[str]) -> None:
    began, processor = perf_counter(), process_time()
    steps: dict[str, float] = {}

    def watch(step: Step) -> None:
        steps.setdefault(step.name, perf_counter())

    with Session(engine) as session, session.begin():
        clock = SystemClock(Settings().timezone)
        done = load_export(
            session, OPERATOR, clock, path, source=source, file=path.name, owns=owned, watch=watch
        )
    ended = perf_counter()
    parts: list[Any] = [*steps.items(), ("", ended)]
    spent = "  ".join(f"{name} {after - at:.1f}" for (name, at), (_, after) in pairwise(parts))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    assert done.run is not None
    taken = f"{ended - began:.1f} s ({process_time() - processor:.1f} s of the processor)"
    left = f"{done.run.open:,} open, {done.run.suggested:,} suggested; {memory:.1f} GiB at most"
    print(f"  {source:<10}{done.rows:>10,} rows  {taken}  {spent}  {left}", flush=True)


def _copy(engine: Engine) -> None:
    """The yardstick: the same claims into a table of the same shape, by PostgreSQL alone."""
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute("CREATE TABLE again (LIKE claim INCLUDING ALL)")
        with tempfile.TemporaryFile() as file:
            with cursor.copy("COPY claim TO STDOUT") as out:  # type: ignore[attr-defined]
                for block in out:
                    file.write(block)
            file.seek(0)
            began = perf_counter()
            with cursor.copy("COPY again FROM STDIN") as copy:  # type: ignore[attr-defined]
                while block := file.read(1 << 20):
                    copy.write(block)
            print(f"  COPY of all these claims: {perf_counter() - began:.1f} s", flush=True)
        connection.rollback()
    finally:
        connection.close()


if __name__ == "__main__":
    import sys

    main(sys.argv[1:])
