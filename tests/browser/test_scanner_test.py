"""The scanner test page: every way a scanner can be set up wrong, scanned as key events, gets its advice."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pypdfium2
import pytest
import zxingcpp

from tests.browser.hid import Scanner
from tests.browser.recording import pinyin
from tests.browser.replaying import replay
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser

GS = "\x1d"
MATRIX = f"01095212345432131728113010LotA7-b{GS}21SN00123"
BARS = f"010952123454321310AB-7z{GS}210042"
LETTERS = "AaBbMmQqWwYyZz-Test"
DIGITS = "0123456789!\"#$%&'()*+,-./"
EAN = "9521234543213"


class Bench:
    """The page, and a trigger to pull."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor, self.page = visitor, visitor.page
        self.open()

    def open(self, **scanner: Any) -> None:
        """The page anew, on a device that knows so much of its scanner."""
        kept = json.dumps({"suffix": True} | scanner)
        self.page.evaluate("kept => localStorage.setItem('tracer.scanner', kept)", kept)
        self.visitor.open("/scanner-test")
        self.page.wait_for_selector("#test-report .idle")

    def scan(self, scanner: Scanner | list[dict[str, Any]]) -> set[str]:
        """What the page says of a scan: the codes of its advice."""
        self.page.evaluate("document.querySelector('#test-report').replaceChildren()")
        replay(self.page, scanner if isinstance(scanner, list) else scanner.rows)
        self.page.wait_for_selector("#test-report .meaning")
        remarks = self.page.locator("#test-report .result-body > .remark").all()
        return {one.get_attribute("data-code") for one in remarks}

    @property
    def symbol(self) -> str:
        return self.page.get_attribute("#test-report article", "data-symbol") or ""

    @property
    def tone(self) -> str:
        return self.page.get_attribute("#test-report article", "data-tone") or ""

    def text(self, selector: str = "#test-report") -> str:
        return self.page.inner_text(selector)


@pytest.fixture(scope="module")
def bench(process, hospital):
    visitor = Visitor(process, hospital, "nurse")
    yield Bench(visitor)
    visitor.leave()
    assert visitor.problems == []


def typed(text: str, **machine: Any) -> Scanner:
    return Scanner(**machine).text(text).enter()


def test_a_scanner_that_is_set_up_well_passes_the_whole_sheet_and_nothing_is_recorded(bench: Bench):
    hospital = bench.visitor.hospital
    before = hospital.count("SELECT count(*) FROM scan")
    bench.open()
    symbols = bench.page.evaluate("JSON.parse(document.getElementById('page-data').textContent).symbols")
    assert len(symbols) == 10
    for one in symbols:
        for identifier in one["identifiers"]:
            assert bench.scan(typed(identifier + one["message"])) == set()
            assert (bench.symbol, bench.tone) == (one["id"], "good")
    tones = [one.get_attribute("data-tone") for one in bench.page.locator("#test-list li").all()]
    assert tones == ["good"] * 10
    assert hospital.count("SELECT count(*) FROM scan") == before


FAULTS = [
    ("gs_missing", "]d2" + MATRIX.replace(GS, ""), "datamatrix"),
    ("gs_replaced", "]d2" + MATRIX.replace(GS, "<GS>"), "datamatrix"),
    ("gs_replaced", "]C1" + BARS.replace(GS, "#"), "gs1-128"),
    ("no_identifier", MATRIX, "datamatrix"),
    ("leading_gs", GS + MATRIX, "datamatrix"),
    ("identifier_cut", "C1" + BARS, "gs1-128"),
    ("identifier_cut", "]C" + BARS, "gs1-128"),
    ("identifier_other", "]C0" + BARS, "gs1-128"),
    ("prefix", "\x02]d2" + MATRIX, "datamatrix"),
    ("suffix", "]C0" + LETTERS + "\x03", "letters"),
    ("double", f"]E0{EAN}]E0{EAN}", "ean13"),
    ("case_changed", "]C0" + LETTERS.upper(), "letters"),
    ("case_changed", "]d2" + MATRIX.upper(), "datamatrix"),
    ("no_check_digit", "]E0" + EAN[:-1], "ean13"),
    ("lost", "]C0" + DIGITS.replace("5", "").replace("*", ""), "digits"),
    ("changed", "]C0" + DIGITS.replace('"', "@"), "digits"),
    ("not_on_sheet", "TR000000004292", ""),
]


@pytest.mark.parametrize(("code", "text", "symbol"), FAULTS, ids=lambda value: value if value else "none")
def test_what_a_scanner_sends_wrong_is_named(bench: Bench, code: str, text: str, symbol: str):
    said = bench.scan(typed(text))
    assert code in said
    assert bench.symbol == symbol
    harmless = {"no_identifier", "not_on_sheet", "leading_gs"}
    assert said - harmless == {code} - harmless  # nothing else is found fault with


