"""A code is told, and the system's next export shows what came of it: followed, silent, or something else."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from tests.exchange.house import House
from tests.exchange.receiver import receiving
from tracer.catalog.bindings import ProposedBinding, approve_bindings, propose_bindings
from tracer.catalog.mismatches.loading import load_export
from tracer.catalog.rules import CodeSystem
from tracer.db.transaction import in_transaction
from tracer.exchange.drifting import Drifted, drift_of


@pytest.fixture
def house(fresh_database: Engine, tmp_path: Path) -> House:
    return House.of(fresh_database, tmp_path)


def re_point(house: House, code: str) -> tuple[str, str]:
    """Give the stent another billing code, and tell the HIS; its material code, and the code it had."""
    people, clock = house.hospital.people, house.hospital.clock
    stent = house.hospital.items["stent"]
    with house.engine.connect() as connection:
        held = dict(
            connection.execute(
                text("SELECT system, code FROM code_binding WHERE item_id = :item AND status = 'approved'"),
                {"item": stent},
            ).all()  # type: ignore[arg-type]
        )
    wanted = [ProposedBinding(item_id=stent, system=CodeSystem.BILLING, code=code)]
    ids = in_transaction(house.engine, lambda s: propose_bindings(s, people["procurement"], clock, wanted))
    in_transaction(house.engine, lambda s: approve_bindings(s, people["insurance_office"], clock, ids))
    return held["material"], held["billing"]


def load(house: House, tmp_path: Path, content: str) -> Drifted:
    file = tmp_path / "his.csv"
    file.write_text(content, encoding="utf-8")
    buyer, clock = house.hospital.people["procurement"], house.hospital.clock
    in_transaction(
        house.engine, lambda s: load_export(s, buyer, clock, file, source="HIS", file="his.csv", owns=())
    )
    with house.engine.connect() as connection:
        return drift_of(connection, "HIS")


@pytest.mark.parametrize(
    ("says", "days", "followed", "drift"),
    [("new", 2, 1, []), ("old", 2, 0, ["SILENT"]), ("old", 0, 0, []), ("third", 0, 0, ["CONTRADICTS"])],
)
def test_what_a_system_did_with_a_code(
    house: House, tmp_path: Path, says: str, days: int, followed: int, drift: list[str]
) -> None:
    with receiving() as receiver:
        house.webhook(receiver.url, name="HIS", source="HIS", topics=("binding",))
        material, before = re_point(house, "NEW-1")
        assert house.deliverer().drain() >= 1
    with house.engine.begin() as connection:
        # Delivered on the hospital's day, which is not the machine's.
        connection.execute(text("UPDATE delivery SET settled_at = :at"), {"at": house.hospital.clock.now()})
    house.hospital.advance(days=days, hours=1)
    code = {"new": "NEW-1", "old": before, "third": "ELSE-3"}[says]
    seen = load(house, tmp_path, f"物资编码,计费编码\n{material},{code}\n")
    assert seen.is_seen and seen.followed == followed
    assert [one.drift for one in seen.findings] == drift
    assert [one.said for one in seen.findings] == [(code,)] * len(drift)


def test_without_an_export_nobody_knows(house: House) -> None:
    with house.engine.connect() as connection:
        assert drift_of(connection, "HIS") == Drifted(False, 0, (), {})
