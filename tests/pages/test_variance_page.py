"""Finance's page says what the report says, in words, and links every row to what it rests on."""

from __future__ import annotations

import re

import pytest
from sqlalchemy.orm import Session

from tests.pages.conftest import House
from tests.small_hospital import SYRINGE_DI, TODAY, new_key, udi
from tracer.charging.posting import PostUse, post_use
from tracer.closing.trend import bokeh_script
from tracer.stock.documents import Line

DAY = TODAY.isoformat()


@pytest.fixture(scope="module")
def gaps(house: House) -> House:
    """Ten syringes charged, and four that only a sheet tells of."""
    with Session(house.engine) as session, session.begin():
        here = house.hospital
        here.session = session
        here.scan(udi(SYRINGE_DI, lot="L1"), quantity=10)
        lines = (Line(material="WZ000002", quantity=4, lot="L1"),)
        sheet = PostUse(key=new_key("sheet"), location="CARD-W1", document="XH1", lines=lines)
        post_use(session, here.keeper, sheet, here.clock)
    return house


def test_an_open_day_says_so_and_is_closed_once(gaps: House):
    officer = gaps.sign_in("finance")
    page = officer.get(f"/variance?date={DAY}").get_data(as_text=True)
    assert "未结账，暂算" in page and "28.57 %" in page and "超差" in page
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    assert officer.post(f"/variance/{DAY}/close").status_code == 400  # without the page's token
    for _ in range(2):
        answer = officer.post(f"/variance/{DAY}/close", data={"csrf_token": token[1]}, follow_redirects=True)
        assert "已结账" in answer.get_data(as_text=True)
    ahead = officer.post("/variance/2026-03-11/close", data={"csrf_token": token[1]})
    assert ahead.status_code == 409 and "还没有到" in ahead.get_data(as_text=True)
    assert officer.post("/variance/yesterday/close", data={"csrf_token": token[1]}).status_code == 404


def test_only_those_who_may_close_are_offered_it(gaps: House):
    open_day = "/variance?date=2026-03-11"
    assert "结账" in gaps.sign_in("finance").get(open_day).get_data(as_text=True)
    buyer = gaps.sign_in("procurement")
    assert "/close" not in buyer.get(open_day).get_data(as_text=True)
    assert buyer.post("/variance/2026-03-11/close").status_code == 403
    assert gaps.sign_in("nurse").get("/variance").status_code == 403


def test_a_row_opens_its_documents_with_the_evidence_marked(gaps: House):
    auditor = gaps.sign_in("auditor")
    answer = auditor.get(f"/variance/{DAY}/CARD-W1/WZ000002?status=BREACH")
    page = answer.get_data(as_text=True)
    assert "已用未计费" in page and "XH1" in page and page.count('class="evidence"') == 1
    assert "status=BREACH" in page  # the way back keeps the filters
    assert auditor.get(f"/variance/{DAY}/CARD-W1/NONE").status_code == 404
    assert auditor.get("/variance/nonsense/CARD-W1/WZ000002").status_code == 404


@pytest.mark.parametrize("language", ["zh", "en"])
def test_filters_stay_in_every_link(gaps: House, language: str):
    officer = gaps.sign_in("finance", language)
    page = officer.get(f"/variance?date={DAY}&status=BREACH&location=CARD").get_data(as_text=True)
    links = re.findall(r'href="([^"]*(?:/variance|/api/v1/variance)[^"]*)"', page)
    onward = [link for link in links if "date=" in link or f"/{DAY}/" in link]
    assert onward and all("status=BREACH" in link and "location=CARD" in link for link in onward)
    exported = next(link for link in links if link.startswith("/api/v1/")).replace("&amp;", "&")
    assert officer.get(exported).mimetype.endswith("spreadsheetml.sheet")


def test_odd_addresses_are_answered_in_words(gaps: House):
    officer = gaps.sign_in("finance")
    assert officer.get("/variance?date=nonsense", follow_redirects=True).status_code == 200
    assert officer.get("/variance?date=0001-01-01", follow_redirects=True).status_code == 200
    assert officer.get("/variance?date=2999-12-31").status_code == 200
    assert officer.get(f"/variance?date={DAY}&category=none").status_code == 200
    assert officer.get(f"/variance?date={DAY}&status=bad").status_code == 422
    assert officer.get(f"/variance?date={DAY}&location=NOWHERE").status_code == 404
    assert officer.get(f"/variance?date={DAY}&page=99&x=1").status_code == 200


def test_a_page_of_a_closed_day_takes_few_statements(gaps: House):
    officer = gaps.sign_in("finance")
    with gaps.statements() as seen:
        assert officer.get(f"/variance?date={DAY}").status_code == 200
    assert len(seen) <= 8


def test_bokehs_file_comes_from_here_and_is_kept(gaps: House):
    version, path = bokeh_script()
    with gaps.app.test_client().get(f"/variance/bokeh-{version}.js") as answer:
        assert answer.mimetype == "text/javascript" and len(answer.data) == path.stat().st_size
        assert "immutable" in answer.headers["Cache-Control"]
    assert gaps.app.test_client().get("/variance/bokeh-0.js").status_code == 404
