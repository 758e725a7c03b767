"""What one engine found in one look at a picture, before anything is decided about it."""

from __future__ import annotations

from math import hypot
from typing import NamedTuple

Point = tuple[float, float]

_NEAR = 0.03


class Finding(NamedTuple):
    """As :class:`~scanners.images.picture.Symbol`.

    ``outline`` runs around the symbol, at first in pixels of the look it was found in: four corners, top
    left first and clockwise as the symbol reads, which may all lie on one line.
    """

    format: str
    symbology: str | None
    text: str
    raw: bytes
    engine: str
    outline: tuple[Point, ...]

    def middle(self) -> Point:
        """Of its corners."""
        count = len(self.outline)
        return sum(x for x, _ in self.outline) / count, sum(y for _, y in self.outline) / count

    def length(self) -> float:
        """Of its longest edge."""
        return max(hypot(bx - ax, by - ay) for (ax, ay), (bx, by) in _edges(self.outline))


def in_one_place(one: Finding, other: Finding) -> bool:
    """Whether the middle of either lies within the other, or very near it.

    Two symbols of a pack stand a few bars apart, so near is little of the length; but one line has no height.
    """
    return _holds(one, other.middle()) or _holds(other, one.middle())


def _holds(finding: Finding, point: Point) -> bool:
    return _distance(point, finding.outline) <= finding.length() * _NEAR


def _distance(point: Point, outline: tuple[Point, ...]) -> float:
    """From a point to a convex outline; 0 within it."""
    x, y = point
    sides = [(bx - ax) * (y - ay) - (by - ay) * (x - ax) for (ax, ay), (bx, by) in _edges(outline)]
    if all(side > 0 for side in sides) or all(side < 0 for side in sides):
        return 0.0
    return min(_from_edge(x, y, start, end) for start, end in _edges(outline))


def _from_edge(x: float, y: float, start: Point, end: Point) -> float:
    (ax, ay), (bx, by) = start, end
    dx, dy = bx - ax, by - ay
    square = dx * dx + dy * dy
    along = 0.0 if square == 0 else min(1.0, max(0.0, ((x - ax) * dx + (y - ay) * dy) / square))
    return hypot(x - ax - along * dx, y - ay - along * dy)


def _edges(outline: tuple[Point, ...]) -> list[tuple[Point, Point]]:
    return list(zip(outline, outline[1:] + outline[:1], strict=True))
