"""How values look in JSON: money as decimal strings, times as RFC 3339, days as ISO dates."""

from __future__ import annotations

import dataclasses
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask.json.provider import DefaultJSONProvider


def json_safe(value: Any) -> Any:
    """What stands for a value that JSON has no notation for. Raises TypeError."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):  # a datetime too
        return value.isoformat()
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    if isinstance(value, UUID):
        return str(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


class JsonShape(DefaultJSONProvider):
    """The application's JSON."""

    default = staticmethod(json_safe)
    ensure_ascii = False
    sort_keys = False
    compact = True
