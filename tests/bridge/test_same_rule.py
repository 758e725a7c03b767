"""The bridge and the scan page tell a wristband from a piece by one rule."""

from __future__ import annotations

import random

import pytest
from playwright.sync_api import sync_playwright

from scanners.inhouse import CHECK_DIGITS, InHouse, make
from tests.bridge.bench import Service
from tracer.bridge.patients import Wristbands
from tracer.settings import Settings

PIECES = [
    "]d2", "]C1", "]C0", "]E0", "]e0", "]Q3", "]I1", "]A0", "]", "01", "06901234567892", "6901234567892",
    "690123456789", "12345", "17281130", "10LOT", "\x1d", "TR", make(42), make(42)[:-1], "ZY20260301", "-",
    " ", "\n", "\x85", "\u1680", "\t", "０１", "ＺＹ", "é", "٣", "+", ".", "\u3000", "\ufeff",
    "ﷺ", "a", "MA.156", "(01)",
]  # fmt: skip


@pytest.mark.browser
def test_the_bridge_and_the_scan_page_agree_on_what_is_a_wristband(chromium: str, service: Service) -> None:
    labels, pattern = InHouse(), Settings().encounter_pattern
    dice = random.Random(20260301)
    texts = ["".join(dice.choices(PIECES, k=dice.randrange(4))) for _ in range(3000)]
    data = {"pattern": pattern, "labels": f"{labels.prefix}[0-9]{{{labels.digits + CHECK_DIGITS}}}"}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(f"{service.url}/sign-in")
        of_page = page.evaluate(
            "async ([texts, data]) => {"
            " const { wristbandOf } = await import('/static/scan/patients.js');"
            " return texts.map((text) => wristbandOf(text, data)); }",
            [texts, data],
        )
        browser.close()
    rule = Wristbands(pattern, labels)
    of_bridge = [rule.ref_of(text) for text in texts]
    assert 100 < sum(ref is not None for ref in of_page) < 2900
    assert [pair for pair in zip(texts, of_page, of_bridge, strict=True) if pair[1] != pair[2]] == []
