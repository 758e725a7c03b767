"""The administrator's page of what others are told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from tests.access.application import CSRF
from tests.exchange.receiver import Receiver, Reply, receiving
from tests.pages.conftest import House
from tracer.access.outbox import Announcement, tell_many
from tracer.access.rules import Role
from tracer.catalog.mismatches.loading import load_export
from tracer.db.transaction import transaction
from tracer.exchange.delivering import Deliverer

SECRET = re.compile(r"whsec_[A-Za-z0-9+/=]{40,}")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as server:
        yield server


@pytest.fixture
def admin(house: House) -> Iterator[FlaskClient]:
    yield house.sign_in("admin")
    with house.engine.begin() as connection:
        connection.execute(text("UPDATE endpoint SET state = 'ended', name = name || ' ' || id || ' ended'"))


def post(client: FlaskClient, page: str, path: str | None = None, **form: Any) -> TestResponse:
    """A form of that page, sent."""
    token = CSRF.search(client.get(page).get_data(as_text=True))
    assert token
    return client.post(path or page, data={"csrf_token": token[1]} | form)


def make(client: FlaskClient, receiver: Receiver, name: str, **more: Any) -> tuple[int, str]:
    """A webhook made through the form: its number, and the page that follows."""
    form = {"name": name, "kind": "webhook", "url": receiver.url} | more
    answer = post(client, "/exchange/endpoints/new", **form)
    page = answer.get_data(as_text=True)
    found = re.search(r"/exchange/endpoints/(\d+)/test", page)
    assert answer.status_code == 200 and found, page
    return int(found[1]), page


def tell(house: House, count: int = 1, topic: str = "binding.approved") -> None:
    item = house.hospital.items["stent"]
    with transaction(house.engine) as session:
        events = [Announcement(topic, item, {"code": f"JF{n}<b>"}) for n in range(count)]
        tell_many(session, house.hospital.people["admin"], house.hospital.clock, events)


def deliver(house: House) -> None:
    Deliverer(house.engine, tries=48, folder=house.app.extensions["tracer"].settings.drop_root,
              file_seconds=0.0).drain()  # fmt: skip


def last_event(house: House) -> int:
    with house.engine.connect() as connection:
        return connection.execute(text("SELECT max(id) FROM event")).scalar_one()


def test_a_secret_is_shown_once_and_stands_nowhere_else(
    house: House, admin: FlaskClient, receiver: Receiver
) -> None:
    number, page = make(admin, receiver, "HIS once")
    (secret,) = SECRET.findall(page)
    for path in ("/exchange", f"/exchange/endpoints/{number}"):
        assert "whsec_" not in re.sub(r'placeholder="whsec_…"', "", admin.get(path).get_data(as_text=True))
    answer = post(admin, f"/exchange/endpoints/{number}", f"/exchange/endpoints/{number}/secret")
    (renewed,) = SECRET.findall(answer.get_data(as_text=True))
    assert renewed != secret
    with house.engine.connect() as connection:
        kept = connection.execute(text("SELECT secret FROM endpoint WHERE id = :n"), {"n": number}).scalar()
        audit = str(connection.execute(text("SELECT before, after FROM audit_entry")).all())
    assert kept == renewed
    assert secret not in audit and renewed not in audit and "HIS once" in audit


def test_a_test_message_shows_what_came_back(house: House, admin: FlaskClient, receiver: Receiver) -> None:
    number, _ = make(admin, receiver, "HIS test")
    receiver.reply = lambda message: Reply(503, words="<b>维护中</b>".encode())
    page = post(admin, f"/exchange/endpoints/{number}", f"/exchange/endpoints/{number}/test").get_data(
        as_text=True
    )
    assert "HTTP 503" in page and "&lt;b&gt;维护中" in page and "未成功" in page
    assert receiver.messages[0].content["type"] == "test"


def test_a_dead_letter_is_seen_sent_again_and_skipped(
    house: House, admin: FlaskClient, receiver: Receiver
) -> None:
    number, _ = make(admin, receiver, "HIS dead")
    tell(house, 2)
    receiver.reply = lambda message: Reply(422, words=b"no such item")
    deliver(house)
    page = admin.get(f"/exchange?to={number}&state=dead").get_data(as_text=True)
    second = last_event(house)
    first = second - 1
    assert f"/exchange/events/{first}" in page and f"/exchange/events/{second}" not in page
    page = admin.get(f"/exchange/events/{first}").get_data(as_text=True)
    assert "no such item" in page and "JF0&lt;b&gt;" in page and "HTTP 422" in page
    assert f"/exchange/events/{first}" in admin.get(f"/exchange/events/{second}").get_data(as_text=True)
    event = f"/exchange/events/{first}"
    refused = post(admin, event, f"{event}/again", endpoint=number, why=" ")
    assert refused.status_code == 422 and "请填写原因" in refused.get_data(as_text=True)
    assert post(admin, event, f"{event}/again", endpoint=number, why="对方已修复").status_code == 303
    deliver(house)
    assert len(receiver.messages) == 2
    assert post(admin, event, f"{event}/skip", endpoint=number, why="不再需要").status_code == 303
    receiver.reply = lambda message: Reply()
    deliver(house)
    assert receiver.messages[-1].sequence == second
    over = post(admin, event, f"{event}/skip", endpoint=number, why="再次")
    assert over.status_code == 409


def test_an_endpoint_is_paused_and_ended(house: House, admin: FlaskClient, receiver: Receiver) -> None:
    number, _ = make(admin, receiver, "HIS pause", topics="binding, price")
    page = f"/exchange/endpoints/{number}"
    form = {"name": "HIS pause", "url": receiver.url, "topics": "price"}
    assert post(admin, page, state="paused", **form).status_code == 303
    assert "已暂停" in admin.get(page).get_data(as_text=True)
    assert post(admin, page, state="ended", **form).status_code == 303
    shown = admin.get(page).get_data(as_text=True)
    assert "已停用" in shown and "/test" not in shown
    ended = admin.post(page, data={"csrf_token": _token(admin), "state": "active", **form})
    assert ended.status_code == 409


def _token(client: FlaskClient) -> str:
    found = CSRF.search(client.get("/exchange").get_data(as_text=True))
    assert found
    return found[1]


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"url": "ftp://his/"}, "http://"),
        ({"url": "https://user:pass@his/"}, "密码"),
        ({"url": "javascript:alert(1)"}, "http://"),
        ({"url": "http://["}, "http://"),
        ({"url": ""}, "http://"),
        ({"name": "  "}, "字符"),
        ({"topics": "Code"}, "主题"),
        ({"ca_file": "/no/such/file"}, "PEM"),
        ({"ca_file": "/etc/hostname"}, "PEM"),
        ({"secret": "geheim"}, "whsec_"),
        ({"kind": "csv", "folder": "../etc"}, "子目录"),
        ({"kind": "fax"}, ""),
    ],
)
def test_what_cannot_be_right_is_refused_in_words(
    admin: FlaskClient, receiver: Receiver, form: dict[str, str], said: str
) -> None:
    given = {"name": "HIS wrong", "kind": "webhook", "url": receiver.url} | form
    answer = post(admin, "/exchange/endpoints/new", **given)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and said in page
    assert "geheim" not in page


def test_two_endpoints_have_two_names(admin: FlaskClient, receiver: Receiver) -> None:
    make(admin, receiver, "HIS twice")
    given = {"name": "HIS twice", "kind": "webhook", "url": receiver.url}
    answer = post(admin, "/exchange/endpoints/new", **given)
    assert answer.status_code == 409 and 'value="HIS twice"' in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "query",
    ["?to=x", "?to=99999999999999999999", "?state=odd", "?item=%00", "?item=" + "9" * 500, "?before=-1",
     "?topic='--", "?to=1&before=0"],
)  # fmt: skip
def test_nonsense_in_the_address_is_no_error(admin: FlaskClient, query: str) -> None:
    assert admin.get("/exchange" + query).status_code == 200


@pytest.mark.parametrize("path", ["/exchange/events/0", "/exchange/endpoints/99999999999999999999999"])
def test_what_is_not_there_is_not_found(admin: FlaskClient, path: str) -> None:
    assert admin.get(path).status_code == 404


def test_events_are_found_by_an_items_code_and_by_topic(
    house: House, admin: FlaskClient, receiver: Receiver
) -> None:
    make(admin, receiver, "HIS find")
    tell(house, topic="price.approved")
    event = f"/exchange/events/{last_event(house)}"
    for query in ("item=WZ000001", "item=06901234567892", "topic=price", "topic=price.approved"):
        assert event in admin.get(f"/exchange?{query}").get_data(as_text=True), query
    for query in ("item=WZ000002", "topic=pri", "topic=binding"):
        assert event not in admin.get(f"/exchange?{query}").get_data(as_text=True), query


def test_older_events_are_a_page_further(house: House, admin: FlaskClient) -> None:
    tell(house, 120, topic="older.events")
    seen: list[str] = []
    path = "/exchange?topic=older"
    while path:
        page = admin.get(path).get_data(as_text=True)
        seen += re.findall(r'<a href="/exchange/events/(\d+)"', page)
        found = re.search(r'rel="next" href="([^"]+)"', page)
        path = found[1].replace("&amp;", "&") if found else ""
    assert len(seen) == 120 and seen == sorted(seen, key=int, reverse=True)


def test_the_page_needs_five_statements_whatever_it_shows(house: House, admin: FlaskClient) -> None:
    tell(house, 60)
    with house.statements() as seen:
        assert admin.get("/exchange").status_code == 200
    assert len(seen) <= 5  # who asks, endpoints, topics, events, their deliveries


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_only_the_administrator_enters(house: House, role: Role) -> None:
    client = house.sign_in(role)
    for path in ("/exchange", "/exchange/endpoints/new", "/exchange/endpoints/1", "/exchange/events/1"):
        assert client.get(path).status_code == 403
    assert 'href="/exchange"' not in client.get("/", follow_redirects=True).get_data(as_text=True)


def test_every_word_is_there_in_english(house: House, receiver: Receiver) -> None:
    client = house.sign_in("admin", "en")
    number, page = make(client, receiver, "HIS english")
    tell(house)
    pages = [page, *(client.get(path).get_data(as_text=True) for path in (
        "/exchange", "/exchange/endpoints/new", f"/exchange/endpoints/{number}",
    ))]  # fmt: skip
    for one in pages:
        main = one[one.index("<main") :].replace("冠脉支架", "").replace("测试admin", "")
        assert re.findall("[\u4e00-\u9fff]+", main) == []


def test_whether_a_system_did_what_it_was_told(
    house: House, admin: FlaskClient, receiver: Receiver, tmp_path: Path
) -> None:
    number, _page = make(admin, receiver, "HIS 漂移", source="HIS 漂移")
    where = f"/exchange/endpoints/{number}"
    assert "还没有载入名为“HIS 漂移”的导出" in admin.get(where).get_data(as_text=True)
    stent = house.hospital.items["stent"]
    with transaction(house.engine) as session:
        material = session.execute(
            text("SELECT code FROM code_binding WHERE item_id = :item AND system = 'material'"),
            {"item": stent},
        ).scalar_one()
        payload = {"item": stent, "system": "billing", "code": "TOLD-1", "valid_from": "2026-01-01"}
        told = [Announcement("binding.approved", stent, payload)]
        tell_many(session, house.hospital.people["admin"], house.hospital.clock, told)
    deliver(house)
    file = tmp_path / "his.csv"
    file.write_text(f"物资编码,计费编码\n{material},ELSE-1\n", encoding="utf-8")
    with transaction(house.engine) as session:
        session.execute(text("UPDATE delivery SET settled_at = :at"), {"at": house.hospital.clock.now()})
        load_export(
            session, house.hospital.people["procurement"], house.hospital.clock, file,
            source="HIS 漂移", file="his.csv",
        )  # fmt: skip
    page = admin.get(where).get_data(as_text=True)
    assert "对方改成了别的" in page and "ELSE-1" in page and "TOLD-1" in page
    assert "0 项已照办" in page
