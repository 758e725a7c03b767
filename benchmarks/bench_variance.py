"""The daily variance, beside DuckDB's plain GROUP BY over the same records.

    python -m benchmarks.bench_variance [--large N]

The yardstick sums the movements and charges per (business date, location, item) and does nothing else: no
carry, no variance, no cause, no rendering. It runs on one thread, as pandas does. `variance on DuckDB` is our
own function on DuckDB tables. The best of several rounds counts.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from reconcile import variance
from reconcile.output import write_results

_SUM = """
SELECT business_date, location, material, sum(used), sum(received), sum(billed) FROM (
  SELECT business_date, location, material, CASE kind WHEN 'use' THEN quantity ELSE 0 END AS used,
         CASE kind WHEN 'receipt' THEN quantity ELSE 0 END AS received, 0 AS billed FROM movements
  UNION ALL SELECT business_date, location, material, 0, 0, quantity FROM charges
) GROUP BY ALL
"""


def _hospital(events: int, days: int) -> dict[str, pd.DataFrame]:
    """Half uses, half their charges (three in a hundred missing); 60 departments, 26,000 items."""
    random = np.random.default_rng(20260301)
    uses = events // 2
    first = np.datetime64("2026-03-01")
    moved = pd.DataFrame(
        {
            "business_date": (first + random.integers(0, days, uses)).astype("datetime64[us]"),
            "location": np.char.mod("D%03d", random.integers(0, 60, uses)),
            # A few items make most of the day.
            "material": np.char.mod("WZ%06d", (random.pareto(1.2, uses) * 400).astype(int) % 26_000),
            "kind": np.where(random.random(uses) < 0.05, "receipt", "use"),
            "quantity": random.integers(1, 6, uses),
            "id": np.arange(uses),
            "unit_cost": random.integers(100, 100_000, uses) / 100,
        }
    )
    moved["occurred_at"] = moved["business_date"] + pd.to_timedelta(random.integers(0, 86_400, uses), "s")
    moved["reference"] = moved["id"].astype("str")
    billed = moved[moved["kind"] == "use"].drop(columns=["kind", "unit_cost"])
    billed = billed[random.random(len(billed)) > 0.03]
    items = pd.DataFrame({"material": np.char.mod("WZ%06d", np.arange(26_000))})
    items = items.assign(name="耗材 " + items["material"], pack_quantity=10, price="12.50", chargeable=1)
    return {"movements": moved, "charges": billed, "codes": items}


def _best(work: Callable[[], Any], rounds: int) -> float:
    seconds = []
    for _ in range(rounds):
        start = perf_counter()
        work()
        seconds.append(perf_counter() - start)
    return min(seconds)


def _tables(frames: dict[str, pd.DataFrame]) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    for name, frame in frames.items():
        days = "* REPLACE (CAST(business_date AS DATE) AS business_date)" if "business_date" in frame else "*"
        connection.register("given", frame)
        connection.execute(f"CREATE TABLE {name} AS SELECT {days} FROM given")
        connection.unregister("given")
    return connection


def _line(what: str, seconds: float, yardstick: float) -> None:
    print(f"{what:<52} {seconds:>8.3f} s {yardstick:>10.3f} s {seconds / yardstick:>8.1f} ×")


def _measure(events: int, days: int, rounds: int) -> None:
    frames: dict[str, Any] = _hospital(events, days)
    connection = _tables(frames)
    tables: dict[str, Any] = {name: connection.table(name) for name in frames}
    yardstick = _best(lambda: connection.execute(_SUM).fetchnumpy(), rounds)
    size = f"{events:,} events, {days} day{'s' if days > 1 else ''}"
    _line(f"variance on pandas, {size}", _best(lambda: variance(**frames), rounds), yardstick)
    on_duckdb = _best(lambda: variance(**tables).rows.fetchnumpy(), 1)
    _line(f"variance on DuckDB, {size}", on_duckdb, yardstick)
    if events > 100_000:
        return
    result = variance(**frames)
    start = perf_counter()
    opened = len(result.causes)
    _line(f"  its {opened:,} causes with their evidence", perf_counter() - start, yardstick)
    with tempfile.TemporaryDirectory() as folder:
        start = perf_counter()
        write_results(result, Path(folder) / "out")
        _line(f"  its {len(result.rows):,} rows as CSV and XLSX", perf_counter() - start, yardstick)


def main(arguments: list[str] | None = None) -> None:
    """Print a table: what, our seconds, DuckDB's GROUP BY, ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--large", type=int, default=2_000_000, help="events of the large run; 0 leaves it out"
    )
    large = parser.parse_args([] if arguments is None else arguments).large
    print(f"{'daily variance':<52} {'ours':>10} {'GROUP BY':>12} {'ratio':>10}")
    _measure(50_000, 1, rounds=5)
    if large:
        _measure(large, 30, rounds=1)


if __name__ == "__main__":
    import sys

    main(sys.argv[1:])
