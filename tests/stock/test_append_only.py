"""What the database itself refuses, whoever asks: the ledger only grows."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from tests.small_hospital import STENT_DI, SmallHospital, new_key, udi
from tracer.db.transaction import sqlstate
from tracer.stock.counting import CountLine, CountStock, count_stock

# Each table with a column to try to change, and what to; all of them have a row.
TABLES = {
    "movement": "quantity = quantity + 1",
    "scan": "outcome = 'charged'",
    "charge": "amount = 0",
    "stock_count": "counted = 0",
    "audit_entry": "action = 'nothing'",
    "request_key": "answer = '{}'",
    "business_day": "summary = '{}'",
}
REFUSED = "TR002"


@pytest.fixture
def full(hospital: SmallHospital) -> SmallHospital:
    hospital.scan(udi(STENT_DI, lot="A1", serial="S1"))
    line = CountLine(material="WZ000002", counted=49, lot="L1")
    command = CountStock(key=new_key(), location="CARD-W1", document="PD", lines=(line,))
    count_stock(hospital.session, hospital.keeper, command, hospital.clock)
    hospital.session.execute(
        text("INSERT INTO business_day VALUES ('2026-03-01', now(), :by, '{}')"), {"by": hospital.keeper.id}
    )
    return hospital


def attempt(hospital: SmallHospital, statement: str) -> str | None:
    """The SQLSTATE a statement is refused with; None if it is not."""
    try:
        with hospital.session.begin_nested():
            hospital.session.execute(text(statement))
    except DBAPIError as error:
        return sqlstate(error)
    return None


def columns_of(hospital: SmallHospital, table: str) -> list[str]:
    """All but the id."""
    asked = (
        "SELECT column_name FROM information_schema.columns WHERE table_name = :table AND column_name <> 'id'"
    )
    return list(hospital.session.execute(text(asked), {"table": table}).scalars())


@pytest.mark.parametrize("table", TABLES)
def test_no_row_is_changed_or_taken_away(full: SmallHospital, table: str) -> None:
    assert full.count(table) > 0
    for statement in (
        f"UPDATE {table} SET {TABLES[table]}",
        f"DELETE FROM {table}",
        f"TRUNCATE {table} CASCADE",
    ):
        assert attempt(full, statement) == REFUSED, statement


@pytest.mark.parametrize(
    ("statement", "refusal"),
    [
        ("quantity = 0", "23514"),
        ("quantity = -1", "23514"),
        ("target_id = origin_id", "23514"),
        ("kind = 'gift'", "23514"),
        ("unit_step = NULL", "23514"),
        ("quantity = 2", "23514"),
        ("unit_step = 2", "23505"),  # a step that was taken
        ("unit_step = 9", "TR003"),  # a step from where the piece is not
        ("business_date = '2026-03-01'", "TR001"),  # a closed day
        ("kind = 'use_reversal'", "23514"),
    ],
)
def test_no_movement_is_written_that_cannot_be(full: SmallHospital, statement: str, refusal: str) -> None:
    """A copy of a stent's last movement, with one thing wrong."""
    column, _, value = statement.partition(" = ")
    names = columns_of(full, "movement")
    values = ", ".join(value if name == column else name for name in names)
    copy = f"INSERT INTO movement ({', '.join(names)}) SELECT {values} FROM movement WHERE kind = 'use'"
    if column == "unit_step" and value == "2":
        copy = copy.replace("kind = 'use'", "kind = 'issue' AND unit_id IS NOT NULL LIMIT 1")
    assert attempt(full, copy) == refusal


def test_a_use_has_one_charge_and_a_charge_one_refund(full: SmallHospital) -> None:
    names = ", ".join(columns_of(full, "charge"))
    with pytest.raises(IntegrityError, match="uq_charge_movement"), full.session.begin_nested():
        full.session.execute(text(f"INSERT INTO charge ({names}) SELECT {names} FROM charge"))
