"""A hospital with enough on its shelves to scan all day: four wards, serialised and lot-tracked items.

Everything is written by a few set-based statements, through the same triggers as in service.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from scanners import gtin
from scanners.inhouse import make
from tracer.access.rules import Role
from tracer.access.tokens import issue_token
from tracer.db.transaction import in_transaction
from tracer.shared.clock import SystemClock

WARDS = 4
SERIAL_ITEMS, LOT_ITEMS, ENCOUNTERS = 50, 150, 400
LOTS_PER_ITEM = 4
GOOD_UNTIL = date.today() + timedelta(days=1000)

_PLACES = """
INSERT INTO location (code, name, name_en, kind, parent_id, path)
VALUES ('HOSP', '医院', 'Hospital', 'hospital', NULL, '/HOSP/');
INSERT INTO location (code, name, name_en, kind, parent_id, path)
SELECT 'W' || n, n || '病区', 'Ward ' || n, 'ward', h.id, h.path || 'W' || n || '/'
  FROM generate_series(1, :wards) n JOIN location h ON h.code = 'HOSP';
"""
_ITEM = text("""
WITH made AS (
    INSERT INTO item (name, specification, tracking, created_at)
    VALUES (:name, '标准', :tracking, now()) RETURNING id
), codes AS (
    INSERT INTO code_binding (item_id, system, code, valid_from, status, created_at, taken_over)
    SELECT made.id, system, code, DATE '2020-01-01', 'approved', now(), true
      FROM made, unnest(CAST(:systems AS text[]), CAST(:codes AS text[])) AS c (system, code)
)
INSERT INTO price (item_id, kind, amount, valid_from, status, taken_over)
SELECT id, 'charge', :price, DATE '2020-01-01', 'approved', true FROM made RETURNING item_id
""")
_UNITS = text("""
WITH made AS (
    INSERT INTO unit (item_id, label, serial, lot, expiry, created_at)
    SELECT CAST(:item AS bigint), label, 'S' || label, 'A1', CAST(:expiry AS date), now()
      FROM unnest(CAST(:labels AS text[])) AS label RETURNING id, item_id, lot
)
INSERT INTO movement (origin_id, target_id, item_id, lot, unit_id, unit_step, quantity, kind,
                      occurred_at, recorded_at, business_date, person_id)
SELECT 1, (SELECT id FROM location WHERE code = :ward), item_id, lot, id, 1, 1, 'receipt', now(), now(),
       CURRENT_DATE, (SELECT min(id) FROM person) FROM made
""")
_LOTS = text("""
INSERT INTO movement (origin_id, target_id, item_id, lot, quantity, kind,
                      occurred_at, recorded_at, business_date, person_id)
SELECT 1, l.id, CAST(:item AS bigint), 'L' || n, 100000, 'receipt', now(), now(), CURRENT_DATE,
       (SELECT min(id) FROM person)
  FROM generate_series(1, :lots) n, location l WHERE l.kind = 'ward'
""")
_ENCOUNTERS = text("""
INSERT INTO encounter (ref, patient_name, bed, location_id, created_at)
SELECT 'ZY' || n, '张某', n, l.id, now() FROM generate_series(1, :encounters) n
  JOIN location l ON l.code = 'W' || (1 + n % :wards)
""")
_ORDERS = """
INSERT INTO clinical_order (order_no, encounter_id, location_id, ordered_at, business_date, recorded_at)
SELECT 'YZ' || id, id, location_id, now(), CURRENT_DATE, now() FROM encounter;
INSERT INTO order_line (order_id, encounter_id, line_no, item_id, expected)
SELECT o.id, o.encounter_id, n, i.id, 2
  FROM clinical_order o CROSS JOIN generate_series(1, 5) n
  JOIN item i ON i.id = (SELECT min(id) FROM item) + (o.id * 7 + n * 31) % :items;
"""


@dataclass(frozen=True, slots=True)
class Pull:
    """One pull of the trigger that will be charged: serialised pieces once, lots again and again."""

    raw: str
    location: str
    encounter: str


@dataclass(frozen=True, slots=True)
class BusyHospital:
    token: str
    pulls: list[Pull]


def fill(engine: Engine, *, pieces: int, lot_scans: int, seed: int = 1) -> BusyHospital:
    """Fill an empty, migrated database; the pulls: so many serialised pieces, so many scans of lots."""
    dice = random.Random(seed)
    clock = SystemClock(ZoneInfo("Asia/Shanghai"))

    def write(session: Session) -> BusyHospital:
        for statement in _PLACES.split(";")[:-1]:
            session.execute(text(statement), {"wards": WARDS})
        token = issue_token(session, "bench", Role.NURSE, "/", clock)
        items = [(_new_item(session, n), di_of(n)) for n in range(SERIAL_ITEMS + LOT_ITEMS)]
        session.execute(_ENCOUNTERS, {"encounters": ENCOUNTERS, "wards": WARDS})
        for statement in _ORDERS.split(";")[:-1]:
            session.execute(text(statement), {"items": len(items)})
        serialised, by_lot = items[:SERIAL_ITEMS], items[SERIAL_ITEMS:]
        pulls = [
            Pull(raw, ward, f"ZY{dice.randrange(ENCOUNTERS) + 1}")
            for raw, ward in _serialised(session, serialised, pieces)
        ]
        for item, _ in by_lot:
            session.execute(_LOTS, {"item": item, "lots": LOTS_PER_ITEM})
        for _ in range(lot_scans):
            raw = f"]d201{dice.choice(by_lot)[1]}17{GOOD_UNTIL:%y%m%d}10L{dice.randrange(LOTS_PER_ITEM) + 1}"
            ward = f"W{dice.randrange(WARDS) + 1}"
            pulls.append(Pull(raw, ward, f"ZY{dice.randrange(ENCOUNTERS) + 1}"))
        dice.shuffle(pulls)
        return BusyHospital(token, pulls)

    hospital = in_transaction(engine, write)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    return hospital


def di_of(number: int) -> str:
    """The UDI-DI of an item."""
    body = f"0690{number:09}"
    return body + str(gtin.check_digit(body))


def codes_of(number: int) -> dict[str, str]:
    """The five codes of an item by system."""
    codes = {"material": f"WZ{number:06}", "billing": f"JF{number:06}", "order": f"YZ{number:06}"}
    return codes | {"insurance": f"C{number:026}", "udi": di_of(number)}


def _new_item(session: Session, number: int) -> int:
    serial = number < SERIAL_ITEMS
    codes = codes_of(number)
    values = {
        "name": f"耗材 {number}",
        "tracking": "SERIAL" if serial else "LOT",
        "systems": list(codes),
        "codes": list(codes.values()),
        "price": "12800.00" if serial else "1.85",
    }
    return int(session.execute(_ITEM, values).scalar_one())


def _serialised(session: Session, items: list[tuple[int, str]], pieces: int) -> list[tuple[str, str]]:
    """(scan, ward) of each piece: every other one by its in-house label, else by the maker's serial."""
    found = []
    for ward in range(WARDS):
        for nth, (item, di) in enumerate(items):
            numbers = range(ward * len(items) + nth, pieces, WARDS * len(items))
            labels = [make(number) for number in numbers]
            session.execute(
                _UNITS, {"item": item, "labels": labels, "ward": f"W{ward + 1}", "expiry": GOOD_UNTIL}
            )
            makers = [f"]d201{di}17{GOOD_UNTIL:%y%m%d}10A1\x1d21S{label}" for label in labels]
            found += [
                (both[n % 2], f"W{ward + 1}") for n, both in enumerate(zip(labels, makers, strict=True))
            ]
    return found
