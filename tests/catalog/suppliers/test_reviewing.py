"""The hospital looks at what a supplier entered: as differences, with every doubt, and decides."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from tests.catalog.suppliers.trade import (
    NEW_DI,
    NEW_INSURANCE,
    OTHER_DI,
    OTHER_INSURANCE,
    REGISTRATION,
    Trade,
    bare_item,
)
from tests.reconcile.registers.releases import real_records
from tests.small_hospital import COTTON_DI, SYRINGE_BOX_DI, TODAY, approved_price
from tracer.access.rules import Role
from tracer.catalog.bindings import ProposedBinding, propose_bindings
from tracer.catalog.certificates.numbers import canonical_number
from tracer.catalog.certificates.waiting import approvable_certificates, waiting_certificates
from tracer.catalog.rules import CodeSystem, PriceKind
from tracer.catalog.suppliers.assigning import end_items
from tracer.catalog.suppliers.doubting import Look, doubts
from tracer.catalog.suppliers.errors import DecidedAlready, UnknownEntry, UnknownSupplier
from tracer.catalog.suppliers.reviewing import (
    Decided,
    Reviewed,
    approve_entries,
    approve_undisputed,
    count_open,
    open_entries,
    return_entries,
)
from tracer.catalog.suppliers.rules import Certified, Doubt, Field
from tracer.catalog.waiting import approvable, waiting_codes, waiting_prices
from tracer.shared.errors import Forbidden, Invalid

FINANCE, INSURER = Role.FINANCE, Role.INSURANCE_OFFICE


def review(trade: Trade, who: str = "north") -> dict[str, Reviewed]:
    found = open_entries(trade.session, trade.hospital.clock, trade.suppliers[who])
    return {one.field: one for one in found}


def approve_all(trade: Trade, role: Role = FINANCE, who: str = "north") -> Decided:
    return approve_undisputed(
        trade.session, trade.hospital.people[role], trade.hospital.clock, trade.suppliers[who]
    )


def in_force(trade: Trade, item: str) -> dict[str, str]:
    rows = trade.all(
        f"SELECT system, code FROM code_binding WHERE item_id = {trade.item(item)} AND status = 'approved'"
        f" UNION ALL SELECT kind, amount::text FROM price WHERE item_id = {trade.item(item)}"
        "  AND status = 'approved'"
        f" UNION ALL SELECT 'certificate', certificate FROM item WHERE id = {trade.item(item)}"
    )
    return dict(rows)


def test_what_is_missing_goes_in_by_two_people_and_the_price_by_three(trade: Trade) -> None:
    bare_item(trade, "wire", "WZ1")
    trade.enter("north", "wire", insurance=NEW_INSURANCE, udi=NEW_DI, price="12.50",
                certificate=REGISTRATION, valid_until="2029-12-31")  # fmt: skip
    assert approve_all(trade) == Decided(3, 1, ())
    assert in_force(trade, "wire") == {
        "material": "WZ1", "insurance": NEW_INSURANCE, "udi": NEW_DI, "certificate": REGISTRATION,
    }  # fmt: skip
    assert review(trade)[Field.PRICE].state == "half"
    assert approve_all(trade) == Decided(0, 0, ())  # one person is not two
    assert approve_all(trade, INSURER) == Decided(1, 0, ())
    assert in_force(trade, "wire")["purchase"] == "12.50"
    assert review(trade) == {}
    topics = trade.all("SELECT DISTINCT topic FROM event WHERE topic <> 'price.x' ORDER BY 1")
    assert {"binding.approved", "certificate.approved", "price.approved"} <= {topic for (topic,) in topics}


def test_an_entry_is_shown_beside_what_holds(trade: Trade) -> None:
    trade.enter("north", "stent", insurance=OTHER_INSURANCE)
    one = review(trade)[Field.INSURANCE]
    assert (one.now, one.value, one.doubts) == (
        "C02040100300003091540000010", OTHER_INSURANCE, (Doubt.REPLACES,),
    )  # fmt: skip
    assert (one.name, one.material, one.entered_by) == ("冠脉支架", "WZ000001", "NORTH")


def held(trade: Trade) -> None:
    trade.enter("north", "wire", udi=COTTON_DI)


def wanted(trade: Trade) -> None:
    trade.enter("north", "wire", udi=NEW_DI)
    trade.enter("south", "cotton", udi=NEW_DI)


def rivalled(trade: Trade) -> None:
    trade.enter("north", "wire", udi=NEW_DI)
    other = [ProposedBinding(item_id=trade.item("wire"), system=CodeSystem.UDI, code=OTHER_DI)]
    propose_bindings(trade.session, trade.buyer, trade.hospital.clock, other)


def packed(trade: Trade) -> None:
    trade.enter("north", "wire", udi=SYRINGE_BOX_DI)


def sold_no_more(trade: Trade) -> None:
    trade.enter("north", "wire", udi=NEW_DI)
    clock, item = trade.hospital.clock, trade.item("wire")
    end_items(trade.session, trade.buyer, clock, trade.suppliers["north"], [item])


def replacing(trade: Trade) -> None:
    trade.enter("north", "stent", udi=NEW_DI)


def ended(trade: Trade) -> None:
    trade.enter("north", "wire", certificate=REGISTRATION, valid_until=TODAY - timedelta(days=1))


def dearer(trade: Trade) -> None:
    trade.session.add(approved_price(
        trade.hospital, trade.item("wire"), PriceKind.PURCHASE, Decimal("9.00"), TODAY))  # fmt: skip
    trade.session.flush()
    trade.enter("north", "wire", price="9.01")


DISPUTED = {
    Doubt.HELD_ELSEWHERE: held,
    Doubt.WANTED_ELSEWHERE: wanted,
    Doubt.RIVAL: rivalled,
    Doubt.IS_PACKAGE: packed,
    Doubt.NOT_SOLD: sold_no_more,
    Doubt.REPLACES: replacing,
    Doubt.OVER_ALREADY: ended,
    Doubt.DEARER: dearer,
}


@pytest.mark.parametrize("doubt", DISPUTED)
def test_what_is_disputed_is_never_approved_with_all_others(trade: Trade, doubt: Doubt) -> None:
    bare_item(trade, "wire", "WZ1")
    DISPUTED[doubt](trade)
    assert [one.doubts for one in review(trade).values()] == [(doubt,)]
    waiting = trade.proposed()
    assert approve_all(trade) == Decided(0, 0, ())
    assert trade.proposed() == waiting


def test_what_a_supplier_entered_does_not_go_with_all_that_waits_elsewhere(trade: Trade) -> None:
    """The hospital's list of all proposals shows them, and approves them one by one only."""
    replacing(trade)
    trade.enter("north", "stent", price="1.00", certificate=REGISTRATION, valid_until="2029-12-31")
    other = [ProposedBinding(item_id=trade.item("cotton"), system=CodeSystem.ORDER, code="YZ9")]
    (ours,) = propose_bindings(trade.session, trade.buyer, trade.hospital.clock, other)
    finance = trade.hospital.people[FINANCE].id
    assert approvable(trade.session, "codes", finance) == [ours]
    assert approvable(trade.session, "prices", finance) == []
    assert approvable_certificates(trade.session, finance) == []
    shown = waiting_codes(trade.session, finance, TODAY), waiting_prices(trade.session, finance, TODAY)
    assert [(one.found, one.mine) for one in shown] == [(2, 1), (1, 1)]
    papers = waiting_certificates(trade.session, finance, TODAY)
    assert (papers.found, papers.mine) == (1, 1)


