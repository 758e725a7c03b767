"""Labels as a picture, dot for dot what a printer of that resolution prints: black and white only."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

import numpy as np
from PIL import Image, ImageDraw

from scanners.labels.fonts import PictureFont
from scanners.labels.label import LabelError, LabelFault
from scanners.labels.layout import Face, Row
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
    pen = ImageDraw.Draw(picture)
    pen.fontmode = "1"  # as a thermal head prints: no grey
    top = 0
    for page in pages:
        for left, above, face in page.faces:
            for row in face.rows:
                draw_row(pen, row, left, top + above, font)
            picture.paste(_symbol(face), (left + face.left, top + above + face.top))
        top += page.height
    out = BytesIO()
    dpi = dots_per_mm * 25.4
    picture.convert("1", dither=Image.Dither.NONE).save(out, "PNG", dpi=(dpi, dpi))
    return out.getvalue()


def draw_row(pen: ImageDraw.ImageDraw, row: Row, left: int, top: int, font: PictureFont) -> None:
    """A row of text into a picture whose corner is at (-left, -top)."""
    # "Ascender to descender" is more than an em: the middle of both stays the same.
    middle = top + row.top + row.size / 2
    pen.text((left + row.left, middle), row.text, BLACK, font.at(row.size), anchor="lm")


def _symbol(face: Face) -> Image.Image:
    dots = np.where(face.symbol.modules, BLACK, WHITE).astype(np.uint8)
    tall = face.bars // face.symbol.rows
    return Image.fromarray(dots.repeat(face.module, axis=1).repeat(tall, axis=0))
