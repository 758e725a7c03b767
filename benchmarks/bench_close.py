"""The close of a busy day, from the ledger in PostgreSQL to its written rows and causes."""

from __future__ import annotations

import tempfile
import time
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from benchmarks.busy_hospital import fill
from tracer.access.operator import OPERATOR
from tracer.closing.closing_days import close_day
from tracer.closing.invariants import check_invariants
from tracer.db import embedded, migrating
from tracer.db.engine import make_engine
from tracer.shared.clock import SystemClock

EVENTS = 50_000

# Uses of lot-tracked items over all wards, one in two hundred without its charge.
_USES = text("""
INSERT INTO movement (origin_id, target_id, item_id, lot, quantity, kind, occurred_at, recorded_at,
                      business_date, person_id, encounter_id)
SELECT l.id, 2, i.id, 'L' || (1 + n % 4), 1 + n % 3, 'use', now(), now(), :day, 1,
       (SELECT min(id) FROM encounter) + n % 400
  FROM generate_series(1, :uses) n
  JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM item WHERE tracking = 'LOT') i
    ON i.place = n % (SELECT count(*) FROM item WHERE tracking = 'LOT')
  JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM location WHERE kind = 'ward') l
    ON l.place = (n / 7) % (SELECT count(*) FROM location WHERE kind = 'ward')
""")
_CHARGES = text("""
INSERT INTO charge (encounter_id, item_id, location_id, lot, quantity, unit_price, amount, source,
                    movement_id, occurred_at, recorded_at, business_date, person_id)
SELECT encounter_id, item_id, origin_id, lot, quantity, 1.85, quantity * 1.85, 'scan',
       id, occurred_at, recorded_at, business_date, person_id
  FROM movement WHERE kind = 'use' AND id % 200 <> 0
""")
_EXCEPTIONS = text("""
INSERT INTO ledger_exception (kind, movement_id, quantity, opened_at)
SELECT 'used_not_charged', id, quantity, now() FROM movement WHERE kind = 'use' AND id % 200 = 0
""")
_YARDSTICK = text("""
SELECT location_id, item_id, sum(quantity) FROM (
    SELECT origin_id AS location_id, item_id, quantity FROM movement WHERE business_date = :day
    UNION ALL SELECT location_id, item_id, -quantity FROM charge WHERE business_date = :day) e GROUP BY 1, 2
""")


def _busy_day(engine: Engine, events: int) -> date:
    """Post `events` ledger rows, half of them uses and half charges; returns their day."""
    fill(engine, pieces=0, lot_scans=0)
    with Session(engine) as session:
        day = session.execute(text("SELECT CURRENT_DATE")).scalar_one()  # the day of `fill`'s receipts
        for statement in (_USES, _CHARGES, _EXCEPTIONS):
            session.execute(statement, {"uses": events // 2, "day": day})
        session.execute(text("ANALYZE"))
        session.commit()
    return day


def main() -> None:
    """Print how long a day of 50,000, and of 100,000, ledger rows takes to close."""
    print(f"{'ledger rows':>12} {'close':>9} {'day rows':>9} {'plain GROUP BY':>15} {'ratio':>7}")
    for events in (EVENTS, 2 * EVENTS):
        with tempfile.TemporaryDirectory(prefix="tracer-bench-") as folder:
            Path(folder).chmod(0o711)
            with embedded.server(Path(folder)) as url:
                migrating.upgrade(url)
                engine = make_engine(url)
                try:
                    _close_one(engine, events)
                finally:
                    engine.dispose()


def _close_one(engine: Engine, events: int) -> None:
    day = _busy_day(engine, events)
    clock = SystemClock(ZoneInfo("Asia/Shanghai"))
    with Session(engine) as session:
        began = time.perf_counter()
        session.execute(_YARDSTICK, {"day": day}).all()
        yardstick = time.perf_counter() - began
    with Session(engine) as session:
        began = time.perf_counter()
        summary = close_day(session, OPERATOR, day, clock)
        session.commit()
        took = time.perf_counter() - began
        broken = check_invariants(session)
    if broken:
        raise RuntimeError(f"the closed day breaks {len(broken)} invariants: {broken[0]}")
    print(f"{events:>12,} {took:>7.2f} s {summary['rows']:>9,} {yardstick:>13.3f} s {took / yardstick:>7.1f}")


if __name__ == "__main__":
    main()
