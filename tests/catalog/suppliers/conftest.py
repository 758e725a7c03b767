from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from tests.catalog.suppliers.trade import Trade, begin


@pytest.fixture
def trade(session: Session) -> Trade:
    return begin(session)
