"""The procurement office in tests: imports sheets written as dictionaries, on a day that stands still."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

from tracer.access.operator import OPERATOR
from tracer.access.rules import Actor
from tracer.catalog.codes_file.findings import Finding
from tracer.catalog.codes_file.rows import Sheet
from tracer.catalog.errors import ImportRefused
from tracer.catalog.importing_codes import ImportReceipt, import_codes
from tracer.shared.clock import SetClock

ZONE = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 3, 10, 12, 0, tzinfo=ZONE)
TODAY = NOON.date()
STENT, SYRINGE = "06901234567892", "06901234567908"
BOX = "16901234567905"
C27 = "C01030100101016091540000010"
TABLES = ("item", "code_binding", "price", "packaging", "audit_entry", "audit_lane", "person", "role_grant")


class Office:
    """Refused imports leave the session as it was, as the edge's rollback does."""

    def __init__(self, session: Session, actor: Actor = OPERATOR) -> None:
        self.session = session
        self.actor = actor
        self.clock = SetClock(ZONE, NOON)

    def imports(self, *records: dict[str, Any], source: str = "codes.csv") -> ImportReceipt:
        return self.imports_sheet(Sheet.of_records(records), source)

    def imports_sheet(self, sheet: Sheet, source: str = "codes.csv") -> ImportReceipt:
        return import_codes(self.session, self.actor, sheet, source=source, clock=self.clock)

    def refusal(self, *records: dict[str, Any]) -> list[tuple[int | None, str | None, str | None, str]]:
        """(row, column, value, reason) of every finding; checks that nothing at all was written."""
        return [(f.row, f.column, f.value, f.code) for f in self.findings(*records)]

    def findings(self, *records: dict[str, Any]) -> tuple[Finding, ...]:
        before = self.everything()
        try:
            with self.session.begin_nested():
                self.imports(*records)
        except ImportRefused as refused:
            assert self.everything() == before
            return refused.findings
        raise AssertionError("was not refused")

    def everything(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every table that an import may touch."""
        return {
            table: [tuple(row) for row in self.session.execute(text(f"SELECT * FROM {table} ORDER BY 1"))]
            for table in TABLES
        }

    def bindings(self, system: str) -> list[tuple[str, date, date | None, str]]:
        """(code, from, to, status) of all items, in time."""
        found = self.session.execute(
            text(
                "SELECT code, valid_from, valid_to, status FROM code_binding WHERE system = :system"
                " ORDER BY valid_from, code"
            ),
            {"system": system},
        )
        return [tuple(row) for row in found]

    def all(self, statement: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.session.execute(text(statement))]


def stent(**cells: Any) -> dict[str, Any]:
    """A whole row of an item that may be imported as it is."""
    return {
        "物资编码": "WZ1",
        "名称": "冠脉支架",
        "计费编码": "J1",
        "医嘱编码": "Y1",
        "医保编码": C27,
        "UDI-DI": STENT,
        "规格": "3.0×18mm",
        "追踪方式": "按件",
        "收费价": "700.00",
        "采购价": "590",
        "生效日期": "2026-01-01",
    } | cells


def syringe(**cells: Any) -> dict[str, Any]:
    return {"物资编码": "WZ2", "名称": "注射器", "计费编码": "J2", "UDI-DI": SYRINGE} | cells
