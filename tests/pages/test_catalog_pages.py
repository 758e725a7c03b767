"""The catalogue's pages: found, proposed, approved by another, and shown as what it is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import Engine, text

from tests.access.application import CSRF
from tests.conftest import _copy, _engine
from tests.pages.conftest import House
from tests.small_hospital import STENT_DI, TODAY


@pytest.fixture
def house(server_url: str, template: str) -> Iterator[House]:
    """A house of each test's own: approvals stay."""
    with _copy(server_url, template) as url, _engine(url) as engine:
        yield House(engine)


def page(client: FlaskClient, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, answer.get_data(as_text=True)[:2000]
    return answer.get_data(as_text=True)


def send(client: FlaskClient, path: str, **form: object) -> str:
    """Post a form, follow where it leads, and give the page's text."""
    found = CSRF.search(page(client, "/catalog"))
    assert found
    answer = client.post(path, data={"csrf_token": found[1], **form}, follow_redirects=True)
    return answer.get_data(as_text=True)


def scalars(engine: Engine, statement: str) -> list:
    with engine.connect() as connection:
        return list(connection.execute(text(statement)).scalars())


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("gmzj", "冠脉支架"),
        ("棉球", "医用棉球"),
        (f"]d201{STENT_DI}10A1", "冠脉支架"),
        ("ＪＦ０００００２", "注射器"),
    ],
)
def test_search(house: House, typed: str, found: str):
    client = house.sign_in("nurse")
    answer = client.get("/catalog", query_string={"q": typed})
    shown = answer.get_data(as_text=True)
    assert found in shown and shown.count('<th scope="row">') == 1


def test_an_items_page_shows_its_five_codes_its_prices_its_stock(house: House):
    stent = house.hospital.items["stent"]
    for language, words in (
        ("zh", ("计费编码", "收费价", "库存", "介入穿刺套包")),
        ("en", ("Billing code", "Charge price")),
    ):
        shown = page(house.sign_in("auditor", language), f"/catalog/{stent}")
        for wanted in (
            "JF000001",
            "YZ000001",
            "WZ000001",
            STENT_DI,
            "C02040100300003091540000010",
            "¥12,800.00",
            *words,
        ):
            assert wanted in shown, (language, wanted)
        assert '<form method="post" action="/catalog/' not in shown  # who only reads has nothing to send
    assert page(house.sign_in("auditor"), "/catalog/999999", 404)


def test_a_code_goes_from_proposal_through_approval_into_force(house: House):
    cotton = house.hospital.items["cotton"]
    buyer, office = house.sign_in("procurement"), house.sign_in("insurance_office", "en")
    shown = send(buyer, f"/catalog/{cotton}/codes", system="billing", code="JF9", source="信.xlsx")
    assert "已提出" in shown and "JF9" in shown
    (made,) = scalars(house.engine, "SELECT id FROM code_binding WHERE code = 'JF9'")
    shown = page(office, "/approvals")
    assert "JF9" in shown and "信.xlsx" in shown
    shown = send(office, "/approvals/codes", act="approve", id=made)
    assert "1 approved" in shown
    assert scalars(house.engine, "SELECT status FROM code_binding WHERE code = 'JF9'") == ["approved"]
    assert 'class="now">JF9<' in page(buyer, f"/catalog/{cotton}")
    shown = send(office, f"/catalog/{cotton}/retirement", binding=made, why="wrong item")
    assert "cannot be ended" in shown  # it begins today: it would never have held
    house.hospital.advance(days=1)
    office = house.sign_in("insurance_office", "en")
    shown = send(office, f"/catalog/{cotton}/retirement", binding=made, why="wrong item")
    assert "wrong item" in shown and 'class="now">JF9<' not in shown


def test_the_page_tells_what_was_known_at_an_instant(house: House):
    stent, office = house.hospital.items["stent"], house.sign_in("insurance_office")
    buyer = house.sign_in("procurement")
    send(buyer, f"/catalog/{stent}/codes", system="billing", code="JF9")
    house.hospital.advance(hours=1)
    send(office, "/approvals/codes", act="all")
    assert 'class="now">JF9<' in page(buyer, f"/catalog/{stent}?on={TODAY}")
    then = page(buyer, f"/catalog/{stent}?on={TODAY}&known_at={TODAY}T12:30")
    assert 'class="now">JF000001<' in then and "JF9" not in then and "12:30" in then
    assert 'class="now">JF9<' in page(buyer, f"/catalog/{stent}?on={TODAY}&known_at={TODAY}T13:00")
    assert 'class="now">JF9<' in page(buyer, f"/catalog/{stent}?known_at=nonsense")


def test_nobody_approves_their_own_and_the_page_says_why(house: House):
    cotton = house.hospital.items["cotton"]
    office = house.sign_in("insurance_office", "en")
    send(office, f"/catalog/{cotton}/codes", system="billing", code="JF9")
    (made,) = scalars(house.engine, "SELECT id FROM code_binding WHERE code = 'JF9'")
    assert "is your own proposal" in send(office, "/approvals/codes", act="approve", id=made)
    assert "There was nothing to approve" in send(office, "/approvals/codes", act="all")
    assert scalars(house.engine, "SELECT status FROM code_binding WHERE code = 'JF9'") == ["proposed"]


