"""How long a start takes until the first page, how long each page takes, and what memory a worker has then.

The pages are those of the sample hospital. Their yardstick is the same answer without anything to ask or to
draw: `/healthz`.
"""

from __future__ import annotations

import time
from http.client import HTTPConnection
from statistics import median

from sqlalchemy import text
from sqlalchemy.orm import Session

from benchmarks.serving import Serving, data_folder, serving
from tracer.access.rules import Role
from tracer.access.tokens import issue_token
from tracer.db import embedded
from tracer.db.engine import make_engine
from tracer.settings import Settings
from tracer.shared.clock import SystemClock

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Path and what is accepted; {day} is the last closed one.
PAGES = {
    "/healthz": "",
    "/scan": "",
    "/stock": "",
    "/variance": "",
    "/api/v1/variance?date={day}": "",
    "… as CSV": "text/csv",
    "… as XLSX": XLSX,
    "/openapi/openapi.json": "",
}
# In this order: on what, and whether the sample hospital is wanted.
STARTS = (
    ("an empty folder", "0"),
    ("a database without a hospital", "0"),
    ("the same, loading the sample", "1"),
    ("the sample, loaded before", "1"),
)
TIMES = 15


def main() -> None:
    """Print a table of pages."""
    with data_folder() as data:
        for start, sample in STARTS:
            began = time.perf_counter()
            with serving(data, TRACER_SAMPLE=sample) as here:
                _get(here.port, "/sign-in", {})
                print(f"start on {start:<32}{time.perf_counter() - began:>7.1f} s to the first page")
        with serving(data, TRACER_WORKERS="1") as here, embedded.server(data) as url:
            engine = make_engine(url, pool_size=1)
            with Session(engine) as session:
                token = issue_token(session, "bench", Role.ADMIN, "/", SystemClock(Settings().timezone))
                day = session.execute(text("SELECT max(business_date) FROM business_day")).scalar_one()
                session.commit()
            engine.dispose()
            _pages(here, {"Authorization": f"Bearer {token}"}, str(day))


def _pages(here: Serving, signed_in: dict[str, str], day: str) -> None:
    (worker,) = here.workers()
    print(f"\n{'':<28}{'status':>7}{'KB':>8}{'first ms':>10}{'then ms':>9}{'ratio':>8}{'worker MB':>11}")
    floor = 0.0
    path = ""
    for name, accepted in PAGES.items():
        path = path if name.startswith("…") else name.format(day=day)
        headers = signed_in | ({"Accept": accepted} if accepted else {})
        took = []
        for _ in range(TIMES):
            began = time.perf_counter()
            status, size = _get(here.port, path, headers)
            took.append((time.perf_counter() - began) * 1000)
        floor = floor or median(took)
        memory = worker.memory_info().rss / 2**20
        times = f"{took[0]:>10.0f}{median(took):>9.1f}{median(took) / floor:>8.1f}"
        print(f"{name:<28}{status:>7}{size / 1024:>8.0f}{times}{memory:>11.0f}")


def _get(port: int, path: str, headers: dict[str, str]) -> tuple[int, int]:
    """(status, bytes) of an answer, over a new connection."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, len(answer.read())
    finally:
        connection.close()


if __name__ == "__main__":
    main()
