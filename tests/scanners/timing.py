"""How long a parse takes, on a machine that may have other work."""

from __future__ import annotations

import sys
from time import process_time

from scanners import parse
from tests.scanners.golden import TODAY

# What the longest text may take. A coverage run makes every line several times slower.
LIMIT = 0.005 if sys.gettrace() is None else 0.05


def best_seconds(text: str) -> float:
    """Processor time, the best of several runs."""
    best = float("inf")
    for _ in range(7):
        start = process_time()
        parse(text, today=TODAY)
        best = min(best, process_time() - start)
    return best
