"""A hospital that tells others: a real database, real deliverers, a real receiver."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

from tests.small_hospital import SmallHospital, build
from tracer.access.outbox import Announcement, tell_many
from tracer.access.rules import Actor
from tracer.db.transaction import in_transaction, transaction
from tracer.exchange.deciding import Decide, send_again, skip
from tracer.exchange.delivering import Deliverer
from tracer.exchange.endpoints import ChangeEndpoint, MakeEndpoint, change_endpoint, make_endpoint
from tracer.exchange.rules import EndpointKind, EndpointState


@dataclass
class House:
    engine: Engine
    hospital: SmallHospital
    folder: Path

    @classmethod
    def of(cls, engine: Engine, folder: Path) -> House:
        with transaction(engine) as session:
            hospital = build(session)
            session.execute(
                text("INSERT INTO item (name, created_at) SELECT '批量', now() FROM generate_series(1, 300)")
            )
        return cls(engine, hospital, folder)

    @property
    def admin(self) -> Actor:
        return self.hospital.people["admin"]

    def items(self, count: int) -> list[int]:
        with self.engine.connect() as connection:
            found = connection.execute(text("SELECT id FROM item ORDER BY id LIMIT :n"), {"n": count})
            return list(found.scalars())

    def webhook(self, url: str, **more: Any) -> int:
        command = MakeEndpoint(name=more.pop("name", url), kind=EndpointKind.WEBHOOK, url=url, **more)
        return self.make(command)[0]

    def drop(self, folder: str, kind: EndpointKind = EndpointKind.CSV, **more: Any) -> int:
        name = more.pop("name", folder or "none")
        return self.make(MakeEndpoint(name=name, kind=kind, folder=folder, **more))[0]

    def make(self, command: MakeEndpoint) -> tuple[int, str | None]:
        return in_transaction(
            self.engine, lambda s: make_endpoint(s, self.admin, command, self.hospital.clock, self.folder)
        )

    def change(self, endpoint: int, url: str, state: EndpointState = EndpointState.ACTIVE) -> None:
        command = ChangeEndpoint(endpoint, f"changed {endpoint}", state, url)
        in_transaction(self.engine, lambda s: change_endpoint(s, self.admin, command, self.hospital.clock))

    def tell(self, items: Sequence[int | None], topic: str = "code.approved", **payload: Any) -> None:
        """One event for each of these, in one transaction."""
        events = [Announcement(topic, item, {"n": n} | payload) for n, item in enumerate(items)]
        in_transaction(self.engine, lambda s: tell_many(s, self.admin, self.hospital.clock, events))

    def deliverer(self, **more: Any) -> Deliverer:
        wanted = {"tries": 48, "folder": self.folder, "file_seconds": 0.0, "lease": timedelta(seconds=60)}
        return Deliverer(self.engine, **wanted | more)

    def decide(self, what: Callable[..., None], event: int, endpoint: int, why: str = "测试") -> None:
        assert what in (send_again, skip)
        command = Decide(event, endpoint, why)
        in_transaction(self.engine, lambda s: what(s, self.admin, command, self.hospital.clock))

    def states(self, endpoint: int | None = None) -> list[str]:
        """Of all deliveries, in the order of their events."""
        return [
            row.state
            for row in self.rows(
                "SELECT state FROM delivery"
                " WHERE endpoint_id = coalesce(CAST(:endpoint AS bigint), endpoint_id)"
                " ORDER BY event_id, endpoint_id",
                endpoint=endpoint,
            )
        ]

    def rows(self, statement: str, **values: Any) -> Sequence[Any]:
        with self.engine.connect() as connection:
            return connection.execute(text(statement), values).all()

    def run(self, statement: str, **values: Any) -> None:
        with self.engine.begin() as connection:
            connection.execute(text(statement), values)

    def hurry(self) -> None:
        """As if every wait were over."""
        self.run("UPDATE endpoint SET due_at = now() - interval '1 second'")
        self.run("UPDATE delivery SET due_at = now() - interval '1 second' WHERE state = 'waiting'")