def test_all_that_waits_at_once_and_what_cannot_pass_is_told(house: House):
    items = house.hospital.items
    buyer, office = house.sign_in("procurement"), house.sign_in("insurance_office")
    send(buyer, f"/catalog/{items['cotton']}/codes", system="billing", code="JF9")
    send(buyer, f"/catalog/{items['cotton']}/codes", system="order", code="YZ9")
    send(buyer, f"/catalog/{items['stent']}/codes", system="billing", code="JF000002")
    shown = send(office, "/approvals/codes", act="all")
    assert "已批准 2 项" in shown and "一次性注射器 10ml" in shown
    assert scalars(house.engine, "SELECT code FROM code_binding WHERE status = 'proposed'") == ["JF000002"]


def test_rejecting_needs_a_reason(house: House):
    buyer, office = house.sign_in("procurement"), house.sign_in("insurance_office")
    send(buyer, f"/catalog/{house.hospital.items['cotton']}/codes", system="billing", code="JF9")
    (made,) = scalars(house.engine, "SELECT id FROM code_binding WHERE code = 'JF9'")
    assert "请说明原因" in send(office, "/approvals/codes", act="reject", id=made)
    assert "已退回 1 项" in send(office, "/approvals/codes", act="reject", id=made, why="规格不符")


def test_a_price_needs_two_others(house: House):
    syringe = house.hospital.items["syringe"]
    buyer, finance, office = (house.sign_in(r) for r in ("procurement", "finance", "insurance_office"))
    assert "两位小数" in send(buyer, f"/catalog/{syringe}/prices", kind="charge", amount="1.234")
    assert "abc" in send(buyer, f"/catalog/{syringe}/prices", kind="charge", amount="abc")
    send(buyer, f"/catalog/{syringe}/prices", kind="charge", amount="2.40")
    (made,) = scalars(house.engine, "SELECT id FROM price WHERE amount = 2.40")
    assert "待另一人" in send(finance, "/approvals/prices", act="approve", id=made)
    assert "您已批准过" in send(finance, "/approvals/prices", act="approve", id=made)
    assert "已批准 1 项" in send(office, "/approvals/prices", act="approve", id=made)
    assert "¥2.40" in page(buyer, f"/catalog/{syringe}")


def test_what_is_wrong_in_a_form_is_said_on_the_page(house: House):
    cotton = house.hospital.items["cotton"]
    buyer = house.sign_in("procurement")
    assert "C + 19" in send(buyer, f"/catalog/{cotton}/codes", system="insurance", code="C12")
    assert 'role="alert"' in send(buyer, f"/catalog/{cotton}/codes", system="nonsense", code="X")
    assert scalars(house.engine, "SELECT count(*) FROM code_binding WHERE status = 'proposed'") == [0]


def test_an_exception_is_listed_until_closed(house: House):
    with house.engine.begin() as connection:
        connection.execute(text("UPDATE item SET chargeable = true"))
    cotton = house.hospital.items["cotton"]
    office = house.sign_in("insurance_office")
    assert "尚缺：计费编码" in page(office, f"/catalog/{cotton}")
    shown = send(office, f"/catalog/{cotton}/waiver", why="抢救急用", until=str(TODAY))
    assert "已批准例外" in shown and "抢救急用" in shown
    listed = page(office, "/approvals?kind=waivers")
    assert "医用棉球" in listed and "抢救急用" in listed and "收费价" in listed
    (made,) = scalars(house.engine, "SELECT id FROM waiver")
    send(office, f"/catalog/{cotton}/waiver", close=made)
    assert "没有未关闭的例外" in page(office, "/approvals?kind=waivers")


def test_a_certificate_that_ended_is_told_at_the_door_and_listed_first(house: House):
    syringe, number = house.hospital.items["syringe"], "国械注准20153771234"
    buyer, office = house.sign_in("procurement"), house.sign_in("insurance_office", "en")
    assert "alert-line" not in page(buyer, "/stock")
    shown = send(buyer, f"/catalog/{syringe}/certificate", number="K12", valid_until="2030-01-01")
    assert "国食药监械(准)字2010第3770123号" in shown  # what was expected
    yesterday = str(TODAY - timedelta(days=1))
    send(buyer, f"/catalog/{syringe}/certificate", number=number, valid_until=yesterday, source="证照")
    shown = page(office, "/approvals?kind=certificates")
    assert number in shown and yesterday in shown and "证照" in shown
    assert "1 approved" in send(office, "/approvals/certificates", act="all")
    told = "of 1 items ended: they cannot be received"
    assert told in page(house.sign_in("procurement", "en"), "/stock")
    assert told in page(house.sign_in("procurement", "en"), "/catalog")
    shown = page(buyer, "/certificates")
    assert "已过期 1 天" in shown and shown.index(number) < shown.index("没有注册证号")
    assert "WZ000002" in shown and "库存 100 个" in shown
    assert f"注册证 {number} 已于 {yesterday} 到期" in page(buyer, f"/catalog/{syringe}")
    # Somebody answers for a batch made in time; and the certificate is renewed for all its items.
    send(office, f"/catalog/{syringe}/waiver", kind="certificate", why="made in January", until=str(TODAY))
    assert "made in January" in page(office, "/approvals?kind=waivers")
    send(buyer, "/certificates", number=number, valid_until="2031-03-09", valid_from=str(TODAY))
    assert "待审批：至 2031-03-09" in page(buyer, "/certificates?standing=ended")
    send(office, "/approvals/certificates", act="all")
    assert "没有这样的注册证" in page(buyer, "/certificates?standing=ended")
    assert "alert-line" not in page(buyer, "/stock")


