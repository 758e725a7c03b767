"""`tracer check` finds what is broken. Each breach is planted behind the guards' backs."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from tests.small_hospital import STENT_DI, SYRINGE_DI, TODAY, SmallHospital, new_key, udi
from tracer.charging.reversing import ReverseScan, reverse_scan
from tracer.closing.closing_days import close_day
from tracer.closing.invariants import CHECKS, check_invariants
from tracer.orders.placing import OrderedCode, PlaceOrder, place_order


@pytest.fixture
def busy(hospital: SmallHospital) -> SmallHospital:
    """A day with an order, uses, an undo and a refusal, closed; and the day after."""
    place_order(
        hospital.session,
        hospital.people["his"],
        PlaceOrder(
            key=new_key(),
            order_no="O1",
            encounter="E1",
            location="CARD-W1",
            lines=(OrderedCode(order_code="YZB001"),),
        ),
        hospital.clock,
    )
    used = hospital.scan(udi(STENT_DI, lot="A1", serial="S1"))
    hospital.scan(udi(STENT_DI, lot="A1", serial="S2"))
    hospital.scan(udi(STENT_DI, lot="A1", serial="S2"))
    hospital.scan(udi(SYRINGE_DI, lot="L1"), quantity=2)
    hospital.scan("nonsense")
    reverse_scan(
        hospital.session, hospital.nurse, ReverseScan(key=new_key(), scan=used["scan"]), hospital.clock
    )
    close_day(hospital.session, hospital.people["finance"], TODAY, hospital.clock)
    hospital.advance(days=1)
    hospital.scan(udi(SYRINGE_DI, lot="L1"))
    return hospital


def test_all_hold_after_real_work(busy: SmallHospital) -> None:
    assert check_invariants(busy.session) == []


PLANTED = {
    "I1": "UPDATE request_key SET answer = '{}' || jsonb_build_object('scan', 0) WHERE operation = 'scan'",
    "I2": "UPDATE scan SET outcome = 'used' WHERE outcome = 'charged'",
    "I3": "DELETE FROM charge WHERE reverses_id IS NULL AND source = 'scan' AND item_id = :syringe",
    "I4": "UPDATE movement SET unit_step = unit_step + 10 WHERE unit_id IS NOT NULL AND kind = 'use'",
    "I5": "UPDATE balance SET quantity = quantity + 1 WHERE item_id = :syringe",
    "I6": "UPDATE order_line SET used = used + 1",
    "I7": "UPDATE audit_entry SET why = 'changed' WHERE id = (SELECT min(id) FROM audit_entry)",
    "I8": "UPDATE day_row SET opening = opening + 1, book_closing = book_closing + 1",
    "I9": "UPDATE movement SET lot = 'other' WHERE kind = 'use_reversal'",
    "I10": "UPDATE charge SET billing = 'JF999999'",
    "I11": "UPDATE day_row SET status = 'BREACH'",
}


@pytest.mark.parametrize("invariant", PLANTED)
def test_a_planted_breach_is_found(busy: SmallHospital, invariant: str) -> None:
    # The triggers that refuse such changes stand aside, as they would for whoever owns the database.
    busy.session.execute(text("SET LOCAL session_replication_role = replica"))
    busy.session.execute(text("ALTER TABLE charge DISABLE TRIGGER ALL"))
    planted = text(PLANTED[invariant])
    wanted = {"syringe": busy.items["syringe"]} if "syringe" in planted.compile().params else {}
    busy.session.execute(planted, wanted)
    assert invariant in {finding.invariant for finding in check_invariants(busy.session)}


def test_every_invariant_has_a_planted_breach() -> None:
    assert {check.invariant for check in CHECKS} == set(PLANTED)
