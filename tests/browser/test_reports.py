"""Procurement's stock and finance's variance, as they are used: found, opened, closed, exported."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.browser.visitor import Visitor
from tests.browser.ward import YESTERDAY
from tests.small_hospital import SYRINGE_DI, udi

pytestmark = pytest.mark.browser


def test_procurement_sees_the_stock_of_the_day_and_what_made_it(visit: Callable[..., Visitor]):
    buyer = visit("procurement")
    page = buyer.page
    assert page.url.endswith("/stock")
    first = page.locator("tbody tr").first.inner_text()
    # Below zero comes first; other tests book in the same hospital.
    assert "−" in first and "账面为负" in first
    assert page.locator("tbody tr", has_text="外一病区").filter(has_text="账面为负").count() >= 1
    assert "剩 50 天" in page.inner_text("main")
    page.fill("input[name=q]", udi(SYRINGE_DI, lot="L1"))
    page.click(".filters button")
    names = {one.inner_text() for one in page.locator("tbody th a").all()}
    assert names == {"一次性注射器 10ml"}
    page.click("tbody tr:has-text('心内一病区') th a")
    assert "WZ000002" in page.inner_text(".codes")
    rows = [one.inner_text().split("\n")[0].split("\t") for one in page.locator("tbody tr").all()]
    assert any("RK0" in row for row in (one.inner_text() for one in page.locator("tbody tr").all()))
    assert len(rows) >= 5


def test_finance_closes_the_day_follows_a_breach_and_takes_the_workbook_home(
    visit: Callable[..., Visitor], tmp_path: Path
):
    officer = visit("finance")
    page, day = officer.page, YESTERDAY.isoformat()
    officer.open("/variance")
    page.wait_for_selector("#trend[data-drawn]")
    assert page.locator("tr[data-status]").first.get_attribute("data-status") == "INVALID"
    page.click(f"a:has-text('待结账：{day[5:]}')")
    assert "未结账，暂算" in page.inner_text(".day-state")
    page.click(".confirm summary")
    page.get_by_role("button", name="确认结账").click()
    assert f"{day} 已结账" in page.inner_text(".notice")
    assert "已结账" in page.inner_text(".day-state")
    assert [one.get_attribute("data-status") for one in page.locator("tr[data-status]").all()] == [
        "BREACH",
        "BREACH",
        "OK",
        "OK",
    ]
    headline = page.locator(".figure").first
    assert "超差" in headline.inner_text() and "95.28 %" in headline.inner_text()
    headline.locator("summary").click()
    assert "Σ" in headline.locator(".formula p").inner_text()

    with page.expect_download() as waiting:
        page.click("a:has-text('导出 XLSX')")
    saved = tmp_path / "variance.xlsx"
    waiting.value.save_as(saved)
    book = load_workbook(BytesIO(saved.read_bytes()))
    text = [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row]
    assert "冠脉支架" in text and "计费未使用" in " ".join(text)

    page.goto(f"{officer.hospital.url}/variance?date={day}&status=BREACH&location=CARD")
    assert page.locator("tr[data-status]").count() == 2
    page.click("tr:has-text('一次性注射器') th a")
    assert "已用未计费" in page.inner_text(".causes") and "−6" in page.inner_text(".sums")
    assert page.locator("tr.evidence").count() == 1
    assert "−6" in page.locator("tr.evidence").inner_text()
    page.click(".back a")
    assert "status=BREACH" in page.url and "location=CARD" in page.url


def test_the_trend_opens_a_day(visit: Callable[..., Visitor]):
    officer = visit("finance", language="en")
    officer.open("/variance?date=2026-03-10")
    officer.page.wait_for_selector("#trend[data-drawn]")
    drawn = officer.page.evaluate(
        "document.querySelector('#trend').getBoundingClientRect().height > 200"
        " && Boolean(document.querySelector('#trend *'))"
    )
    assert drawn
    officer.page.click(".as-table summary")
    officer.page.click(".as-table a:has-text('2026-03-05')")
    assert "date=2026-03-05" in officer.page.url
    assert "Closed" in officer.page.inner_text(".day-state")
