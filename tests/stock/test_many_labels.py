"""The list of labels when many pieces were received, and most of them printed."""

from __future__ import annotations

from sqlalchemy import text

from tests.small_hospital import SmallHospital
from tracer.stock.pieces import NEWEST, list_batches
from tracer.stock.places import list_places

PIECES, PRINTED = 9_000, 6_000


def test_many_pieces_are_listed_and_found(hospital: SmallHospital):
    _many_pieces(hospital)
    session, keeper, clock = hospital.session, hospital.keeper, hospital.clock
    places = list_places(session, keeper, "receive")
    for search in ("", "多件 支架", "TR000000999996", "ML7", "RK1"):
        found = list_batches(session, places, zone=clock.zone, today=clock.now().date(), search=search)
        assert bool(found.batches) is (search != "TR000000999996"), search
    newest = list_batches(session, places, zone=clock.zone, today=clock.now().date())
    assert sum(batch.pieces for batch in newest.batches) == NEWEST
    assert sum(batch.unprinted for batch in newest.batches) == 0


def _many_pieces(hospital: SmallHospital) -> None:
    session = hospital.session
    values = {"pieces": PIECES, "printed": PRINTED, "person": hospital.keeper.id}
    for statement in (
        # Undone with the rest of the test; neither balances nor hash chains are what is measured here.
        "ALTER TABLE movement DISABLE TRIGGER USER",
        "ALTER TABLE audit_entry DISABLE TRIGGER USER",
        "INSERT INTO item (name, tracking, created_at)"
        " SELECT '多件 支架 ' || n, 'SERIAL', now() FROM generate_series(1, 100) n",
        "INSERT INTO unit (item_id, label, lot, created_at)"
        " SELECT i.id, 'MANY' || n, 'ML' || n % 8, now() FROM generate_series(1, :pieces) n"
        "   JOIN item i ON i.name = '多件 支架 ' || (1 + n / 1000 % 100)",
        "INSERT INTO movement (origin_id, target_id, item_id, lot, unit_id, unit_step, quantity, kind,"
        "  occurred_at, recorded_at, business_date, document, person_id)"
        " SELECT 1, l.id, u.item_id, u.lot, u.id, 1, 1, 'receipt', now(), now(), now()::date, '', :person"
        "   FROM unit u JOIN location l ON l.code = 'STORE' WHERE u.label LIKE 'MANY%'",
        "INSERT INTO audit_entry (at, person_id, action, subject, subject_id, lane, step)"
        " SELECT now(), :person, 'print_label', 'unit', u.label, 1, 1000000 + row_number() OVER ()"
        "   FROM (SELECT label FROM unit ORDER BY id DESC LIMIT :printed) u",
        "ALTER TABLE movement ENABLE TRIGGER USER",
        "ALTER TABLE audit_entry ENABLE TRIGGER USER",
        "ANALYZE item, unit, movement, audit_entry",
    ):
        wanted = {name: value for name, value in values.items() if f":{name}" in statement}
        session.execute(text(statement), wanted)
