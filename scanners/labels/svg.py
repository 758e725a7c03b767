"""Labels as SVG, one unit a printer dot; and single symbols for pages."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from scanners.labels.faces import Face, Row
from scanners.labels.pages import Page
from scanners.labels.runs import black_runs
from scanners.labels.symbols import Symbol

# The viewer's machine has the fonts; the length of each row is set, so that it fits with any of them.
_FAMILY = "'Noto Sans CJK SC','Source Han Sans SC','Microsoft YaHei','PingFang SC',SimHei,Arial,sans-serif"
_SVG = 'xmlns="http://www.w3.org/2000/svg"'
_BAR_MM = 10.0


def write_svg(pages: Sequence[Page], dots_per_mm: float) -> bytes:
    """All pages, one below the other."""
    width, height = max(page.width for page in pages), sum(page.height for page in pages)
    size = f'width="{width / dots_per_mm:.3f}mm" height="{height / dots_per_mm:.3f}mm"'
    parts = [
        f'<?xml version="1.0" encoding="UTF-8"?>\n<svg {_SVG} {size} viewBox="0 0 {width} {height}">'
        f'<rect width="{width}" height="{height}" fill="#fff"/>'
    ]
    top = 0
    for page in pages:
        for left, above, face in page.faces:
            parts.append(f'<g transform="translate({left} {top + above})">{_face(face)}</g>')
        top += page.height
    return "".join([*parts, "</svg>\n"]).encode()


def _face(face: Face) -> str:
    high = face.bars // face.symbol.rows
    return _path(face.symbol, face.left, face.top, face.module, high) + "".join(map(_row, face.rows))


def _row(row: Row) -> str:
    if not row.text.strip():
        return ""
    # The letters of most fonts stand on a line at 0.88 of the em's height.
    return (
        f'<text x="{row.left}" y="{row.top + 0.88 * row.size:.1f}" font-size="{row.size}"'
        f' font-family="{_FAMILY}" textLength="{row.width:.1f}" lengthAdjust="spacingAndGlyphs"'
        f' xml:space="preserve">{escape(row.text)}</text>'
    )


def _path(symbol: Symbol, left: int, top: int, wide: int, high: int) -> str:
    runs = "".join(
        f"M{left + x * wide} {top + y * high}h{across * wide}v{down * high}h-{across * wide}z"
        for x, y, across, down in black_runs(symbol.modules)
    )
    return f'<path shape-rendering="crispEdges" d="{runs}"/>'


def bare_symbol(symbol: Symbol, module_mm: float) -> str:
    """The symbol and the quiet space around it, to stand in an HTML page."""
    quiet = symbol.symbology.quiet
    wide, high = symbol.columns + 2 * quiet, symbol.rows + 2 * quiet
    bar = 1
    if symbol.symbology.linear:
        # Tall enough for a scanner held at a slant; above and below bars needs no quiet space.
        bar = high = round(max(_BAR_MM / module_mm, 0.15 * symbol.columns))
    path = _path(symbol, quiet, 0 if symbol.symbology.linear else quiet, 1, bar)
    return (
        f'<svg {_SVG} width="{wide * module_mm:.3f}mm" height="{high * module_mm:.3f}mm"'
        f' viewBox="0 0 {wide} {high}" role="img" aria-label={quoteattr(" ".join(symbol.said))}>'
        f'<rect width="{wide}" height="{high}" fill="#fff"/>{path}</svg>'
    )
