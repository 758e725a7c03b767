"""Many at once on one real database: threads that begin together, and what each of them got."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from scanners.inhouse import make
from tests.small_hospital import NURSE_STATION, SmallHospital, build
from tracer.charging.bedside import RecordScan
from tracer.charging.recording_scans import record_scan
from tracer.db.transaction import in_transaction, transaction

T = TypeVar("T")

_PIECES = text("""
    WITH made AS (
        INSERT INTO unit (item_id, label, serial, lot, created_at)
        SELECT :item, label, 'M' || label, 'A1', now() FROM unnest(CAST(:labels AS text[])) AS label
        RETURNING id
    )
    INSERT INTO movement (origin_id, target_id, item_id, lot, unit_id, unit_step, quantity, kind,
                          occurred_at, recorded_at, business_date, person_id)
    SELECT 1, (SELECT id FROM location WHERE code = :place), :item, 'A1', id, 1, 1, 'receipt',
           :now, :now, :day, :by FROM made
""")


def add_pieces(hospital: SmallHospital, number: int, place: str = NURSE_STATION) -> list[str]:
    """The labels of so many new stents on a shelf."""
    first = 1_000_000 + hospital.count("unit")
    labels = [make(first + n) for n in range(number)]
    now = hospital.clock.now()
    values = {
        "item": hospital.items["stent"],
        "labels": labels,
        "place": place,
        "now": now,
        "day": now.date(),
    }
    hospital.session.execute(_PIECES, values | {"by": hospital.keeper.id})
    return labels


@dataclass(frozen=True)
class Crowd:
    """A hospital for real, and threads in it."""

    engine: Engine
    hospital: SmallHospital

    @classmethod
    def gather(cls, engine: Engine) -> Crowd:
        with transaction(engine) as session:
            hospital = build(session)
        return cls(engine, hospital)

    def pieces(self, number: int, place: str = NURSE_STATION) -> list[str]:
        with transaction(self.engine) as session:
            return add_pieces(replace(self.hospital, session=session), number, place)

    def do(self, work: Callable[[Session], T]) -> T:
        """In a transaction of its own, as a request is carried out."""
        return in_transaction(self.engine, work)

    def scan(self, raw: str, key: str, **more: Any) -> dict[str, Any]:
        given = {"location": NURSE_STATION, "encounter": "E1"} | more
        command = RecordScan(key=key, raw=raw.encode(), **given)
        nurse, clock = self.hospital.nurse, self.hospital.clock
        return self.do(lambda session: record_scan(session, nurse, command, clock))

    def ask(self, statement: str) -> list[Any]:
        with self.engine.connect() as connection:
            return list(connection.execute(text(statement)))


def at_once(works: Sequence[Callable[[], T]], rounds: int = 1) -> list[list[T | Exception]]:
    """Let all begin at the same instant, round after round: what each of them returned or raised."""
    start = threading.Barrier(len(works))

    def take_part(work: Callable[[], T]) -> list[T | Exception]:
        got: list[T | Exception] = []
        for _ in range(rounds):
            start.wait(timeout=60)
            try:
                got.append(work())
            except Exception as error:
                got.append(error)
        return got

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(take_part, works))
