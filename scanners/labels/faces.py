"""What a laid-out label is made of; everything in printer dots."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from scanners.labels.symbols import Symbol

TOLERANCE = 0.002  # mm; a dot of 203 dpi is 0.125 mm, in some tables 0.1251


class Typeface(Protocol):
    """What the layout must know of a font."""

    def advance(self, character: str, size: int) -> float:
        """How far the pen moves, in dots, for an em of ``size`` dots."""

    def __hash__(self) -> int:
        """What was measured with a font is kept."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of text; ``top`` is the upper edge of its em, ``size`` the em's height."""

    text: str
    left: int
    top: int
    size: int
    width: float
    centred: bool = False  # within its width, should the printer's own font be narrower


@dataclass(frozen=True, slots=True)
class Face:
    """One label, laid out. ``bars`` is the height of the symbol."""

    width: int
    height: int
    symbol: Symbol
    left: int
    top: int
    module: int
    bars: int
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A printer's dots. ``size`` is the label's, in dots; None: as large as it need be."""

    dots_per_mm: float
    size: tuple[int, int] | None = None

    def dots(self, mm: float) -> int:
        return max(1, round(mm * self.dots_per_mm))

    def at_most(self, mm: float) -> int:
        return int((mm + TOLERANCE) * self.dots_per_mm)

    def is_readable(self, module: int, finest: float) -> bool:
        return module > 0 and module / self.dots_per_mm >= finest - TOLERANCE
