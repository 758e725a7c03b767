from __future__ import annotations

from tests.charging.conftest import hospital

__all__ = ["hospital"]
