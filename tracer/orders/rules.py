"""Pure decisions about encounters and orders."""

from __future__ import annotations


def masked(name: str) -> str:
    """A patient's name as others may read it: enough to tell two beds apart (张*)."""
    return f"{name[0]}*" if name else ""
