"""The scanner test page and its sheet: for everybody who is signed in, in both languages, telling no lies."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scanners import InHouse, parse
from tests.pages.conftest import House
from tests.pages.test_scan_page import data_of
from tests.small_hospital import TODAY
from tracer.access.rules import Role
from tracer.charging.sheet import sheet_symbols

ADVICE = Path(__file__).parents[2] / "tracer/web/static/scan/advice.js"
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def words_of(house: House, language: str) -> dict:
    return data_of(house.sign_in("nurse", language).get("/scanner-test").get_data(as_text=True))["words"]


def texts(words: object) -> list[str]:
    return [words] if isinstance(words, str) else [text for one in words.values() for text in texts(one)]


@pytest.mark.parametrize("role", list(Role))
def test_whoever_is_signed_in_may_test_a_scanner(house: House, role: Role):
    client = house.sign_in(role)
    for path in ("/scanner-test", "/scanner-test/sheet"):
        assert client.get(path).status_code == 200
    assert ('href="/scan"' in client.get("/scanner-test").text) == (role in ("nurse", "admin"))


def test_nobody_else_may(house: House):
    for path in ("/scanner-test", "/scanner-test/sheet"):
        answer = house.app.test_client().get(path, headers={"Accept": "text/html"})
        assert answer.status_code == 302 and "/sign-in" in answer.location


def test_it_is_found_by_those_who_need_it(house: House):
    assert 'href="/scanner-test"' in house.sign_in("nurse").get("/scan").text
    for role, is_shown in (("procurement", True), ("admin", True), ("finance", False), ("nurse", False)):
        navigation = house.sign_in(role).get("/stock").text.partition("</nav>")[0]
        assert ('href="/scanner-test"' in navigation) == is_shown, role


def test_every_word_exists_in_both_languages_with_the_same_holes(house: House):
    chinese, english = (texts(words_of(house, language)) for language in ("zh", "en"))
    assert len(chinese) == len(english)
    assert not [word for word in english if CHINESE.search(word)]
    holes = re.compile(r"\{\w+\}")
    for zh, en in zip(chinese, english, strict=True):
        assert set(holes.findall(zh)) == set(holes.findall(en)), (zh, en)


def test_every_finding_has_its_advice_with_the_values_it_needs(house: House):
    advice = words_of(house, "zh")["advice"]
    script = ADVICE.read_text(encoding="utf-8")
    found = dict(re.findall(r'(?:bad|warn|note)\("(\w+)"(?:, (\{[^}]*\}))?\)', script))
    found |= {f"layout_{name}": "" for name in ("azerty", "qwertz", "uk", "other")} | {"good": ""}
    assert set(found) == set(advice)
    for code, given in found.items():
        assert set(re.findall(r"\{(\w+)\}", advice[code])) <= set(re.findall(r"\b\w+\b", given)), code


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_sheet_shows_every_symbol_and_its_text(house: House, language: str):
    page = house.sign_in("nurse", language).get("/scanner-test/sheet").text
    assert page.count("<svg") == 10
    if language == "en":
        assert not CHINESE.search(page.partition("<main")[2])
    for text in ("(01)09521234543213(17)281130(10)LotA7-b(21)SN00123", "9521234543213", "TR999999999974"):
        assert text in page


def test_the_page_expects_what_a_parser_reads_from_the_symbols(house: House):
    symbols = data_of(house.sign_in("nurse").get("/scanner-test").get_data(as_text=True))["symbols"]
    assert len({one["id"] for one in symbols}) == len(symbols) == 10
    for one in symbols:
        for identifier in one["identifiers"]:
            read = parse(identifier + one["message"], today=TODAY).as_dict()
            error = one["reads"].pop("error", None)
            assert {name: read[name] for name in one["reads"]} == one["reads"]
            assert (read["error"] or {}).get("code") == error
            assert error is None or one["id"] in ("letters", "digits", "marks")
            one["reads"]["error"] = error
    agencies = {one["reads"]["agency"] for one in symbols}
    assert {"GS1", "HIBC", "MA", "INHOUSE"} <= agencies


def test_the_sheet_holds_every_character_of_code_128_that_can_be_printed(house: House):
    with house.app.test_request_context("/"):
        symbols = sheet_symbols(InHouse())
    shown = set("".join(one.message for one in symbols if one.symbology == "code128"))
    signs = {chr(n) for n in range(33, 127) if not chr(n).isalnum()}
    assert not signs - shown and not set("0123456789") - shown
    assert set("AaMmQqWwYyZz") <= shown  # the letters that change places between layouts


def test_the_in_house_label_is_this_houses(house: House):
    with house.app.test_request_context("/"):
        (label,) = [one for one in sheet_symbols(InHouse(prefix="KX", digits=6)) if one.id == "inhouse"]
    assert label.message.startswith("KX999999")
    assert parse(label.message, inhouse=InHouse(prefix="KX", digits=6)).error is None
