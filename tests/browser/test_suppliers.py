"""A supplier enters what is missing, the hospital approves it, goods arrive, a nurse scans: one charge."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.browser.visitor import Visitor
from tests.browser.ward import Ward
from tests.small_hospital import new_key, udi
from tracer.access.queries import find_actor
from tracer.access.rules import Actor
from tracer.catalog.errors import NotSettled
from tracer.catalog.suppliers.assigning import add_supplier, assign_items, assign_person
from tracer.orders.placing import OrderedCode, PlaceOrder, place_order
from tracer.stock.receiving import ReceiptLine, Receive, receive

pytestmark = pytest.mark.browser

INSURANCE, DI, CERTIFICATE = "C02040100300003091540000077", "06901234567953", "国械注准20193130123"
PATIENT = "ZY20260391"
WORDS = {
    "zh": {
        "submit": "提交医院审核",
        "all": "批准全部无争议的",
        "upload": "上传并提交审核",
        "return": "退回所选",
    },
    "en": {
        "submit": "Submit to the hospital",
        "all": "undisputed",
        "upload": "Upload and submit",
        "return": "Reject selected",
    },
}


def actor(session: Session, role: str) -> Actor:
    found = find_actor(session, f"t-{role}")
    assert found is not None
    return found


def bring_in(hospital: Ward, material: str, name: str) -> int:
    """An item that cannot be received yet: no insurance code, no UDI, no purchase price. Its id."""
    with Session(hospital.engine) as session, session.begin():
        buyer, now = actor(session, "procurement"), hospital.clock.now()
        session.execute(
            text(
                "UPDATE person SET password_hash = f.password_hash FROM person f"
                " WHERE f.username = 't-finance' AND person.username IN ('t-supplier', 't-insurance_office')"
            )
        )
        supplier = session.execute(text("SELECT id FROM supplier WHERE code = 'S-N'")).scalar_one_or_none()
        if supplier is None:
            supplier = add_supplier(session, buyer, hospital.clock, code="S-N", name="北方商贸")
            person = actor(session, "supplier").id
            assign_person(session, buyer, hospital.clock, supplier, person)
        item = session.execute(
            text("INSERT INTO item (name, specification, base_unit, maker, created_at)"
                 " VALUES (:name, '0.035in × 150cm', '根', '优泰有限公司', :now) RETURNING id"),
            {"name": name, "now": now},
        ).scalar_one()  # fmt: skip
        people = {"by": buyer.id, "one": actor(session, "finance").id, "item": item, "now": now}
        people["other"] = actor(session, "insurance_office").id
        for system in ("material", "billing", "order"):
            code = {"material": material, "billing": f"B{material}", "order": f"O{material}"}[system]
            session.execute(
                text("INSERT INTO code_binding (item_id, system, code, valid_from, status, proposer_id,"
                     " approver_id, created_at) VALUES (:item, :system, :code, '2026-01-01', 'approved', :by,"
                     " :one, :now)"),
                people | {"system": system, "code": code},
            )  # fmt: skip
        session.execute(
            text("INSERT INTO price (item_id, kind, amount, valid_from, status, proposer_id,"
                 " first_approver_id, second_approver_id) VALUES (:item, 'charge', 268.5, '2026-01-01',"
                 " 'approved', :by, :one, :other)"),
            people,
        )  # fmt: skip
        assign_items(session, buyer, hospital.clock, supplier, [material])
    return int(item)


def deliver(hospital: Ward, material: str) -> None:
    with Session(hospital.engine) as session, session.begin():
        line = ReceiptLine(
            material=material, quantity=5, lot="W1", expiry=date(2028, 1, 31), unit_cost=Decimal("268.50")
        )
        delivery = Receive(
            key=new_key("rk"), location="CARD-W1", supplier="S-N", document="RK-N", lines=(line,)
        )
        receive(session, actor(session, "storekeeper"), delivery, hospital.clock)


def admit(hospital: Ward) -> None:
    with Session(hospital.engine) as session, session.begin():
        order = PlaceOrder(
            key=new_key("yz"), order_no="YZ-N", encounter=PATIENT, location="CARD-W1", patient_name="周敏",
            bed="21床", lines=(OrderedCode(order_code="OWZ800001", quantity=1),),
            ordered_at=hospital.clock.now(),
        )  # fmt: skip
        place_order(session, actor(session, "his"), order, hospital.clock)


def approve(visitor: Visitor, words: dict[str, str]) -> None:
    visitor.open("/suppliers")
    visitor.page.locator("tbody th a", has_text="北方商贸").click()
    visitor.page.get_by_role("button", name=words["all"]).click()
    visitor.page.wait_for_selector(".notice")


def test_from_the_suppliers_entry_to_the_charge(visit: Callable[..., Visitor], hospital: Ward) -> None:
    words, item = WORDS["zh"], bring_in(hospital, "WZ800001", "亲水导丝")
    with pytest.raises(NotSettled, match="insurance"):  # not settled: it cannot come in yet
        deliver(hospital, "WZ800001")
    seller = visit("supplier", phone=True)
    page = seller.page
    assert page.url.endswith("/supplier")
    seller.look("supplier-items")
    page.locator("tbody th a", has_text="亲水导丝").click()
    for field, value in (("insurance", INSURANCE), ("udi", DI), ("certificate", CERTIFICATE),
                         ("valid_until", "2029-12-31"), ("price", "268.50")):  # fmt: skip
        page.fill(f"[name={field}]", value)
    page.get_by_role("button", name=words["submit"]).click()
    page.wait_for_selector(".entries .waiting >> nth=3")
    seller.look("supplier-item")
    insurer = visit("insurance_office", phone=True)
    insurer.open("/suppliers")
    insurer.look("suppliers")
    insurer.page.locator("tbody th a", has_text="北方商贸").click()
    insurer.look("suppliers-review")
    approve(insurer, words)
    approve(visit("finance", phone=True), words)
    page.reload()
    page.wait_for_selector(".entries .approved >> nth=3")
    deliver(hospital, "WZ800001")
    admit(hospital)
    nurse = visit("nurse", phone=True)
    nurse.take(PATIENT)
    nurse.scan(udi(DI, lot="W1", expiry=date(2028, 1, 31)))
    nurse.page.wait_for_selector("#scan-result h2:has-text('亲水导丝')")
    nurse.result("charged")
    with hospital.engine.connect() as db:
        charges = db.execute(
            text("SELECT c.material, c.billing, c.order_code, c.insurance, c.udi, c.unit_price, c.quantity"
                 " FROM charge c WHERE c.item_id = :item"), {"item": item},
        ).all()  # fmt: skip
    codes = ("WZ800001", "BWZ800001", "OWZ800001", INSURANCE, DI)
    assert [tuple(one) for one in charges] == [(*codes, Decimal("268.50"), 1)]


@pytest.mark.parametrize(("phone", "language"), [(False, "zh"), (True, "en")])
def test_every_page_of_suppliers_fits(
    visit: Callable[..., Visitor], hospital: Ward, tmp_path: Path, phone: bool, language: str
) -> None:
    number = 10 + ("zh", "en").index(language) * 2 + phone
    words, material = WORDS[language], f"WZ8100{number}"
    bring_in(hospital, material, "亲水涂层超滑微导丝（加硬型）")
    seller = visit("supplier", phone=phone, language=language)
    page = seller.page
    good = f"C020401003000030915400000{number}"
    (tmp_path / "entries.csv").write_text(
        "物资编码,医保编码,UDI-DI,供货价\n"
        f"{material},{good},,\n{material},,6.90123E+12,-1\nNO-SUCH,,06901234567892,\nWZ-GONE,,,9.999\n",
        encoding="gb18030",
    )
    seller.open("/supplier/upload")
    page.set_input_files("[name=file]", tmp_path / "entries.csv")
    page.get_by_role("button", name=words["upload"]).click()
    page.wait_for_selector(".answers")
    seller.look("supplier-answers")
    seller.open("/supplier/upload")
    seller.look("supplier-upload")
    seller.open("/supplier")
    seller.look("supplier-items")
    officer = visit("finance", phone=phone, language=language)
    officer.open("/suppliers")
    officer.look("suppliers")
    officer.page.locator("tbody th a", has_text="北方商贸").click()
    officer.look("suppliers-review")
    officer.page.locator(f"tr:has-text('{good}') [name=id]").check()
    officer.page.fill("[name=why]", "编码与注册证不符 / not of this certificate")
    officer.page.get_by_role("button", name=words["return"]).click()
    officer.page.wait_for_selector(".notice")
    page.locator("tbody th a").first.click()
    page.wait_for_selector(".entries .returned")
    seller.look("supplier-item")
    seller.open("/supplier/entries")
    page.wait_for_selector("tbody :text('编码与注册证不符'):visible")
    seller.look("supplier-entries")
    buyer = visit("procurement", phone=phone, language=language)
    buyer.open("/suppliers")
    buyer.page.locator("tbody th a", has_text="北方商贸").click()
    for tab in ("items", "people"):
        buyer.page.locator(f".tabs a[href*='tab={tab}']").click()
        buyer.page.wait_for_selector(f".tabs a[href*='tab={tab}'][aria-current]")
        buyer.look(f"suppliers-{tab}")
