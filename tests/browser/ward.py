"""A hospital that real browsers can visit: the application on a real port, with people who can sign in.

Behind it lie closed days, and yesterday, which is still open and has something to find.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.small_hospital import (
    NOON,
    SYRINGE_DI,
    ZONE,
    SmallHospital,
    approved_price,
    build,
    new_key,
    udi,
)
from tracer.access import passwords
from tracer.app import create_app
from tracer.catalog.intake.folder import Folder
from tracer.catalog.rules import CodeSystem, PriceKind
from tracer.charging.posting import PostCharge, PostUse, post_charge, post_use
from tracer.closing.closing_days import close_day
from tracer.orders.placing import OrderedCode, PlaceOrder, place_order
from tracer.settings import Settings
from tracer.stock.counting import CountLine, CountStock, count_stock
from tracer.stock.documents import Line
from tracer.stock.receiving import ReceiptLine, Receive, receive

NOW = NOON + timedelta(days=2)
YESTERDAY = (NOW - timedelta(days=1)).date()
L1_EXPIRY, SOON = date(2027, 6, 30), date(2026, 5, 1)
# reference, name, bed, what is ordered: the bundle of a stent, two syringes and five cotton balls
PATIENTS = (
    ("ZY20260301", "张伟", "12床", "YZB001"),
    ("ZY20260302", "欧阳娜", "3床", "YZ000002"),
    ("ZY20260303", "李秀英", "5床", "YZB001"),
    ("ZY20260304", "王建国", "8床", "YZB001"),
    ("ZY20260305", "陈静", "15床", "YZB001"),
    ("ZY20260306", "刘洋", "16床", "YZB001"),
    ("ZY20260307", "杨丽", "17床", "YZB001"),
    ("ZY20260308", "赵磊", "18床", "YZB001"),
)
PASSWORD = "correct horse battery"
SECRET = "0123456789abcdef0123456789abcdef"


@dataclass
class RunningClock:
    """Begins at `NOW`, and runs."""

    zone: ZoneInfo = ZONE
    began: datetime = field(default_factory=lambda: datetime.now(UTC))

    def now(self) -> datetime:
        return NOW + (datetime.now(UTC) - self.began)

    @property
    def ahead(self) -> timedelta:
        """By how much this clock is ahead of the machine's."""
        return NOW - self.began


@dataclass
class Ward:
    """The running hospital: its address, its database, its clock."""

    url: str
    engine: Engine
    clock: RunningClock
    requests: list[str]
    folder: Folder

    def count(self, sql: str, **values: object) -> int:
        with self.engine.connect() as connection:
            return connection.execute(text(sql), values).scalar_one()


@contextmanager
def ward(engine: Engine) -> Iterator[Ward]:
    """Fill the database, serve it, and stop serving."""
    clock = RunningClock()
    with Session(engine) as session, session.begin():
        _trend(session)
        here = build(session)
        _accounts(here)
        _prices(here)
        _past(here)
        here.clock.move_to(NOW)
        _orders(here)
    settings = Settings(secret_key=SECRET, data=Path(os.environ["TRACER_DATA"]))
    app = create_app(settings, clock=clock, engine=engine)
    asked: list[str] = []

    class Quiet(WSGIRequestHandler):
        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            asked.append(f"{self.command} {self.path} {code}")

    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Ward(
            f"http://127.0.0.1:{server.server_port}", engine, clock, asked, Folder(settings.intake_root)
        )
    finally:
        server.shutdown()
        thread.join(timeout=10)
        server.server_close()


def _accounts(here: SmallHospital) -> None:
    names = {
        "nurse": "护士示例",
        "procurement": "物资示例",
        "finance": "财务示例",
        "storekeeper": "库管示例",
        "admin": "管理示例",
    }
    hashed = passwords.PasswordHasher(1, 8, 1).hash(PASSWORD)
    for role, name in names.items():
        here.session.execute(
            text("UPDATE person SET name = :name, password_hash = :hashed WHERE username = :username"),
            {"name": name, "hashed": hashed, "username": f"t-{role}"},
        )


