"""Labels as a picture, dot for dot what a printer of that resolution prints: black and white only."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

import numpy as np
from PIL import Image

from scanners.labels.faces import Face, Row
from scanners.labels.fonts import MARGIN, PictureFont
from scanners.labels.label import LabelError, LabelFault
from scanners.labels.pages import Page

MOST_PIXELS = 64_000_000  # an A4 sheet at 600 dpi is 35 million
WHITE, BLACK = 255, 0


def write_png(pages: Sequence[Page], dots_per_mm: float, font: PictureFont) -> bytes:
    """All pages, one below the other. Raises LabelError if that is more than a picture should be."""
    width, height = max(page.width for page in pages), sum(page.height for page in pages)
    if width * height > MOST_PIXELS:
        message = f"{len(pages)} pages are too much for one picture: take a PDF"
        raise LabelError(LabelFault.TOO_MANY, message)
    picture = Image.new("L", (width, height), WHITE)
    top = 0
    for page in pages:
        for left, above, face in page.faces:
            for row in face.rows:
                ink = font.ink(row.text, row.size)
                picture.paste(BLACK, ink_corner(row, ink, left, top + above), ink)
            picture.paste(_symbol(face), (left + face.left, top + above + face.top))
        top += page.height
    out = BytesIO()
    dpi = dots_per_mm * 25.4
    picture.convert("1", dither=Image.Dither.NONE).save(out, "PNG", dpi=(dpi, dpi))
    return out.getvalue()


def ink_corner(row: Row, ink: Image.Image, left: int = 0, top: int = 0) -> tuple[int, int]:
    """Where a drawn row's corner belongs, on a face whose corner is at (left, top)."""
    return left + row.left - MARGIN, top + row.top - (ink.height - row.size) // 2


def _symbol(face: Face) -> Image.Image:
    dots = np.where(face.symbol.modules, BLACK, WHITE).astype(np.uint8)
    tall = face.bars // face.symbol.rows
    return Image.fromarray(dots.repeat(face.module, axis=1).repeat(tall, axis=0))
