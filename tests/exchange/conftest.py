from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from tests.small_hospital import SmallHospital, build


@pytest.fixture
def hospital(session: Session) -> SmallHospital:
    return build(session)
