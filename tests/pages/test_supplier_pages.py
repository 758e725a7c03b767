"""The supplier's pages and the hospital's, through the forms people fill in."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.access.application import CSRF
from tests.pages.conftest import House
from tracer.access.rules import Role
from tracer.catalog.suppliers.assigning import add_supplier, assign_items, assign_person

NEW_DI, OTHER_DI, THIRD_DI = "06901234567922", "06901234567939", "06901234567946"
STENT_INSURANCE = "C02040100300003091540000010"


def post(client: FlaskClient, path: str, page: str, **data: object) -> tuple[int, str]:
    """The status, and the page one is led to."""
    found = CSRF.search(client.get(page).get_data(as_text=True))
    assert found
    answer = client.post(path, data={"csrf_token": found[1], **data}, follow_redirects=True)
    return answer.status_code, answer.get_data(as_text=True)


@pytest.fixture(scope="module")
def traded(house: House) -> dict[str, int]:
    """t-supplier sells stents here, another supplier cotton: its item, its entry, its file."""
    with Session(house.engine) as session, session.begin():
        buyer, clock = house.hospital.people[Role.PROCUREMENT], house.hospital.clock
        ids = {}
        for word, sold in (("north", "WZ000001"), ("south", "WZ000003")):
            ids[word] = add_supplier(session, buyer, clock, code=f"S-{word}", name=f"{word} 商贸")
            assign_items(session, buyer, clock, ids[word], [sold])
        assign_person(session, buyer, clock, ids["north"], house.hospital.people[Role.SUPPLIER].id)
        insert = (
            "INSERT INTO supplier_upload (supplier_id, person_id, file, taken, unchanged, refused, loaded_at)"
            " VALUES (:s, :p, 'theirs.csv', 0, 0, 1, now()) RETURNING id"
        )
        values = {"s": ids["south"], "p": buyer.id}
        ids["upload"] = session.execute(text(insert), values).scalar_one()
        price = session.execute(
            text("INSERT INTO price (item_id, kind, amount, valid_from, proposer_id, source, created_at)"
                 " VALUES (:i, 'purchase', 0.04, '2026-03-10', :p, 'south', now()) RETURNING id"),
            {"i": house.hospital.items["cotton"], "p": buyer.id},
        ).scalar_one()  # fmt: skip
        ids["entry"] = session.execute(
            text("INSERT INTO supplier_entry (supplier_id, item_id, field, value, price_id, person_id,"
                 " entered_at) VALUES (:s, :i, 'price', '0.04', :price, :p, now()) RETURNING id"),
            {"s": ids["south"], "i": house.hospital.items["cotton"], "price": price, "p": buyer.id},
        ).scalar_one()  # fmt: skip
    return ids


@pytest.fixture
def seller(traded: dict[str, int], as_role: Callable[..., FlaskClient]) -> FlaskClient:
    return as_role("supplier")


def entries(house: House, value: str) -> list[int]:
    with house.engine.connect() as db:
        found = text("SELECT id FROM supplier_entry WHERE value = :value AND withdrawn_at IS NULL")
        return list(db.execute(found, {"value": value}).scalars())


def test_a_supplier_sees_its_own_items_and_nothing_of_the_house(seller: FlaskClient, house: House) -> None:
    page = seller.get("/supplier").get_data(as_text=True)
    assert "冠脉支架" in page and "棉球" not in page and "注射器" not in page
    stent = house.hospital.items["stent"]
    shown = page + seller.get(f"/supplier/items/{stent}").get_data(as_text=True)
    assert STENT_INSURANCE in shown
    assert "12800" not in shown and "12,800" not in shown  # what the hospital charges
    for path in ("/stock", "/catalog", f"/catalog/{stent}", "/approvals", "/suppliers", "/variance",
                 "/registers", "/prices", "/certificates", "/mismatches"):  # fmt: skip
        assert seller.get(path).status_code == 403, path


def test_anothers_item_entry_and_file_are_answered_like_ones_that_do_not_exist(
    seller: FlaskClient, house: House, traded: dict[str, int]
) -> None:
    cotton = house.hospital.items["cotton"]
    assert "没有找到" in seller.get("/supplier?q=棉球").get_data(as_text=True)
    numbers = (("/supplier/items/{}", cotton), ("/supplier/uploads/{}", traded["upload"]),
               ("/supplier/uploads/{}?format=csv", traded["upload"]))  # fmt: skip
    for path, theirs in numbers:
        answers = [seller.get(path.format(number)) for number in (theirs, 10**9, 10**18)]
        assert {one.status_code for one in answers} == {404}
        pages = {re.sub(r'value="[^"]*"|content="[^"]*"|nonce="[^"]*"', "", one.text) for one in answers}
        assert len(pages) == 1
    for path, theirs in (
        ("/supplier/items/{}", cotton),
        ("/supplier/entries/{}/withdrawal", traded["entry"]),
    ):
        for number in (theirs, 10**9):
            assert post(seller, path.format(number), "/supplier", udi=NEW_DI)[0] == 404
    template = seller.get("/supplier/template.csv").get_data().decode("utf-8-sig")
    assert "WZ000001" in template and "WZ000003" not in template and "12800" not in template


def test_from_the_form_to_approval_and_back(
    seller: FlaskClient, house: House, traded: dict[str, int], as_role: Callable[..., FlaskClient]
) -> None:
    stent = house.hospital.items["stent"]
    mine = f"/supplier/items/{stent}"
    status, page = post(seller, mine, mine, insurance=STENT_INSURANCE, udi=NEW_DI, price="12800")
    assert status == 200 and "已提交，待医院审核" in page and page.count("待医院审核</span>") == 2
    status, page = post(seller, mine, mine, insurance=STENT_INSURANCE, udi=NEW_DI, price="12800.00")
    assert "没有变化" in page
    status, page = post(seller, mine, mine, udi="0690123456792", price="-1")
    assert status == 422 and "校验位错误" in page and "金额不能为负" in page
    assert 'value="0690123456792"' in page  # what was typed stands there to be mended
    office = f"/suppliers/{traded['north']}"
    insurer = as_role("insurance_office")
    page = insurer.get(office).get_data(as_text=True)
    assert "与现行的不同" in page and NEW_DI in page and "06901234567892" in page
    (udi,), (price,) = entries(house, NEW_DI), entries(house, "12800.00")
    status, page = post(insurer, f"{office}/entries", office, act="return", id=str(udi))
    assert status == 422 and "请说明原因" in page
    status, page = post(insurer, f"{office}/entries", office, act="return", id=str(udi), why="盒上的标识")
    assert status == 200 and "已退回 1 项" in page
    status, page = post(insurer, f"{office}/entries", office, act="all")
    assert "1 项已作第一次批准" in page
    page = seller.get(mine).get_data(as_text=True)
    assert "退回原因：盒上的标识" in page and "一人已批准" in page
    assert "冠脉支架" in seller.get("/supplier?only=returned").get_data(as_text=True)
    assert "盒上的标识" in seller.get("/supplier/entries?state=returned").get_data(as_text=True)
    status, page = post(as_role("finance"), f"{office}/entries", office, act="approve", id=str(price))
    assert status == 200 and "已批准 1 项" in page
    status, page = post(seller, f"/supplier/entries/{price}/withdrawal", mine, item=str(stent))
    assert status == 200 and "已处理过" in page and "¥12,800.00" in page


def test_a_file_is_answered_row_by_row_and_the_answers_are_a_file(seller: FlaskClient) -> None:
    content = (
        f"物资编码,UDI-DI,供应商备注\nWZ000001,{OTHER_DI},\nWZ000001,6.90123E+12,\nWZ000003,{THIRD_DI},\n"
    )
    file = (io.BytesIO(content.encode("gb18030")), "一月.csv")
    status, page = post(seller, "/supplier/upload", "/supplier/upload", file=file)
    assert status == 200 and "一月.csv" in page and "供应商备注" in page
    assert "丢失了位数" in page and "在您向本院供应的物资中没有该编码" in page
    where = re.search(r"/supplier/uploads/(\d+)\?", page)
    assert where
    told = seller.get(f"{where[0]}outcome=refused&format=csv").get_data().decode("utf-8-sig").splitlines()
    assert len(told) == 3 and told[1].startswith("3,WZ000001,未接受,UDI-DI,6.90123E+12")
    book = seller.get(f"{where[0]}format=xlsx")
    assert book.data.startswith(b"PK") and "attachment" in book.headers["Content-Disposition"]
    status, page = post(seller, "/supplier/upload", "/supplier/upload", file=(io.BytesIO(b""), "leer.csv"))
    assert status == 422 and "leer.csv" in page


@pytest.mark.parametrize("format_", ["csv", "xlsx"])
def test_the_template_comes_back_unchanged(seller: FlaskClient, format_: str) -> None:
    template = seller.get(f"/supplier/template.{format_}").get_data()
    file = (io.BytesIO(template), f"items.{format_}")
    status, page = post(seller, "/supplier/upload", "/supplier/upload", file=file)
    assert status == 200 and "未接受：" not in page and "已提交</span><b>0</b>" in page


def test_who_acts_for_nobody_is_told_so_kindly(
    house: House, traded: dict[str, int], as_role: Callable[..., FlaskClient]
) -> None:
    seller, buyer = as_role("supplier"), as_role("procurement")
    person = str(house.hospital.people[Role.SUPPLIER].id)
    people = f"/suppliers/{traded['north']}?tab=people"
    end = f"/suppliers/{traded['north']}/people"
    assert "已停止" in post(buyer, end, people, person=person, act="end")[1]
    page = seller.get("/supplier")
    assert page.status_code == 200 and "t-supplier" in page.text and "还差一步" in page.text
    assert seller.get(f"/supplier/items/{house.hospital.items['stent']}").status_code == 409
    assert seller.get("/supplier/template.csv").status_code == 409
    assert "已指定" in post(buyer, end, people, person=person)[1]
    nurse = str(house.hospital.people[Role.NURSE].id)
    status, page = post(buyer, end, people, person=nurse)
    assert status == 422 and "没有供应商角色" in page


def test_procurement_says_who_sells_what(
    house: House, traded: dict[str, int], as_role: Callable[..., FlaskClient]
) -> None:
    buyer = as_role("procurement")
    assert "north 商贸" in buyer.get("/suppliers?q=S-NORTH").get_data(as_text=True)
    status, page = post(buyer, "/suppliers", "/suppliers", code="S-west", name="西部商贸")
    assert status == 200 and "西部商贸" in page and "没有物资" in page
    status, page = post(buyer, "/suppliers", "/suppliers", code="S-west", name="又一家")
    assert status == 409 and "已有编码" in page
    with house.engine.connect() as db:
        west = db.execute(text("SELECT id FROM supplier WHERE code = 'S-west'")).scalar_one()
    items, listed = f"/suppliers/{west}/items", f"/suppliers/{west}?tab=items"
    status, page = post(buyer, items, listed, materials="WZ000002，NO-SUCH\nWZ000001")
    assert status == 422 and "NO-SUCH" in page and "注射器" not in page
    status, page = post(buyer, items, listed, materials="WZ000002，WZ000001\n\tWZ000002")
    assert "已添加 2 项，0 项原已供应" in page and "注射器" in page
    stent = house.hospital.items["stent"]
    assert "已停止 1 项" in post(buyer, items, listed, act="end", id=str(stent))[1]
    for role in ("finance", "auditor"):
        reader = as_role(role)
        assert reader.get(listed).status_code == 200
        assert post(reader, items, listed, materials="WZ000001")[0] == 403
    assert buyer.get("/suppliers/999999").status_code == 404


@pytest.mark.parametrize("path", ["/supplier", "/supplier/entries", "/supplier/upload", "/suppliers"])
def test_the_pages_speak_english(
    traded: dict[str, int], as_role: Callable[..., FlaskClient], path: str
) -> None:
    role = "supplier" if path.startswith("/supplier/") or path == "/supplier" else "finance"
    page = as_role(role, language="en").get(path).get_data(as_text=True)
    main = page.partition("<main")[2].replace("示范供应商", "")
    assert not re.findall("待|退回|供应商|物资", main)