def _orders(here: SmallHospital) -> None:
    for ref, name, bed, code in PATIENTS:
        command = PlaceOrder(
            key=new_key("order"),
            order_no=f"Y{ref}",
            encounter=ref,
            location="CARD-W1",
            lines=(OrderedCode(order_code=code),),
            patient_name=name,
            bed=bed,
        )
        place_order(here.session, here.people["his"], command, here.clock)


def _prices(here: SmallHospital) -> None:
    for item, cost in (("stent", "900.00"), ("syringe", "1.50"), ("cotton", "0.05")):
        here.session.add(
            approved_price(
                here,
                here.items[item],
                PriceKind.PURCHASE,
                Decimal(cost),
                NOON.date() - timedelta(days=60),
            )
        )
    here.session.flush()


def _trend(session: Session) -> None:
    """Two weeks of closed days from before anything was recorded here: figures, and no rows."""
    rates = (
        "0.012",
        "0.031",
        "0.008",
        "0.044",
        "0.087",
        "0.026",
        "0.019",
        "0.062",
        "0.030",
        "0.041",
        "0.015",
        "0.022",
    )
    for number, rate in enumerate(reversed(rates), start=1):
        breached = Decimal(rate) > Decimal("0.05")
        summary = {
            "tolerance": "0.05",
            "gross_rate": rate,
            "gross_rate_value": rate,
            "breaches": 3 if breached else 1,
            "invalid": 0,
            "status": "BREACH" if breached else "OK",
        }
        session.execute(
            text(
                "INSERT INTO business_day (business_date, closed_at, closed_by, summary)"
                " SELECT :day, :at, min(id), CAST(:summary AS jsonb) FROM person"
            ),
            {
                "day": NOON.date() - timedelta(days=number),
                "at": NOON - timedelta(days=number - 1),
                "summary": json.dumps(summary),
            },
        )


def _past(here: SmallHospital) -> None:
    """A day that is closed, with gaps; then yesterday, with gaps too, which nobody closed."""
    delivered = ReceiptLine(material="WZ000002", quantity=400, lot="L1", expiry=L1_EXPIRY)
    _deliver(here, "CARD-W1", "RK0", delivered)
    here.scan(udi(SYRINGE_DI, lot="L1"), quantity=40, encounter="ZY20260201")
    _use_unseen(here, 6, "CARD-W1")
    _find_cotton(here)
    close_day(here.session, here.people["finance"], here.clock.now().date(), here.clock)
    here.clock.move_to(NOW - timedelta(days=1))
    here.scan(udi(SYRINGE_DI, lot="L1"), quantity=30, encounter="ZY20260201")
    _use_unseen(here, 6, "CARD-W1")
    _charge_unseen(here)
    _use_unseen(here, 4, "SURG-W1", "WZ000003", lot="")  # cotton that was never received there
    _deliver(here, "STORE", "RK2", ReceiptLine(material="WZ000002", quantity=60, lot="L2", expiry=SOON))


def _use_unseen(
    here: SmallHospital, pieces: int, ward: str, material: str = "WZ000002", lot: str = "L1"
) -> None:
    post_use(
        here.session,
        here.keeper,
        PostUse(
            key=new_key("sheet"),
            location=ward,
            document=f"XH{new_key()}",
            lines=(Line(material=material, quantity=pieces, lot=lot),),
        ),
        here.clock,
    )


def _charge_unseen(here: SmallHospital) -> None:
    """A stent charged by the HIS that nobody scanned."""
    command = PostCharge(
        key=new_key("his"),
        encounter="ZY20260201",
        location="CARD-W1",
        system=CodeSystem.BILLING,
        code="JF000001",
        quantity=1,
        document="HIS-0901",
    )
    post_charge(here.session, here.people["his"], command, here.clock)


def _find_cotton(here: SmallHospital) -> None:
    """More on the shelf than the book and all use can explain."""
    count = CountStock(
        key=new_key("count"),
        location="CARD-W1",
        document="PD-01",
        lines=(CountLine(material="WZ000003", counted=130),),
    )
    count_stock(here.session, here.keeper, count, here.clock)


def _deliver(here: SmallHospital, location: str, document: str, line: ReceiptLine) -> None:
    delivery = Receive(
        key=new_key("rk"), location=location, supplier="SUP1", document=document, lines=(line,)
    )
    receive(here.session, here.keeper, delivery, here.clock)
