"""Signing in with a browser."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask_openapi3.openapi import OpenAPI
from sqlalchemy import Engine, text

from tests.access.application import PASSWORD, Browser, make_app
from tracer.access.accounts import FREE_ATTEMPTS
from tracer.access.operator import OPERATOR
from tracer.access.people import set_password
from tracer.db.transaction import in_transaction
from tracer.shared.clock import SetClock
from tracer.web.pages import local_path


def test_who_is_not_signed_in_is_asked_to_and_comes_back(app: OpenAPI, browser: Browser):
    asked = browser.get("/?tab=2")
    assert asked.status_code == 302 and asked.location == "/sign-in?next=/?tab%3D2"
    assert browser.sign_in("wang", next="/?tab=2").location == "/?tab=2"
    assert browser.get("/").status_code in {200, 302}


def test_a_wrong_password_is_told_kindly_and_keeps_the_name(browser: Browser):
    answer = browser.sign_in("wang", "wrong password", next="/stock?x=1")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 401
    assert "用户名或密码不正确" in page and 'role="alert"' in page
    assert 'value="wang"' in page and 'value="/stock?x=1"' in page
    assert "wrong password" not in page


def test_too_many_are_told_how_long_to_wait(browser: Browser):
    for _ in range(FREE_ATTEMPTS):
        browser.sign_in("wang", "wrong")
    answer = browser.sign_in("wang")
    assert answer.status_code == 429 and answer.headers["Retry-After"] == "30"
    assert "30 秒" in answer.get_data(as_text=True)


def test_the_session_is_a_new_one_after_signing_in(app: OpenAPI, browser: Browser):
    """Session fixation: what an attacker planted before is worth nothing afterwards."""
    browser.get("/sign-in")
    planted = browser.cookie()
    browser.sign_in("wang")
    taken = browser.cookie()
    assert planted and taken and planted != taken
    attacker = Browser(app)
    attacker.client.set_cookie("tracer", planted)
    assert attacker.get("/").location.startswith("/sign-in")


def test_the_csrf_token_changes_with_the_session(browser: Browser):
    before = browser.csrf()
    browser.sign_in("wang")
    answer = browser.client.post("/sign-out", data={"csrf_token": before})
    assert answer.status_code == 400
    assert browser.get("/sign-in").status_code == 302  # still signed in


def test_signing_in_again_ends_the_session_before(app: OpenAPI, browser: Browser):
    browser.sign_in("wang")
    first = Browser(app)
    first.client.set_cookie("tracer", browser.cookie())
    assert first.get("/sign-in").status_code == 302
    browser.sign_in("li")
    assert first.get("/").location.startswith("/sign-in")


def test_a_copied_cookie_is_worth_nothing_after_signing_out(app: OpenAPI, browser: Browser):
    browser.sign_in("wang")
    thief = Browser(app)
    thief.client.set_cookie("tracer", browser.cookie())
    assert browser.post("/sign-out").location == "/sign-in"
    assert browser.get("/").location.startswith("/sign-in")
    assert thief.get("/").location.startswith("/sign-in")


def test_a_session_ends_after_a_shift(app: OpenAPI, browser: Browser, clock: SetClock):
    browser.sign_in("wang")
    clock.advance(timedelta(hours=12))
    assert browser.get("/").location.startswith("/sign-in")


def test_a_new_password_ends_every_session(app, browser: Browser, house: Engine, clock):
    browser.sign_in("wang")
    in_transaction(house, lambda s: set_password(s, OPERATOR, "wang", "another pass phrase", clock))
    assert browser.get("/").location.startswith("/sign-in")
    assert browser.sign_in("wang").status_code == 401


@pytest.mark.parametrize("path", ["/sign-in", "/sign-out", "/language"])
def test_no_form_is_taken_without_its_token(browser: Browser, path: str):
    fields = {"username": "wang", "password": PASSWORD, "language": "en"}
    answer = browser.client.post(path, data=fields)
    assert answer.status_code == 400
    assert "页面已过期" in answer.get_data(as_text=True)
    assert browser.get("/").location.startswith("/sign-in")


def test_a_cookie_signed_by_somebody_else_is_no_cookie(app, house, clock, browser: Browser):
    from dataclasses import replace

    from tests.access.application import SETTINGS

    other = make_app(house, clock, replace(SETTINGS, secret_key="f" * 31 + "0123456789abcdef"))
    forged = Browser(other)
    forged.sign_in("wang")
    browser.client.set_cookie("tracer", forged.cookie())
    assert browser.get("/").location.startswith("/sign-in")


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example/",
        "https://evil.example/",
        "http:evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "\n//evil.example",
        "javascript:alert(1)",
        "evil.example",
        "/a\r\nSet-Cookie: x=1",
        "///evil.example",
        "//[",
        "",
        None,
    ],
)
def test_nobody_is_led_elsewhere(target: str | None):
    assert local_path(target) == "/"


@pytest.mark.parametrize("target", ["/", "/stock", "/stock?item=WZ1&lot=A%2FB", "/variance#top", "/扫码"])
def test_a_page_of_ours_is_where_one_goes(target: str):
    assert local_path(target) == target


@pytest.mark.parametrize("field", ["//evil.example", "https://evil.example"])
def test_the_sign_in_form_leads_nowhere_else(browser: Browser, field: str):
    assert browser.sign_in("wang", next=field).location == "/"
    assert browser.get("/sign-in", query_string={"next": field}).location == "/"
    assert browser.post("/language", language="en", next=field).location == "/"


def test_cookies_are_kept_from_scripts_and_other_sites(app: OpenAPI):
    plain, tls = Browser(app), Browser(app, https=True)
    for browser, name in ((plain, "tracer="), (tls, "__Host-tracer=")):
        header = browser.get("/sign-in").headers["Set-Cookie"]
        assert header.startswith(name)
        assert "HttpOnly" in header and "SameSite=Lax" in header and "Path=/" in header
        assert ("Secure" in header) is (browser is tls)
        assert "Domain" not in header
    assert tls.sign_in("wang").status_code == 303
    assert tls.get("/sign-in").status_code == 302


def test_the_secret_stays_out_of_the_database_and_the_page(app, browser: Browser, house: Engine):
    browser.sign_in("wang")
    with browser.client.session_transaction() as kept:
        secret = kept["secret"]
    with house.connect() as connection:
        rows = connection.execute(
            text("SELECT w::text FROM web_session w UNION ALL SELECT e::text FROM audit_entry e")
        )
        assert all(secret not in row for row in rows.scalars())
    assert secret not in browser.get("/nowhere").get_data(as_text=True)
