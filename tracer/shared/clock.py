"""Time comes in as an argument, so that midnight and leap days can be tested."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo


class Clock(Protocol):
    """What a use case may know of time."""

    @property
    def zone(self) -> ZoneInfo: ...

    def now(self) -> datetime:
        """The present instant, with offset."""
        ...


def day_of(clock: Clock, instant: datetime) -> date:
    """The hospital's calendar day an instant falls on."""
    return instant.astimezone(clock.zone).date()


def today(clock: Clock) -> date:
    return day_of(clock, clock.now())


@dataclass(frozen=True, slots=True)
class SystemClock:
    zone: ZoneInfo

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(slots=True)
class SetClock:
    """A clock that stands where it was put: for tests and for building the sample hospital."""

    zone: ZoneInfo
    instant: datetime

    def now(self) -> datetime:
        return self.instant

    def move_to(self, instant: datetime) -> None:
        self.instant = instant

    def advance(self, step: timedelta) -> None:
        self.instant += step
