"""Closed lists of codes that checks look values up in, from ``code_lists.txt``."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def _lists() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    text = files("scanners.gs1").joinpath("code_lists.txt").read_text(encoding="ascii")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            name, *codes = line.split()
            found.setdefault(name, set()).update(codes)
    return {name: frozenset(codes) for name, codes in found.items()}


def code_list(name: str) -> frozenset[str]:
    return _lists()[name]
