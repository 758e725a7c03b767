"""No chargeable item is received before it can be charged, unless somebody answers for it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.small_hospital import COTTON_DI, STORE, TODAY, SmallHospital, build, new_key, udi
from tracer.access.rules import Actor, Role
from tracer.catalog.bindings import ProposedBinding, approve_bindings, propose_bindings
from tracer.catalog.coming_into_use import close_waiver, grant_waiver, missing_of, open_waivers
from tracer.catalog.errors import NotSettled, UnknownWaiver, WaivedAlready
from tracer.catalog.pricing import ProposedPrice, approve_prices, propose_prices
from tracer.catalog.rules import CodeSystem, PriceKind
from tracer.shared.errors import Forbidden, Invalid
from tracer.stock.receiving import ReceiptLine, Receive, receive

LACKS = ("billing", "order", "insurance", "charge_price")
CODES = {
    CodeSystem.BILLING: "JF000003",
    CodeSystem.ORDER: "YZ000003",
    CodeSystem.INSURANCE: "C14010100200003091540000012",
}


class Store:
    def __init__(self, hospital: SmallHospital) -> None:
        self.hospital, self.session, self.clock = hospital, hospital.session, hospital.clock
        self.cotton = hospital.items["cotton"]
        self.office = hospital.people[Role.INSURANCE_OFFICE]

    def receive(self, material: str = "WZ000003") -> None:
        lines = (ReceiptLine(material=material, quantity=10, unit_cost=Decimal("0.05")),)
        command = Receive(key=new_key(), location=STORE, supplier="SUP1", document="RK9", lines=lines)
        with self.session.begin_nested():
            receive(self.session, self.hospital.keeper, command, self.clock)

    def waive(self, until: date = TODAY, why: str = "抢救急用", by: Actor | None = None) -> int:
        return grant_waiver(
            self.session, by or self.office, self.clock, item_id=self.cotton, why=why, until=until
        )


@pytest.fixture
def store(session: Session) -> Store:
    """The cotton is charged for from now on, and has neither billing code nor price."""
    hospital = build(session)
    session.execute(text("UPDATE item SET chargeable = true"))
    return Store(hospital)


def test_what_is_missing_is_said_in_words(store: Store):
    with pytest.raises(NotSettled) as refusal:
        store.receive()
    assert refusal.value.data["missing"] == ", ".join(LACKS)
    assert "尚缺：计费编码、医嘱编码、医保编码、收费价" in refusal.value.message("zh")
    assert "no billing code, order code, insurance code, charge price yet" in refusal.value.message("en")
    assert store.hospital.on_hand("cotton", STORE) == 100


def test_with_everything_approved_it_comes_in(store: Store):
    hospital, session, clock = store.hospital, store.session, store.clock
    buyer, finance = hospital.people[Role.PROCUREMENT], hospital.people[Role.FINANCE]
    wanted = [ProposedBinding(item_id=store.cotton, system=s, code=c) for s, c in CODES.items()]
    ids = propose_bindings(session, buyer, clock, wanted)
    price = ProposedPrice(item_id=store.cotton, kind=PriceKind.CHARGE, amount=Decimal("0.05"))
    prices = propose_prices(session, buyer, clock, [price])
    with pytest.raises(NotSettled):
        store.receive()  # proposed is not approved
    approve_bindings(session, store.office, clock, ids)
    approve_prices(session, finance, clock, prices)
    assert missing_of(session, [store.cotton], TODAY) == {store.cotton: ("charge_price",)}
    approve_prices(session, store.office, clock, prices)
    store.receive()
    assert store.hospital.on_hand("cotton", STORE) == 110


def test_what_is_not_charged_for_needs_none_of_it(store: Store):
    store.session.execute(text("UPDATE item SET chargeable = false WHERE id = :id"), {"id": store.cotton})
    store.receive()


def test_the_bedside_uses_what_is_in_hand(store: Store):
    answer = store.hospital.scan(udi(COTTON_DI))
    assert answer["outcome"] == "used"
    assert "no_price" in {one["code"] for one in answer["warnings"]}


class TestExceptions:
    def test_it_lets_the_item_in_through_its_last_day_and_no_longer(self, store: Store):
        store.waive(until=TODAY + timedelta(days=1))
        store.receive()
        store.hospital.advance(days=1)
        store.receive()
        store.hospital.advance(days=1)
        with pytest.raises(NotSettled):
            store.receive()

    def test_it_is_listed_until_it_is_closed_also_when_its_day_is_over(self, store: Store):
        made = store.waive(why="供货中断，临时替代")
        (listed,) = open_waivers(store.session, TODAY + timedelta(days=30))
        assert (listed.id, listed.name, listed.why) == (made, "医用棉球", "供货中断，临时替代")
        assert (listed.missing, listed.over, listed.granted_by) == (LACKS, True, store.office.name)
        close_waiver(store.session, store.office, store.clock, made)
        assert open_waivers(store.session, TODAY) == []
        with pytest.raises(NotSettled):
            store.receive()
        with pytest.raises(UnknownWaiver):
            close_waiver(store.session, store.office, store.clock, made)

    def test_who_why_and_until_when_are_asked_for_and_audited(self, store: Store):
        for role in (Role.PROCUREMENT, Role.STOREKEEPER, Role.NURSE):
            with pytest.raises(Forbidden):
                store.waive(by=store.hospital.people[role])
        for wrong in ({"why": " "}, {"until": TODAY - timedelta(days=1)}, {"until": date(2030, 1, 1)}):
            with pytest.raises(Invalid):
                store.waive(**wrong)
        made = store.waive()
        with pytest.raises(WaivedAlready):
            store.waive()
        entry = store.session.execute(
            text("SELECT person_id, why, after FROM audit_entry WHERE subject = 'waiver'")
        ).one()
        assert (entry.person_id, entry.why) == (store.office.id, "抢救急用")
        assert entry.after == {
            "item": store.cotton,
            "kind": "unsettled",
            "until": str(TODAY),
            "missing": list(LACKS),
        }
        assert made
