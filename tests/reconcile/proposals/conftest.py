from __future__ import annotations

import pytest

from tests.reconcile.proposals.hospital import Hospital


@pytest.fixture
def hospital() -> Hospital:
    return Hospital()
