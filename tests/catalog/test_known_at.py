"""Whose code it was on a day, as known at an instant: what was answered then is answered for then."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tests.small_hospital import TODAY, SmallHospital, build
from tracer.access.rules import Role
from tracer.catalog.bindings import (
    ProposedBinding,
    approve_bindings,
    propose_bindings,
    reject_bindings,
    retire_bindings,
)
from tracer.catalog.errors import ApprovalRefused, CannotRetire
from tracer.catalog.queries import find_item_by_code
from tracer.catalog.rules import CodeSystem
from tracer.shared.errors import Invalid

ITEMS, CODES = ("stent", "syringe", "cotton"), ("JF000001", "JF000002", "JFX")
DAYS = [TODAY + timedelta(days=n) for n in range(-1, 12)]
SOME_ITEM, SOME_CODE = st.sampled_from(ITEMS), st.sampled_from(CODES)
LATER = st.integers(0, 5)
STEPS = st.one_of(
    st.tuples(st.just("propose"), SOME_ITEM, SOME_CODE, LATER, st.none() | st.integers(6, 9)),
    st.tuples(st.just("retire"), st.integers(0, 9), LATER),
    st.tuples(st.just("withdraw"), st.integers(0, 9)),
    st.tuples(st.just("wait"), st.integers(1, 2)),
)


@pytest.fixture
def ready(session: Session) -> SmallHospital:
    """One hospital for all examples; each undoes what it did."""
    return build(session)


def answered(hospital: SmallHospital, known_at: datetime | None = None) -> list[tuple]:
    """Who has each code on each day, from when until when."""
    told = []
    for code in CODES:
        for day in DAYS:
            card = find_item_by_code(hospital.session, CodeSystem.BILLING, code, day, known_at)
            told.append((code, day, card and (card.name, card.valid_from, card.valid_to, card.codes)))
    return told


def do(hospital: SmallHospital, step: tuple) -> None:
    session, clock, people = hospital.session, hospital.clock, hospital.people
    buyer, office = people[Role.PROCUREMENT], people[Role.INSURANCE_OFFICE]
    now = clock.now().date()
    match step:
        case ("wait", days):
            hospital.advance(days=days)
        case ("propose", item, code, later, end):
            wanted = ProposedBinding(
                item_id=hospital.items[item],
                system=CodeSystem.BILLING,
                code=code,
                valid_from=now + timedelta(days=later),
                valid_to=now + timedelta(days=end) if end else None,
                moves=True,
            )
            approve_bindings(
                session, office, clock, propose_bindings(session, buyer, clock, [wanted]), skip_refused=True
            )
        case (doing, place, *more):
            wanted_status = "valid_from <= :now" if doing == "retire" else "valid_from > :now"
            ids = (
                session.execute(
                    text(
                        "SELECT id FROM code_binding WHERE system = 'billing' AND status = 'approved'"
                        f" AND {wanted_status} ORDER BY id"
                    ),
                    {"now": now},
                )
                .scalars()
                .all()
            )
            if ids and doing == "retire":
                on = now + timedelta(days=more[0])
                retire_bindings(session, office, clock, [ids[place % len(ids)]], why="停用", on=on)
            elif ids:
                reject_bindings(session, office, clock, [ids[place % len(ids)]], why="撤回")


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEPS, min_size=1, max_size=6))
def test_what_was_answered_then_is_answered_for_then(ready: SmallHospital, steps: list[tuple]):
    began = ready.clock.now()
    with ready.session.begin_nested() as undone:
        seen = [(ready.clock.now(), answered(ready))]
        for step in steps:
            ready.advance(minutes=1)
            try:
                with ready.session.begin_nested():
                    do(ready, step)
            except (ApprovalRefused, CannotRetire, Invalid):
                continue
            seen.append((ready.clock.now(), answered(ready)))
        for instant, told in seen:
            assert answered(ready, instant) == told
        undone.rollback()
    ready.clock.move_to(began)


def test_nobody_rewrites_what_was_known(session: Session):
    hospital = build(session)
    do(hospital, ("propose", "cotton", "JF000001", 0, None))
    assert hospital.count("former_end") == 1  # the stent's end
    for change in ("UPDATE former_end SET until = now()", "DELETE FROM former_end", "TRUNCATE former_end"):
        with pytest.raises(DBAPIError, match="append-only"), session.begin_nested():
            session.execute(text(change))
