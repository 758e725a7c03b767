"""Scan to charge over HTTP, beside the same statements by pgbench on the same server."""

from __future__ import annotations

import json
from itertools import count

from sqlalchemy import text

from benchmarks import scan_by_pgbench
from benchmarks.busy_hospital import BusyHospital, Pull, fill
from benchmarks.light_client import Measured, post, run
from benchmarks.serving import data_folder, serving
from tracer.db import embedded
from tracer.db.engine import make_engine

ONE, MANY, DEVICES = 300, 3000, 16
WARM_UP = 400
SECONDS = 4
COLUMNS = ("scans/s", "p50 ms", "p99 ms", "pgbench/s", "mean ms", "ratio")
COLUMNS = ("scans/s", "p50 ms", "p99 ms", "pgbench/s", "mean ms", "ratio")
_keys = count()


def scan_request(pull: Pull, token: str) -> bytes:
    body = {
        "idempotency_key": f"bench-{next(_keys)}",
        "raw": pull.raw,
        "location": pull.location,
        "encounter": pull.encounter,
    }
    return post("/api/v1/scans", json.dumps(body).encode(), token)


def measure(port: int, hospital: BusyHospital, scans: int, devices: int) -> Measured:
    requests = [scan_request(hospital.pulls.pop(), hospital.token) for _ in range(scans)]
    measured = run(port, requests, devices, wanted=b'"outcome": "charged"')
    if measured.good != scans:
        raise RuntimeError(f"only {measured.good} of {scans} scans were charged")
    return measured


def main() -> None:
    """Print how long a scan takes, and how many a second, beside pgbench on the same server."""
    with data_folder() as data, serving(data) as here, embedded.server(data) as url:
        total = WARM_UP + ONE + MANY
        engine = make_engine(url)
        hospital = fill(engine, pieces=total // 2, lot_scans=total - total // 2)
        measure(here.port, hospital, WARM_UP, DEVICES)
        # As autovacuum does within a minute; until then plans are made for tables thought to be empty.
        with engine.begin() as connection:
            connection.execute(text("ANALYZE"))
        engine.dispose()
        print(f"{'':<12}" + "".join(f"{name:>11}" for name in COLUMNS))
        for devices, scans in ((1, ONE), (DEVICES, MANY)):
            got = measure(here.port, hospital, scans, devices)
            there = scan_by_pgbench.measure(data, url, hospital.token, devices, SECONDS)
            times = f"{got.percentile_ms(0.5):>11.1f}{got.percentile_ms(0.99):>11.1f}"
            beside = f"{there.rate:>11.0f}{there.average_ms:>11.1f}{got.rate / there.rate:>11.2f}"
            print(f"{f'{devices} clients':<12}{got.rate:>11.0f}{times}{beside}")


if __name__ == "__main__":
    main()
