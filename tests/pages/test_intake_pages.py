"""Uploads behind their pages: who may hand in, look and stop, and what is said in either language."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.access.application import CSRF
from tests.catalog.intake.taking import job_of, put, take_all_of
from tests.pages.conftest import House
from tests.reconcile.registers.releases import numbered, part
from tracer.catalog.intake.folder import PLACE, Folder
from tracer.catalog.intake.tables import JobKind

HRP = "物资编码,UDI\nM1,6.90123E+12\nM2,06901234567892\n".encode()


@pytest.fixture
def folder(house: House) -> Folder:
    return Folder(house.app.extensions["tracer"].settings.intake_root)


def send(client: FlaskClient, path: str, file: tuple[io.BytesIO, str] | None, **data: str):
    found = CSRF.search(client.get("/registers").get_data(as_text=True))
    assert found
    return client.post(path, data={"csrf_token": found[1], **({"file": file} if file else {}), **data})


def test_who_may_hand_in_look_and_stop(
    house: House, folder: Folder, as_role: Callable[..., FlaskClient]
) -> None:
    numbers = {
        kind: put(house.engine, house.hospital.clock, folder, content, kind=kind)
        for kind, content in ((JobKind.REGISTER, part(numbered(2))), (JobKind.EXPORT, HRP))
    }
    for role, register, export in (("nurse", 200, 403), ("auditor", 200, 200), ("supplier", 403, 403)):
        client = as_role(role)
        assert client.get(f"/intake/{numbers[JobKind.REGISTER]}").status_code == register, role
        assert client.get(f"/intake/{numbers[JobKind.EXPORT]}").status_code == export, role
    lying = {one.name for one in folder.root.iterdir()}
    auditor = as_role("auditor")
    page = auditor.get(f"/intake/{numbers[JobKind.EXPORT]}").get_data(as_text=True)
    assert "排队等待" in page and 'http-equiv="refresh"' in page and "/stop" not in page
    for path in (f"/intake/{numbers[JobKind.EXPORT]}/stop", "/registers/uploads", "/mismatches/exports"):
        assert send(auditor, path, (io.BytesIO(HRP), "a.csv"), source="HRP").status_code == 403
    assert {one.name for one in folder.root.iterdir()} == lying
    buyer = as_role("procurement", "en")
    page = send(buyer, f"/intake/{numbers[JobKind.REGISTER]}/stop", None)
    assert page.status_code == 303
    shown = buyer.get(page.location).get_data(as_text=True)
    assert "Stopped by" in shown and 'http-equiv="refresh"' not in shown
    assert send(buyer, f"/intake/{numbers[JobKind.REGISTER]}/stop", None).status_code == 409
    take_all_of(house.app)
    shown = buyer.get(f"/intake/{numbers[JobKind.EXPORT]}").get_data(as_text=True)
    assert "Rows loaded" in shown and "scientific notation" in shown
    for path in ("/intake/999999", f"/intake/{2**70}"):
        assert buyer.get(path).status_code == 404
        assert send(buyer, f"{path}/stop", None).status_code == 404


def test_a_register_is_handed_in_for_what_it_is_said_to_be(
    house: House, folder: Folder, as_role: Callable[..., FlaskClient]
) -> None:
    buyer = as_role("procurement")
    release, lying = part(numbered(3)), {PLACE} | {one.name for one in folder.root.glob("*")}
    assert send(buyer, "/registers/uploads", None).status_code == 422
    assert send(buyer, "/registers/uploads", (io.BytesIO(b""), "a.xml")).status_code == 422
    assert send(buyer, "/registers/uploads", (io.BytesIO(release), "a.xml"), register="x").status_code == 422
    assert {one.name for one in folder.root.iterdir()} <= lying  # none of it was kept
    sent = send(buyer, "/registers/uploads", (io.BytesIO(release), "<b>国家.xml"), register="gudid")
    assert sent.status_code == 303
    take_all_of(house.app)
    page = buyer.get(sent.location).get_data(as_text=True)
    assert "属于另一个数据库" in page and "&lt;b&gt;国家.xml" in page and "<b>国家" not in page
    number = int(sent.location.rpartition("/")[2])
    assert job_of(house.engine, number).outcome["records"] == 0
