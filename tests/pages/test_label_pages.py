"""The pages of labels: who may enter, what they show, and what a form sends back."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from tests.access.application import CSRF
from tests.pages.conftest import House
from tests.scanners.label_readers import by_zbar, opened, pdf_pages
from tracer.access.rules import Role

UNITS = re.compile(r'name="unit" value="(TR[0-9]{12})"')
THERE = re.compile(r'href="(/stock/labels/pieces\?[^"]+)"')
MAY = {Role.STOREKEEPER, Role.PROCUREMENT, Role.ADMIN}


@pytest.fixture
def keeper(house: House) -> FlaskClient:
    return house.sign_in("storekeeper")


def batch_page(client: FlaskClient, place: str = "STORE", page: str = "/stock/labels") -> str:
    listed = client.get(f"{page}?location={place}").get_data(as_text=True)
    return THERE.findall(listed)[0].replace("&amp;", "&")


def form_of(client: FlaskClient, address: str) -> dict[str, Any]:
    """What a browser without our script would send for the page: everything as it stands."""
    page = client.get(address).get_data(as_text=True)
    hidden = dict(re.findall(r'type="hidden" name="([a-z]+)" value="([^"]*)"', page))
    token = CSRF.search(page)
    assert token
    chosen = re.findall(r'name="unit" value="(TR[0-9]{12})" data-printed="[0-9]+" checked', page)
    hidden["csrf_token"] = token[1]
    usual = {"stock": "40x30", "symbology": "code128", "dpi": "203", "start": "1", "format": "pdf"}
    return hidden | usual | {"unit": chosen}


def test_every_role_may_exactly_what_receiving_needs(house: House, keeper: FlaskClient):
    address = batch_page(keeper)
    label = UNITS.findall(keeper.get(address).get_data(as_text=True))[0]
    for role in Role:
        client = house.sign_in(role)
        token = CSRF.search(client.get("/sign-in", follow_redirects=True).get_data(as_text=True))
        assert token
        form = {"csrf_token": token[1], "unit": label}
        answers = {
            path: client.get(path).status_code
            for path in ("/stock/labels", address, f"/stock/labels/specimen.png?label={label}")
        }
        answers["print"] = client.post("/stock/labels/print", data=form).status_code
        if role in MAY:
            assert list(answers.values())[:3] == [200, 200, 200], role
            assert answers["print"] in (404, 422)  # nothing was chosen for the printer
        else:
            assert set(answers.values()) == {403}, (role, answers)
    somebody = house.app.test_client()
    assert somebody.get("/stock/labels").status_code == 302
    assert somebody.post("/stock/labels/print", data={"unit": label}).status_code in (302, 400)


def test_the_way_there_is_shown_to_whom_it_is_open(house: House):
    for role, shown in (("storekeeper", True), ("procurement", True), ("nurse", False), ("finance", False)):
        page = house.sign_in(role).get("/stock").get_data(as_text=True)
        assert ('href="/stock/labels"' in page) is shown, role
    client = house.sign_in("storekeeper")
    item = house.hospital.items["stent"]
    assert "/stock/labels?location=STORE&amp;q=" in client.get(f"/stock/STORE/{item}").get_data(as_text=True)
    cotton = house.hospital.items["cotton"]
    assert "/stock/labels?" not in client.get(f"/stock/STORE/{cotton}").get_data(as_text=True)


def test_the_pages_need_few_statements(house: House, keeper: FlaskClient):
    address = batch_page(keeper)
    for path, most in (("/stock/labels", 3), (address, 3)):
        with house.statements() as seen:
            assert keeper.get(path).status_code == 200
        assert len(seen) <= most, seen  # who asks, the places, the pieces


def test_a_delivery_is_printed_from_the_page(house: House, keeper: FlaskClient, zbar: str):
    address = batch_page(keeper)
    form = form_of(keeper, address)
    assert len(form["unit"]) == 10
    answer = keeper.post("/stock/labels/print", data=form)
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert re.fullmatch(
        r'attachment; filename="labels-[0-9]{8}-[0-9]{6}\.pdf"', answer.headers["Content-Disposition"]
    )
    assert answer.headers["Cache-Control"] == "no-store"
    read = [seen.text for page in pdf_pages(answer.data) for seen in by_zbar(page)]
    assert read == form["unit"]
    again = keeper.get(address).get_data(as_text=True)
    assert "已记录打印 10 枚标签" in again
    assert again.count("已打印 1 次") == 10 and 'data-printed="0"' not in again
    assert form_of(keeper, batch_page(keeper))["unit"] == []  # nothing is chosen that has its label


def test_a_second_print_is_refused_on_the_page_with_what_was_chosen(house: House, keeper: FlaskClient):
    address = batch_page(keeper, "CARD-W1")
    form = form_of(keeper, address)
    assert keeper.post("/stock/labels/print", data=form).status_code == 200
    buyer = house.sign_in("procurement")
    form = form_of(buyer, address) | {"unit": form["unit"][:2], "stock": "60x40"}
    refused = buyer.post("/stock/labels/print", data=form)
    page = refused.get_data(as_text=True)
    assert refused.status_code == 422 and "已打印过 1 次" in page and "测试storekeeper" in page
    assert len(re.findall(r'data-printed="1" checked', page)) == 2 and 'value="60x40"  selected' in page
    assert buyer.post("/stock/labels/print", data=form | {"why": "标签破损"}).status_code == 200
    with house.engine.connect() as connection:
        why = connection.execute(
            text("SELECT why FROM audit_entry WHERE subject_id = :label ORDER BY id DESC LIMIT 1"),
            {"label": form["unit"][0]},
        ).scalar_one()
    assert why == "标签破损"


def test_a_script_is_told_the_reason_as_a_problem(house: House):
    client = house.sign_in("storekeeper", language="en")
    form = form_of(client, batch_page(client)) | {"unit": []}
    answer = client.post("/stock/labels/print", data=form, headers={"Accept": "application/problem+json"})
    assert answer.status_code == 422 and answer.get_json()["detail"] == "Choose at least one piece"


def test_the_printer_is_remembered(house: House):
    client = house.sign_in("admin")
    form = form_of(client, batch_page(client)) | {
        "stock": "70x50",
        "symbology": "qr",
        "format": "zpl",
        "why": "x",
    }
    form["unit"] = UNITS.findall(client.get(batch_page(client)).get_data(as_text=True))[:1]
    answer = client.post("/stock/labels/print", data=form)
    assert answer.mimetype == "application/zpl" and answer.data.startswith(b"^XA")
    page = client.get(batch_page(client)).get_data(as_text=True)
    assert '<option value="70x50"  selected>' in page and 'value="qr" selected' in page
    assert 'value="zpl" checked' in page


def test_one_piece_is_found_by_its_label_and_chosen(house: House, keeper: FlaskClient):
    label = UNITS.findall(keeper.get(batch_page(keeper)).get_data(as_text=True))[0]
    form = form_of(keeper, f"/stock/labels/pieces?label={label}")
    assert form["unit"] == [label] and form["label"] == label
    found = keeper.get(f"/stock/labels?q={label}").get_data(as_text=True)
    assert len(THERE.findall(found)) >= 1


def test_a_look_is_a_picture_of_no_piece(house: House, keeper: FlaskClient, zbar: str, cjk_font: str):
    label = UNITS.findall(keeper.get(batch_page(keeper)).get_data(as_text=True))[0]
    answer = keeper.get(f"/stock/labels/specimen.png?label={label}&stock=50x30&symbology=code128&dpi=300")
    assert answer.mimetype == "image/png"
    assert [seen.text for seen in by_zbar(opened(answer.data))] == ["TR000000000024"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/stock/labels?location=NOWHERE", 404),
        ("/stock/labels?location=PATIENT", 404),
        ("/stock/labels?location=CARD", 422),
        ("/stock/labels?page=x&q=%00&unprinted=2", 200),
        ("/stock/labels?page=99999999999", 200),
        ("/stock/labels?q=" + "9" * 500, 200),
        ("/stock/labels/pieces", 404),
        ("/stock/labels/pieces?location=STORE&item=x&day=2026-03-10", 422),
        ("/stock/labels/pieces?location=STORE&item=9999999999&day=2026-03-10", 422),
        ("/stock/labels/pieces?location=STORE&item=999999999&day=2026-03-10", 404),
        ("/stock/labels/pieces?location=STORE&item=1&day=yesterday", 422),
        ("/stock/labels/pieces?label=%00", 404),
        ("/stock/labels/pieces?label=TR000000999996", 404),
        ("/stock/labels/specimen.png", 404),
        ("/stock/labels/specimen.png?label=TR000000999996", 404),
        ("/stock/labels/specimen.png?label=x&dpi=x", 422),
        ("/stock/labels/print", 405),
    ],
)
def test_nonsense_is_answered_in_words(keeper: FlaskClient, path: str, status: int):
    answer = keeper.get(path)
    assert answer.status_code == status, answer.get_data(as_text=True)[-400:]


@pytest.mark.parametrize(
    "changes",
    [{"dpi": "x"}, {"start": "-1"}, {"stock": ""}, {"format": "exe"}, {"symbology": "<"}, {"why": "x" * 999}],
)
def test_a_form_that_was_tampered_with_is_refused(house: House, keeper: FlaskClient, changes: dict[str, str]):
    form = form_of(keeper, batch_page(keeper))
    form["unit"] = UNITS.findall(keeper.get(batch_page(keeper)).get_data(as_text=True))[:1]
    assert keeper.post("/stock/labels/print", data=form | {"why": "试"} | changes).status_code == 422
    form["csrf_token"] = "nonsense"
    assert keeper.post("/stock/labels/print", data=form).status_code == 400
