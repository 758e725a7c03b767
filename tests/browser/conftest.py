"""A real Chromium in front of the real service; whatever goes wrong in it fails the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.browser.hid import Scanner
from tests.browser.replaying import replay
from tests.browser.visitor import Visitor, chromium_process
from tests.browser.ward import Ward, ward
from tests.conftest import _copy, _engine


@pytest.fixture(scope="session")
def process(chromium: str) -> Iterator[object]:
    with chromium_process(chromium) as running:
        yield running


@pytest.fixture(scope="session")
def hospital(chromium: str, server_url: str, template: str) -> Iterator[Ward]:
    """One hospital for a worker's browser tests; each test takes a patient or a day of its own."""
    with _copy(server_url, template) as url, _engine(url) as engine, ward(engine) as opened:
        yield opened


@pytest.fixture
def visit(process: object, hospital: Ward, cjk_font: str) -> Iterator[Callable[..., Visitor]]:
    """`visit("nurse", phone=True, language="en")` signs somebody in; nothing may have gone wrong after."""
    visitors: list[Visitor] = []

    def begin(role: str, **options: object) -> Visitor:
        visitors.append(Visitor(process, hospital, role, **options))
        return visitors[-1]

    yield begin
    for one in visitors:
        one.leave()
    for one in visitors:
        assert one.problems == []


@pytest.fixture
def scan_through() -> Callable[..., None]:
    """`scan_through(nurse, raw, caps=True)`: a scan by trusted key events as another machine makes them."""

    def scan(visitor: Visitor, raw: str, **machine: object) -> None:
        replay(visitor.page, Scanner(**machine).text(raw).enter().rows)

    return scan


@pytest.fixture
def nurse(visit: Callable[..., Visitor]) -> Visitor:
    return visit("nurse")
