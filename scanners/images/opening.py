"""From the bytes of a file to one upright picture in shades of grey, within limits.

The limits keep a reading below half a gibibyte and two seconds; they are measured in
``tests/scanners/test_images_limits.py``. JPEG may be larger than the others because it can be unpacked
at half its size: only so does a phone's 50-megapixel photo stay cheap.
"""

from __future__ import annotations

import io
from typing import NamedTuple

from PIL import Image, UnidentifiedImageError

from scanners.images.clock import Clock, OutOfTime
from scanners.images.containers import Container, Damaged, examine
from scanners.images.picture import ImageError, ImageErrorCode

LARGEST_FILE = 20 << 20
# Megapixels. Behind each: what the decoder holds at a time, and how long it takes.
MOST_PIXELS = {"JPEG": 64, "PNG": 32, "BMP": 32, "GIF": 32, "WEBP": 16}
# A progressive JPEG is held whole, two bytes a number; a third of the colours more for CMYK.
MOST_PROGRESSIVE = 24
# More is looked at in half size: a symbol with details of two pixels at 50 megapixels does not exist.
MOST_LOOKED_AT = 16

_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class Opened(NamedTuple):
    """``grey`` in mode L; ``shrunk`` is how many pixels of the upright file one of its pixels is wide."""

    grey: Image.Image
    shrunk: float


class _Source(io.BytesIO):
    """The file, which is not given out any further once the time is over.

    Pillow asks for 64 kB at a time and no decoder can be stopped otherwise.
    """

    def __init__(self, data: bytes, clock: Clock) -> None:
        super().__init__(data)
        self._clock = clock

    def read(self, size: int | None = -1, /) -> bytes:
        self._clock.check()
        return super().read(size)


def open_picture(data: bytes, clock: Clock) -> Opened | ImageError:
    """The picture, or why not. Never raises for what a file holds."""
    if not data:
        return ImageError(ImageErrorCode.EMPTY, "the file is empty")
    if len(data) > LARGEST_FILE:
        message = f"{len(data)} bytes; at most {LARGEST_FILE} are taken"
        return ImageError(ImageErrorCode.TOO_LARGE, message)
    try:
        container = examine(data)
    except Damaged as error:
        return ImageError(ImageErrorCode.DAMAGED, str(error))
    if container is None:
        return ImageError(ImageErrorCode.FORMAT, "not a JPEG, PNG, WebP, GIF or BMP picture")
    if container.animated:
        return ImageError(ImageErrorCode.ANIMATED, f"an animated {container.format} holds several pictures")
    if container.width <= 0 or container.height <= 0:
        return ImageError(ImageErrorCode.DAMAGED, "a picture without an extent")
    most = MOST_PIXELS[container.format]
    if container.progressive:
        most = MOST_PROGRESSIVE * 3 // max(3, container.colours)
    if container.width * container.height > most * 1_000_000:
        message = f"{container.width} x {container.height} pixels; at most {most} million are taken"
        return ImageError(ImageErrorCode.TOO_MANY_PIXELS, message)
    try:
        return _unpack(container, clock)
    except OutOfTime:
        return ImageError(ImageErrorCode.TOO_SLOW, "unpacking took longer than the time given")
    except UnidentifiedImageError:
        return ImageError(ImageErrorCode.DAMAGED, f"begins like {container.format} and is none")
    except MemoryError:
        return ImageError(ImageErrorCode.TOO_MANY_PIXELS, "there is not enough memory for this picture")
    except Exception as error:
        # Pillow's decoders raise whatever they stumble over: OSError, SyntaxError, struct.error, KeyError ...
        return ImageError(ImageErrorCode.DAMAGED, f"{type(error).__name__}: {error}")


def _unpack(container: Container, clock: Clock) -> Opened:
    with Image.open(_Source(container.pixels, clock), formats=[container.format]) as picture:
        if picture.size != (container.width, container.height):
            raise Damaged(f"{picture.size} pixels instead of {container.width} x {container.height}")
        wide = container.width
        if container.format == "JPEG":
            # Brightness alone, and at half or a quarter if it is large: cheaper than unpacking all.
            factor = _shrinking(container.width * container.height)
            picture.draft("L", (container.width // factor, container.height // factor))
        picture.load()
        grey = _grey(picture)
    factor = _shrinking(grey.width * grey.height)
    if factor > 1:
        grey = grey.reduce(factor)
    shrunk = wide / grey.width
    if container.orientation in _UPRIGHT:
        grey = grey.transpose(_UPRIGHT[container.orientation])
    return Opened(grey, shrunk)


def _shrinking(pixels: int) -> int:
    factor = 1
    while pixels > MOST_LOOKED_AT * 1_000_000 * factor * factor:
        factor *= 2
    return factor


def _grey(picture: Image.Image) -> Image.Image:
    """Brightness on white paper: what is transparent shows the paper."""
    if picture.mode == "L" and "transparency" not in picture.info:
        return picture.copy()
    if picture.mode.startswith("I"):  # 16 bits: Pillow would cut off instead of scaling
        return picture.point(lambda value: value * (1 / 256)).convert("L")
    if "transparency" in picture.info:
        picture = picture.convert("RGBA")
    if not picture.has_transparency_data:
        return picture.convert("L")
    paper = Image.new("L", picture.size, 255)
    paper.paste(picture.convert("L"), mask=picture.getchannel("A"))
    return paper
