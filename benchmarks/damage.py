"""Damaged copies of pictures, the same ones for the same seed."""

from __future__ import annotations

import io
import random
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageFilter, ImageOps

Damage = Callable[[Image.Image, random.Random], Image.Image]

_PAPER = 255


def _noise(grey: Image.Image, random_: random.Random) -> Image.Image:
    return _grainy(grey, random_.uniform(15, 60), random_)


def _blur(grey: Image.Image, random_: random.Random) -> Image.Image:
    return grey.filter(ImageFilter.GaussianBlur(random_.uniform(0.8, 2.2)))


def _rotation(grey: Image.Image, random_: random.Random) -> Image.Image:
    margin = max(8, max(grey.size) // 10)
    page = ImageOps.expand(grey, margin, fill=_PAPER)
    angle = random_.uniform(0, 360)
    return page.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=_PAPER)


def _low_contrast(grey: Image.Image, random_: random.Random) -> Image.Image:
    share, darkest = random_.uniform(0.06, 0.25), random_.randrange(40, 150)
    return grey.point(lambda value: round(darkest + value * share))


def _low_light(grey: Image.Image, random_: random.Random) -> Image.Image:
    """Dark, darker towards one side, and grainy, as a phone takes it in a night ward."""
    shade = np.linspace(random_.uniform(0.1, 0.2), random_.uniform(0.2, 0.4), grey.width)
    dark = Image.fromarray((np.asarray(grey) * shade + 8).astype(np.uint8))
    return _grainy(dark, random_.uniform(2, 6), random_)


def _inversion(grey: Image.Image, random_: random.Random) -> Image.Image:
    return ImageOps.invert(grey)


def _downscale(grey: Image.Image, random_: random.Random) -> Image.Image:
    share = random_.uniform(0.45, 0.8)
    size = max(1, round(grey.width * share)), max(1, round(grey.height * share))
    return grey.resize(size, Image.Resampling.BILINEAR)


def _photo(grey: Image.Image, random_: random.Random) -> Image.Image:
    """By hand: from the side, a little turned, out of focus, with a lamp at one edge, grainy, as JPEG."""
    margin = max(16, max(grey.size) // 6)
    page = ImageOps.expand(grey, margin, fill=_PAPER)
    width, height = page.size

    def corner(x: int, y: int) -> tuple[float, float]:
        return x + random_.uniform(-0.06, 0.06) * width, y + random_.uniform(-0.06, 0.06) * height

    seen_from = (*corner(0, 0), *corner(0, height), *corner(width, height), *corner(width, 0))
    page = page.transform(
        page.size, Image.Transform.QUAD, seen_from, Image.Resampling.BICUBIC, fillcolor=_PAPER
    )
    page = page.rotate(random_.uniform(-12, 12), Image.Resampling.BICUBIC, expand=True, fillcolor=_PAPER)
    page = page.filter(ImageFilter.GaussianBlur(random_.uniform(0.3, 1.2)))
    lamp = np.linspace(random_.uniform(0.35, 0.6), random_.uniform(0.7, 1.0), page.width)
    page = Image.fromarray((np.asarray(page) * lamp).astype(np.uint8))
    file = io.BytesIO()
    _grainy(page, random_.uniform(2, 10), random_).save(file, "JPEG", quality=random_.randrange(50, 85))
    return Image.open(file).convert("L")


def _grainy(grey: Image.Image, deviation: float, random_: random.Random) -> Image.Image:
    grain = np.random.default_rng(random_.randrange(1 << 32)).normal(0, deviation, (grey.height, grey.width))
    return Image.fromarray(np.clip(np.asarray(grey) + grain, 0, 255).astype(np.uint8))


DAMAGES: dict[str, Damage] = {
    "noise": _noise,
    "blur": _blur,
    "rotation": _rotation,
    "low contrast": _low_contrast,
    "low light": _low_light,
    "inversion": _inversion,
    "downscale": _downscale,
    "photo by hand": _photo,
}


def damaged(grey: Image.Image, damage: str, seed: str) -> Image.Image:
    """A copy of a picture of mode L."""
    return DAMAGES[damage](grey, random.Random(f"{seed} {damage}"))
