"""What one engine found in one look at a picture, before anything is decided about it."""

from __future__ import annotations

from typing import NamedTuple

from scanners.images.place import Point


class Finding(NamedTuple):
    """As :class:`~scanners.images.picture.Symbol`.

    ``outline`` runs around the symbol, at first in pixels of the look it was found in: zxing-cpp's four
    corners, which may all lie on one line, or a hull of where zbar's lines crossed it. ``crossed``: a
    sample of these, of zbar, to which the same text twice on a picture is one symbol.
    """

    format: str
    symbology: str | None
    text: str
    raw: bytes
    engine: str
    outline: tuple[Point, ...]
    crossed: tuple[Point, ...] = ()
