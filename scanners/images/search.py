"""Look after look at one picture, until what it shows is certain, or the looks or the time have run out."""

from __future__ import annotations

from math import ceil, sqrt
from time import monotonic
from typing import NamedTuple

from PIL import Image

from scanners.images import zbar, zxing
from scanners.images.clock import Clock
from scanners.images.finding import Finding
from scanners.images.halves import is_whole
from scanners.images.judging import Judge
from scanners.images.looks import LOOKS_FOR_THE_REST, MORE_LOOKS, Look, original, soft
from scanners.images.pace import expected_seconds
from scanners.images.slant import STANDS, degrees_to_turn, turned

# Of a larger picture, most looks are at a smaller copy, and one at all of it.
_WORKING_PIXELS = 2_000_000
# From here on a picture shows a pack and not one symbol: another one may stand beside what was found.
_PACK_PIXELS = 400_000
# Even the worst picture of this size takes a third of a second.
_NEVER_LONG_PIXELS = 300_000
# Misread so seldom that a smaller copy confirms as well as another engine, and in a tenth of the time.
_OFTEN_RIGHT = frozenset(
    ("Code128", "DataBarOmni", "DataBarStk", "DataBarLtd", "DataBarExp", "DataBarExpStk")
)
# What one look may take of the time that is left.
_SHARE_OF_TIME = 0.5
# How much longer than the plain look a rendering may take than its cost says.
_CAUTION = 1.5


class Found(NamedTuple):
    """``scale``: how many pixels of the picture one of the findings' is wide."""

    findings: list[Finding]
    scale: float


def search(picture: Image.Image, clock: Clock, *, glance: bool = False) -> Found:
    """What a picture of mode L shows for certain. ``glance``: if two looks see nothing, it is nothing."""
    grey = _working_copy(picture, clock)
    judge = Judge()
    looks = iter(MORE_LOOKS)
    began = monotonic()
    _tell(judge, zxing.find(grey), clock, grey, grey)
    sees_nothing = not judge.accepted() and not judge.doubts()
    if (glance and sees_nothing) or (judge.doubts() and judge.doubts() <= _OFTEN_RIGHT):
        _look(next(looks), grey, judge, clock)
    if glance and not judge.accepted() and not judge.doubts():
        return Found([], 1.0)
    if sees_nothing or judge.doubts() & zbar.FORMATS or grey.width * grey.height >= _PACK_PIXELS:
        _tell(judge, zbar.find(grey), clock, grey, grey)
    seconds = monotonic() - began
    if grey is not picture:
        _look_at_all(picture, grey, judge, clock)
    for number, look in enumerate(looks):
        if judge.accepted() and (not judge.doubts() or number >= LOOKS_FOR_THE_REST):
            break
        if clock.left() > seconds * look.cost * _CAUTION:
            _look(look, grey, judge, clock)
    return Found(judge.accepted(), picture.width / grey.width)


def _look(look: Look, grey: Image.Image, judge: Judge, clock: Clock) -> None:
    """By zxing-cpp, and by zbar where it is worth asking or can decide about what was seen."""
    degrees = 0
    if look.upright:
        degrees = degrees_to_turn(grey)
        if min(abs(degrees), 90 - abs(degrees)) <= STANDS:
            return
    seen = look.render(turned(grey, degrees) if degrees else grey)
    doubts = judge.doubts()
    found = zxing.find(seen, like=doubts or look.formats, thorough=False)
    _tell(judge, found, clock, seen, grey, degrees)
    if look.asks_zbar and (not doubts or doubts & zbar.FORMATS):
        _tell(judge, zbar.find(seen), clock, seen, grey, degrees)


def _tell(
    judge: Judge, found: list[Finding], clock: Clock, seen: Image.Image, grey: Image.Image, degrees: int = 0
) -> None:
    """What one engine found in ``seen``, which is ``grey``, rendered somehow.

    What could not be doubted in half the time that was left is not told.
    """
    least = clock.left() * (1 - _SHARE_OF_TIME)
    judge.hear(
        [
            original(finding, degrees, seen, grey)
            for finding in found
            if judge.knows(finding) or (clock.left() >= least and is_whole(finding, seen))
        ]
    )


def _working_copy(picture: Image.Image, clock: Clock) -> Image.Image:
    """The picture, or as much smaller a copy as the time demands."""
    pixels = picture.width * picture.height
    factor = ceil(sqrt(pixels / _WORKING_PIXELS))
    grey = picture.reduce(factor) if factor > 1 else picture
    while grey.width * grey.height > _NEVER_LONG_PIXELS and min(grey.size) > 1:
        if expected_seconds(grey) <= clock.left() * _SHARE_OF_TIME:
            break
        grey = grey.reduce(2)
    return grey


def _look_at_all(picture: Image.Image, grey: Image.Image, judge: Judge, clock: Clock) -> None:
    """At every pixel of a large picture, or at a quarter of them if that takes too long; twice if need be."""
    for seen in (picture, picture.reduce(2)):
        if seen.width <= grey.width:
            return
        if expected_seconds(seen) <= clock.left() * _SHARE_OF_TIME:
            for engine in (zxing, zbar):
                _tell(judge, engine.find(seen), clock, seen, grey)
            doubts = judge.doubts()
            if doubts and expected_seconds(seen) <= clock.left() * _SHARE_OF_TIME:
                _tell(judge, zxing.find(soft(seen), like=doubts, thorough=False), clock, seen, grey)
            return
