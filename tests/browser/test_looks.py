"""Every page fits a phone and a desk in both languages; with SCREENSHOTS set, its picture is kept."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from tests.browser.test_scanning import SYRINGE, stent
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser

LOOKS = [(phone, language) for phone in (True, False) for language in ("zh", "en")]
# English on a phone and Chinese at a desk are the tightest and the widest; pictures are taken of all.
TRIED = LOOKS if os.environ.get("SCREENSHOTS") else [(True, "en"), (False, "zh")]
# A patient and a stent for each look.
SUBJECTS = dict(
    zip(
        LOOKS,
        (("ZY20260305", "S4"), ("ZY20260306", "S5"), ("ZY20260307", "S6"), ("ZY20260308", "S7")),
        strict=True,
    )
)


def name_of(page: str, visitor: Visitor) -> str:
    return f"{page}-{visitor.language}-{'phone' if visitor.phone else 'desktop'}"


@pytest.mark.parametrize(("phone", "language"), TRIED)
def test_the_scan_page_fits(visit: Callable[..., Visitor], phone: bool, language: str):
    nurse = visit("nurse", phone=phone, language=language)
    nurse.page.wait_for_selector(".ward li")
    assert nurse.too_wide() == []
    patient, serial = SUBJECTS[phone, language]
    nurse.take(patient)
    assert nurse.too_wide() == []
    nurse.scan(SYRINGE)
    nurse.page.wait_for_selector(".row-scan[data-state=charged]")
    nurse.scan(stent(serial))
    nurse.page.wait_for_selector("#scan-result h2:has-text('冠脉支架')")
    nurse.wait_for_queue("waiting", 0)
    nurse.page.wait_for_timeout(400)
    assert nurse.too_wide() == []
    nurse.picture(name_of("scan", nurse))


@pytest.mark.parametrize(("phone", "language"), TRIED)
def test_the_reports_fit(visit: Callable[..., Visitor], phone: bool, language: str):
    buyer = visit("procurement", phone=phone, language=language)
    assert buyer.too_wide() == []
    buyer.picture(name_of("stock", buyer))
    buyer.page.locator("tbody th a").first.click()
    buyer.page.wait_for_url("**/stock/*/*")
    assert buyer.too_wide() == []
    officer = visit("finance", phone=phone, language=language)
    officer.open("/variance")
    officer.page.wait_for_selector("#trend[data-drawn]")
    officer.page.wait_for_timeout(300)
    assert officer.too_wide() == []
    officer.picture(name_of("variance", officer))
    officer.page.locator("tr[data-status] th a").first.click()
    officer.page.wait_for_url("**/variance/*/*/*")
    assert officer.too_wide() == []
    for path in ("/certificates", "/prices", "/prices/markups", "/approvals?kind=prices", "/catalog/1"):
        officer.open(path)
        assert officer.too_wide() == [], path
