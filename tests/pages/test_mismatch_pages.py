"""The workbench behind its pages: who sees what, loads, settles and approves, in both languages."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from tests.access.application import CSRF
from tests.catalog.intake.taking import take_all_of
from tests.pages.conftest import House

HRP = "物资编码,名称,计费编码,型号,医保编码\nM71,支架甲,B71,A-1,C1\nM72,支架乙,B71,A-2,C2\n"
HIS = "医嘱编码,计费编码,医保编码\nO71,B71,C1\nO72,B72,C2\n"


def post(
    client: FlaskClient, path: str, page: str = "/mismatches/exports", **data: object
) -> tuple[int, str]:
    """The status, and the page one is led to."""
    found = CSRF.search(client.get(page).get_data(as_text=True))
    assert found
    answer = client.post(path, data={"csrf_token": found[1], **data}, follow_redirects=True)
    return answer.status_code, answer.get_data(as_text=True)


def load(client: FlaskClient, name: str, content: str, **owns: str) -> tuple[int, str]:
    """The status of the upload, and the page that says what came of the file."""
    file = (io.BytesIO(content.encode("gb18030")), f"{name}.csv")
    found = CSRF.search(client.get("/mismatches/exports").get_data(as_text=True))
    assert found
    sent = client.post(
        "/mismatches/exports", data={"csrf_token": found[1], "source": name, "file": file, **owns}
    )
    if sent.status_code != 303:
        return sent.status_code, sent.get_data(as_text=True)
    take_all_of(client.application)
    answer = client.get(sent.location)
    return answer.status_code, answer.get_data(as_text=True)


@pytest.fixture
def buyer(house: House, as_role: Callable[..., FlaskClient]) -> FlaskClient:
    with house.engine.begin() as db:
        db.execute(text("TRUNCATE claim, claim_extract, claim_source, code_finding, settlement, correction"))
    return as_role("procurement")


def test_from_two_exports_to_one_to_one(buyer: FlaskClient, as_role: Callable[..., FlaskClient]) -> None:
    assert "还没有载入任何导出" in buyer.get("/mismatches/exports").get_data(as_text=True)
    status, page = load(buyer, "HRP", HRP, **{"owns-material": "1"})
    assert status == 200 and "<dt>已载入的行</dt><dd>2</dd>" in page
    load(buyer, "HIS", HIS, **{"owns-billing": "1"})
    page = buyer.get("/mismatches").get_data(as_text=True)
    assert "支架甲" in page and "编码冲突" in page
    key = re.search(r'group\?key=([^"]+)"', page)
    assert key
    group = f"/mismatches/group?key={key[1]}"
    shown = buyer.get(group).get_data(as_text=True)
    assert "cell:HRP:3:billing" in shown and "最少去掉这些行" in shown
    edit = {"key": "material:M71", "cell:HRP:3:billing": "B72", "why": "型号不同"}
    status, page = post(buyer, "/mismatches/group", group, **edit)
    assert status == 200 and "已提交，待另一人批准" in page
    assert "B72" in page and "<del" in page
    number = re.search(r'name="id" value="(\d+)"', page)
    assert number
    assert post(buyer, "/mismatches/approve", group, id=number[1])[0] == 403
    insurer = as_role("insurance_office")
    assert "型号不同" in insurer.get("/mismatches/approvals").get_data(as_text=True)
    status, page = post(insurer, "/mismatches/approve", "/mismatches/approvals", all="1")
    assert status == 200 and "已批准 1 项并通知相关系统；尚有 0 处未解决" in page
    assert "全部一一对应" in buyer.get("/mismatches").get_data(as_text=True)
    assert "此组已一一对应" in buyer.get(group).get_data(as_text=True)
    asked = {"id": number[1], "back": "material:M71"}
    status, page = post(buyer, "/mismatches/take-back", group, **asked)
    assert status == 422 and "请写明原因" in page
    status, page = post(buyer, "/mismatches/take-back", group, **asked, why="看错了")
    assert status == 200 and "已提请撤销" in page and "此组已一一对应" in page and "批准撤销" not in page
    waiting = insurer.get("/mismatches/approvals").get_data(as_text=True)
    assert "1 项待批准撤销" in waiting and "看错了" in waiting
    status, page = post(insurer, "/mismatches/take-back/approve", "/mismatches/approvals", **asked)
    assert status == 200 and "已撤销并通知相关系统" in page and "编码冲突" in page


def test_suggestions_are_accepted_rejected_and_assigned(buyer: FlaskClient, house: House) -> None:
    load(buyer, "HRP", HRP)
    load(buyer, "HIS", HIS)
    with house.engine.connect() as db:
        ids = [row.id for row in db.execute(text("SELECT id FROM settlement WHERE ruling = 'suggested'"))]
        owner = db.execute(text("SELECT id FROM person WHERE username = 't-procurement'")).scalar_one()
    assert ids
    status, page = post(
        buyer, "/mismatches/assign", "/mismatches", key="material:M71", owner=str(owner), due_on="2026-12-01"
    )
    assert status == 200 and "2026-12-01" in page
    assert "支架甲" in buyer.get("/mismatches?mine=1").get_data(as_text=True)
    status, page = post(buyer, "/mismatches/accept", "/mismatches", id=str(ids[0]))
    assert status == 200 and "已处理 1 项" in page
    status, page = post(buyer, "/mismatches/accept", "/mismatches", id=str(ids[0]))
    assert status == 409 and "请刷新页面" in page
    status, page = post(buyer, "/mismatches/reject", "/mismatches", id=str(ids[0]), why="误判")
    assert status == 200
    load(buyer, "HIS", HIS + "O73,B73,C3\n")
    status, page = post(buyer, "/mismatches/accept", "/mismatches", key="no:such")
    assert status == 200 and "已处理 0 项" in page
    status, page = post(buyer, "/mismatches/accept", "/mismatches")
    assert status == 422 and "请先勾选" in page


@pytest.mark.parametrize(
    ("name", "content", "status", "said"),
    [
        ("HRP", "姓名,年龄\n甲,3\n", 200, "缺少此列"),
        ("HRP", "\n", 200, "第一行应为列名"),
        ("HRP", "", 422, "请选择一个文件"),
        ("", HRP, 422, "请填写来源系统的名称"),
        ("a:b", HRP, 422, "请填写来源系统的名称"),
        ("settled", HRP, 422, "请填写来源系统的名称"),
    ],
)
def test_an_export_that_cannot_be_used_is_refused_with_the_reason(
    buyer: FlaskClient, name: str, content: str, status: int, said: str
) -> None:
    answered, page = load(buyer, name, content)
    assert answered == status and said in page and 'class="refused"' in page
    assert "还没有载入任何导出" in buyer.get("/mismatches/exports").get_data(as_text=True)


def test_rows_that_cannot_be_read_are_listed(buyer: FlaskClient) -> None:
    status, page = load(buyer, "HRP", "物资编码,UDI\nM1,6.90123E+12\nM2,06901234567892\n")
    assert status == 200 and "<dt>已载入的行</dt><dd>1</dd>" in page
    assert "第 2 行，列“UDI”" in page and "科学计数法" in page


def test_who_may_look(as_role: Callable[..., FlaskClient]) -> None:
    for role, status in (("nurse", 403), ("supplier", 403), ("auditor", 200), ("finance", 200)):
        client = as_role(role)
        for path in ("/mismatches", "/mismatches/approvals", "/mismatches/exports"):
            assert client.get(path).status_code == status, (role, path)
    auditor = as_role("auditor")
    assert "载入一次导出" not in auditor.get("/mismatches/exports").get_data(as_text=True)
    assert auditor.get("/mismatches/group?key=material:nobody").status_code == 404


def test_in_english(buyer: FlaskClient, as_role: Callable[..., FlaskClient]) -> None:
    load(buyer, "HRP", HRP)
    load(buyer, "HIS", HIS)
    page = as_role("finance", "en").get("/mismatches").get_data(as_text=True)
    assert "Codes conflict" in page and "Awaiting approval" in page
    odd = "/mismatches?q=%25_!&class=NOPE&system=x&page=99999999999&state=y"
    assert as_role("finance", "en").get(odd).status_code == 200
