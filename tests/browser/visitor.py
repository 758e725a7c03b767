"""Somebody at a browser: signs in, scans as a wedge scanner does, and notices everything that goes wrong."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.browser.ward import PASSWORD, Ward

GS = "\x1d"
# Where pictures for the README go: `SCREENSHOTS=docs/screenshots pytest tests/browser/test_looks.py`.
SCREENSHOTS = "SCREENSHOTS"
KEPT = frozenset(
    {"scan-zh-phone", "scan-en-desktop", "stock-zh-desktop", "variance-zh-desktop", "variance-en-phone"}
)
# The hospital's day, not the machine's; a scanner that may be slow, for the machine may be busy; and every
# breach of the content policy is said aloud.
PREPARE = """
(() => {
  const Real = Date, ahead = %d;
  window.Date = class extends Real {
    constructor(...given) { if (given.length) super(...given); else super(Real.now() + ahead); }
    static now() { return Real.now() + ahead; }
  };
  window.sounds = [];
  if (location.protocol === "http:" && !localStorage.getItem("tracer.scanner"))
    localStorage.setItem("tracer.scanner", JSON.stringify({pace: 500, silence: 1500, patience: 1500}));
  document.addEventListener("tracer:sound", (event) => window.sounds.push(event.detail));
  document.addEventListener("securitypolicyviolation", (event) =>
    console.error("policy: " + event.violatedDirective + " " + event.blockedURI));
})();
"""
TOO_WIDE = """
(() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const right = (one) => Math.round(one.getBoundingClientRect().right);
  const wide = [...document.querySelectorAll("body *")].filter((one) => right(one) > width).slice(0, 8);
  return wide.map((one) => `${one.tagName}.${one.getAttribute("class")} ${right(one)} > ${width}`);
})()
"""


@contextmanager
def chromium_process(path: str) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--headless=new", "--disable-gpu", "--lang=zh-CN"]
        )
        yield browser
        browser.close()


class Visitor:
    """One person in a browser of their own."""

    def __init__(
        self, process: Any, hospital: Ward, role: str, *, phone: bool = False, language: str = "zh"
    ) -> None:
        self.hospital, self.language, self.phone = hospital, language, phone
        self.problems: list[str] = []
        size = {"width": 360, "height": 740} if phone else {"width": 1280, "height": 800}
        self.context = process.new_context(
            viewport=size, is_mobile=phone, has_touch=phone, timezone_id="Asia/Shanghai", locale="zh-CN"
        )
        self.context.set_default_timeout(15_000)
        self.context.add_init_script(PREPARE % int(hospital.clock.ahead.total_seconds() * 1000))
        self.page = self.context.new_page()
        self._watch()
        self._sign_in(role)

    def leave(self) -> None:
        self.context.close()

    def open(self, path: str) -> None:
        self.page.goto(self.hospital.url + path)

    def scan(self, raw: str, end: str | None = "Enter") -> None:
        """Pull the trigger: key events at a scanner's pace, wherever the focus is."""
        self.page.wait_for_selector("#scan-queue .count")  # the page listens
        for number, part in enumerate(raw.split(GS)):
            if number:
                self.page.keyboard.press("Control+BracketRight")
            self.page.keyboard.type(part)
        if end:
            self.page.keyboard.press(end)

    def take(self, patient: str) -> None:
        """Scan a wristband and wait for its patient."""
        self.scan(patient)
        self.page.wait_for_selector(f".patient:has-text('{patient}')")

    def result(self, state: str) -> Any:
        """The result card, once it says this."""
        self.page.wait_for_selector(f"#scan-result [data-state='{state}']")
        return self.page.locator("#scan-result article")

    def queue(self, name: str) -> int:
        return int(self.page.inner_text(f"[data-count='{name}'] b"))

    def wait_for_queue(self, name: str, number: int) -> None:
        self.page.wait_for_selector(f"[data-count='{name}'] b:text-is('{number}')")

    def too_wide(self) -> list[str]:
        """What makes the page scroll sideways; empty if it need not be."""
        self.page.wait_for_load_state()  # its styles are there
        return self.page.evaluate(TOO_WIDE)

    def look(self, name: str) -> None:
        """The page fits; kept as a picture, if somebody wants to look at all of them."""
        wide = self.too_wide()
        assert wide == [], wide
        if folder := os.environ.get("LOOK_AT"):
            kind = "phone" if self.phone else "desktop"
            self.page.screenshot(path=f"{folder}/{name}-{self.language}-{kind}.png", full_page=True)

    def picture(self, name: str, *, full: bool = False) -> None:
        """Keep a picture, if somebody wants pictures."""
        folder = os.environ.get(SCREENSHOTS)
        if folder and name in KEPT:
            self.page.screenshot(path=Path(folder) / f"{name}.png", full_page=full)

    def _watch(self) -> None:
        host = urlsplit(self.hospital.url).netloc
        self.page.on("pageerror", lambda error: self.problems.append(f"error: {error}"))
        self.page.on("console", self._on_console)
        self.page.on(
            "request",
            lambda request: (
                None
                if urlsplit(request.url).netloc == host or request.url.startswith(("data:", "blob:"))
                else self.problems.append(f"a request leaves the machine: {request.url}")
            ),
        )

    def _on_console(self, message: Any) -> None:
        if message.type in {"error", "warning"}:
            self.problems.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")

    def _sign_in(self, role: str) -> None:
        self.open("/sign-in")
        self.page.fill("#username", f"t-{role}")
        self.page.fill("#password", PASSWORD)
        self.page.click("main button")
        self.page.wait_for_url(lambda url: "/sign-in" not in url)
        other = self.page.locator(f"button[name=language][value={self.language}]")
        if other.count():
            other.click()
            self.page.wait_for_selector(f"html[lang^={self.language}]")
