from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from tests.exchange.house import House
from tests.exchange.receiver import Receiver, receiving
from tests.small_hospital import SmallHospital, build


@pytest.fixture
def hospital(session: Session) -> SmallHospital:
    return build(session)


@pytest.fixture
def house(fresh_database: Engine, tmp_path: Path) -> House:
    return House.of(fresh_database, tmp_path / "drop")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as server:
        yield server
