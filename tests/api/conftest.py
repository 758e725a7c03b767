from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.api.ward import Built, Ward, build_committed, open_ward
from tests.conftest import _copy, _engine


@pytest.fixture(scope="session")
def built(server_url: str, template: str) -> Iterator[Built]:
    """A database of these tests alone, with the smallest hospital in it for good."""
    with _copy(server_url, template) as url, _engine(url) as engine:
        yield build_committed(engine)


@pytest.fixture
def ward(built: Built) -> Iterator[Ward]:
    """The smallest hospital behind its HTTP routes; what a test does there is undone after it."""
    with open_ward(built) as opened:
        yield opened
