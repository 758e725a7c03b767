"""A file is sent, seen to wait, and seen to be taken in, by somebody who only looks on."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy import text

from tests.browser.visitor import Visitor
from tests.browser.ward import Ward
from tests.catalog.intake.taking import taking
from tests.reconcile.registers.releases import numbered, part, zipped
from tracer.catalog.intake.folder import PLACE

pytestmark = pytest.mark.browser
BROKEN = "<device><deviceRecordKey>X</deviceRecordKey><cpms>A & B</cpms></device>"


class Usage(NamedTuple):
    total: int
    used: int
    free: int


@pytest.mark.parametrize(("phone", "language"), [(True, "en"), (False, "zh")])
def test_a_register_is_sent_and_taken_in(
    visit: Callable[..., Visitor], hospital: Ward, tmp_path: Path, phone: bool, language: str
) -> None:
    release = tmp_path / f"UDID_FULL_RELEASE_{language}.zip"
    release.write_bytes(zipped({"P1.xml": part([*numbered(40), BROKEN]), f"{language}.bin": b"?"}))
    buyer = visit("procurement", phone=phone, language=language)
    page = buyer.page
    buyer.open("/registers")
    buyer.look("registers-upload")
    page.set_input_files("[name=file]", release)
    page.locator("form[data-upload] .btn-primary").click()
    page.wait_for_selector("#job[data-live=moving] .unattended")  # nobody is there yet to take it in
    buyer.look("intake-waiting")
    with taking(hospital.engine, hospital.clock, hospital.folder):
        page.wait_for_selector("#job[data-live=still] .facts")  # by itself
    assert (
        page.locator("#job .table-card tbody tr").count() == 2
    )  # the broken record, and what is no file of theirs
    buyer.look("intake-done")
    buyer.open("/registers")
    assert page.locator("#uploads[data-live=still] li .mark.good").count() >= 1
    buyer.look("registers-uploaded")


def test_what_finds_no_room_is_said_on_the_spot(
    visit: Callable[..., Visitor], hospital: Ward, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "hrp.csv").write_text("物资编码,计费编码\nM1,B1\n" * 1000)
    buyer = visit("procurement", language="en")
    page = buyer.page
    buyer.open("/mismatches/exports")
    page.fill("[name=source]", "HRP")
    page.set_input_files("[name=file]", tmp_path / "hrp.csv")
    before = (
        {one.name for one in hospital.folder.root.iterdir()} if hospital.folder.root.exists() else {PLACE}
    )
    with monkeypatch.context() as full:
        full.setattr(shutil, "disk_usage", lambda _: Usage(0, 0, 0))
        page.locator("form[data-upload] .btn-primary").click()
        page.wait_for_selector("[data-refused]:not([hidden])")
    assert "too full for hrp.csv" in page.inner_text("[data-refused]")
    assert {one.name for one in hospital.folder.root.iterdir()} - {PLACE} <= before
    assert buyer.problems.pop().startswith("error: Failed to load resource")  # the browser says it too
    with hospital.engine.connect() as db:
        assert db.execute(text("SELECT count(*) FROM intake_job WHERE file = 'hrp.csv'")).scalar_one() == 0
