"""What a camera sees: pictures of codes, and films of them for a browser's fake camera."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import zxingcpp
from PIL import Image

FRAMES = 30  # a second: what Chromium plays such a film with
SIZE = (640, 480)
INK, PAPER, DESK = 25, 235, 200  # greys as a camera sees them: none is quite black or white


def code(content: str | bytes, kind: str = "DataMatrix", *, scale: int = 5, gs1: bool = True) -> Image.Image:
    """A code with its quiet zone; GS1 data in brackets."""
    options = {"forceSquare": True} if kind == "DataMatrix" else {}
    if gs1:
        options["gs1"] = True
    barcode = zxingcpp.create_barcode(content, getattr(zxingcpp.BarcodeFormat, kind), **options)
    drawn = Image.fromarray(np.array(zxingcpp.write_barcode_to_image(barcode, scale=scale))).convert("L")
    drawn = drawn.point(lambda grey: PAPER if grey > 127 else INK)
    label = Image.new("L", (drawn.width + 8 * scale, drawn.height + 8 * scale), PAPER)
    label.paste(drawn, (4 * scale, 4 * scale))
    return label


def view(*codes: Image.Image, size: tuple[int, int] = SIZE) -> Image.Image:
    """Codes side by side on a desk."""
    seen = Image.new("L", size, DESK)
    for place, one in enumerate(codes):
        middle = size[0] * (2 * place + 1) // (2 * len(codes))
        seen.paste(one, (middle - one.width // 2, (size[1] - one.height) // 2))
    return seen


def jpeg(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.convert("RGB").save(file, "JPEG", quality=88)
    return file.getvalue()


def film(path: Path, scenes: Sequence[tuple[Image.Image, float]]) -> Path:
    """A film in which each picture is seen for so many seconds; it begins anew when it has ended."""
    with path.open("wb") as file:
        for picture, seconds in scenes:
            file.write(jpeg(picture) * round(seconds * FRAMES))
    return path
