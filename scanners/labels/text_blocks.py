"""The text of a label in a size that may fit: its lines, and what its symbol says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scanners.labels.faces import Grid, Row, Typeface
from scanners.labels.label import Label
from scanners.labels.symbols import Symbol
from scanners.labels.text_rows import cut, pack, width_of, wrap

SMALLEST_TEXT = 1.75  # mm, height of an em; smaller Chinese runs together on a thermal printer
STEP = 0.125  # mm, from one size to the next
LEADING = 1.2


@dataclass(frozen=True, slots=True)
class TextBlock:
    """Rows above or beside the symbol, and rows of what it says."""

    size: int
    leading: int
    lines: tuple[str, ...]
    said: tuple[str, ...]

    @property
    def height(self) -> int:
        return (len(self.lines) + len(self.said)) * self.leading


def whole_texts(
    symbol: Symbol, label: Label, grid: Grid, width: int, largest: int, type_: Typeface, *, most: int = 1
) -> Iterator[TextBlock]:
    """The text in falling sizes, nothing left out: names on two rows at most, the rest on ``most`` each."""
    for size in range(largest, grid.dots(SMALLEST_TEXT) - 1, -max(1, grid.dots(STEP))):
        rows: list[str] = []
        for place, line in enumerate(label.lines):
            wrapped = wrap(line, size, width, type_)
            if len(wrapped) > (2 if place < label.names else most):
                break
            rows += wrapped
        else:
            said = pack(symbol.said, size, width, type_)
            if said is None and most > 1:
                said = _broken(symbol, size, width, type_)
            if said is not None:
                yield TextBlock(size, round(size * LEADING), tuple(rows), said)


def shortened_texts(
    symbol: Symbol, label: Label, grid: Grid, width: int, type_: Typeface
) -> Iterator[TextBlock]:
    """The smallest text: names cut to two rows or one, the rest on as many rows as it takes."""
    size = grid.dots(SMALLEST_TEXT)
    said = pack(symbol.said, size, width, type_)
    if said is None:
        said = _broken(symbol, size, width, type_)
    for most in (2, 1):
        rows: list[str] = []
        for place, line in enumerate(label.lines):
            wrapped = wrap(line, size, width, type_)
            rows += cut(wrapped, most, size, width, type_) if place < label.names else wrapped
        yield TextBlock(size, round(size * LEADING), tuple(rows), said)


def _broken(symbol: Symbol, size: int, width: int, type_: Typeface) -> tuple[str, ...]:
    """What a symbol says where a part of it is longer than a row."""
    return tuple(row for piece in symbol.said for row in wrap(piece, size, width, type_))


def placed_row(
    line: str, left: int, top: int, text: TextBlock, type_: Typeface, width: int | None = None
) -> Row:
    """A row whose leading begins at ``top``; in the middle of ``width`` from the left if that is given."""
    top += (text.leading - text.size) // 2
    long = width_of(line, text.size, type_)
    if width is None:
        return Row(line, left, top, text.size, long)
    return Row(line, max(left, left + int(width - long) // 2), top, text.size, long, centred=True)
