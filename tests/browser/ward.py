"""A hospital that real browsers can visit: the application on a real port, with people who can sign in."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.small_hospital import NOON, ZONE, SmallHospital, build, new_key
from tracer.access import passwords
from tracer.app import create_app
from tracer.orders.placing import OrderedCode, PlaceOrder, place_order
from tracer.settings import Settings

PASSWORD = "correct horse battery"
SECRET = "0123456789abcdef0123456789abcdef"


@dataclass
class RunningClock:
    """Begins at noon of the small hospital's day, and runs."""

    zone: ZoneInfo = ZONE
    began: datetime = field(default_factory=lambda: datetime.now(UTC))

    def now(self) -> datetime:
        return NOON + (datetime.now(UTC) - self.began)

    @property
    def ahead(self) -> timedelta:
        """By how much this clock is ahead of the machine's."""
        return NOON - self.began


@dataclass
class Ward:
    """The running hospital: its address, its database, its clock."""

    url: str
    engine: Engine
    clock: RunningClock
    requests: list[str]

    def count(self, sql: str, **values: object) -> int:
        with self.engine.connect() as connection:
            return connection.execute(text(sql), values).scalar_one()


@contextmanager
def ward(engine: Engine) -> Iterator[Ward]:
    """Fill the database, serve it, and stop serving."""
    clock = RunningClock()
    with Session(engine) as session, session.begin():
        here = build(session)
        _accounts(here)
        _orders(here)
    app = create_app(Settings(secret_key=SECRET), clock=clock, engine=engine)
    asked: list[str] = []

    class Quiet(WSGIRequestHandler):
        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            asked.append(f"{self.command} {self.path} {code}")

    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Ward(f"http://127.0.0.1:{server.server_port}", engine, clock, asked)
    finally:
        server.shutdown()
        thread.join(timeout=10)
        server.server_close()


def _accounts(here: SmallHospital) -> None:
    names = {"nurse": "王护士", "procurement": "赵采购", "finance": "李会计", "storekeeper": "钱库管"}
    hashed = passwords.PasswordHasher(1, 8, 1).hash(PASSWORD)
    for role, name in names.items():
        here.session.execute(
            text("UPDATE person SET name = :name, password_hash = :hashed WHERE username = :username"),
            {"name": name, "hashed": hashed, "username": f"t-{role}"},
        )


def _orders(here: SmallHospital) -> None:
    for ref, name, bed, codes in (
        ("ZY20260301", "张伟", "12床", ("YZB001",)),
        ("ZY20260302", "欧阳娜", "3床", ("YZ000002",)),
    ):
        place_order(
            here.session,
            here.people["his"],
            PlaceOrder(
                key=new_key("order"),
                order_no=f"Y{ref}",
                encounter=ref,
                location="CARD-W1",
                lines=tuple(OrderedCode(order_code=code) for code in codes),
                patient_name=name,
                bed=bed,
            ),
            here.clock,
        )
