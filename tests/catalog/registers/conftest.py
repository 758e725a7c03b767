from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tracer.access.operator import OPERATOR
from tracer.catalog.registers.importing import Progress, import_register
from tracer.settings import Settings
from tracer.shared.clock import SystemClock


@pytest.fixture
def imported(fresh_database: Engine, tmp_path: Path) -> Callable[[bytes | Path], Progress]:
    """Takes a release into this test's database."""
    clock = SystemClock(Settings().timezone)
    count = iter(range(1000))

    def take_in(content: bytes | Path) -> Progress:
        path = content if isinstance(content, Path) else tmp_path / f"release-{next(count)}"
        if isinstance(content, bytes):
            path.write_bytes(content)
        return import_register(fresh_database, OPERATOR, path, clock=clock)

    return take_in
