"""Two exports that disagree, loaded, settled and approved by two people in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.browser.visitor import Visitor
from tests.browser.ward import Ward
from tests.catalog.intake.taking import taking

pytestmark = pytest.mark.browser

HRP = "物资编码,物资名称,计费编码,规格,型号,生产厂家,注册证号,价格\n" + "".join(
    f"K{n},取石网篮,K{n if n != 2 else 1}B,{n}Fr,STN-{n},优泰有限公司,国械注进2022314036{n},{n}00.00\n"
    for n in range(1, 5)
)
HIS = "医嘱编码,计费编码,规格,型号,价格\n" + "".join(
    f"K{n}O,K{n}B,{n}Fr,STN-{n},{n}00.00\n" for n in range(1, 5)
)
WORDS = {
    "zh": {
        "load": "载入并核对",
        "accept": "接受",
        "approve": "批准",
        "all": "全部一一对应",
        "register": "提交为院内五码",
    },
    "en": {
        "load": "Load and compare",
        "accept": "Accept",
        "approve": "Approve",
        "all": "Everything is one-to-one",
        "register": "Register the codes",
    },
}


@pytest.mark.parametrize(("phone", "language"), [(True, "en"), (False, "zh")])
def test_a_mismatch_is_found_settled_and_approved(
    visit: Callable[..., Visitor], hospital: Ward, tmp_path: Path, phone: bool, language: str
) -> None:
    with hospital.engine.begin() as db:
        db.execute(text("TRUNCATE claim, claim_extract, claim_source, code_finding, settlement, correction"))
    words = WORDS[language]
    buyer = visit("procurement", phone=phone, language=language)
    page = buyer.page
    with taking(hospital.engine, hospital.clock, hospital.folder):
        for name, content, owned in (("HRP", HRP, "material"), ("HIS", HIS, "billing")):
            (tmp_path / f"{name}.csv").write_text(content, encoding="gb18030")
            buyer.open("/mismatches/exports")
            page.fill("[name=source]", name)
            page.set_input_files("[name=file]", tmp_path / f"{name}.csv")
            page.check(f"[name=owns-{owned}]")
            page.get_by_role("button", name=words["load"]).click()
            page.wait_for_selector("#job[data-live=still] .facts")
    buyer.look("export-taken")
    buyer.open("/mismatches/exports")
    buyer.look("exports")
    buyer.open("/mismatches")
    buyer.look("mismatches")
    if not phone:
        page.check("[data-pick-all]")
        assert page.locator(".groups tbody [name=key]:checked").count() == 2
        page.uncheck("[data-pick-all]")
    page.locator(".groups tbody th a").first.click()
    page.wait_for_selector(".settlement")
    buyer.look("mismatch")
    page.get_by_role("button", name=words["accept"], exact=True).click()
    page.wait_for_selector(".settlement.proposed")
    assert page.get_by_role("button", name=words["approve"], exact=True).count() == 0
    where = page.url
    approver = visit("finance", phone=phone, language=language)
    approver.open("/mismatches/approvals")
    approver.look("mismatch-approvals")
    approver.page.goto(where)
    approver.page.get_by_role("button", name=words["approve"], exact=True).click()
    approver.page.wait_for_selector(".settlement.approved")
    buyer.open("/mismatches")
    page.wait_for_selector(f"text={words['all']}")
    page.get_by_role("button", name=words["register"]).click()
    page.wait_for_selector(".notice")
    buyer.look("mismatches-none")