def test_prices_that_disagree_as_a_page_and_as_files(house: House):
    finance = house.sign_in("finance")
    shown = page(finance, "/prices")
    assert "缺采购价" in shown and "WZ000001" in shown
    assert "没有不符的价格" in page(finance, "/prices?rule=above_listed")
    written = finance.get("/prices?format=csv")
    assert written.mimetype == "text/csv" and "WZ000001" in written.get_data().decode("utf-8-sig")
    sheet = load_workbook(BytesIO(finance.get("/prices?format=xlsx").get_data())).active
    assert sheet.max_row == 3


def test_a_price_that_breaks_a_rule_needs_a_reason_which_is_shown(house: House):
    syringe = house.hospital.items["syringe"]
    buyer, finance, office = (house.sign_in(r) for r in ("procurement", "finance", "insurance_office"))
    send(buyer, f"/catalog/{syringe}/prices", kind="purchase", amount="1.50")
    send(finance, "/approvals/prices", act="all")
    assert "收费价 1.85 将不符合加价规则：采购价 1.50 对应 1.50" in send(
        office, "/approvals/prices", act="all"
    )
    shown = send(office, "/approvals/prices", act="all", exception="旧合同未满期")
    assert "其中 1 项不符价格规则，已记为例外" in shown
    for path in ("/prices", f"/catalog/{syringe}"):
        assert "例外：旧合同未满期" in page(finance, path)


def test_a_mark_up_is_changed_by_two(house: House):
    finance, office = house.sign_in("finance"), house.sign_in("insurance_office", "en")
    assert "零差率" in page(house.sign_in("auditor"), "/prices/markups")
    assert "abc" in send(finance, "/prices/markups", category="", percent="abc")
    shown = send(finance, "/prices/markups", category="", percent="50", cap="100", why="文件")
    assert "加 50%，每件至多 ¥100.00" in shown and "撤回" in shown
    (made,) = scalars(house.engine, "SELECT id FROM markup_change")
    assert "须由另一人批准" in send(finance, f"/prices/markups/{made}", act="approve")
    assert "plus 50%, at most ¥100.00 a piece" in page(office, "/prices/markups")
    send(office, f"/prices/markups/{made}", act="approve")
    assert scalars(house.engine, "SELECT percent FROM markup") == [50]


REFUSED = [
    ("nurse", "get", "/approvals"),
    ("procurement", "get", "/approvals"),
    ("nurse", "get", "/prices"),
    ("supplier", "get", "/catalog"),
    ("his", "get", "/prices"),
    ("nurse", "post", "/catalog/{item}/codes"),
    ("finance", "post", "/catalog/{item}/codes"),
    ("insurance_office", "post", "/catalog/{item}/prices"),
    ("procurement", "post", "/catalog/{item}/retirement"),
    ("procurement", "post", "/catalog/{item}/waiver"),
    ("auditor", "post", "/approvals/codes"),
    ("procurement", "post", "/approvals/prices"),
    ("procurement", "post", "/approvals/certificates"),
    ("supplier", "get", "/certificates"),
    ("nurse", "get", "/prices/markups"),
    ("procurement", "post", "/prices/markups"),
    ("auditor", "post", "/prices/markups/1"),
    ("storekeeper", "post", "/certificates"),
    ("finance", "post", "/catalog/{item}/certificate"),
]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_who_may_not(house: House, language: str):
    for role, method, path in REFUSED:
        client = house.sign_in(role, language)
        found = CSRF.search(client.get("/catalog").get_data(as_text=True))
        token = {"csrf_token": found[1]} if found else {}
        answer = getattr(client, method)(path.format(item=house.hospital.items["cotton"]), data=token)
        assert answer.status_code == 403, (role, path)


def test_a_page_of_the_catalogue_asks_few_statements(house: House):
    client = house.sign_in("procurement")
    for path, most in (("/catalog?q=a", 5), (f"/catalog/{house.hospital.items['stent']}", 14)):
        with house.statements() as seen:
            page(client, path)
        assert len(seen) <= most, seen
