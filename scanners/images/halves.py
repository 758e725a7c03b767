"""What may be a piece of something longer.

The left half of an EAN-13 reads as a UPC-E, its middle as an EAN-8, and a part of an interleaved 2 of 5 as a
shorter one, wherever a line leaves the symbol halfway; it does so where the bars lean. Every further look
would see the same. (Of 2,560 damaged copies of freshly drawn symbols 4 were read so.) Across bars that stand
no line leaves halfway.
"""

from __future__ import annotations

from PIL import Image

from scanners.images import zxing
from scanners.images.finding import Finding
from scanners.images.slant import STANDS, degrees_to_turn, turned

_SHORT = frozenset(("UPCE", "EAN8", "ITF"))
_A_LITTLE = 0.1
_AS_MUCH_AGAIN = 1.0  # an EAN-13 whose half it is is there whole
_ITF_14 = 14  # digits, as many as any of these symbols has in this trade


def is_whole(finding: Finding, seen: Image.Image) -> bool:
    """Whether it is also seen where its bars stand; ``seen``: the picture it was found in."""
    if finding.format not in _SHORT or len(finding.text) == _ITF_14:
        return True
    degrees = degrees_to_turn(_around(finding, seen, _A_LITTLE))
    if min(abs(degrees), 90 - abs(degrees)) <= STANDS:
        return True
    around = _around(finding, seen, _AS_MUCH_AGAIN)
    standing = zxing.find(turned(around, degrees), like=(finding.format,), thorough=False)
    return any(other.text == finding.text for other in standing)


def _around(finding: Finding, seen: Image.Image, margin: float) -> Image.Image:
    """The symbol, and so much of its length on each side."""
    across, down = [x for x, _ in finding.outline], [y for _, y in finding.outline]
    more = margin * max(max(across) - min(across), max(down) - min(down))
    left, top = max(0, int(min(across) - more)), max(0, int(min(down) - more))
    right, bottom = int(max(across) + more) + 1, int(max(down) + more) + 1
    return seen.crop((left, top, min(seen.width, right), min(seen.height, bottom)))
