"""A certificate's way into force, what it says on a day, and what it stops at the door."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tests.small_hospital import STORE, SYRINGE_DI, TODAY, SmallHospital, build, new_key, udi
from tracer.access.rules import Actor, Role
from tracer.catalog.certificates.deciding import (
    CertificateReceipt,
    approve_certificates,
    reject_certificates,
)
from tracer.catalog.certificates.errors import CertificateEnded, UnknownCertificate
from tracer.catalog.certificates.proposing import ProposedCertificate, propose_certificates
from tracer.catalog.certificates.rules import Period, Standing, period_on, standing_on
from tracer.catalog.certificates.validity import covered_items
from tracer.catalog.coming_into_use import close_waiver, grant_waiver, open_waivers
from tracer.catalog.errors import ApprovalRefused
from tracer.catalog.rules import WaiverKind
from tracer.shared.errors import Forbidden, Invalid
from tracer.stock.receiving import ReceiptLine, Receive, receive

OLD, NEW = "国食药监械(准)字2010第3770123号", "国械注准20153771234"
YESTERDAY, YEAR = TODAY - timedelta(days=1), timedelta(days=365)


class Certificates:
    """The people of the workflow, in a line each."""

    def __init__(self, hospital: SmallHospital) -> None:
        self.hospital, self.session, self.clock = hospital, hospital.session, hospital.clock
        self.buyer = hospital.people[Role.PROCUREMENT]
        self.office = hospital.people[Role.INSURANCE_OFFICE]

    def propose(
        self, item: str | None, number: str, until: date | None, since: date | None = None, by=None
    ) -> int:
        wanted = ProposedCertificate(
            item_id=self.hospital.items[item] if item else None,
            number=number,
            valid_until=until,
            valid_from=since,
            source="注册证",
        )
        (made,) = propose_certificates(self.session, by or self.buyer, self.clock, [wanted])
        return made

    def approve(self, *ids: int, by: Actor | None = None, **more) -> CertificateReceipt:
        return approve_certificates(self.session, by or self.office, self.clock, ids, **more)

    def both(self, item: str | None, number: str, until: date | None, since: date | None = None):
        return self.approve(self.propose(item, number, until, since))

    def refused(self, *ids: int, by: Actor | None = None) -> list[str]:
        with pytest.raises(ApprovalRefused) as refusal, self.session.begin_nested():
            self.approve(*ids, by=by)
        assert refusal.value.message("zh") != refusal.value.message("en")
        return [problem.code for problem in refusal.value.problems]

    def bear(self, item: str, number: str) -> None:
        """As the founding files wrote it, before anybody looked at certificates."""
        values = {"item": self.hospital.items[item], "number": number}
        self.session.execute(text("UPDATE item SET certificate = :number WHERE id = :item"), values)

    def borne(self, item: str) -> str:
        return self.session.execute(
            text("SELECT certificate FROM item WHERE id = :item"), {"item": self.hospital.items[item]}
        ).scalar_one()

    def standing(self, item: str, on: date = TODAY) -> tuple[Standing, date | None]:
        id_ = self.hospital.items[item]
        one = covered_items(self.session, [id_], on)[id_]
        return one.standing, one.valid_until

    def told(self) -> list[tuple[int, str | None, str | None]]:
        rows = self.session.execute(
            text(
                "SELECT item_id, payload ->> 'valid_until', payload -> 'replaces' ->> 'number' FROM event"
                " WHERE topic = 'certificate.approved' ORDER BY id"
            )
        )
        return [tuple(row) for row in rows]

    def receive(self, material: str = "WZ000002") -> None:
        line = ReceiptLine(material=material, quantity=10, lot="L9", unit_cost=Decimal("1.85"))
        command = Receive(key=new_key(), location=STORE, supplier="SUP1", document="RK9", lines=(line,))
        with self.session.begin_nested():
            receive(self.session, self.hospital.keeper, command, self.clock)

    def waive(self, kind: WaiverKind, why: str = "该批 2025-11-02 生产，在有效期内") -> int:
        item = self.hospital.items["syringe"]
        return grant_waiver(
            self.session, self.office, self.clock, item_id=item, why=why, until=TODAY, kind=kind
        )


@pytest.fixture
def certificates(session: Session) -> Certificates:
    return Certificates(build(session))


def test_the_item_bears_the_number_when_another_person_has_approved_it(certificates: Certificates):
    certificates.bear("stent", "国食药监械（准）字2010第3770123号")
    made = certificates.propose("stent", NEW, TODAY + YEAR)
    assert certificates.propose("stent", f" {NEW}号", TODAY + YEAR) == made  # the same, written otherwise
    assert certificates.borne("stent") != NEW
    own = certificates.propose("cotton", NEW, None, by=certificates.office)
    assert certificates.refused(own) == ["own_proposal"]
    receipt = certificates.approve(made)
    assert receipt.approved == (made,) and receipt.items == (certificates.hospital.items["stent"],)
    assert certificates.borne("stent") == NEW
    assert certificates.standing("stent") == (Standing.VALID, TODAY + YEAR)
    (told,) = certificates.told()
    assert told == (
        certificates.hospital.items["stent"],
        str(TODAY + YEAR),
        "国食药监械（准）字2010第3770123号",
    )
    assert certificates.refused(made) == ["not_open"]


def test_a_renewal_counts_for_every_item_under_the_number_however_written(certificates: Certificates):
    certificates.bear("stent", NEW)
    certificates.bear("syringe", f"{NEW}号 ")
    certificates.bear("cotton", OLD)
    assert certificates.standing("syringe") == (Standing.UNKNOWN, None)
    certificates.both("stent", NEW, YESTERDAY)
    assert certificates.standing("syringe") == (Standing.ENDED, YESTERDAY)
    receipt = certificates.both(None, NEW, TODAY + 3 * YEAR, TODAY)
    both = tuple(sorted(certificates.hospital.items[one] for one in ("stent", "syringe")))
    assert receipt.items == both
    assert [item for item, _, _ in certificates.told()[2:]] == list(both)
    for item in ("stent", "syringe"):
        assert certificates.standing(item) == (Standing.VALID, TODAY + 3 * YEAR)
    assert certificates.standing("stent", YESTERDAY)[1] == YESTERDAY  # what held then still reads so
    assert certificates.standing("cotton") == (Standing.UNKNOWN, None)


def test_what_is_replaced_stays_and_one_item_has_one(certificates: Certificates):
    first, second = (certificates.both("stent", number, TODAY + YEAR).approved[0] for number in (OLD, NEW))
    rows = certificates.session.execute(
        text("SELECT id, status, ended_at FROM certificate ORDER BY id")
    ).all()
    assert [(row.id, row.status, row.ended_at is not None) for row in rows] == [
        (first, "replaced", True),
        (second, "approved", False),
    ]


def test_the_database_keeps_what_was_decided(certificates: Certificates):
    made = certificates.propose("stent", NEW, TODAY + YEAR)
    for change in (
        "UPDATE certificate SET status = 'approved', approver_id = proposer_id, decided_at = now()",
        "UPDATE certificate SET valid_until = '2099-12-31'",
        "DELETE FROM certificate",
    ):
        with pytest.raises(DBAPIError), certificates.session.begin_nested():
            certificates.session.execute(text(change))
    certificates.approve(made)
    for change in (
        "UPDATE certificate SET decided_at = now()",
        "UPDATE certificate SET status = 'proposed'",
        "TRUNCATE certificate",
    ):
        with pytest.raises(DBAPIError), certificates.session.begin_nested():
            certificates.session.execute(text(change))


def test_two_that_exclude_each_other_do_not_pass_together(certificates: Certificates):
    one, other = certificates.propose("stent", OLD, None), certificates.propose("stent", NEW, None)
    assert certificates.refused(one, other) == ["rival", "rival"]
    here, there = (
        certificates.propose("syringe", NEW, TODAY + YEAR),
        certificates.propose("cotton", NEW, TODAY + 2 * YEAR),
    )
    receipt = certificates.approve(one, here, there, skip_refused=True)
    assert receipt.approved == (one,) and [p.code for p in receipt.refused] == ["rival", "rival"]


def test_a_number_is_borne_only_from_its_first_day_on(certificates: Certificates):
    tomorrow = TODAY + timedelta(days=1)
    made = certificates.propose("stent", NEW, TODAY + YEAR, tomorrow)
    assert certificates.refused(made) == ["begins_on"]
    certificates.hospital.advance(days=1)
    assert certificates.approve(made).approved == (made,)
    # A renewal of the number it bears may be approved before it begins.
    renewed = certificates.propose("stent", NEW, TODAY + 3 * YEAR, TODAY + YEAR)
    assert certificates.approve(renewed).approved == (renewed,)
    assert certificates.standing("stent", TODAY + YEAR - timedelta(days=1))[1] == TODAY + YEAR


def test_who_may_and_what_cannot_be(certificates: Certificates):
    nurse = certificates.hospital.nurse
    with pytest.raises(Forbidden):
        certificates.propose("stent", NEW, None, by=nurse)
    made = certificates.propose("stent", NEW, None)
    with pytest.raises(Forbidden):
        certificates.approve(made, by=certificates.buyer)
    for number, until, since in (
        ("K123456", TODAY, None),
        (NEW, TODAY, TODAY + YEAR),
        (NEW, None, TODAY),
        (NEW, date(9999, 12, 31), None),
    ):
        with pytest.raises(Invalid):
            certificates.propose("stent", number, until, since)
    with pytest.raises(Invalid):
        certificates.propose(None, NEW, None)
    with pytest.raises(UnknownCertificate):
        certificates.approve(made + 1000)
    with pytest.raises(Invalid):
        reject_certificates(certificates.session, certificates.office, certificates.clock, [made], why=" ")
    done = reject_certificates(
        certificates.session, certificates.buyer, certificates.clock, [made], why="写错了"
    )
    assert done == 1 and certificates.refused(made) == ["not_open"]


def test_what_has_ended_is_not_received_unless_somebody_answers_for_it(certificates: Certificates):
    certificates.bear("syringe", OLD)
    certificates.receive()  # nobody has said how long it is valid: listed, not stopped
    certificates.both("syringe", OLD, TODAY)
    certificates.receive()  # its last day is a day on which it is valid
    certificates.both("syringe", OLD, YESTERDAY)
    with pytest.raises(CertificateEnded) as refusal:
        certificates.receive()
    assert refusal.value.data["until"] == str(YESTERDAY) and OLD in refusal.value.message("zh")
    certificates.waive(WaiverKind.UNSETTLED)
    with pytest.raises(CertificateEnded):
        certificates.receive()  # an exception for the codes is none for the certificate
    waiver = certificates.waive(WaiverKind.CERTIFICATE)
    certificates.receive()
    assert [one.ended for one in open_waivers(certificates.session, TODAY)] == [None, YESTERDAY]
    close_waiver(certificates.session, certificates.office, certificates.clock, waiver)
    with pytest.raises(CertificateEnded):
        certificates.receive()
    # The bedside never asks.
    assert certificates.hospital.scan(udi(SYRINGE_DI, lot="L1"))["outcome"] == "charged"


def test_a_filing_has_no_last_day(certificates: Certificates):
    certificates.both("cotton", "苏锡械备20180031号", None)
    assert certificates.standing("cotton") == (Standing.ENDLESS, None)


NEW_YEAR = date(2026, 1, 1)
DAYS = st.integers(0, 59).map(lambda n: NEW_YEAR + timedelta(days=n))


@given(
    st.lists(
        st.builds(lambda since, until: Period(since, max(until, since or until)), st.none() | DAYS, DAYS)
    )
)
def test_what_was_said_last_of_a_day_counts(said: list[Period]):
    """Against a calendar of sixty days, on which each statement writes over the days it speaks of."""
    calendar: list[Period | None] = [None] * 60
    for one in said:
        first = 0 if one.since is None else (one.since - NEW_YEAR).days
        calendar[first:] = [one] * (60 - first)
    for number, expected in enumerate(calendar):
        assert period_on(said, NEW_YEAR + timedelta(days=number)) == expected


@pytest.mark.parametrize(
    ("left", "standing"),
    [
        (-1, Standing.ENDED),
        (0, Standing.ENDS_IN_30),
        (30, Standing.ENDS_IN_30),
        (31, Standing.ENDS_IN_90),
        (90, Standing.ENDS_IN_90),
        (91, Standing.VALID),
    ],
)
def test_warned_thirty_and_ninety_days_before(left: int, standing: Standing):
    assert standing_on(Period(None, TODAY + timedelta(days=left)), TODAY) is standing
