"""What the server gives the scan page: places and patients within scope, nobody's full name, all words."""

from __future__ import annotations

import json
import re

import pytest
from sqlalchemy.orm import Session

from scanners.inhouse import make
from tests.pages.conftest import House
from tests.small_hospital import new_key
from tracer.orders.placing import OrderedCode, PlaceOrder, place_order

DATA = re.compile(r'<script type="application/json" id="page-data">(.*?)</script>', re.DOTALL)


def data_of(page: str) -> dict:
    found = DATA.search(page)
    assert found
    return json.loads(found[1])


@pytest.fixture(scope="module")
def ward(house: House) -> House:
    with Session(house.engine) as session, session.begin():
        for ref, name, bed in (("ZY12", "张三丰", "12床"), ("ZY9", "欧阳娜", "9床"), ("ZY3", "", "")):
            order = PlaceOrder(
                key=new_key("order"),
                order_no=f"Y{ref}",
                encounter=ref,
                location="CARD-W1",
                lines=(OrderedCode(order_code="YZB001"),),
                patient_name=name,
                bed=bed,
            )
            place_order(session, house.hospital.people["his"], order, house.hospital.clock)
    return house


def test_the_page_tells_an_in_house_label_from_a_wristband(ward: House):
    data = data_of(ward.sign_in("nurse").get("/scan").get_data(as_text=True))
    assert re.fullmatch(data["labels"], make(42))
    assert re.fullmatch(data["pattern"], "ZY310017")
    assert not re.fullmatch(data["labels"], "ZY310017")


def test_a_nurse_gets_the_places_of_her_scope(ward: House):
    data = data_of(ward.sign_in("nurse").get("/scan").get_data(as_text=True))
    assert [place["code"] for place in data["places"]] == ["CARD-W1"]
    everywhere = data_of(ward.sign_in("admin").get("/scan").get_data(as_text=True))
    assert [place["code"] for place in everywhere["places"]] == ["CARD-W1", "SURG-W1"]
    assert ward.sign_in("finance").get("/scan").status_code == 403


def test_every_word_of_the_page_exists_in_both_languages(ward: House):
    def texts(words: object) -> list[str]:
        return [words] if isinstance(words, str) else [t for one in words.values() for t in texts(one)]

    chinese = texts(data_of(ward.sign_in("nurse").get("/scan").get_data(as_text=True))["words"])
    english = texts(data_of(ward.sign_in("nurse", "en").get("/scan").get_data(as_text=True))["words"])
    assert len(chinese) == len(english)
    assert not [word for word in english if re.search(r"[\u4e00-\u9fff]", word)]
    holes = re.compile(r"\{\w+\}")
    for zh, en in zip(chinese, english, strict=True):
        assert set(holes.findall(zh)) == set(holes.findall(en)), (zh, en)


def test_patients_are_listed_by_bed_without_their_names(ward: House):
    answer = ward.sign_in("nurse").get("/scan/patients?location=CARD-W1")
    assert [(one["bed"], one["name"]) for one in answer.json["patients"]] == [
        ("9床", "欧*"),
        ("12床", "张*"),
        ("", ""),
    ]
    assert "三丰" not in answer.get_data(as_text=True)


def test_another_wards_patients_are_nobodys_business(ward: House):
    nurse = ward.sign_in("nurse")
    json_only = {"Accept": "application/json"}
    assert nurse.get("/scan/patients?location=SURG-W1", headers=json_only).status_code == 404
    assert nurse.get("/scan/patients", headers=json_only).status_code == 404
    assert ward.sign_in("procurement").get("/scan/patients?location=CARD-W1").status_code == 403
