"""Where everything on a label stands, in printer dots.

Everything is placed on the printer's own grid: a bar that ends within a dot is printed a dot
wider or narrower as it happens, and is then read as another bar. So a module is a whole number of
dots, in every format, and a label has the same layout wherever it comes out.

A symbol whose modules would be finer than scanners read is refused, never shrunk.
"""

from __future__ import annotations

from collections.abc import Iterator

from scanners.labels.faces import Face, Grid, Typeface
from scanners.labels.label import Label, LabelError, LabelFault, shown
from scanners.labels.symbols import Symbol
from scanners.labels.text_blocks import (
    LEADING,
    TextBlock,
    placed_row,
    shortened_texts,
    whole_texts,
)
from scanners.labels.text_rows import pack, width_of, wrap

# Widths of a module, in millimetres. GS1 (symbol specification table 6, healthcare) allows 0.170 for
# lines and 0.254 for matrices; below 0.19 a thermal head's own spread closes the gaps between bars.
FINEST_BAR, FINEST_DOT = 0.19, 0.25
WIDEST_BAR, WIDEST_DOT = 0.5, 0.75
GOOD_DOT = 0.375  # smaller only where the text leaves no room
USUAL_BAR, USUAL_DOT = 0.33, 0.5  # where no stock sets a size

USUAL_TEXT = 2.5
LARGEST_TEXT = 4.0
SIDE, EDGE, GAP = 1.5, 1.2, 0.8
SHORTEST_BARS, GOOD_BARS, TALLEST_BARS = 5.0, 8.0, 16.0
GS1_BARS = 12.7  # the height that the same table asks of a GS1-128; less only where there is no room
SHARE = 0.45  # of a label's width that a matrix may take
WIDEST_NATURAL = 80.0


def lay_out(symbol: Symbol, label: Label, grid: Grid, typeface: Typeface) -> Face:
    """Raises LabelError if the label is too small for what must stand on it."""
    if grid.size is None:
        return _as_large_as_need_be(symbol, label, grid, typeface)
    if symbol.symbology.linear:
        return _bars_below(symbol, label, grid, grid.size, typeface)
    return _matrix_left(symbol, label, grid, grid.size, typeface)


# --- lines ---------------------------------------------------------------------------------------


