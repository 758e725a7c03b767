from __future__ import annotations

from tests.access.conftest import _copied, app, browser, cheap_hashes, clock, house

__all__ = ["_copied", "app", "browser", "cheap_hashes", "clock", "house"]
