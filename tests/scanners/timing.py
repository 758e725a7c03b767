"""How long a parse takes, on a machine that may have other work."""

from __future__ import annotations

from time import perf_counter

from scanners import parse
from tests.scanners.golden import TODAY


def best_seconds(text: str) -> float:
    """The best of several runs."""
    best = float("inf")
    for _ in range(7):
        start = perf_counter()
        parse(text, today=TODAY)
        best = min(best, perf_counter() - start)
    return best
