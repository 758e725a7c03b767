"""Once somebody approves codes here, a file is a proposal, unless it names who has approved it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from tests.catalog.office import TODAY, Office, stent, syringe
from tracer.access.rules import Actor, Grant, Role
from tracer.catalog.bindings import approve_bindings
from tracer.catalog.codes_file.rows import Sheet
from tracer.catalog.importing_codes import approved_by, import_codes
from tracer.catalog.pricing import approve_prices
from tracer.shared.errors import Invalid

ROLES = {"buyer": Role.PROCUREMENT, "office": Role.INSURANCE_OFFICE, "money": Role.FINANCE}


@pytest.fixture
def people(session) -> dict[str, Actor]:
    made = {}
    for name, role in ROLES.items():
        insert = text("INSERT INTO person (username, name, created_at) VALUES (:n, :n, now()) RETURNING id")
        id_ = session.execute(insert, {"n": name}).scalar_one()
        grant = text("INSERT INTO role_grant (person_id, role, scope) VALUES (:id, :role, '/')")
        session.execute(grant, {"id": id_, "role": role})
        made[name] = Actor(id_, name, name, (Grant(role),))
    return made


@pytest.fixture
def running(session, office: Office, people) -> Office:
    """The stent was founded; then the first code was approved by people here."""
    office.imports(stent())
    signed = approved_by(session, "buyer", "office", "money")
    sheet = Sheet.of_records([{"物资编码": "WZ9", "名称": "镊子"}])
    import_codes(session, office.actor, sheet, source="first.csv", clock=office.clock, approved=signed)
    return office


def proposals(office: Office) -> list[tuple]:
    return office.all(
        "SELECT system, code, valid_from, moves FROM code_binding WHERE status = 'proposed' ORDER BY 1, 2"
    )


def approve_all(office: Office, people: dict[str, Actor]) -> None:
    codes = [id_ for (id_,) in office.all("SELECT id FROM code_binding WHERE status = 'proposed'")]
    approve_bindings(office.session, people["office"], office.clock, codes)
    prices = [id_ for (id_,) in office.all("SELECT id FROM price WHERE status = 'proposed'")]
    for name in ("office", "money"):
        approve_prices(office.session, people[name], office.clock, prices)


def test_a_new_item_waits_with_its_codes_and_prices(running: Office, people):
    receipt = running.imports(syringe(收费价="0.80"))
    assert (receipt.proposed, receipt.items_new, receipt.bindings_new, receipt.prices_new) == (True, 1, 3, 1)
    assert [(system, code) for system, code, *_ in proposals(running)] == [
        ("billing", "J2"),
        ("material", "WZ2"),
        ("udi", "06901234567908"),
    ]
    approve_all(running, people)
    assert running.bindings("billing")[-1] == ("J2", TODAY, None, "approved")
    assert running.all("SELECT status, amount FROM price ORDER BY id DESC LIMIT 1") == [
        ("approved", Decimal("0.80"))
    ]


def test_the_same_file_again_proposes_nothing_twice_today_or_tomorrow(running: Office, people):
    running.imports(syringe(收费价="0.80"))
    before = running.everything()
    for _ in range(2):
        receipt = running.imports(syringe(收费价="0.80"))
        assert not receipt.is_change
        assert (receipt.bindings_unchanged, receipt.prices_unchanged) == (3, 1)
        running.clock.advance(timedelta(days=1))
    assert running.everything() == before
    approve_all(running, people)
    assert not running.imports(syringe(收费价="0.80")).is_change


def test_a_change_takes_over_when_it_is_approved_and_not_before(running: Office, people):
    change = date(2026, 4, 1)
    receipt = running.imports(stent(计费编码="J9", 生效日期="2026-04-01"))
    assert (receipt.bindings_new, receipt.bindings_ended) == (1, 0)
    assert running.bindings("billing") == [
        ("J1", date(2026, 1, 1), None, "approved"),
        ("J9", change, None, "proposed"),
    ]
    approve_all(running, people)
    assert running.bindings("billing") == [
        ("J1", date(2026, 1, 1), change, "approved"),
        ("J9", change, None, "approved"),
    ]


def test_codes_that_a_file_swaps_are_swapped_by_the_approval(running: Office, people):
    running.imports(syringe())
    approve_all(running, people)
    later = {"生效日期": "2026-04-01"}
    running.imports(stent(计费编码="J2", **later), syringe(计费编码="J1", **later))
    assert [row[3] for row in proposals(running)] == [True, True]
    approve_all(running, people)
    assert [(code, since) for code, since, *_ in running.bindings("billing")][-2:] == [
        ("J1", date(2026, 4, 1)),
        ("J2", date(2026, 4, 1)),
    ]


def test_an_end_without_a_successor_is_left_to_a_person_and_said(running: Office):
    receipt = running.imports(stent(失效日期="2026-12-31"))
    assert {remark.code for remark in receipt.remarks} == {"end_left_to_a_person"}
    assert running.bindings("billing") == [("J1", date(2026, 1, 1), None, "approved")]


def test_attributes_need_no_approval(running: Office):
    receipt = running.imports(stent(型号="X"))
    assert (receipt.items_changed, receipt.bindings_new) == (1, 0)
    assert running.all("SELECT model FROM item WHERE name = '冠脉支架'") == [("X",)]


def test_with_the_names_of_who_approved_it_is_in_force_at_once(session, running: Office, people):
    signed = approved_by(session, "buyer", "office", "money")
    sheet = Sheet.of_records([syringe(收费价="0.80")])
    receipt = import_codes(
        session, running.actor, sheet, source="signed.csv", clock=running.clock, approved=signed
    )
    assert not receipt.proposed
    ids = tuple(people[name].id for name in ROLES)
    assert running.all(
        "SELECT DISTINCT status, proposer_id, approver_id FROM code_binding WHERE source = 'signed.csv'"
    ) == [("approved", *ids[:2])]
    assert running.all(
        "SELECT proposer_id, first_approver_id, second_approver_id FROM price WHERE source = 'signed.csv'"
    ) == [ids]


@pytest.mark.parametrize(
    "names",
    [
        ("buyer", "buyer", "money"),
        ("buyer", "office", "office"),
        ("office", "buyer", "money"),
        ("buyer", "money", "nobody"),
        ("buyer", "operator", "operator"),
    ],
)
def test_names_that_cannot_stand_for_it(session, people, names):
    with pytest.raises(Invalid):
        approved_by(session, *names)


def test_another_certificate_waits_for_approval_too(running: Office):
    number = "国械注准20153771234"
    receipt = running.imports(stent(注册证号=f"{number}号"))
    assert (receipt.certificates_new, receipt.items_changed) == (1, 0)
    assert running.all("SELECT certificate FROM item WHERE name = '冠脉支架'") == [("",)]
    assert running.all("SELECT number, status FROM certificate") == [(number, "proposed")]
    assert not running.imports(stent(注册证号=number)).is_change
    receipt = running.imports(stent(注册证号="K123456"))
    assert [remark.code for remark in receipt.remarks] == ["certificate_unreadable"]
    assert running.all("SELECT certificate FROM item WHERE name = '冠脉支架'") == [("",)]
