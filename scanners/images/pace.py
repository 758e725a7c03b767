"""How long a look will take, told before it is begun: an engine cannot be stopped.

What takes long is not size alone but how often the picture changes. Of all the patterns tried, a wall of QR
finder marks a pixel wide costs zxing-cpp most, 0.4 s a megapixel, where an empty page costs 0.02 s.
"""

from __future__ import annotations

from PIL import Image, ImageChops

# Seconds a pixel of both engines: where nothing changes; where the picture changes from pixel to pixel in
# one direction, as bars do; where it does so in both.
_CALM = 0.03e-6
_BARS = 0.2e-6
_SPECKS = 1.0e-6
# Differences that either engine could take for an edge.
_EDGE = 12


def expected_seconds(grey: Image.Image) -> float:
    """An upper bound on the machine these were measured on."""
    across, down = _share_of_edges(grey, 1, 0), _share_of_edges(grey, 0, 1)
    each = _CALM + _BARS * max(across, down) + _SPECKS * min(across, down)
    return grey.width * grey.height * each


def _share_of_edges(grey: Image.Image, across: int, down: int) -> float:
    """How many pixels differ from their neighbour to the right, or below."""
    width, height = grey.width - across, grey.height - down
    if width < 1 or height < 1:
        return 0.0
    here, there = grey.crop((0, 0, width, height)), grey.crop((across, down, grey.width, grey.height))
    counts = ImageChops.difference(here, there).histogram()
    return sum(counts[_EDGE:]) / (width * height)
