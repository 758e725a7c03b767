"""The registers' page: what they say of what was scanned, and how far the imports are."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from tests.pages.conftest import House
from tests.reconcile.registers.releases import part, real_records, zipped
from tracer.access.operator import OPERATOR
from tracer.catalog.registers.importing import Progress, import_register

BROKEN = "<device><deviceRecordKey>X</deviceRecordKey><cpms>A & <b></cpms></device>"
SHARED = "C01030100101016091540000010"


@pytest.fixture(scope="module")
def filled(house: House, tmp_path_factory: pytest.TempPathFactory) -> Progress:
    """The real records; two of them with one insurance code, one with packages, and a broken one."""
    records = real_records()
    records[1]["ybbm"] = SHARED
    records[0]["packingList"] = [
        {"bzcpbs": "14054585068521", "bznhxyjcpbssl": "10", "bznhxyjbzcpbs": records[0]["zxxsdycpbs"]}
    ]
    path = tmp_path_factory.mktemp("releases") / "国家<b>.zip"
    path.write_bytes(zipped({"PART1.xml": part([*records, BROKEN])}))
    return import_register(house.engine, OPERATOR, path, clock=house.hospital.clock)


def page(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.get_data(as_text=True)


def test_a_scanned_package_tells_its_device(filled: Progress, as_role: Callable[..., FlaskClient]) -> None:
    shown = page(as_role("nurse"), "/registers?q=]d201140545850685211728113010L1")
    assert "MR-414818-XS" in shown and "14054585068521" in shown
    assert "10 件" in shown
    assert "登记在 2 个产品上" in shown  # its 27-digit insurance code
    assert "前 20 位共有" in shown


def test_in_english(filled: Progress, as_role: Callable[..., FlaskClient]) -> None:
    shown = page(as_role("nurse", "en"), "/registers?q=04054585068524")
    assert "Registered on 2 devices" in shown and "Sales unit" in shown
    assert "National UDI database" in shown


def test_words_list_what_is_found(filled: Progress, as_role: Callable[..., FlaskClient]) -> None:
    client = as_role("nurse")
    assert page(client, "/registers?q=取石网篮").count("取石网篮") > 5
    assert "没有找到" in page(client, "/registers?q=没有的东西啊")
    assert "请至少输入" in page(client, "/registers?q=a")


def test_imports_and_what_was_bad(filled: Progress, as_role: Callable[..., FlaskClient]) -> None:
    client = as_role("procurement")
    overview = page(client, "/registers")
    assert "国家&lt;b&gt;.zip" in overview and "<b>.zip" not in overview
    assert "refresh" not in overview
    detail = page(client, f"/registers/imports/{filled.batch_id}")
    assert "PART1.xml" in detail and "93" in detail and "不是有效的 XML" in detail
    assert client.get("/registers/imports/99999").status_code == 404
    assert client.get(f"/registers/imports/{2**70}").status_code == 404


def test_while_an_import_runs_the_page_comes_again(
    house: House, filled: Progress, as_role: Callable[..., FlaskClient]
) -> None:
    with house.engine.begin() as connection:
        connection.execute(text("UPDATE register_batch SET status = 'running', bytes_done = bytes_total / 2"))
    try:
        shown = page(as_role("procurement"), "/registers")
        assert 'http-equiv="refresh"' in shown and "正在导入" in shown
        assert re.search(r'<progress max="1" value="0\.(49|5)', shown)
    finally:
        with house.engine.begin() as connection:
            connection.execute(text("UPDATE register_batch SET status = 'done', bytes_done = bytes_total"))


def test_who_may_not_look(filled: Progress, house: House, as_role: Callable[..., FlaskClient]) -> None:
    assert house.app.test_client().get("/registers").status_code in (302, 303, 401)
    assert as_role("supplier").get("/registers").status_code == 403