def _bars_below(symbol: Symbol, label: Label, grid: Grid, size: tuple[int, int], type_: Typeface) -> Face:
    """Text above, bars across the whole width, what they say centred below."""
    width, height = size
    modules = symbol.columns + 2 * symbol.symbology.quiet
    module = min(width // modules, grid.at_most(WIDEST_BAR))
    if not grid.is_readable(module, FINEST_BAR):
        raise _too_wide(symbol, grid, modules, width)
    inner = width - 2 * grid.dots(SIDE)
    free = height - 2 * grid.dots(EDGE)
    gaps = grid.dots(GAP) * (2 if label.lines else 1)
    largest = min(grid.dots(LARGEST_TEXT), int(height * 0.085))
    # Bars as tall as a sixth of their length are found at a slant, too (ISO/IEC 15417: 15 %).
    short = max(grid.dots(SHORTEST_BARS), int(0.15 * symbol.columns * module))
    good = max(grid.dots(GS1_BARS if symbol.symbology.gs1 else GOOD_BARS), short)

    def tries() -> Iterator[tuple[TextBlock, int]]:
        for needed in (good, short):
            yield from ((text, needed) for text in whole_texts(symbol, label, grid, inner, largest, type_))
        yield from ((text, short) for text in shortened_texts(symbol, label, grid, inner, type_))

    for text, needed in tries():
        bars = min(free - text.height - gaps, grid.dots(TALLEST_BARS))
        if bars >= needed:
            return _stacked(symbol, text, grid, size, module, bars, type_)
    raise _too_low(symbol, label)


def _stacked(
    symbol: Symbol,
    text: TextBlock,
    grid: Grid,
    size: tuple[int, int],
    module: int,
    bars: int,
    type_: Typeface,
) -> Face:
    width, height = size
    gap = grid.dots(GAP)
    block = text.height + bars + gap * (2 if text.lines else 1)
    top = (height - block) // 2
    side = grid.dots(SIDE)
    rows = [
        placed_row(line, side, top + place * text.leading, text, type_)
        for place, line in enumerate(text.lines)
    ]
    if text.lines:
        top += len(text.lines) * text.leading + gap
    below = top + bars + gap
    rows += [
        placed_row(piece, 0, below + place * text.leading, text, type_, width)
        for place, piece in enumerate(text.said)
    ]
    left = (width - symbol.columns * module) // 2
    return Face(width, height, symbol, left, top, module, bars, tuple(rows))


# --- matrices ------------------------------------------------------------------------------------


def _matrix_left(symbol: Symbol, label: Label, grid: Grid, size: tuple[int, int], type_: Typeface) -> Face:
    """The symbol at the left, text beside it; the symbol as large as the text leaves it."""
    width, height = size
    quiet = symbol.symbology.quiet
    high = (height - 2 * grid.dots(EDGE)) // symbol.rows
    wide = int(width * SHARE) // (symbol.columns + quiet)
    least = _finest(grid)
    most = max(min(high, wide, grid.at_most(WIDEST_DOT)), least)
    if least > high or (symbol.columns + 2 * quiet) * least > width:
        raise _too_wide(symbol, grid, symbol.columns + 2 * quiet, min(width, height))
    good = min(max(grid.at_most(GOOD_DOT), least), most)
    largest = min(grid.dots(LARGEST_TEXT), int(height * 0.1))

    def tries() -> Iterator[tuple[TextBlock, int]]:
        for modules in (range(most, good - 1, -1), range(good - 1, least - 1, -1)):
            for rows in (1, 2):
                for module in modules:
                    inner = width - _column(symbol, grid, module) - grid.dots(EDGE)
                    for text in whole_texts(symbol, label, grid, inner, largest, type_, most=rows):
                        yield text, module
        inner = width - _column(symbol, grid, least) - grid.dots(EDGE)
        yield from ((text, least) for text in shortened_texts(symbol, label, grid, inner, type_))

    for text, module in tries():
        if text.height <= height - 2 * grid.dots(EDGE):
            return _beside(symbol, text, grid, size, module, type_)
    raise _too_low(symbol, label)


def _column(symbol: Symbol, grid: Grid, module: int) -> int:
    """Where the text beside a matrix begins: behind the edge, the symbol and its quiet space."""
    return _inset(symbol, grid, module) + (symbol.columns + symbol.symbology.quiet) * module + grid.dots(GAP)


def _inset(symbol: Symbol, grid: Grid, module: int) -> int:
    return max(grid.dots(EDGE), symbol.symbology.quiet * module)


def _finest(grid: Grid) -> int:
    module = 1
    while not grid.is_readable(module, FINEST_DOT):
        module += 1
    return module


def _beside(
    symbol: Symbol, text: TextBlock, grid: Grid, size: tuple[int, int], module: int, type_: Typeface
) -> Face:
    width, height = size
    bars = symbol.rows * module
    left, column = _inset(symbol, grid, module), _column(symbol, grid, module)
    top = (height - text.height) // 2
    rows = tuple(
        placed_row(line, column, top + place * text.leading, text, type_)
        for place, line in enumerate((*text.lines, *text.said))
    )
    return Face(width, height, symbol, left, (height - bars) // 2, module, bars, rows)


# --- no stock ------------------------------------------------------------------------------------


def _as_large_as_need_be(symbol: Symbol, label: Label, grid: Grid, type_: Typeface) -> Face:
    """The symbol at its usual size, its text around it, and paper for both."""
    linear = symbol.symbology.linear
    quiet = symbol.symbology.quiet
    module = grid.dots(USUAL_BAR if linear else USUAL_DOT)
    bars = symbol.rows * module
    if linear:
        bars = max(grid.dots(GS1_BARS), int(0.15 * symbol.columns * module))
    side, size = grid.dots(SIDE), grid.dots(USUAL_TEXT)
    across = max((symbol.columns + 2 * quiet) * module, symbol.columns * module + 2 * side)
    inner = max(across, grid.dots(WIDEST_NATURAL)) - 2 * side
    lines = tuple(row for line in label.lines for row in wrap(line, size, inner, type_))
    said = pack(symbol.said, size, inner if linear else max(across - 2 * side, grid.dots(24.0)), type_)
    if said is None:
        said = tuple(row for piece in symbol.said for row in wrap(piece, size, inner, type_))
    text = TextBlock(size, round(size * LEADING), lines, said)
    longest = max(width_of(row, size, type_) for row in (*lines, *said))
    width = max(across, int(longest) + 1 + 2 * side)
    margin = max(grid.dots(EDGE), 0 if linear else quiet * module)
    height = text.height + bars + grid.dots(GAP) * (2 if lines else 1) + 2 * margin
    return _stacked(symbol, text, grid, (width, height), module, bars, type_)


# --- refusals ------------------------------------------------------------------------------------


def _too_wide(symbol: Symbol, grid: Grid, modules: int, space: int) -> LabelError:
    finest = FINEST_BAR if symbol.symbology.linear else FINEST_DOT
    module = 1
    while not grid.is_readable(module, finest):
        module += 1
    needed, fine, there = (dots / grid.dots_per_mm for dots in (modules * module, module, space))
    message = (
        f"the {symbol.symbology.name} of {shown(symbol.text)} needs {needed:.1f} mm"
        f" at {fine:.3f} mm a module, the finest that scanners read from this printer;"
        f" there are {there:.1f} mm: take larger labels, or a DataMatrix"
    )
    return LabelError(LabelFault.DOES_NOT_FIT, message, symbol.text)


def _too_low(symbol: Symbol, label: Label) -> LabelError:
    what = f"{len(label.lines)} lines and the {symbol.symbology.name} of {shown(symbol.text)}"
    message = f"{what} do not fit the label"
    return LabelError(LabelFault.DOES_NOT_FIT, message, symbol.text)