MACHINES: list[tuple[str, Callable[[], Scanner]]] = [
    ("caps_lock", lambda: typed("]d2" + MATRIX, caps=True)),
    ("layout_azerty", lambda: typed("]d2" + MATRIX, layout="azerty")),
    ("layout_azerty", lambda: typed("]E0" + EAN, layout="azerty")),
    ("layout_qwertz", lambda: typed("]C0" + LETTERS, layout="qwertz")),
    ("layout_uk", lambda: typed("]C0" + DIGITS, layout="uk")),
    ("ime", lambda: typed("]C0" + LETTERS, hidden=True)),
    ("slow", lambda: typed("]E0" + EAN, gap=60)),
    ("too_slow", lambda: typed("]E0" + EAN, gap=95)),
    ("pause", lambda: Scanner().text("]E0" + EAN[:6]).wait(700).text(EAN[6:]).enter()),
    ("line_feed", lambda: Scanner().text("]E0" + EAN).press("KeyJ", ctrl=True)),
    ("no_ending", lambda: Scanner().text("]E0" + EAN)),
]


@pytest.mark.parametrize(
    ("code", "scanner"), MACHINES, ids=lambda value: value if isinstance(value, str) else ""
)
def test_what_the_machine_and_the_pace_do_is_named(bench: Bench, code: str, scanner: Callable[[], Scanner]):
    bench.open()
    assert bench.scan(scanner()) == {code}


def test_separators_that_come_some_other_way_are_told(bench: Bench):
    before, after = MATRIX.split(GS)
    assert bench.scan(Scanner().text("]d2" + before).keypad(GS).text(after).enter()) == {"gs_keypad"}
    by_key = Scanner().text("]d2" + before).press("F8", key="F8").text(after).enter()
    assert bench.scan(by_key) == {"gs_function"}
    assert bench.tone == "note"


def test_an_input_method_in_the_field_is_noticed_and_leaves_nothing_there(bench: Bench):
    bench.open()
    bench.page.focus("#test-field")
    said = bench.scan(pinyin("MA.156.M0.999999.12345678.S0042.LLot8.E281130"))
    assert "ime" in said and bench.symbol == "ma"
    assert bench.page.input_value("#test-field") == ""
    assert "999999" in bench.text()


def test_a_text_written_at_once_is_taken_and_told(bench: Bench):
    bench.open()
    bench.page.focus("#test-field")
    assert bench.scan(Scanner().whole("]E0" + EAN)) == {"at_once"}
    assert bench.page.input_value("#test-field") == ""


def test_bytes_fields_repairs_and_pace_are_shown(bench: Bench):
    bench.scan(Scanner(gap=12).text("]d2" + MATRIX.replace(GS, "<GS>")).enter().press("KeyJ", ctrl=True))
    said = bench.text()
    for part in (
        "LotA7-b<GS>21",
        "SN00123",
        "09521234543213",
        "2028-11-30",
        "还原了被替换的分隔符",
        "Enter + LF",
        "12 ms",
    ):
        assert part in said
    bench.page.click(".hex summary")
    assert "5D 64 32 30 31" in bench.text(".hex code")
    bench.scan(typed("]d2" + MATRIX))
    assert bench.page.locator(".bytes kbd").all_inner_texts() == ["GS"]


def test_the_place_of_an_error_is_marked(bench: Bench):
    bench.scan(typed("09521234543214"))
    assert bench.page.locator(".bytes mark").all_inner_texts() == ["4"]
    assert "校验位" in bench.text(".meaning")
    bench.scan(typed("]d2010952123454321"))
    assert bench.page.locator(".bytes mark.end").count() == 1


def test_an_ambiguous_text_shows_its_readings(bench: Bench):
    bench.scan(typed("]d2010952123454321310ABC02921S1"))  # is "029" of the lot, or a separator typed as text?
    assert bench.page.locator(".readings li").count() == 2


def test_a_slow_scanner_is_given_its_threshold_and_heard_from_then_on(bench: Bench):
    bench.open()
    assert "too_slow" in bench.scan(typed("]E0" + EAN, gap=95))
    assert "当作手工输入" in bench.text("#test-feedback")
    bench.page.get_by_role("button", name="按这支扫码枪把门槛设为 150 ms").click()
    assert bench.page.evaluate("JSON.parse(localStorage.getItem('tracer.scanner')).pace") == 150
    assert "too_slow" not in bench.scan(typed("]E0" + EAN, gap=95))
    assert "会当作扫码" in bench.text("#test-feedback")


