"""A code's way into force: proposed, approved by another, effective, retired; and what it never rewrites."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tests.catalog.test_one_to_one import race
from tests.small_hospital import SPRING, STENT_DI, SYRINGE_BOX_DI, TODAY, SmallHospital, build, udi
from tracer.access.rules import Actor, Role
from tracer.catalog.bindings import (
    ApprovalReceipt,
    ProposedBinding,
    approve_bindings,
    propose_bindings,
    reject_bindings,
    retire_bindings,
)
from tracer.catalog.errors import ApprovalRefused, CannotRetire, UnknownBinding
from tracer.catalog.queries import five_codes_of
from tracer.catalog.rules import CodeSystem
from tracer.db.transaction import constraint_of, in_transaction
from tracer.shared.errors import Forbidden, Invalid

TOMORROW = TODAY + timedelta(days=1)
MAY = date(2026, 5, 1)


@pytest.fixture
def hospital(session: Session) -> SmallHospital:
    return build(session)


class Codes:
    """The people of the workflow, in a line each."""

    def __init__(self, hospital: SmallHospital) -> None:
        self.hospital, self.session, self.clock = hospital, hospital.session, hospital.clock
        self.buyer = hospital.people[Role.PROCUREMENT]
        self.office = hospital.people[Role.INSURANCE_OFFICE]

    def propose(
        self,
        item: str,
        code: str,
        system: CodeSystem = CodeSystem.BILLING,
        *,
        by: Actor | None = None,
        **more,
    ) -> int:
        wanted = ProposedBinding(item_id=self.hospital.items[item], system=system, code=code, **more)
        (made,) = propose_bindings(self.session, by or self.buyer, self.clock, [wanted])
        return made

    def approve(self, *ids: int, by: Actor | None = None, **more) -> ApprovalReceipt:
        return approve_bindings(self.session, by or self.office, self.clock, ids, **more)

    def refused(self, *ids: int, by: Actor | None = None) -> list[str]:
        before = self.everything()
        with pytest.raises(ApprovalRefused) as refusal:
            self.approve(*ids, by=by)
        assert self.everything() == before
        assert refusal.value.message("zh") != refusal.value.message("en")
        return [problem.code for problem in refusal.value.problems]

    def billing(self, item: str, on: date = TODAY) -> str | None:
        return five_codes_of(self.session, self.hospital.items[item], on).billing

    def row(self, id_: int) -> dict:
        found = self.session.execute(text("SELECT * FROM code_binding WHERE id = :id"), {"id": id_})
        return dict(found.mappings().one())

    def everything(self) -> list[tuple]:
        return [
            tuple(row)
            for table in ("code_binding", "audit_entry", "event")
            for row in self.session.execute(text(f"SELECT * FROM {table} ORDER BY id"))
        ]

    def topics(self) -> list[tuple[str, str]]:
        found = self.session.execute(text("SELECT topic, payload->>'code' FROM event ORDER BY id"))
        return [tuple(row) for row in found]


@pytest.fixture
def codes(hospital: SmallHospital) -> Codes:
    return Codes(hospital)


def test_nothing_is_in_force_before_another_person_approves(codes: Codes):
    made = codes.propose("cotton", "JF9", source="信.xlsx:3")
    assert codes.billing("cotton") is None
    receipt = codes.approve(made)
    assert receipt == ApprovalReceipt(approved=(made,))
    assert codes.billing("cotton") == "JF9"
    row = codes.row(made)
    assert (row["proposer_id"], row["approver_id"]) == (codes.buyer.id, codes.office.id)
    assert (row["status"], row["source"], row["decided_at"]) == ("approved", "信.xlsx:3", codes.clock.now())
    assert codes.topics() == [("binding.approved", "JF9")]
    entries = codes.session.execute(
        text(
            "SELECT action, subject_id, person_id FROM audit_entry WHERE subject = 'code_binding' ORDER BY id"
        )
    ).all()
    assert [tuple(e) for e in entries] == [
        ("propose_code", str(made), codes.buyer.id),
        ("approve_code", str(made), codes.office.id),
    ]


def test_nobody_approves_what_they_proposed_whatever_their_roles(codes: Codes):
    admin = codes.hospital.people[Role.ADMIN]
    made = codes.propose("cotton", "JF9", by=admin)
    assert codes.refused(made, by=admin) == ["own_proposal"]


@pytest.mark.parametrize(
    ("role", "may_propose", "may_approve"),
    [
        (Role.PROCUREMENT, True, False),
        (Role.INSURANCE_OFFICE, True, True),
        (Role.FINANCE, False, True),
        (Role.NURSE, False, False),
        (Role.AUDITOR, False, False),
        (Role.SUPPLIER, False, False),
    ],
)
def test_who_may(codes: Codes, role: Role, may_propose: bool, may_approve: bool):
    made = codes.propose("cotton", "JF9", by=codes.hospital.people[Role.ADMIN])
    somebody = codes.hospital.people[role]
    for may, act in (
        (may_propose, lambda: codes.propose("cotton", "JF10", by=somebody)),
        (may_approve, lambda: codes.approve(made, by=somebody)),
    ):
        if may:
            act()
        else:
            with pytest.raises(Forbidden):
                act()


def test_a_code_approved_for_a_later_day_holds_from_that_day(codes: Codes):
    made = codes.propose("syringe", "JF9", valid_from=MAY)
    receipt = codes.approve(made)
    assert (codes.billing("syringe"), codes.billing("syringe", MAY)) == ("JF000002", "JF9")
    assert len(receipt.ended) == 1 and codes.row(receipt.ended[0])["status"] == "approved"
    assert codes.billing("syringe", MAY - timedelta(days=1)) == "JF000002"


def test_a_late_approval_begins_on_its_own_day(codes: Codes):
    made = codes.propose("cotton", "JF9", valid_from=SPRING)
    assert codes.approve(made).later == {made: TODAY}
    assert codes.billing("cotton", TODAY - timedelta(days=1)) is None


def test_a_code_changes_for_charges_to_come_and_for_none_that_was_made(codes: Codes):
    hospital = codes.hospital
    first = hospital.scan(udi(STENT_DI, lot="A1", serial="S1"))
    receipt = codes.approve(codes.propose("stent", "JF9"))
    (made,) = receipt.approved
    assert receipt.later == {made: TOMORROW}  # it was charged today already
    second = hospital.scan(udi(STENT_DI, lot="A1", serial="S2"))
    hospital.advance(days=1)
    third = hospital.scan(udi(STENT_DI, lot="A1", serial="S3"))
    charges = codes.session.execute(text("SELECT scan_id, billing FROM charge"))
    kept = {scan: billing for scan, billing in charges}
    assert [kept[one["scan"]] for one in (first, second, third)] == ["JF000001", "JF000001", "JF9"]


def test_the_database_lets_no_code_end_before_a_charge_that_carries_it(codes: Codes):
    codes.hospital.scan(udi(STENT_DI, lot="A1", serial="S1"))
    end = text("UPDATE code_binding SET valid_to = :day WHERE code = 'JF000001'")
    with pytest.raises(DBAPIError) as error, codes.session.begin_nested():
        codes.session.execute(end, {"day": TODAY})
    assert constraint_of(error.value) == "ck_code_binding_charged_since"
    codes.session.execute(end, {"day": TOMORROW})


class TestMoving:
    def test_a_code_of_another_item_is_refused_by_name(self, codes: Codes):
        made = codes.propose("cotton", "JF000002")
        with pytest.raises(ApprovalRefused, match="一次性注射器 10ml"):
            codes.approve(made)

    def test_it_moves_if_that_is_what_was_proposed(self, codes: Codes):
        made = codes.propose("cotton", "JF000002", moves=True, valid_from=MAY)
        receipt = codes.approve(made)
        before = MAY - timedelta(days=1)
        assert (codes.billing("syringe", before), codes.billing("cotton", before)) == ("JF000002", None)
        assert (codes.billing("syringe", MAY), codes.billing("cotton", MAY)) == (None, "JF000002")
        assert codes.topics() == [("binding.retired", "JF000002"), ("binding.approved", "JF000002")]
        assert len(receipt.ended) == 1

    def test_or_after_it_was_retired(self, codes: Codes):
        (old,) = codes.session.scalars(text("SELECT id FROM code_binding WHERE code = 'JF000002'"))
        assert retire_bindings(codes.session, codes.office, codes.clock, [old], why="停用") == {old: TODAY}
        codes.approve(codes.propose("cotton", "JF000002"))
        assert (codes.billing("cotton"), codes.billing("syringe")) == ("JF000002", None)
        assert codes.billing("syringe", TODAY - timedelta(days=1)) == "JF000002"


class TestRefusals:
    def test_all_or_none_and_every_reason(self, codes: Codes):
        good = codes.propose("cotton", "JF9")
        bad = codes.propose("stent", "JF000002")
        assert codes.refused(good, bad) == ["code_of_other"]
        receipt = codes.approve(good, bad, skip_refused=True)
        assert receipt.approved == (good,)
        assert [(p.binding_id, p.code) for p in receipt.refused] == [(bad, "code_of_other")]

    def test_of_two_that_exclude_each_other_neither_passes(self, codes: Codes):
        one, other = codes.propose("cotton", "JF9"), codes.propose("cotton", "JF10")
        third = codes.propose("stent", "JF9", system=CodeSystem.BILLING)
        assert codes.refused(one, other, third) == ["rival", "rival", "rival"]
        codes.approve(one)

    def test_what_was_decided_is_not_approved_again(self, codes: Codes):
        made = codes.propose("cotton", "JF9")
        codes.approve(made)
        assert codes.refused(made) == ["not_open"]

    def test_what_the_item_has_already(self, codes: Codes):
        assert codes.refused(codes.propose("stent", "JF000001")) == ["has_it_already"]

    def test_before_a_change_that_is_approved_for_later(self, codes: Codes):
        later = codes.propose("stent", "JF9", valid_from=MAY)
        codes.approve(later)
        made = codes.propose("stent", "JF10")
        assert codes.refused(made) == ["begins_later"]
        assert reject_bindings(codes.session, codes.office, codes.clock, [later], why="不用了") == 1
        codes.approve(made, skip_refused=True)

    def test_the_identifier_of_a_package_is_not_that_of_a_piece(self, codes: Codes):
        for item in ("stent", "syringe"):
            made = codes.propose(item, SYRINGE_BOX_DI, CodeSystem.UDI)
            assert codes.refused(made) == ["is_a_package"]

    def test_what_was_to_end_for_it_goes_on_when_it_is_withdrawn(self, codes: Codes):
        moved = codes.propose("stent", "JF000002", valid_from=MAY, moves=True)
        assert len(codes.approve(moved).ended) == 2  # the stent's own code, and the syringe's
        reject_bindings(codes.session, codes.office, codes.clock, [moved], why="不用了")
        assert (codes.billing("stent", MAY), codes.billing("syringe", MAY)) == ("JF000001", "JF000002")
        told = codes.session.execute(text("SELECT topic FROM event ORDER BY id")).scalars().all()
        assert told[-3:] == ["binding.withdrawn", "binding.approved", "binding.approved"]

    def test_what_was_ended_by_hand_stays_ended(self, codes: Codes):
        (held,) = codes.session.execute(text("SELECT id FROM code_binding WHERE code = 'JF000001'")).scalars()
        retire_bindings(codes.session, codes.office, codes.clock, [held], why="停用", on=MAY)
        codes.clock.advance(timedelta(minutes=1))
        later = codes.propose("stent", "JF9", valid_from=MAY)
        codes.approve(later)
        reject_bindings(codes.session, codes.office, codes.clock, [later], why="不用了")
        assert codes.billing("stent", MAY) is None

    def test_unknown(self, codes: Codes):
        with pytest.raises(UnknownBinding):
            codes.approve(10**9)

    @pytest.mark.parametrize(
        ("system", "code"),
        [
            (CodeSystem.INSURANCE, "C0204010030000309154000001O"),
            (CodeSystem.INSURANCE, "C123"),
            (CodeSystem.UDI, "06901234567893"),
            (CodeSystem.BILLING, " JF9"),
            (CodeSystem.BILLING, ""),
            (CodeSystem.BILLING, "J\x00"),
            (CodeSystem.BILLING, "J" * 101),
        ],
    )
    def test_what_cannot_be_a_code(self, codes: Codes, system: CodeSystem, code: str):
        with pytest.raises(Invalid):
            codes.propose("cotton", code, system)


def test_the_same_proposal_twice_is_one(codes: Codes):
    made = codes.propose("cotton", "JF9")
    assert codes.propose("cotton", "JF9", by=codes.office) == made
    assert codes.propose("cotton", "JF10") != made


class TestRejecting:
    def test_needs_a_reason_and_is_final(self, codes: Codes):
        made = codes.propose("cotton", "JF9")
        with pytest.raises(Invalid):
            reject_bindings(codes.session, codes.office, codes.clock, [made], why=" ")
        reject_bindings(codes.session, codes.office, codes.clock, [made], why="规格不符")
        row = codes.row(made)
        assert (row["status"], row["reason"], row["approver_id"]) == ("rejected", "规格不符", codes.office.id)
        assert codes.refused(made) == ["not_open"]

    def test_who_proposed_may_take_it_back(self, codes: Codes):
        made = codes.propose("cotton", "JF9")
        reject_bindings(codes.session, codes.buyer, codes.clock, [made], why="填错")
        with pytest.raises(Forbidden):
            reject_bindings(
                codes.session,
                codes.buyer,
                codes.clock,
                [codes.propose("cotton", "JF9", by=codes.office)],
                why="x",
            )

    def test_what_is_in_force_is_not_rejected(self, codes: Codes):
        made = codes.propose("cotton", "JF9")
        codes.approve(made)
        with pytest.raises(ApprovalRefused):
            reject_bindings(codes.session, codes.office, codes.clock, [made], why="x")


class TestRetiring:
    def test_a_code_charged_today_ends_tomorrow(self, codes: Codes):
        codes.hospital.scan(udi(STENT_DI, lot="A1", serial="S1"))
        (old,) = codes.session.scalars(text("SELECT id FROM code_binding WHERE code = 'JF000001'"))
        ends = retire_bindings(codes.session, codes.office, codes.clock, [old], why="停用")
        assert ends == {old: TOMORROW}
        assert codes.row(old)["status"] == "approved"

    def test_not_into_the_past_not_twice_and_not_without_a_reason(self, codes: Codes):
        (old,) = codes.session.scalars(text("SELECT id FROM code_binding WHERE code = 'JF000001'"))

        def retire(**more) -> None:
            retire_bindings(codes.session, codes.office, codes.clock, [old], **{"why": "停用"} | more)

        for wrong in ({"on": TODAY - timedelta(days=1)}, {"why": ""}):
            with pytest.raises(Invalid):
                retire(**wrong)
        retire()
        with pytest.raises(CannotRetire):
            retire()


DIRECT = {
    "approved by nobody": "INSERT {new} VALUES ({cotton}, 'billing', 'X', '2026-01-01', 'approved', 1, NULL)",
    "proposed by nobody": "INSERT {new} VALUES ({cotton}, 'billing', 'X', '2026-01-01', 'approved', NULL, 1)",
    "by one person": "INSERT {new} VALUES ({cotton}, 'billing', 'X', '2026-01-01', 'approved', 1, 1)",
    "a proposal, by its proposer": "UPDATE code_binding SET status = 'approved', approver_id = proposer_id"
    " WHERE id = {proposal}",
    "a proposal, by nobody": "UPDATE code_binding SET status = 'approved' WHERE id = {proposal}",
    "another code": "UPDATE code_binding SET code = 'X' WHERE code = 'JF000001'",
    "another item": "UPDATE code_binding SET item_id = {cotton} WHERE code = 'JF000001'",
    "another day": "UPDATE code_binding SET valid_from = '2025-01-01' WHERE code = 'JF000001'",
    "another approver": "UPDATE code_binding SET approver_id = 1 WHERE code = 'JF000001'",
    "back to a proposal": "UPDATE code_binding SET status = 'proposed' WHERE code = 'JF000001'",
    "never was": "UPDATE code_binding SET status = 'rejected', ended_at = now() WHERE code = 'JF000001'",
    "come back": "UPDATE code_binding SET status = 'approved', valid_to = NULL WHERE status = 'retired'",
    "a longer life": "UPDATE code_binding SET valid_to = '2026-12-31' WHERE status = 'retired'",
    "after its rejection": "UPDATE code_binding SET status = 'proposed' WHERE status = 'rejected'",
    "deleted": "DELETE FROM code_binding WHERE status = 'retired'",
    "a proposal deleted": "DELETE FROM code_binding WHERE id = {proposal}",
    "all of it": "TRUNCATE code_binding CASCADE",
    "taken over too late": "INSERT INTO code_binding (item_id, system, code, valid_from, status, taken_over,"
    " created_at) VALUES ({cotton}, 'billing', 'X', '2026-01-01', 'approved', true, now())",
}


@pytest.mark.parametrize("statement", DIRECT.values(), ids=DIRECT)
def test_the_database_refuses_direct_attempts(codes: Codes, statement: str):
    proposal = codes.propose("cotton", "JF9")
    reject_bindings(codes.session, codes.office, codes.clock, [codes.propose("cotton", "JF8")], why="x")
    (old,) = codes.session.scalars(text("SELECT id FROM code_binding WHERE code = 'YZ000002'"))
    retire_bindings(codes.session, codes.office, codes.clock, [old], why="x")
    before = codes.everything()
    new = (
        "INTO code_binding (item_id, system, code, valid_from, status, proposer_id, approver_id, created_at)"
    )
    sent = statement.format(new=new, cotton=codes.hospital.items["cotton"], proposal=proposal)
    if sent.startswith("INSERT") and "taken_over" not in sent:
        sent = sent.removesuffix(")") + ", now())"
    guards = r"two_people|decided|append-only|before the first"
    with pytest.raises(DBAPIError, match=guards), codes.session.begin_nested():
        codes.session.execute(text(sent))
    assert codes.everything() == before


def test_of_two_who_approve_one_code_for_two_items_at_once_one_is_told(fresh_database: Engine):
    with Session(fresh_database) as session, session.begin():
        hospital = build(session)
        codes = Codes(hospital)
        ids = [codes.propose(item, "JF9") for item in ("cotton", "stent", "syringe")]

    def approving(id_: int) -> Callable[[], object]:
        office, clock = hospital.people[Role.INSURANCE_OFFICE], hospital.clock
        return lambda: in_transaction(
            fresh_database, lambda session: approve_bindings(session, office, clock, [id_])
        )

    results = race(*map(approving, ids))
    assert sum(isinstance(result, ApprovalReceipt) for result in results) == 1
    refused = [result for result in results if isinstance(result, ApprovalRefused)]
    assert [one.problems[0].code for one in refused] == ["code_of_other", "code_of_other"]


def test_one_proposal_approved_by_two_at_once_is_approved_once(fresh_database: Engine):
    with Session(fresh_database) as session, session.begin():
        hospital = build(session)
        made = Codes(hospital).propose("cotton", "JF9")

    def approving(role: Role) -> Callable[[], object]:
        actor = hospital.people[role]
        return lambda: in_transaction(
            fresh_database, lambda session: approve_bindings(session, actor, hospital.clock, [made])
        )

    results = race(approving(Role.INSURANCE_OFFICE), approving(Role.FINANCE))
    assert sum(isinstance(result, ApprovalReceipt) for result in results) == 1
    with fresh_database.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM event")).scalar_one() == 1
