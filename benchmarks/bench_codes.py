"""Five codes grouped and classed, beside one DuckDB pass over the same files.

    python -m benchmarks.bench_codes [--large ITEMS]

The yardstick reads the same Parquet files and joins the five sources on the codes they share, once: it finds
no groups that go round corners, no smallest removal, no fields that disagree. `--large 1000000` is five
million codes; it takes some minutes.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
from pathlib import Path
from time import perf_counter

import duckdb
import numpy as np
import pandas as pd

from reconcile.codes import CodesResult, reconcile_codes

ITEMS = 26_000
WRONG = 0.3
_JOIN = """
SELECT count(*), count(DISTINCT hrp.material), count(DISTINCT nmpa.udi)
  FROM 'hrp.parquet' hrp FULL JOIN 'his.parquet' his USING (billing)
  FULL JOIN 'catalogue.parquet' catalogue USING (billing)
  FULL JOIN 'supplier.parquet' supplier USING (insurance) FULL JOIN 'nmpa.parquet' nmpa USING (udi)
"""


def make_sources(items: int, wrong: float) -> dict[str, pd.DataFrame]:
    """Five exports; of each code that is named a second time a share names another item's."""
    random = np.random.default_rng(20261122)
    all_items = np.arange(items)

    def code(prefix: str, numbers: np.ndarray) -> np.ndarray:
        return np.char.add(prefix, np.char.mod("%08d", numbers)).astype(object)

    def mistaken() -> np.ndarray:
        return np.where(random.random(items) < wrong / 5, random.integers(0, items, items), all_items)

    price = np.char.mod("%.2f", all_items % 9_000 / 7).astype(object)
    frames = {
        "hrp": {"material": all_items, "billing": mistaken(), "maker": all_items // 50, "price": price},
        "his": {"order": all_items, "billing": mistaken(), "price": price},
        "catalogue": {"insurance": all_items, "billing": mistaken()},
        "supplier": {"insurance": mistaken(), "udi": all_items, "certificate": all_items // 20},
        "nmpa": {"udi": all_items, "certificate": all_items // 20, "maker": mistaken() // 50},
    }
    return {
        name: pd.DataFrame(
            {
                column: values if values.dtype == object else code(column[0].upper(), values)
                for column, values in columns.items()
            }
        )
        for name, columns in frames.items()
    }


def _whole(sources: dict[str, pd.DataFrame]) -> CodesResult:
    result = reconcile_codes(sources)
    assert len(result.groups) == result.summary["groups"]
    assert result.findings is not None
    return result


def _measure(items: int, wrong: float, rounds: int) -> None:
    sources = make_sources(items, wrong)
    with tempfile.TemporaryDirectory() as folder:
        for name, frame in sources.items():
            frame.to_parquet(Path(folder) / f"{name}.parquet")
        ours, yardstick = [], []
        for _ in range(rounds):
            began = perf_counter()
            result = _whole({name: pd.read_parquet(Path(folder) / f"{name}.parquet") for name in sources})
            ours.append(perf_counter() - began)
            with duckdb.connect() as database:
                database.execute("SET threads = 1")
                began = perf_counter()
                database.execute(_JOIN.replace(" '", f" '{folder}/")).fetchall()
                yardstick.append(perf_counter() - began)
    unproved = sum(not finding.is_proved for finding in result.found)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(
        f"{items:>9,} items × 5 sources  {min(ours):7.2f} s  {min(ours) / min(yardstick):6.1f} × the join"
        f"  {len(result.found):>7,} findings, {unproved} unproved  {memory:.1f} GiB at most"
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bench_codes", description=__doc__)
    parser.add_argument("--large", type=int, metavar="ITEMS", help="beside the usual size")
    large = parser.parse_args().large if __name__ == "__main__" else None
    print("read, grouped, classed, smallest removals found, tables made (limit at 26,000: 3 s)")
    _measure(ITEMS, WRONG, 3)
    if large:
        _measure(large, WRONG / 30, 1)


if __name__ == "__main__":
    main()
