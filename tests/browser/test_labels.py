"""A storekeeper prints labels in a real browser: chooses, sees a specimen, saves the file, prints again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import Visitor
from tests.scanners.label_readers import by_zbar, pdf_pages
from tests.scanners.zpl_printer import print_zpl
from tests.small_hospital import NURSE_STATION, STORE

pytestmark = pytest.mark.browser


@pytest.fixture
def keeper(visit: Callable[..., Visitor]) -> Visitor:
    return visit("storekeeper")


def go_to_batch(visitor: Visitor, place: str = STORE) -> None:
    """The way a storekeeper takes: from the stock page to the labels, to the first batch."""
    visitor.open(f"/stock?location={place}")
    visitor.page.click("a[href^='/stock/labels']")
    visitor.page.locator(".report .go a").first.click()
    visitor.page.wait_for_selector("#labels[data-ready]")


def choose(visitor: Visitor, number: int) -> list[str]:
    """Only the first so many pieces."""
    page = visitor.page
    page.locator("#all").set_checked(True)
    page.locator("#all").set_checked(False)
    boxes = page.locator("input[name=unit]")
    for place in range(number):
        boxes.nth(place).check()
    return [boxes.nth(place).get_attribute("value") for place in range(number)]


def print_chosen(visitor: Visitor) -> tuple[str, bytes]:
    with visitor.page.expect_download() as saving:
        visitor.page.click("#print")
    saved = saving.value
    content = Path(saved.path()).read_bytes()
    visitor.page.wait_for_selector(".notice")
    return saved.suggested_filename, content


def times(visitor: Visitor, label: str) -> int:
    return int(visitor.page.locator(f"input[name=unit][value={label}]").get_attribute("data-printed"))


def test_labels_are_chosen_printed_and_marked(keeper: Visitor, zbar: str):
    go_to_batch(keeper)
    page = keeper.page
    pieces = page.locator("input[name=unit]").count()
    assert page.locator("#chosen").inner_text() == f"({pieces})"
    labels = choose(keeper, 2)
    assert page.locator("#chosen").inner_text() == "(2)" and page.locator("#all").evaluate(
        "one => one.indeterminate"
    )
    name, content = print_chosen(keeper)
    assert name.endswith(".pdf")
    assert [seen.text for shown in pdf_pages(content) for seen in by_zbar(shown)] == labels
    assert [times(keeper, label) for label in labels] == [1, 1]
    # What has no label yet is chosen again.
    expect(page.locator("#chosen")).to_have_text(f"({pieces - 2})" if pieces > 2 else "")
    assert not page.locator(f"input[name=unit][value={labels[0]}]").is_checked()


def test_a_label_printer_takes_rolls_and_no_sheets(keeper: Visitor, zbar: str, cjk_font: str):
    go_to_batch(keeper, NURSE_STATION)
    page = keeper.page
    page.select_option("#stock", "L7160")
    assert page.locator("input[value=zpl]").is_hidden() and page.locator("#start").is_visible()
    assert page.locator("#start").get_attribute("max") == "21"
    page.select_option("#stock", "50x30")
    assert page.locator("input[value=zpl]").is_visible() and page.locator("#start").is_hidden()
    page.check("input[value=zpl]")
    labels = choose(keeper, 1)
    name, content = print_chosen(keeper)
    assert name.endswith(".zpl")
    (printed,) = print_zpl(content)
    assert printed.picture.size == (400, 240) and [seen.text for seen in by_zbar(printed.picture)] == labels
    assert page.locator("#stock").input_value() == "50x30"  # kept for the next delivery


def test_printing_again_asks_why_and_keeps_what_was_chosen(visit: Callable[..., Visitor]):
    buyer = visit("procurement", language="en")
    go_to_batch(buyer, NURSE_STATION)
    page = buyer.page
    choose(buyer, 0)
    last = page.locator("input[name=unit]").last
    last.check()
    label = last.get_attribute("value")
    print_chosen(buyer)
    keeper = visit("storekeeper", language="en")
    keeper.open(f"/stock/labels/pieces?label={label}")
    page = keeper.page
    page.wait_for_selector("#labels[data-ready]")
    assert page.locator(f"input[name=unit][value={label}]").is_checked() and page.locator("#why").is_visible()
    page.click("#print")
    page.wait_for_selector("#refused:not([hidden])")
    assert "was printed before" in page.inner_text("#refused") and label in page.inner_text("#refused")
    assert page.locator(f"input[name=unit][value={label}]").is_checked()
    keeper.problems = [one for one in keeper.problems if "422" not in one]
    page.fill("#why input", "Label damaged")
    print_chosen(keeper)
    assert times(keeper, label) >= 2


def test_the_specimen_follows_the_printer(keeper: Visitor):
    go_to_batch(keeper, NURSE_STATION)
    page = keeper.page
    for stock, symbology in (("70x50", "qr"), ("L7651", "datamatrix"), ("40x30", "code128")):
        with page.expect_response(lambda answer, stock=stock: f"stock={stock}" in answer.url) as answered:
            page.select_option("#stock", stock)
        assert answered.value.status == 200
        with page.expect_response(
            lambda answer, kind=symbology: f"symbology={kind}" in answer.url
        ) as answered:
            page.select_option("#symbology", symbology)
        assert answered.value.headers["content-type"] == "image/png"
        page.wait_for_selector(f"#specimen[src*='stock={stock}'][src*='symbology={symbology}']")
        assert page.locator("#no-specimen").is_hidden()


def test_a_specimen_that_does_not_fit_says_so(keeper: Visitor):
    go_to_batch(keeper, NURSE_STATION)
    page = keeper.page
    refusal = '{"type": "x", "title": "x", "status": 422, "detail": "标签放不下"}'
    page.route(
        "**/specimen.png?*",
        lambda route: route.fulfill(status=422, body=refusal, content_type="application/problem+json"),
    )
    page.select_option("#stock", "70x50")
    page.wait_for_selector("#no-specimen:not([hidden])")
    assert page.inner_text("#no-specimen") == "标签放不下" and page.locator("#specimen").is_hidden()
    keeper.problems = [one for one in keeper.problems if "422" not in one]


LOOKS = [(True, "en"), (False, "zh")]


@pytest.mark.parametrize(("phone", "language"), LOOKS)
def test_the_label_pages_fit(visit: Callable[..., Visitor], phone: bool, language: str):
    keeper = visit("storekeeper", phone=phone, language=language)
    keeper.open("/stock/labels")
    keeper.page.wait_for_selector(".report .go a")
    assert keeper.too_wide() == []
    keeper.page.locator(".report .go a").first.click()
    keeper.page.wait_for_selector("#labels")
    for stock in ("L7160", "40x30"):
        keeper.page.select_option("#stock", stock)
        keeper.page.wait_for_timeout(200)
        assert keeper.too_wide() == []


def test_without_our_script_the_form_prints_too(process: Any, visit: Callable[..., Visitor]):
    keeper = visit("storekeeper")
    keeper.page.route("**/labels.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
    keeper.open("/stock/labels")
    keeper.page.locator(".report .go a").first.click()
    keeper.page.locator("input[name=unit]").last.check()
    keeper.page.locator("#why input").fill("again") if keeper.page.locator("#why input").count() else None
    with keeper.page.expect_download() as saving:
        keeper.page.click("#print")
    assert saving.value.suggested_filename.endswith(".pdf")
