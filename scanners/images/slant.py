"""Which way the bars of a linear symbol lean."""

from __future__ import annotations

from math import ceil, sqrt

import numpy as np
from PIL import Image, ImageFilter

# Bars that lean no more than so many degrees are read as they are.
STANDS = 3
_STEP = 3  # degrees
_STEPS = 180 // _STEP
# Bars too fine for so few pixels still leave their wider ones.
_PIXELS = 100_000
_PAPER = 255


def turned(grey: Image.Image, degrees: int) -> Image.Image:
    """Counter-clockwise, on white paper that is large enough."""
    return grey.rotate(degrees, Image.Resampling.BILINEAR, expand=True, fillcolor=_PAPER)


def degrees_to_turn(grey: Image.Image) -> int:
    """Counter-clockwise, so that most edges of the picture stand upright: -89 to 90.

    Each pixel says across which direction it is an edge (Scharr's operator, which is fair to all directions),
    as loudly as the edge is strong; a symbol's bars all say the same.
    """
    factor = ceil(sqrt(grey.width * grey.height / _PIXELS))
    small = grey.reduce(factor) if factor > 1 else grey
    if min(small.size) < 3:
        return 0
    pixels = np.asarray(small.filter(ImageFilter.GaussianBlur(0.8)), dtype=np.float32)
    above, level, below = pixels[:-2], pixels[1:-1], pixels[2:]
    columns = 3 * above + 10 * level + 3 * below
    across = columns[:, 2:] - columns[:, :-2]
    steps = below - above
    down = 3 * steps[:, :-2] + 10 * steps[:, 1:-1] + 3 * steps[:, 2:]
    strength = across * across + down * down
    edges = strength > strength.mean()
    directions = np.degrees(np.arctan2(down[edges], across[edges]))
    bins = np.round(directions / _STEP).astype(np.int32) % _STEPS
    votes = np.bincount(bins, weights=strength[edges], minlength=_STEPS)
    votes = votes + 0.5 * (np.roll(votes, 1) + np.roll(votes, -1))
    best = int(votes.argmax())
    before, most, after = (float(votes[(best + step) % _STEPS]) for step in (-1, 0, 1))
    angle = _STEP * (best + (after - before) / max(before + most + after, 1.0))
    return round((angle + 89) % 180 - 89)
