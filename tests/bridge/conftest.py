"""A workstation: its scanner, its service, and bridges that are ended with the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.bridge.bench import Bridge, Scanner, Service


@pytest.fixture
def scanner(tmp_path: Path) -> Iterator[Scanner]:
    made = Scanner(tmp_path)
    yield made
    with suppress(OSError):
        made.unplug()


@pytest.fixture
def service(fresh_database: Engine) -> Iterator[Service]:
    made = Service.open(fresh_database)
    yield made
    made.stop()


@pytest.fixture
def bridge(scanner: Scanner, service: Service, tmp_path: Path) -> Iterator[Callable[..., Bridge]]:
    """`bridge("--encounter", "E1")` starts one, with a nurse's token unless told otherwise."""
    made: list[Bridge] = []

    def start(*more: str, **how: object) -> Bridge:
        if not (tmp_path / "token").exists():
            how.setdefault("token", service.token())
        made.append(Bridge(scanner, service.url, tmp_path, *more, **how))  # type: ignore[arg-type]
        return made[-1]

    yield start
    for one in made:
        if one.process.poll() is None:
            one.kill()
