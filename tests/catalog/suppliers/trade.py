"""Two suppliers in the smallest hospital: one sells stents and syringes, the other cotton and syringes."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.small_hospital import NOON, SmallHospital, build
from tracer.access.rules import Actor, Grant, Role
from tracer.access.tables import Person, RoleGrant
from tracer.catalog.suppliers.assigning import add_supplier, assign_items, assign_person
from tracer.catalog.suppliers.entering import EntryReceipt, enter_file, enter_one
from tracer.catalog.tables import CodeBinding

NEW_DI, OTHER_DI = "06901234567922", "06901234567939"
NEW_INSURANCE, OTHER_INSURANCE = "C02040100300003091540000099", "C14010100200003091540000088"
REGISTRATION = "国械注准20193130123"
HEADINGS = "物资编码,医保编码,UDI-DI,注册证号,有效期至,供货价\n"


@dataclass
class Trade:
    hospital: SmallHospital
    suppliers: dict[str, int] = field(default_factory=dict)
    people: dict[str, Actor] = field(default_factory=dict)

    @property
    def session(self) -> Session:
        return self.hospital.session

    @property
    def buyer(self) -> Actor:
        return self.hospital.people[Role.PROCUREMENT]

    def item(self, name: str) -> int:
        return self.hospital.items[name]

    def person(self, name: str) -> Actor:
        made = Person(username=name, name=name.upper(), created_at=NOON)
        self.session.add(made)
        self.session.flush()
        self.session.add(RoleGrant(person_id=made.id, role=Role.SUPPLIER, scope="/"))
        self.session.flush()
        return Actor(made.id, name, made.name, (Grant(Role.SUPPLIER),))

    def enter(self, who: str, item: str, **given: Any) -> EntryReceipt:
        return enter_one(self.session, self.people[who], self.hospital.clock, self.item(item), given)

    def upload(
        self, who: str, content: str | bytes, name: str = "mine.csv", headings: str = HEADINGS
    ) -> EntryReceipt:
        data = (headings + content).encode() if isinstance(content, str) else content
        with TemporaryDirectory() as folder:
            path = Path(folder) / name
            path.write_bytes(data)
            return enter_file(self.session, self.people[who], self.hospital.clock, path, name)

    def answers(self, receipt: EntryReceipt) -> list[tuple[int, str, list[str]]]:
        """(row, outcome, "column: what was wrong" in English) of a file's rows."""
        statement = "SELECT row, outcome, faults FROM supplier_answer WHERE upload_id = {} ORDER BY row"
        return [
            (row, outcome, [f"{one['column']}: {one['en']}" for one in faults])
            for row, outcome, faults in self.all(statement.format(receipt.upload_id))
        ]

    def all(self, statement: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.session.execute(text(statement))]

    def proposed(self) -> list[tuple[str, str, str]]:
        """(item, what, value) of everything that waits, whoever proposed it."""
        names = {id_: name for name, id_ in self.hospital.items.items()}
        rows = self.all(
            "SELECT item_id, system, code FROM code_binding WHERE status = 'proposed'"
            " UNION ALL SELECT item_id, kind, amount::text FROM price WHERE status = 'proposed'"
            " UNION ALL SELECT item_id, 'certificate', number || ' ' || valid_until FROM certificate"
            "  WHERE status = 'proposed' ORDER BY 1, 2, 3"
        )
        return [(names[item], what, value) for item, what, value in rows]


def begin(session: Session) -> Trade:
    trade = Trade(build(session))
    clock = trade.hospital.clock
    for word, sold in (("north", ["WZ000001", "WZ000002"]), ("south", ["WZ000003", "WZ000002"])):
        supplier = add_supplier(session, trade.buyer, clock, code=f"S-{word}", name=f"{word} 商贸")
        trade.suppliers[word] = supplier
        trade.people[word] = trade.person(word)
        assign_person(session, trade.buyer, clock, supplier, trade.people[word].id)
        assign_items(session, trade.buyer, clock, supplier, sold)
    return trade


def bare_item(trade: Trade, name: str, material: str) -> int:
    """An item with nothing but a material code, sold by the northern supplier."""
    made = trade.session.execute(
        text("INSERT INTO item (name, base_unit, created_at) VALUES (:name, '个', :now) RETURNING id"),
        {"name": name, "now": NOON},
    ).scalar_one()
    trade.session.add(
        CodeBinding(
            item_id=made, system="material", code=material, valid_from=NOON.date(), status="approved",
            proposer_id=trade.buyer.id, approver_id=trade.hospital.people[Role.FINANCE].id, created_at=NOON,
        )
    )  # fmt: skip
    trade.session.flush()
    trade.hospital.items[name] = made
    assign_items(trade.session, trade.buyer, trade.hospital.clock, trade.suppliers["north"], [material])
    return made


def workbook(rows: list[list[Any]]) -> bytes:
    """An XLSX of these rows; (formula, its value as a spreadsheet kept it) is a formula's cell."""
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            for place, cell in enumerate(row):
                if isinstance(cell, tuple):
                    sheet.write_formula(number, place, cell[0], None, cell[1])
                else:
                    sheet.write(number, place, cell)
    return out.getvalue()
