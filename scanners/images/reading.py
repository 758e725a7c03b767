"""The one way in: the bytes of a picture to a :class:`~scanners.images.picture.Picture`."""

from __future__ import annotations

from scanners.images.clock import Clock
from scanners.images.finding import Finding
from scanners.images.opening import open_picture
from scanners.images.picture import Corner, ImageError, Picture, Symbol
from scanners.images.search import search


def read(data: bytes, *, deadline_seconds: float = 2.0, glance: bool = False) -> Picture:
    """The symbols on a picture, from top to bottom, or why it was refused. Never raises, whatever the bytes.

    It takes no longer than ``deadline_seconds``, and gives what it knows by then: on a slow machine a hard
    picture may be read less often, never wrongly. Other threads run on meanwhile: neither engine holds
    Python's lock, and Pillow lets it go while it unpacks.

    ``glance``: of many frames of a film, which mostly show nothing; what this one hides, the next may show.
    """
    clock = Clock(deadline_seconds)
    opened = open_picture(data, clock)
    if isinstance(opened, ImageError):
        return Picture(error=opened)
    found = search(opened.grey, clock, glance=glance)
    symbols = [_symbol(finding, opened.shrunk * found.scale) for finding in found.findings]
    return Picture(tuple(sorted(symbols, key=_from_the_top)))


def _symbol(finding: Finding, scale: float) -> Symbol:
    outline = finding.outline
    if len(outline) != 4:
        across, down = [x for x, _ in outline], [y for _, y in outline]
        left, right, top, bottom = min(across), max(across), min(down), max(down)
        outline = (left, top), (right, top), (right, bottom), (left, bottom)
    first, second, third, fourth = ((round(x * scale), round(y * scale)) for x, y in outline)
    corners: tuple[Corner, Corner, Corner, Corner] = first, second, third, fourth
    return Symbol(finding.format, finding.symbology, finding.text, finding.raw, finding.engine, corners)


def _from_the_top(symbol: Symbol) -> tuple[int, int]:
    return min(y for _, y in symbol.position), min(x for x, _ in symbol.position)
