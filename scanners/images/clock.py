"""How much of the time given is left."""

from __future__ import annotations

from time import monotonic


class OutOfTime(Exception):
    """The time given is over."""


class Clock:
    """Begins when it is made."""

    def __init__(self, seconds: float) -> None:
        self._began = monotonic()
        self._ends = self._began + seconds

    def left(self) -> float:
        """Seconds; below 0 when the time is over."""
        return self._ends - monotonic()

    def check(self) -> None:
        """Raises :class:`OutOfTime` when the time is over."""
        if self.left() < 0:
            raise OutOfTime
