"""The smallest hospital that has every kind of thing: for tests that say in a line what they need.

Three items (a serialised stent, a lot-tracked syringe sold by the box of ten, cotton that is not
chargeable), a store, two wards, a bundle, one person per role, and a clock that stands still.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

from tracer.access.rules import Actor, Grant, Role
from tracer.access.tables import Person, RoleGrant
from tracer.catalog.rules import BindingStatus, CodeSystem, PriceKind, PriceStatus, Tracking
from tracer.catalog.tables import CodeBinding, Item, Packaging, Price, Supplier
from tracer.charging.bedside import RecordScan
from tracer.charging.recording_scans import record_scan
from tracer.orders.tables import Bundle, BundleLine
from tracer.shared.clock import SetClock
from tracer.stock.documents import Line
from tracer.stock.receiving import ReceiptLine, Receive, receive
from tracer.stock.rules import LocationKind, MovementKind
from tracer.stock.sending import Send, send
from tracer.stock.tables import Location

ZONE = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 3, 10, 12, 0, tzinfo=ZONE)
TODAY = NOON.date()
SPRING = date(2026, 1, 1)
STENT_DI, SYRINGE_DI, SYRINGE_BOX_DI, COTTON_DI = (
    "06901234567892",
    "06901234567908",
    "16901234567905",
    "06901234567915",
)
NURSE_STATION, OTHER_WARD, STORE = "CARD-W1", "SURG-W1", "STORE"
_keys = itertools.count(1)


def new_key(prefix: str = "k") -> str:
    return f"{prefix}-{next(_keys)}"


def udi(di: str, *, lot: str = "", serial: str = "", expiry: date | None = None) -> str:
    """The GS1 DataMatrix text a scanner sends for a piece."""
    made = f"]d201{di}"
    if expiry:
        made += f"17{expiry:%y%m%d}"
    if lot:
        made += f"10{lot}" + ("\x1d" if serial else "")
    return made + (f"21{serial}" if serial else "")


@dataclass
class SmallHospital:
    session: Session
    clock: SetClock = field(default_factory=lambda: SetClock(ZONE, NOON))
    people: dict[str, Actor] = field(default_factory=dict)
    items: dict[str, int] = field(default_factory=dict)

    @property
    def nurse(self) -> Actor:
        return self.people["nurse"]

    @property
    def keeper(self) -> Actor:
        return self.people["storekeeper"]

    def scan(
        self, raw: str, *, key: str | None = None, actor: Actor | None = None, **more: Any
    ) -> dict[str, Any]:
        """A scan by the nurse of CARD-W1 for encounter E1, unless said otherwise."""
        command = {"location": NURSE_STATION, "encounter": "E1"} | more
        return record_scan(
            self.session,
            actor or self.nurse,
            RecordScan(key=key or new_key("scan"), raw=raw.encode(), **command),
            self.clock,
        )

    def on_hand(self, item: str, location: str = NURSE_STATION, lot: str | None = None) -> int:
        return self.session.execute(
            text(
                "SELECT coalesce(sum(b.quantity), 0) FROM balance b JOIN location l ON l.id = b.location_id"
                " WHERE b.item_id = :item AND l.code = :location"
                " AND b.lot = coalesce(CAST(:lot AS text), b.lot)"
            ),
            {"item": self.items[item], "location": location, "lot": lot},
        ).scalar_one()

    def count(self, table: str) -> int:
        return self.session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()

    def advance(self, **step: int) -> None:
        self.clock.advance(timedelta(**step))


def build(session: Session) -> SmallHospital:
    """Fill a migrated database and return the hospital in it; the stock is on the ward's shelf."""
    here = SmallHospital(session)
    _locations(session)
    _people(here)
    _catalogue(here)
    _stock(here)
    return here


def _locations(session: Session) -> None:
    tree = [
        ("HOSP", "示范医院", "Model Hospital", LocationKind.HOSPITAL, None),
        ("STORE", "中心库", "Central store", LocationKind.STORE, "HOSP"),
        ("CARD", "心内科", "Cardiology", LocationKind.DEPARTMENT, "HOSP"),
        ("CARD-W1", "心内一病区", "Cardiology ward 1", LocationKind.WARD, "CARD"),
        ("SURG", "外科", "Surgery", LocationKind.DEPARTMENT, "HOSP"),
        ("SURG-W1", "外一病区", "Surgical ward 1", LocationKind.WARD, "SURG"),
    ]
    made: dict[str, tuple[int, str]] = {}
    for code, name, name_en, kind, parent in tree:
        parent_id, path = made[parent] if parent else (None, "/")
        place = Location(
            code=code, name=name, name_en=name_en, kind=kind, parent_id=parent_id, path=f"{path}{code}/"
        )
        session.add(place)
        session.flush()
        made[code] = (place.id, place.path)


def _people(here: SmallHospital) -> None:
    scopes = {Role.NURSE: "/HOSP/CARD/"}
    for role in Role:
        person = Person(username=f"t-{role}", name=f"测试{role}", created_at=NOON)
        here.session.add(person)
        here.session.flush()
        scope = scopes.get(role, "/")
        here.session.add(RoleGrant(person_id=person.id, role=role, scope=scope))
        here.people[role] = Actor(person.id, person.username, person.name, (Grant(role, scope),))
    here.session.flush()


