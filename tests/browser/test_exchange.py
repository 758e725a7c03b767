"""The administrator tells another system: made, tried out, refused, decided, in a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.browser.visitor import Visitor
from tests.browser.ward import Ward
from tests.exchange.receiver import Receiver, Reply, receiving
from tracer.access.operator import OPERATOR
from tracer.access.outbox import Announcement, tell_many
from tracer.db.transaction import transaction
from tracer.exchange.delivering import Deliverer

pytestmark = pytest.mark.browser

LOOKS = [(True, "en"), (False, "zh")]
SAVE = {"zh": "保存", "en": "Save"}
TEST = {"zh": "发送测试", "en": "Send a test"}
AGAIN = {"zh": "重发", "en": "Send again"}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as server:
        yield server


@pytest.mark.parametrize(("phone", "language"), LOOKS)
def test_an_endpoint_is_made_and_a_dead_letter_sent_again(
    visit: Callable[..., Visitor],
    hospital: Ward,
    receiver: Receiver,
    tmp_path: Path,
    phone: bool,
    language: str,
):
    admin = visit("admin", phone=phone, language=language)
    page, name = admin.page, f"HIS {language} {phone}"
    admin.open("/exchange")
    admin.look("list-before")
    admin.open("/exchange/endpoints/new")
    assert page.locator("[name=folder]").is_hidden() and page.locator("[name=url]").is_visible()
    page.select_option("[name=kind]", "csv")
    assert page.locator("[name=folder]").is_visible() and page.locator("[name=url]").is_hidden()
    page.select_option("[name=kind]", "webhook")
    page.fill("[name=name]", name)
    page.fill("[name=url]", receiver.url)
    admin.look("new")
    page.get_by_role("button", name=SAVE[language]).click()
    page.wait_for_selector(".secret code:has-text('whsec_')")
    admin.look("secret")
    page.get_by_role("button", name=TEST[language]).click()
    page.wait_for_selector(".tested .mark.good")
    assert receiver.messages[-1].content["type"] == "test"
    admin.look("tested")

    receiver.reply = lambda message: Reply(422, words="没有这个物资 no such item".encode())
    tell_and_deliver(hospital, tmp_path)
    admin.open("/exchange")
    page.locator(".endpoints tr", has_text=name).locator("td[data-label] a b").wait_for()
    admin.look("list")
    page.locator(".events tbody th a").nth(1).click()
    page.wait_for_selector(".delivery .mark.bad")
    admin.look("event")
    receiver.reply = lambda message: Reply()
    here = page.locator(".delivery", has_text=name)
    here.locator("[name=why]").fill("对方已修复")
    here.get_by_role("button", name=AGAIN[language]).click()
    page.wait_for_selector(".notice")
    deliver(hospital, tmp_path)
    page.reload()
    page.locator(".delivery", has_text=name).locator(".mark.good").wait_for()
    end(hospital)


def tell_and_deliver(hospital: Ward, folder: Path) -> None:
    with transaction(hospital.engine) as session:
        item = session.execute(text("SELECT min(id) FROM item")).scalar_one()
        payload = {"item": item, "system": "billing", "code": "JF000001", "valid_from": "2026-04-01"}
        events = [Announcement("binding.approved", item, payload) for _ in range(2)]
        tell_many(session, OPERATOR, hospital.clock, events)
    deliver(hospital, folder)


def deliver(hospital: Ward, folder: Path) -> None:
    Deliverer(hospital.engine, tries=48, folder=folder, file_seconds=0).drain()


def end(hospital: Ward) -> None:
    with hospital.engine.begin() as connection:
        connection.execute(text("UPDATE endpoint SET state = 'ended'"))
        connection.execute(text("UPDATE delivery SET state = 'skipped' WHERE state IN ('waiting', 'dead')"))
