"""How long a look will take, told before it is begun: an engine cannot be stopped.

What takes long is not size alone but how often the picture changes. Of all the patterns tried, a wall of QR
finder marks a pixel wide costs zxing-cpp most, 0.4 s a megapixel, where an empty page costs 0.02 s.
"""

from __future__ import annotations

from PIL import Image, ImageChops

# Seconds a pixel of both engines, where nothing changes and where each pixel differs from the next.
_CALM = 0.03e-6
_BUSY = 1.2e-6
# Differences that either engine could take for an edge.
_EDGE = 12


def expected_seconds(grey: Image.Image) -> float:
    """An upper bound on the machine these were measured on."""
    return grey.width * grey.height * (_CALM + _BUSY * _share_of_edges(grey))


def _share_of_edges(grey: Image.Image) -> float:
    """How many pixels differ from their neighbour, to the right or below, whichever are more."""
    width, height = grey.size
    share = 0.0
    for across, down in ((1, 0), (0, 1)):
        if width > across and height > down:
            here = grey.crop((0, 0, width - across, height - down))
            there = grey.crop((across, down, width, height))
            counts = ImageChops.difference(here, there).histogram()
            share = max(share, sum(counts[_EDGE:]) / sum(counts))
    return share
