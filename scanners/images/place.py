"""Where on a picture something was seen, and whether two things were seen in one place."""

from __future__ import annotations

from math import hypot
from typing import NamedTuple

Point = tuple[float, float]

# Two symbols of a pack stand a few bars apart, so near is little of the length; but one line has no height.
_NEAR = 0.03


class Extent(NamedTuple):
    """An upright box around a place, and what is very near it."""

    left: float
    top: float
    right: float
    bottom: float

    def holds(self, x: float, y: float) -> bool:
        return self.left <= x <= self.right and self.top <= y <= self.bottom

    def meets(self, other: Extent) -> bool:
        """Whether they have a point in common. Places whose extents have none are not one."""
        across = self.left <= other.right and other.left <= self.right
        return across and self.top <= other.bottom and other.top <= self.bottom

    def with_(self, other: Extent) -> Extent:
        """The box around both."""
        return Extent(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )


class Place:
    """A convex outline. Everything about it is worked out once: a sheet of labels has a hundred of them."""

    __slots__ = ("_edges", "_near", "_x", "_y", "extent")

    def __init__(self, outline: tuple[Point, ...]) -> None:
        across, down = [x for x, _ in outline], [y for _, y in outline]
        self._edges = list(zip(outline, outline[1:] + outline[:1], strict=True))
        near = _NEAR * max(hypot(bx - ax, by - ay) for (ax, ay), (bx, by) in self._edges)
        self._near = near
        self._x, self._y = sum(across) / len(across), sum(down) / len(down)
        self.extent = Extent(min(across) - near, min(down) - near, max(across) + near, max(down) + near)

    def is_one_with(self, other: Place) -> bool:
        """Whether the middle of either lies in the other, or very near it."""
        return self.lies_in(other) or other.lies_in(self)

    def lies_in(self, other: Place) -> bool:
        """Whether its middle lies in the other, or very near it."""
        return other.holds(self._x, self._y)

    def holds(self, x: float, y: float) -> bool:
        """Whether a point lies in it, or very near it."""
        if not self.extent.holds(x, y):
            return False
        sides = [(bx - ax) * (y - ay) - (by - ay) * (x - ax) for (ax, ay), (bx, by) in self._edges]
        if all(side > 0 for side in sides) or all(side < 0 for side in sides):
            return True
        return any(_distance(x, y, start, end) <= self._near for start, end in self._edges)


def _distance(x: float, y: float, start: Point, end: Point) -> float:
    """From a point to an edge."""
    (ax, ay), (bx, by) = start, end
    dx, dy = bx - ax, by - ay
    square = dx * dx + dy * dy
    along = 0.0 if square == 0 else min(1.0, max(0.0, ((x - ax) * dx + (y - ay) * dy) / square))
    return hypot(x - ax - along * dx, y - ay - along * dy)
