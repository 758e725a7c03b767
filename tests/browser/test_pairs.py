"""A pack with two HIBC symbols on the scan page: either first, offline, of another pack, or only one."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from scanners.hibc import check_character
from tests.browser.visitor import Visitor
from tests.browser.ward import NOW
from tests.small_hospital import SPRING
from tracer.catalog.rules import BindingStatus, CodeSystem, PriceKind, PriceStatus, Tracking
from tracer.catalog.tables import CodeBinding, Item, Price

pytestmark = pytest.mark.browser

CHARGES = "SELECT count(*) FROM charge WHERE lot = :lot AND quantity > 0"
SCANS = "SELECT count(*) FROM scan WHERE position(CAST(:part AS bytea) IN raw) > 0"
PATIENT = "ZY20260304"


def with_check(body: str) -> str:
    return body + check_character(body)


FIRST = with_check("+H123CATHETER1")
OTHER = with_check("+H123GUIDEWIRE1")


def second(lot: str, of: str = FIRST) -> str:
    return with_check(f"+$$3281130{lot}{of[-1]}")


@pytest.fixture(scope="module", autouse=True)
def catheter(hospital) -> None:
    """An article that is known by its HIBC code only."""
    with Session(hospital.engine) as session, session.begin():
        if session.scalar(text("SELECT count(*) FROM code_binding WHERE code = 'H123CATHETER1'")):
            return
        item = Item(name="造影导管 5F", specification="100cm", tracking=Tracking.LOT, created_at=NOW)
        session.add(item)
        session.flush()
        for system, code in ((CodeSystem.MATERIAL, "WZHIBC0001"), (CodeSystem.UDI, FIRST[1:-1])):
            session.add(
                CodeBinding(
                    item_id=item.id,
                    system=system,
                    code=code,
                    valid_from=SPRING,
                    status=BindingStatus.APPROVED,
                    created_at=NOW,
                    **by(session, "proposer_id", "approver_id"),
                )
            )
        price = {"kind": PriceKind.CHARGE, "amount": Decimal("268.00"), "valid_from": SPRING}
        signed = by(session, "proposer_id", "first_approver_id", "second_approver_id")
        session.add(Price(item_id=item.id, status=PriceStatus.APPROVED, **price, **signed))


def by(session: Session, *who: str) -> dict[str, int]:
    """One person for each, and each another."""
    return dict(zip(who, session.scalars(text("SELECT id FROM person ORDER BY id")), strict=False))


def rows(nurse: Visitor) -> list[str | None]:
    return [one.get_attribute("data-state") for one in nurse.page.locator(".row-scan").all()]


def test_the_first_then_the_second_are_one_piece(nurse: Visitor):
    nurse.take(PATIENT)
    nurse.scan(FIRST)
    asked = nurse.result("needs_choice").inner_text()
    assert "第二个条码" in asked and "只有一个条码：1 个" in asked
    assert nurse.page.evaluate("window.sounds.at(-1)") == "read"
    nurse.scan(second("PA1"))
    card = nurse.result("charged").inner_text()
    assert "造影导管" in card and "PA1" in card and "2028-11-30" in card
    assert rows(nurse)[:2] == ["charged", "paired"]
    assert nurse.hospital.count(CHARGES, lot="PA1") == 1
    nurse.page.locator(".row-scan[data-state=paired] .show").first.click()
    paired = nurse.result("paired")
    assert "已合为一件" in paired.inner_text() and paired.locator("footer button").count() == 0


def test_the_second_then_the_first_are_one_piece(nurse: Visitor):
    nurse.take(PATIENT)
    nurse.scan(second("PA2"))
    assert "第一个条码" in nurse.result("half").inner_text()
    nurse.scan(FIRST)
    assert "PA2" in nurse.result("charged").inner_text()
    assert rows(nurse)[:2] == ["charged", "paired"]
    assert nurse.hospital.count(CHARGES, lot="PA2") == 1
    nurse.page.reload()
    nurse.page.wait_for_selector(".row-scan")
    assert rows(nurse)[:2] == ["charged", "paired"]


@pytest.mark.parametrize("turned", [False, True])
def test_a_pair_scanned_offline_is_sent_as_it_was_scanned_and_booked_once(nurse: Visitor, turned: bool):
    lot = f"PA3{int(turned)}"
    nurse.take(PATIENT)
    nurse.context.set_offline(True)
    for raw in (second(lot), FIRST) if turned else (FIRST, second(lot)):
        nurse.scan(raw)
        nurse.result("waiting")
    nurse.wait_for_queue("waiting", 2)
    assert rows(nurse)[:2] == ["waiting", "paired"]
    nurse.context.set_offline(False)
    nurse.wait_for_queue("waiting", 0)
    nurse.wait_for_queue("sent", 2)  # nothing that was scanned is dropped
    assert lot in nurse.result("charged").inner_text()
    assert rows(nurse)[:2] == ["charged", "paired"]
    assert nurse.hospital.count(CHARGES, lot=lot) == 1
    assert nurse.hospital.count(SCANS, part=lot) == (2 if turned else 1)
    nurse.problems = [one for one in nurse.problems if "ERR_INTERNET_DISCONNECTED" not in one]


def test_symbols_of_two_packs_are_told_apart_and_the_right_one_still_counts(nurse: Visitor):
    nurse.take(PATIENT)
    nurse.scan(FIRST)
    nurse.result("needs_choice")
    assert second("PA4", OTHER)[-2] != FIRST[-1]
    nurse.scan(second("PA4", OTHER))
    assert "不是同一个包装" in nurse.result("unresolved").inner_text()
    assert rows(nurse)[:2] == ["unresolved", "needs_choice"]
    nurse.scan(second("PA5"))
    assert "PA5" in nurse.result("charged").inner_text()
    assert rows(nurse)[:3] == ["charged", "unresolved", "paired"]
    assert nurse.hospital.count(CHARGES, lot="PA4") == 0
    assert nurse.hospital.count(CHARGES, lot="PA5") == 1


def test_where_there_is_one_code_only_the_nurse_says_so(nurse: Visitor):
    nurse.take(PATIENT)
    nurse.scan(FIRST)
    nurse.result("needs_choice").get_by_role("button", name="只有一个条码：1 个").click()
    assert "没有批号" in nurse.result("charged").inner_text()
    assert rows(nurse)[:2] == ["charged", "chosen"]
    nurse.scan(second("PA6"))  # too late: it is nobody's second half any more
    nurse.result("half")
    assert nurse.hospital.count(CHARGES, lot="PA6") == 0


def test_a_code_that_is_being_booked_alone_takes_no_second(nurse: Visitor):
    nurse.take(PATIENT)
    before = nurse.hospital.count("SELECT count(*) FROM charge WHERE quantity > 0")
    nurse.scan(FIRST)
    asked = nurse.result("needs_choice")
    nurse.context.set_offline(True)
    asked.get_by_role("button", name="只有一个条码：1 个").click()
    nurse.result("waiting")
    nurse.scan(second("PB1"))
    nurse.wait_for_queue("waiting", 2)
    nurse.context.set_offline(False)
    nurse.wait_for_queue("waiting", 0)
    nurse.result("half")
    assert nurse.hospital.count("SELECT count(*) FROM charge WHERE quantity > 0") == before + 1
    nurse.problems = [one for one in nurse.problems if "ERR_INTERNET_DISCONNECTED" not in one]


def test_two_firsts_and_then_their_seconds_find_each_other(nurse: Visitor):
    nurse.take(PATIENT)
    nurse.scan(FIRST)
    nurse.result("needs_choice")
    nurse.scan(OTHER)
    nurse.result("unresolved")  # not in the catalogue
    nurse.scan(second("PA7"))
    assert "PA7" in nurse.result("charged").inner_text()
    nurse.scan(second("PA8", OTHER))
    assert "没有此编码" in nurse.result("unresolved").inner_text()
    assert rows(nurse)[:4] == ["unresolved", "charged", "paired", "paired"]


def test_with_caps_lock_on_they_are_a_pair_too(nurse: Visitor, scan_through: Callable[..., None]):
    nurse.take(PATIENT)
    for raw, state in ((FIRST, "needs_choice"), (second("PA9"), "charged")):
        scan_through(nurse, raw, caps=True)
        nurse.result(state)
    assert "PA9" in nurse.page.inner_text("#scan-result")
    assert "大小写" in nurse.page.inner_text("#scan-caps")
    assert nurse.hospital.count(CHARGES, lot="PA9") == 1
    assert nurse.hospital.count(SCANS, part="pa9") == 1  # what was scanned is kept as it came


def test_a_text_that_can_be_read_in_several_ways_shows_them(nurse: Visitor):
    nurse.take(PATIENT)
    nurse.scan("]d2010952123454321310ABC02921S1")  # is "029" of the lot, or a separator typed as text?
    card = nurse.result("unresolved")
    assert "有多种读法" in card.inner_text()
    differs = [one.split()[-1] for one in card.locator(".readings .differs").all_inner_texts()]
    assert differs == ["ABC02921S1", "—", "ABC", "S1"]
    assert "(21)S1" in card.locator(".readings code").nth(1).inner_text()
    listed = nurse.page.locator(".row-scan .what").first.inner_text()
    assert listed.startswith("]d2010952123454321310ABC02921S1")
    assert card.locator("footer").count() == 0  # nothing to choose: none is proved