def _catalogue(here: SmallHospital) -> None:
    session = here.session
    wanted: list[tuple[str, Tracking, bool, str | None, str, dict[CodeSystem, str]]] = [
        (
            "stent",
            Tracking.SERIAL,
            True,
            "12800.00",
            "冠脉支架",
            {
                CodeSystem.MATERIAL: "WZ000001",
                CodeSystem.BILLING: "JF000001",
                CodeSystem.ORDER: "YZ000001",
                CodeSystem.INSURANCE: "C02040100300003091540000010",
                CodeSystem.UDI: STENT_DI,
            },
        ),
        (
            "syringe",
            Tracking.LOT,
            True,
            "1.85",
            "一次性注射器 10ml",
            {
                CodeSystem.MATERIAL: "WZ000002",
                CodeSystem.BILLING: "JF000002",
                CodeSystem.ORDER: "YZ000002",
                CodeSystem.INSURANCE: "C14010100200003091540000011",
                CodeSystem.UDI: SYRINGE_DI,
            },
        ),
        (
            "cotton",
            Tracking.NONE,
            False,
            None,
            "医用棉球",
            {CodeSystem.MATERIAL: "WZ000003", CodeSystem.UDI: COTTON_DI},
        ),
    ]
    for word, tracking, chargeable, price, name, codes in wanted:
        item = Item(
            name=name,
            specification="标准",
            tracking=tracking,
            chargeable=chargeable,
            high_value=tracking is Tracking.SERIAL,
            created_at=NOON,
        )
        session.add(item)
        session.flush()
        here.items[word] = item.id
        for system, code in codes.items():
            session.add(
                CodeBinding(
                    item_id=item.id,
                    system=system,
                    code=code,
                    valid_from=SPRING,
                    status=BindingStatus.APPROVED,
                    proposer_id=here.people[Role.PROCUREMENT].id,
                    approver_id=here.people[Role.INSURANCE_OFFICE].id,
                    created_at=NOON,
                )
            )
        if price:
            session.add(approved_price(here, item.id, PriceKind.CHARGE, Decimal(price), SPRING))
    session.add(Packaging(di=SYRINGE_BOX_DI, item_id=here.items["syringe"], base_units=10, level="盒"))
    session.add(Supplier(code="SUP1", name="示范供应商"))
    bundle = Bundle(order_code="YZB001", name="介入穿刺套包")
    session.add(bundle)
    session.flush()
    for word, quantity in (("stent", 1), ("syringe", 2), ("cotton", 5)):
        session.add(BundleLine(bundle_id=bundle.id, item_id=here.items[word], quantity=quantity))
    session.flush()


def approved_price(here: SmallHospital, item_id: int, kind: PriceKind, amount: Decimal, since: date) -> Price:
    """A price that procurement proposed and the two offices approved."""
    return Price(
        item_id=item_id,
        kind=kind,
        amount=amount,
        valid_from=since,
        status=PriceStatus.APPROVED,
        proposer_id=here.people[Role.PROCUREMENT].id,
        first_approver_id=here.people[Role.INSURANCE_OFFICE].id,
        second_approver_id=here.people[Role.FINANCE].id,
    )


def _stock(here: SmallHospital) -> None:
    """20 stents S1…S20 and 100 syringes of lot L1, 200 cotton balls; half of each on CARD-W1."""
    serials = tuple(f"S{n}" for n in range(1, 21))
    lines = (
        ReceiptLine(
            material="WZ000001",
            quantity=20,
            lot="A1",
            units=serials,
            expiry=date(2028, 1, 31),
            unit_cost=Decimal("12800.00"),
        ),
        ReceiptLine(
            material="WZ000002", quantity=100, lot="L1", expiry=date(2027, 6, 30), unit_cost=Decimal("1.50")
        ),
        ReceiptLine(material="WZ000003", quantity=200, unit_cost=Decimal("0.05")),
    )
    receive(
        here.session,
        here.keeper,
        Receive(key=new_key("rk"), location=STORE, supplier="SUP1", document="RK1", lines=lines),
        here.clock,
    )
    send(
        here.session,
        here.keeper,
        Send(
            key=new_key("ck"),
            kind=MovementKind.ISSUE,
            origin=STORE,
            target=NURSE_STATION,
            document="CK1",
            lines=(
                Line(material="WZ000001", quantity=10, lot="A1", units=serials[:10]),
                Line(material="WZ000002", quantity=50, lot="L1"),
                Line(material="WZ000003", quantity=100),
            ),
        ),
        here.clock,
    )


def table_names(session: Session) -> list[str]:
    """Every table that holds the hospital's records, for comparing before and after."""
    rows = session.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"))
    return [name for (name,) in rows if name not in ("alembic_version", "audit_lane")]


__all__ = ["SmallHospital", "build", "new_key", "table_names", "udi"]
