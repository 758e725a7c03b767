"""Ways to render a picture so that a reader sees in it what it missed.

Chosen, and put in order, by what each added for the time it took on 2,098 damaged copies of the golden
pictures (noise, blur, shade, slant, loss of contrast, of pixels and of a part): of a picture that showed
nothing, nothing else is known.
"""

from __future__ import annotations

from collections.abc import Callable
from math import cos, radians, sin
from typing import NamedTuple

from PIL import Image, ImageChops, ImageFilter, ImageOps

from scanners.images.finding import Finding
from scanners.images.place import Point

Rendering = Callable[[Image.Image], Image.Image]

_LINEAR = ("Code128", "Code39", "Code93", "DataBar", "EAN13", "ITF")


class Look(NamedTuple):
    """A rendering, and who looks at it: zxing-cpp, and zbar if it is worth its time.

    ``cost``: how long it all takes, about, in times of both engines' first look. ``formats``: those looked
    for; none named: all. ``upright``: the picture is turned first, so that bars that lean stand.
    """

    render: Rendering
    cost: float
    formats: tuple[str, ...] = ()
    asks_zbar: bool = False
    upright: bool = False


def original(finding: Finding, degrees: int, seen: Image.Image, grey: Image.Image) -> Finding:
    """The finding with its outline in pixels of ``grey``, which was turned or scaled to ``seen``."""
    there = _turned_back if degrees else _scaled_back
    turn = radians(degrees)
    outline, crossed = (
        tuple(there(point, turn, seen, grey) for point in points)
        for points in (finding.outline, finding.crossed)
    )
    return finding._replace(outline=outline, crossed=crossed)


def _scaled_back(point: Point, turn: float, seen: Image.Image, grey: Image.Image) -> Point:
    return point[0] * grey.width / seen.width, point[1] * grey.height / seen.height


def _turned_back(point: Point, turn: float, seen: Image.Image, grey: Image.Image) -> Point:
    """Clockwise around the middle; y runs down."""
    x, y = point[0] - seen.width / 2, point[1] - seen.height / 2
    return cos(turn) * x - sin(turn) * y + grey.width / 2, sin(turn) * x + cos(turn) * y + grey.height / 2


def _plain(grey: Image.Image) -> Image.Image:
    return grey


def _smaller(grey: Image.Image, factor: int) -> Image.Image:
    """Noise goes, and what was blurred is sharp again, in fewer pixels."""
    return grey.reduce(min(factor, *grey.size))


def _larger(grey: Image.Image) -> Image.Image:
    return grey.resize((round(grey.width * 1.5), round(grey.height * 1.5)), Image.Resampling.BILINEAR)


def soft(grey: Image.Image) -> Image.Image:
    return grey.filter(ImageFilter.Kernel((3, 3), (1, 2, 1, 2, 4, 2, 1, 2, 1)))


def _sharp(grey: Image.Image) -> Image.Image:
    return grey.filter(ImageFilter.UnsharpMask(radius=2, percent=300, threshold=0))


def _levelled(grey: Image.Image) -> Image.Image:
    """Without what changes slowly (shade, a lamp's spot), and the rest from black to white."""
    rough = _smaller(grey, 8)
    rough = rough.filter(ImageFilter.BoxBlur(max(rough.size) // 12 + 1))
    ground = rough.resize(grey.size, Image.Resampling.BILINEAR)
    return ImageOps.autocontrast(ImageChops.subtract(grey, ground, 1, 128), 1)


MORE_LOOKS = (
    Look(lambda grey: _smaller(grey, 2), 0.3),
    Look(soft, 0.6, _LINEAR),
    Look(lambda grey: _levelled(soft(grey)), 1.0),
    Look(lambda grey: _smaller(grey, 3), 0.15),
    Look(_larger, 1.8),
    Look(lambda grey: ImageOps.invert(_smaller(grey, 2)), 0.5, _LINEAR, asks_zbar=True),
    Look(ImageOps.invert, 0.5, _LINEAR),
    Look(_plain, 2.0, _LINEAR, asks_zbar=True, upright=True),
    Look(lambda grey: _larger(_sharp(grey)), 2.2),
    Look(lambda grey: _smaller(grey.filter(ImageFilter.MedianFilter(3)), 2), 1.0),
    Look(_levelled, 0.7, _LINEAR),
)
# So many of them to decide about what was seen beside something that is already certain.
LOOKS_FOR_THE_REST = 3