def test_the_scan_page_goes_by_the_threshold_and_says_when_keys_are_too_slow(
    visit: Callable[..., Visitor],
):
    nurse = visit("nurse")
    for kept, seen in (
        ("{}", "#scan-notice:text('太慢')"),
        ('{"pace": 150}', ".patient:has-text('ZY20260305')"),
    ):
        nurse.page.evaluate("kept => localStorage.setItem('tracer.scanner', kept)", kept)
        nurse.open("/scan")
        nurse.page.wait_for_selector("#scan-queue .count")
        replay(nurse.page, typed("ZY20260305", gap=95).rows)
        nurse.page.wait_for_selector(seen)


def test_thresholds_are_set_by_hand_within_reason_and_set_back(bench: Bench):
    bench.open(pace=9999, silence="x", suffix=True)
    page = bench.page
    page.click("details summary:has-text('手工调整')")
    assert page.input_value("[name=pace]") == "70"  # what cannot be right is not taken
    page.fill("[name=pace]", "7")
    page.get_by_role("button", name="保存").click()
    assert page.evaluate("document.querySelector('[name=pace]').validity.rangeUnderflow")
    page.fill("[name=pace]", "120")
    page.fill("[name=silence]", "450")
    page.get_by_role("button", name="保存").click()
    kept = page.evaluate("JSON.parse(localStorage.getItem('tracer.scanner'))")
    assert (kept["pace"], kept["silence"], kept["suffix"]) == (120, 450, True)
    page.get_by_role("button", name="恢复默认").click()
    assert page.evaluate("localStorage.getItem('tracer.scanner')") == '{"suffix":true}'
    assert page.input_value("[name=pace]") == "70"


def test_without_a_server_what_came_is_shown_all_the_same(bench: Bench):
    bench.open()
    bench.visitor.context.set_offline(True)
    replay(bench.page, typed("]d2" + MATRIX.replace(GS, "")).rows)
    bench.page.wait_for_selector("#test-report :text('连不上服务器')")
    assert "gs_missing" in [one.get_attribute("data-code") for one in bench.page.locator(".remark").all()]
    bench.visitor.context.set_offline(False)
    problems = bench.visitor.problems
    problems[:] = [one for one in problems if "ERR_INTERNET_DISCONNECTED" not in one]


def test_caps_lock_is_told_on_the_scan_page_at_once(visit: Callable[..., Visitor]):
    nurse = visit("nurse")
    nurse.page.wait_for_selector("#scan-queue .count")
    assert nurse.page.is_hidden("#scan-caps")
    replay(nurse.page, typed("]C0" + LETTERS, caps=True).rows)
    nurse.page.wait_for_selector("#scan-caps:visible")
    replay(nurse.page, typed("]C0" + LETTERS).rows)
    nurse.page.wait_for_selector("#scan-caps", state="hidden")
    # The keyboard says so itself: no scan is needed.
    nurse.page.evaluate(
        "document.dispatchEvent(new KeyboardEvent('keydown', {key: 'Shift', modifierCapsLock: true}))"
    )
    nurse.page.wait_for_selector("#scan-caps:visible")


@pytest.mark.parametrize(("phone", "language"), [(True, "en"), (False, "zh")])
def test_the_pages_fit(visit: Callable[..., Visitor], phone: bool, language: str):
    nurse = visit("nurse", phone=phone, language=language)
    test = Bench(nurse)
    assert nurse.too_wide() == []
    test.scan(Scanner(gap=95, layout="azerty").text(MATRIX.replace(GS, "|")))
    test.page.click("details summary >> nth=-1")
    assert nurse.too_wide() == []
    nurse.open("/scanner-test/sheet")
    assert nurse.too_wide() == []


def test_the_printed_sheet_is_one_page_from_which_every_symbol_is_read(bench: Bench):
    bench.open()
    symbols = bench.page.evaluate("JSON.parse(document.getElementById('page-data').textContent).symbols")
    bench.visitor.open("/scanner-test/sheet")
    printed = pypdfium2.PdfDocument(bench.page.pdf(prefer_css_page_size=True, print_background=True))
    assert len(printed) == 1
    page = printed[0]
    assert [round(side * 25.4 / 72) for side in page.get_size()] == [210, 297]
    picture = np.asarray(page.render(scale=300 / 72).to_pil().convert("L"))
    read = {
        found.symbology_identifier + found.text
        for found in zxingcpp.read_barcodes(picture, text_mode=zxingcpp.TextMode.Plain)
    }
    for one in symbols:
        assert any(identifier + one["message"] in read for identifier in one["identifiers"]), one["id"]
    bench.open()