LOOK = Look(field=Field.INSURANCE, value=NEW_INSURANCE)
DAY = date(2026, 3, 10)


@pytest.mark.parametrize(
    ("look", "expected"),
    [
        (LOOK, ()),
        (Look(field=Field.INSURANCE, value=NEW_INSURANCE, register_insurance=[NEW_INSURANCE]), ()),
        (Look(field=Field.INSURANCE, value=NEW_INSURANCE, register_insurance=[NEW_INSURANCE[:20]]), ()),
        (
            Look(field=Field.INSURANCE, value=NEW_INSURANCE, register_insurance=[OTHER_INSURANCE]),
            (Doubt.REGISTER_DIFFERS,),
        ),
        (  # another of the same kind is another specification
            Look(field=Field.INSURANCE, value=NEW_INSURANCE, register_insurance=[NEW_INSURANCE[:-1] + "8"]),
            (Doubt.REGISTER_DIFFERS,),
        ),
        (  # the register speaks for the change
            Look(field=Field.INSURANCE, value="C1", now="C2", register_insurance=["C1"]),
            (),
        ),
        (
            Look(field=Field.UDI, value=NEW_DI, certificate="甲", register_certificates=["乙"]),
            (Doubt.REGISTER_DIFFERS,),
        ),
        (Look(field=Field.UDI, value=NEW_DI, is_withdrawn=True), (Doubt.WITHDRAWN_THERE,)),
        (
            Look(field=Field.CERTIFICATE, value=Certified("甲", DAY), now=Certified("甲", date(2025, 1, 1))),
            (),
        ),
        (Look(field=Field.CERTIFICATE, value=Certified("甲"), now=Certified("乙")), (Doubt.REPLACES,)),
        (
            Look(field=Field.CERTIFICATE, value=Certified("甲"), register_certificates=["乙"]),
            (Doubt.REGISTER_DIFFERS,),
        ),
        (Look(field=Field.PRICE, value=Decimal(2), now=Decimal(3), listed=Decimal(2)), ()),
        (Look(field=Field.PRICE, value=Decimal(3), listed=Decimal(2)), (Doubt.ABOVE_LISTED,)),
        (Look(field=Field.PRICE, value=Decimal(1), volume_based=Decimal(2)), (Doubt.NOT_VOLUME_BASED,)),
    ],
)
def test_doubts(look: Look, expected: tuple[Doubt, ...]) -> None:
    assert doubts(look, DAY) == expected


