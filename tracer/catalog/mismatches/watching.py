"""How far the loading of an export has come, for whoever waits for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tracer.catalog.mismatches import words

NAMES: Final = ("waiting", "opening", "reading", "heeding", "grouping", "findings", "suggesting")
"""In this order. The first is passed at once unless another run is under way."""


@dataclass(frozen=True, slots=True)
class Step:
    """`done` of `total`: bytes of the file (opening, reading) or cases (suggesting); a total of 0 means that
    nobody knows. `rows`: of the file, read so far."""

    name: str
    done: int = 0
    total: int = 0
    rows: int = 0

    def said(self, language: str) -> str:
        """What is being done, in one language ("zh", "en")."""
        return words.chosen(words.STEPS, language)[self.name]


Watch = Callable[[Step], None]


def unwatched(step: Step) -> None:
    """For those who only want the end."""
