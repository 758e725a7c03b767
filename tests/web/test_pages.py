"""The shell of the pages: what everybody sees, in two languages, from this machine alone."""

from __future__ import annotations

import re

import pytest
from flask_openapi3.openapi import OpenAPI
from sqlalchemy import Engine, text

from tests.access.application import Browser, add
from tracer.access.rules import Action, Grant, Role
from tracer.db.transaction import in_transaction
from tracer.shared.clock import SetClock
from tracer.web.catalogues import read_catalogue, untranslated, used_texts
from tracer.web.navigation import PLACES, Place

ELSEWHERE = re.compile(
    r"""(?:src|href|action|url)\s*[=(:]\s*["']?\s*((?:[a-z]+:)?//[^"'\s)>]+)""", re.IGNORECASE
)
CHINESE = re.compile(r"[\u4e00-\u9fff]+")
HANDLER = re.compile(r"<[^>]+\son[a-z]+\s*=", re.IGNORECASE)


def pages_of(browser: Browser) -> dict[str, str]:
    """Every page there is without a parameter, as this browser sees it."""
    rules = browser.client.application.url_map.iter_rules()
    paths = {rule.rule for rule in rules if "GET" in rule.methods and not rule.arguments}
    paths |= {"/no-such-page"}
    seen = {}
    for path in sorted(paths):
        answer = browser.get(path, headers={"Accept": "text/html"}, follow_redirects=True)
        if answer.mimetype == "text/html":
            seen[path] = answer.get_data(as_text=True)
    return seen


@pytest.fixture
def admin(app: OpenAPI, house: Engine, clock: SetClock) -> Browser:
    in_transaction(house, lambda session: add(session, clock, "chief", Grant(Role.ADMIN)))
    browser = Browser(app)
    assert browser.sign_in("chief").status_code == 303
    return browser


def test_the_finder_of_outside_links_finds_them():
    for planted in (
        '<script src="https://cdn.example/x.js">',
        "<link href='//cdn.example/x.css'>",
        "<a href=http://example.com>",
        "@import url(https://fonts.example/f.css)",
    ):
        assert ELSEWHERE.search(planted), planted
    assert not ELSEWHERE.search('<a href="/stock?x=//"> <img src="data:image/png;base64,AA//">')
    assert HANDLER.search('<button onclick="x()">') and not HANDLER.search('<a href="/online">')


def test_no_page_loads_or_leads_anywhere_else(browser: Browser, admin: Browser):
    for seen in (pages_of(browser), pages_of(admin)):
        assert "/sign-in" in seen and "/openapi/swagger" in seen
        for path, page in seen.items():
            assert not ELSEWHERE.findall(page), path


def test_our_files_load_nothing_from_elsewhere(app: OpenAPI):
    from pathlib import Path

    for file in Path(app.static_folder).rglob("*.*"):
        if file.suffix in {".css", ".js"}:
            assert not ELSEWHERE.findall(file.read_text(encoding="utf-8")), file
    styles = app.test_client().get("/bootstrap/static/css/bootstrap.min.css", buffered=True)
    assert styles.status_code == 200
    assert not re.search(r"(?:@import|url\()\s*[\"']?(?:https?:)?//", styles.get_data(as_text=True))


def test_no_page_needs_a_script_of_its_own_without_a_nonce(admin: Browser):
    for path, page in pages_of(admin).items():
        assert not HANDLER.search(page), path
        for tag in re.findall(r"<script[^>]*>", page):
            assert "src=" in tag or "nonce=" in tag or 'type="application/json"' in tag, (path, tag)


@pytest.mark.parametrize("signed_in", [False, True])
def test_in_english_not_one_chinese_word_is_left(browser: Browser, admin: Browser, signed_in: bool):
    reader = admin if signed_in else browser
    assert CHINESE.search(reader.get("/no-such-page").get_data(as_text=True))
    reader.post("/language", language="en")
    for path in ("/sign-in", "/no-such-page"):
        page = reader.get(path, headers={"Accept": "text/html"}, follow_redirects=path != "/sign-in")
        shown = page.get_data(as_text=True).replace('lang="zh-CN">中文<', "")  # the way back is in Chinese
        assert not CHINESE.findall(shown), path
    assert '<html lang="en">' in reader.get("/no-such-page").get_data(as_text=True)


def test_chinese_comes_first_and_says_so(browser: Browser):
    page = browser.get("/sign-in", headers={"Accept-Language": "en"}).get_data(as_text=True)
    assert '<html lang="zh-CN">' in page and "用户名" in page
    assert '<button name="language" value="en" lang="en">English</button>' in page


def test_the_language_is_remembered_on_the_person(app: OpenAPI, browser: Browser, house: Engine):
    browser.sign_in("wang")
    browser.post("/language", language="en", next="/sign-in")
    browser.post("/language", language="xx")
    with house.connect() as connection:
        kept = connection.execute(text("SELECT language FROM person WHERE username = 'wang'")).scalar()
    assert kept == "en"
    elsewhere = Browser(app)
    elsewhere.sign_in("wang")
    assert '<html lang="en">' in elsewhere.get("/no-such-page").get_data(as_text=True)