def test_a_page_looks_at_the_oldest_first_and_no_further(trade: Trade) -> None:
    trade.enter("north", "stent", udi=NEW_DI)
    trade.enter("north", "syringe", udi=OTHER_DI)
    clock, supplier = trade.hospital.clock, trade.suppliers["north"]
    assert [one.value for one in open_entries(trade.session, clock, supplier, most=1)] == [NEW_DI]
    assert count_open(trade.session, supplier) == 2


def test_what_is_returned_is_told_with_its_reason(trade: Trade) -> None:
    trade.enter("north", "stent", udi=NEW_DI)
    person, clock, supplier = trade.hospital.people[FINANCE], trade.hospital.clock, trade.suppliers["north"]
    (entry,) = [one.id for one in review(trade).values()]
    with pytest.raises(Invalid):
        return_entries(trade.session, person, clock, supplier, [entry], why=" ")
    assert return_entries(trade.session, person, clock, supplier, [entry], why="是盒装的标识") == 1
    assert trade.all("SELECT status, reason FROM code_binding WHERE code = '" + NEW_DI + "'") == [
        ("rejected", "是盒装的标识")
    ]
    for decide in (approve_entries, return_entries):
        with pytest.raises(DecidedAlready):
            decide(trade.session, person, clock, supplier, [entry], why="x")


def test_chosen_ones_pass_where_they_can_and_say_why_where_not(trade: Trade) -> None:
    bare_item(trade, "wire", "WZ1")
    trade.enter("north", "wire", udi=COTTON_DI, insurance=NEW_INSURANCE)
    ids = [one.id for one in review(trade).values()]
    person, clock = trade.hospital.people[FINANCE], trade.hospital.clock
    done = approve_entries(trade.session, person, clock, trade.suppliers["north"], ids)
    assert done.approved == 1 and [problem.code for problem in done.refused] == ["code_of_other"]
    assert done.refused[0].binding_id in ids
    assert in_force(trade, "wire")["insurance"] == NEW_INSURANCE


def test_one_suppliers_entries_are_not_decided_under_anothers_name(trade: Trade) -> None:
    trade.enter("north", "stent", udi=NEW_DI)
    (entry,) = [one.id for one in review(trade).values()]
    person, clock = trade.hospital.people[FINANCE], trade.hospital.clock
    with pytest.raises(UnknownEntry):
        approve_entries(trade.session, person, clock, trade.suppliers["south"], [entry])
    with pytest.raises(UnknownSupplier):
        approve_entries(trade.session, person, clock, 10**9, [entry])


@pytest.mark.parametrize("role", [Role.PROCUREMENT, Role.SUPPLIER, Role.NURSE, Role.AUDITOR])
def test_who_may_not_approve_decides_nothing(trade: Trade, role: Role) -> None:
    trade.enter("north", "stent", udi=NEW_DI)
    (entry,) = [one.id for one in review(trade).values()]
    person = trade.people["north"] if role is Role.SUPPLIER else trade.hospital.people[role]
    rest = (trade.session, person, trade.hospital.clock, trade.suppliers["north"])
    for attempt in (
        lambda: approve_entries(*rest, [entry]),
        lambda: approve_undisputed(*rest),
        lambda: return_entries(*rest, [entry], why="x"),
    ):
        with pytest.raises(Forbidden):
            attempt()


def test_the_register_stands_beside_the_entry(trade: Trade) -> None:
    """A real record of the national register: what it says is shown, and contradicting it is a doubt."""
    real = next(one for one in real_records() if one.get("ybbm") and len(one["zxxsdycpbs"]) == 14)
    di, number = real["zxxsdycpbs"], canonical_number(real["zczbhhzbapzbh"])
    trade.session.execute(
        text(
            "WITH r AS (INSERT INTO register_record (register, key, batch_id, product, version, correction,"
            " digest, di, withdrawn, said) VALUES ('nmpa', 'K', 1, 1, 1, 0, 1, :di, '', CAST(:said AS jsonb))"
            " RETURNING id)"
            " INSERT INTO register_code (code, kind, record_id) SELECT :di, 'sales_unit', id FROM r"
        ),
        {"di": di, "said": json.dumps({name: str(one) for name, one in real.items()})},
    )
    bare_item(trade, "wire", "WZ1")
    trade.enter("north", "wire", udi=di, insurance=OTHER_INSURANCE, certificate=number,
                valid_until="2029-12-31")  # fmt: skip
    shown = review(trade)
    assert real["cpmctymc"].strip() in shown[Field.UDI].register_says and shown[Field.UDI].doubts == ()
    assert real["ybbm"] in shown[Field.INSURANCE].register_says
    assert shown[Field.INSURANCE].doubts == (Doubt.REGISTER_DIFFERS,)
    assert shown[Field.CERTIFICATE].register_says == (number,) and shown[Field.CERTIFICATE].doubts == ()
    trade.enter("north", "wire", insurance=real["ybbm"])
    assert review(trade)[Field.INSURANCE].doubts == ()
