"""A hospital that loads its systems' exports and settles what is wrong in them, two people as it takes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from fixtures.messy.writing import FILES
from tests.small_hospital import SmallHospital, build
from tracer.access.rules import Actor
from tracer.catalog.mismatches.loading import LoadReceipt, load_exports

T = TypeVar("T")
OWNS = {"hrp": ("material",), "his": ("billing", "order"), "insurance": ("insurance",), "nmpa": ("udi",)}


class Office:
    """Each act is a transaction of its own."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        with Session(engine) as session, session.begin():
            self.hospital: SmallHospital = build(session)
        self.clock = self.hospital.clock

    @property
    def buyer(self) -> Actor:
        return self.hospital.people["procurement"]

    @property
    def insurer(self) -> Actor:
        return self.hospital.people["insurance_office"]

    def act(self, work: Callable[..., T], actor: Actor, *arguments: Any, **more: Any) -> T:
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            return work(session, actor, self.clock, *arguments, **more)

    def load(self, folder: Path, **files: str) -> list[LoadReceipt]:
        """The messy exports of a folder; or the files that are given, source → name."""
        chosen = files or FILES
        exports = [(folder / name, source, name, OWNS.get(source, ())) for source, name in chosen.items()]
        return self.act(load_exports, self.buyer, exports)

    def ask(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        with Session(self.engine) as session:
            return [tuple(row) for row in session.execute(text(statement), values)]

    @property
    def open_findings(self) -> int:
        return int(self.ask("SELECT count(*) FROM code_finding WHERE closed_at IS NULL")[0][0])