def test_the_language_chosen_before_signing_in_goes_along(browser: Browser, house: Engine):
    browser.post("/language", language="en", next="/sign-in")
    browser.sign_in("wang")
    assert '<html lang="en">' in browser.get("/no-such-page").get_data(as_text=True)


def test_the_signed_in_see_their_name_and_role_and_the_way_out(browser: Browser):
    browser.sign_in("li")
    answer = browser.get("/", follow_redirects=True)
    page = answer.get_data(as_text=True)
    assert "Li" in page and "财务" in page and "退出" in page
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("role", list(Role))
def test_each_role_sees_its_places_only_and_begins_at_its_own(app, house, clock, role: Role):
    served = {rule.rule for rule in app.url_map.iter_rules()}
    in_transaction(house, lambda session: add(session, clock, "somebody", Grant(role)))
    browser = Browser(app)
    browser.sign_in("somebody")
    from tracer.access.rules import GRANTED

    may = [place.path for place in PLACES if place.path in served and place.action in GRANTED[role]]
    first = browser.get("/")
    if may:
        begins = {Role.FINANCE: "/variance", Role.INSURANCE_OFFICE: "/variance", Role.AUDITOR: "/variance"}
        assert first.location == begins.get(role, may[0])
    else:
        assert "没有可用的页面" in first.get_data(as_text=True)
        for path in served & {place.path for place in PLACES}:
            assert f'href="{path}"' not in first.get_data(as_text=True)


def test_a_wrong_turn_still_shows_where_one_can_go(browser: Browser):
    assert "退出" not in browser.get("/no-such-page").get_data(as_text=True)
    browser.sign_in("li")
    answer = browser.get("/no-such-page")
    assert answer.status_code == 404 and "退出" in answer.get_data(as_text=True)


def test_places_are_the_pages_of_a_working_day():
    assert [(place.path, place.action) for place in PLACES] == [
        ("/scan", Action.SCAN),
        ("/stock", Action.VIEW_STOCK),
        ("/catalog", Action.VIEW_CODES),
        ("/approvals", Action.APPROVE_CODES),
        ("/supplier", Action.SUPPLY),
        ("/suppliers", Action.VIEW_SUPPLIERS),
        ("/certificates", Action.VIEW_CODES),
        ("/prices", Action.APPROVE_PRICE),
        ("/mismatches", Action.VIEW_MISMATCHES),
        ("/registers", Action.VIEW_CODES),
        ("/variance", Action.VIEW_VARIANCE),
        ("/scanner-test", Action.IMPORT_CODES),
        ("/exchange", Action.MANAGE_EXCHANGE),
    ]
    assert all(isinstance(place, Place) for place in PLACES)


def test_what_a_person_is_called_cannot_be_markup(app: OpenAPI, house: Engine, clock: SetClock):
    def people(session) -> None:
        add(session, clock, "mallory")
        session.execute(
            text("UPDATE person SET name = '<script>alert(1)</script>' WHERE username = 'mallory'")
        )

    in_transaction(house, people)
    browser = Browser(app)
    browser.sign_in("mallory", next="/no-such-page")
    assert "<script>alert" not in browser.get("/", follow_redirects=True).get_data(as_text=True)
    refused = browser.sign_in('"><script>alert(1)</script>', "x").get_data(as_text=True)
    assert "<script>alert" not in refused


# --- headers ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/sign-in", "/no-such-page", "/api/v1/none", "/healthz", "/static/tracer.css", "/"]
)
def test_every_answer_is_guarded(browser: Browser, path: str):
    headers = browser.get(path, buffered=True).headers
    policy = headers["Content-Security-Policy"]
    assert (
        "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "base-uri 'none'" in policy
    )
    assert "unsafe" not in policy and "http" not in policy and "*" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert ("no-store" in headers["Cache-Control"]) is (path != "/static/tracer.css")
    assert "Werkzeug" not in headers.get("Server", "")


def test_a_nonce_is_used_once(browser: Browser):
    nonces = set()
    for _ in range(3):
        answer = browser.get("/openapi/swagger")
        [nonce] = re.findall(r'<script nonce="([^"]+)">', answer.get_data(as_text=True))
        assert f"script-src 'self' 'nonce-{nonce}'" in answer.headers["Content-Security-Policy"]
        nonces.add(nonce)
    assert len(nonces) == 3


# --- translations ----------------------------------------------------------------------------------------


def test_every_text_has_an_english_sentence():
    texts = used_texts()
    assert {"登录", "扫码", "返回首页"} <= texts
    assert untranslated(read_catalogue(), texts) == []


def test_a_text_without_english_is_found():
    assert untranslated(read_catalogue(), {"登录", "尚未翻译"}) == ["尚未翻译"]


def test_the_catalogue_is_sorted_and_holds_no_text_twice():
    ids = [entry.id for entry in read_catalogue() if entry.id]
    assert ids == sorted(ids) and len(ids) == len(set(ids))
