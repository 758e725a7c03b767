"""The nurse's scan page, with real key events: from the wristband to the charge, and back."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.visitor import Visitor
from tests.browser.ward import L1_EXPIRY
from tests.small_hospital import STENT_DI, SYRINGE_BOX_DI, SYRINGE_DI, udi

pytestmark = pytest.mark.browser

SYRINGE = udi(SYRINGE_DI, lot="L1", expiry=L1_EXPIRY)
CHARGES = """
    SELECT count(*) FROM charge c JOIN encounter e ON e.id = c.encounter_id
     WHERE e.ref = :ref AND c.quantity > 0
"""


def stent(serial: str) -> str:
    return udi(STENT_DI, lot="A1", serial=serial)


def test_a_scan_without_a_focused_field_becomes_one_charge_and_is_undone(nurse: Visitor):
    nurse.take("ZY20260301")
    assert nurse.page.inner_text(".patient .bed") == "12床"
    assert nurse.page.inner_text(".patient .person b") == "张*"
    nurse.scan(stent("S1"))
    card = nurse.result("charged")
    said = card.inner_text()
    assert "已计费" in said and "冠脉支架" in said and "S1" in said and "¥12,800.00" in said
    codes = {one.get_attribute("data-system"): one.inner_text() for one in card.locator(".code").all()}
    assert [code.split()[-1] for code in codes.values()] == [
        "WZ000001",
        "JF000001",
        "YZ000001",
        "C02040100300003091540000010",
        STENT_DI,
    ]
    assert nurse.page.evaluate("window.sounds") == ["read", "read", "booked"]
    assert nurse.page.inner_text("#scan-total b") == "¥12,800.00"

    card.get_by_role("button", name="撤销").click()
    assert "已撤销" in nurse.result("reversed").inner_text()
    assert nurse.page.inner_text("#scan-total b") == "¥0.00"
    refunds = "SELECT count(*) FROM charge c JOIN encounter e ON e.id = c.encounter_id WHERE e.ref = :ref"
    assert nurse.hospital.count(refunds, ref="ZY20260301") == 2


def test_a_bundle_is_ticked_off_and_its_order_ended(nurse: Visitor):
    nurse.take("ZY20260303")
    nurse.scan(stent("S2"))
    nurse.result("charged")
    line = nurse.page.locator(".line[data-material='WZ000001']")
    nurse.page.wait_for_selector(".line.used[data-material='WZ000001']")
    assert "1 / 1" in line.inner_text()
    assert "已用 1 / 3 项" in nurse.page.inner_text(".bundle")
    nurse.page.get_by_role("button", name="结束医嘱").click()
    told = nurse.page.inner_text(".ending")
    assert "2 项将记为未使用" in told and "一次性注射器 10ml × 2" in told and "冠脉支架" not in told
    nurse.page.get_by_role("button", name="确认结束").click()
    assert "已用 1 / 3 项" in nurse.page.inner_text(".order.ended summary")
    nurse.page.click(".order.ended summary")
    assert nurse.page.locator(".line.not_used").count() == 2


def test_a_used_piece_is_refused_and_an_unknown_code_kept(nurse: Visitor):
    nurse.take("ZY20260304")
    nurse.scan(stent("S3"))
    nurse.result("charged")
    nurse.page.get_by_role("button", name="下一位").click()
    nurse.take("ZY20260302")
    nurse.scan(stent("S3"))
    refused = nurse.result("refused")
    assert "不能使用" in refused.inner_text() and "不能再次计费" in refused.inner_text()
    assert nurse.page.evaluate("window.sounds.at(-1)") == "refused"
    nurse.scan(udi("06999999999994", lot="X"))
    pending = nurse.result("unresolved")
    assert "待处理" in pending.inner_text()
    states = [one.get_attribute("data-state") for one in nurse.page.locator(".row-scan").all()]
    assert states[:2] == ["unresolved", "refused"]


def test_a_box_asks_how_many(nurse: Visitor):
    nurse.scan("ZY20260399")  # the HIS is late: a person says that it is a wristband
    nurse.page.get_by_role("button", name="是，继续").click()
    nurse.page.wait_for_selector(".patient:has-text('ZY20260399')")
    nurse.scan(udi(SYRINGE_BOX_DI, lot="L1"))
    nurse.result("needs_choice").get_by_role("button", name="整包 10 个").click()
    assert "¥18.50" in nurse.result("charged").inner_text()
    assert nurse.page.locator(".row-scan[data-state='chosen']").count() == 1


def test_what_is_scanned_offline_is_sent_once_and_names_nobody(nurse: Visitor):
    nurse.take("ZY20260302")
    before = nurse.hospital.count(CHARGES, ref="ZY20260302")
    nurse.context.set_offline(True)
    nurse.scan(SYRINGE)
    assert "已存在本机" in nurse.result("waiting").inner_text()
    nurse.page.wait_for_timeout(350)
    nurse.scan(SYRINGE)
    nurse.wait_for_queue("waiting", 2)
    kept = nurse.page.evaluate("JSON.stringify(localStorage)")
    assert "ZY20260302" in kept and "欧" not in kept
    assert nurse.hospital.count(CHARGES, ref="ZY20260302") == before
    nurse.context.set_offline(False)
    nurse.wait_for_queue("waiting", 0)
    nurse.wait_for_queue("sent", 2)
    again = nurse.result("charged")
    assert "名单上已有此项" in again.inner_text()
    assert nurse.hospital.count(CHARGES, ref="ZY20260302") == before + 2
    assert not nurse.page.evaluate("Object.keys(localStorage).some((name) => name.startsWith('tracer.out.'))")
    nurse.problems = [one for one in nurse.problems if "ERR_INTERNET_DISCONNECTED" not in one]


def test_an_answer_that_is_lost_is_asked_for_again_with_the_same_key(nurse: Visitor):
    nurse.take("ZY20260302")
    before = nurse.hospital.count(CHARGES, ref="ZY20260302")
    lost = []

    def lose_the_first(route):
        if lost:
            return route.continue_()
        lost.append(route.fetch().status)  # the server has done it; nobody hears
        return route.abort()

    nurse.page.route("**/api/v1/scans", lose_the_first)
    nurse.scan(SYRINGE)
    nurse.result("charged")
    assert lost == [201]
    assert nurse.hospital.count(CHARGES, ref="ZY20260302") == before + 1
    nurse.problems = [one for one in nurse.problems if "ERR_FAILED" not in one]


def test_the_scanners_enter_presses_no_button(nurse: Visitor):
    nurse.take("ZY20260302")
    nurse.page.focus(".patient .next")
    nurse.scan(SYRINGE)
    nurse.result("charged")
    assert nurse.page.is_visible(".patient")
    nurse.page.wait_for_timeout(350)  # until then a second Enter is the scanner's CR LF
    nurse.page.focus(".patient .next")
    nurse.page.keyboard.press("Enter")  # a person's own Enter does
    nurse.page.wait_for_selector("#scan-first h1")


def test_a_scan_that_waits_for_its_line_end_stays_with_the_patient_it_was_meant_for(nurse: Visitor):
    nurse.take("ZY20260302")
    before = nurse.hospital.count(CHARGES, ref="ZY20260302")
    nurse.scan(SYRINGE, end=None)
    nurse.page.get_by_role("button", name="下一位").click()
    nurse.page.click(".ward button[data-ref='ZY20260303']")
    nurse.page.wait_for_selector(".patient:has-text('ZY20260303')")
    nurse.wait_for_queue("sent", 1)
    nurse.wait_for_queue("waiting", 0)
    assert nurse.hospital.count(CHARGES, ref="ZY20260302") == before + 1


def test_a_code_that_could_be_a_wristband_goes_to_whom_it_was_scanned_for(nurse: Visitor):
    nurse.take("ZY20260302")
    held = []
    nurse.page.route("**/api/v1/encounters/LOOKS-LIKE-ONE", lambda route: held.append(route))
    nurse.scan("LOOKS-LIKE-ONE")
    while not held:
        nurse.page.wait_for_timeout(20)
    nurse.page.get_by_role("button", name="下一位").click()
    nurse.page.click(".ward button[data-ref='ZY20260303']")
    nurse.page.wait_for_selector(".patient:has-text('ZY20260303')")
    held[0].continue_()
    nurse.wait_for_queue("sent", 1)
    scanned = (
        "SELECT count(*) FROM scan s JOIN encounter e ON e.id = s.encounter_id"
        " WHERE e.ref = :ref AND s.raw = CAST('LOOKS-LIKE-ONE' AS bytea)"
    )
    assert nurse.hospital.count(scanned, ref="ZY20260302") == 1
    assert nurse.hospital.count(scanned, ref="ZY20260303") == 0


def test_a_scan_into_a_field_is_taken_out_of_it_and_slow_typing_stays(nurse: Visitor):
    nurse.take("ZY20260302")
    nurse.page.focus("#typed-code")
    nurse.page.keyboard.type("WZ", delay=180)
    nurse.page.wait_for_timeout(400)
    nurse.page.evaluate(FAST, SYRINGE)
    nurse.result("charged")
    assert nurse.page.input_value("#typed-code") == "WZ"
    nurse.page.fill("#typed-code", "")
    nurse.page.keyboard.type("TR-none", delay=60)
    assert nurse.page.input_value("#typed-code") == "TR-none"
    nurse.page.keyboard.press("Enter")
    nurse.result("unresolved")
    assert nurse.page.input_value("#typed-code") == ""


def test_an_input_method_and_a_double_trigger_do_no_harm(nurse: Visitor):
    nurse.take("ZY20260302")
    before = nurse.hospital.count(CHARGES, ref="ZY20260302")
    nurse.page.evaluate("document.activeElement.blur()")
    nurse.page.evaluate(COMPOSED, [f"01{SYRINGE_DI}10L1"] * 2)
    nurse.result("charged")
    assert "已忽略" in nurse.page.inner_text("#scan-notice")
    nurse.wait_for_queue("waiting", 0)
    assert nurse.hospital.count(CHARGES, ref="ZY20260302") == before + 1


def test_caps_lock_is_taken_back_and_what_came_is_kept(nurse: Visitor, scan_through: Callable[..., None]):
    # Also the wristband: its letters are turned round as well.
    scan_through(nurse, "ZY20260302", caps=True)
    nurse.page.wait_for_selector(".patient:has-text('ZY20260302')")
    raw = f"01{SYRINGE_DI}10Lx9Z"  # which reads as well with its letters turned round
    scan_through(nurse, raw, caps=True)
    card = nurse.result("charged").inner_text()
    assert "Lx9Z" in card and "大写锁定" in card
    kept = "SELECT count(*) FROM scan WHERE raw = CAST(:raw AS bytea)"
    assert nurse.hospital.count(kept, raw=raw.swapcase()) == 1


def test_a_list_that_was_overtaken_is_not_shown(nurse: Visitor):
    nurse.take("ZY20260302")
    nurse.wait_for_queue("waiting", 0)
    before = nurse.page.inner_text("#scan-total b")
    held = []

    def hold_the_first(route):
        if held:
            return route.continue_()
        return held.append((route, route.fetch()))

    nurse.page.route("**/api/v1/encounters/*", hold_the_first)
    nurse.scan(SYRINGE)
    nurse.result("charged")
    while not held:
        nurse.page.wait_for_timeout(50)
    nurse.page.locator("#scan-result").get_by_role("button", name="撤销").click()
    nurse.result("reversed")
    route, old = held[0]
    route.fulfill(response=old)
    nurse.page.wait_for_timeout(300)
    nurse.result("reversed")
    assert nurse.page.inner_text("#scan-total b") == before


def test_the_page_comes_back_to_its_patient_after_a_reload(nurse: Visitor):
    nurse.take("ZY20260302")
    nurse.page.reload()
    nurse.page.wait_for_selector(".patient:has-text('ZY20260302')")


# Key events as the browser gives them, at a scanner's pace whatever the machine is busy with. A field
# takes the characters of keys that nobody swallowed, as a real one does.
FAST = """(raw) => {
  const field = document.activeElement;
  const press = (key) => {
    const event = new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true});
    if (field.dispatchEvent(event) && key.length === 1) field.value += key;
  };
  for (const key of raw) press(key);
  press("Enter");
}"""
COMPOSED = """(scans) => {
  const codes = {" ": "Space"};
  for (const raw of scans) {
    for (const one of raw) {
      const code = /[0-9]/.test(one) ? `Digit${one}` : `Key${one.toUpperCase()}`;
      const shiftKey = /[A-Z]/.test(one);
      document.body.dispatchEvent(new KeyboardEvent("keydown",
        {key: "Process", code, shiftKey, isComposing: true, bubbles: true, cancelable: true}));
    }
    document.body.dispatchEvent(new KeyboardEvent("keydown",
      {key: "Enter", code: "Enter", bubbles: true, cancelable: true}));
  }
}"""
