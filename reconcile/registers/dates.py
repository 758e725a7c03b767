"""Days as registers write them."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from reconcile.files.values import Refused, read_date


@lru_cache(maxsize=20_000)
def iso_day(text: str) -> str:
    """The day as 2026-03-01; "" if none is written, or none that exists."""
    text = text.strip()
    if not text:
        return ""
    head = text[:10]
    try:
        return date.fromisoformat(head).isoformat() if len(head) == 10 else read_date(text).isoformat()
    except ValueError:
        try:
            return read_date(text.replace("T", " ").partition(" ")[0]).isoformat()
        except Refused:
            return ""
    except Refused:
        return ""
