"""Whether a certificate holds on a day, from what was said of it over time. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

WARN_BEFORE: Final = timedelta(days=90)
URGE_BEFORE: Final = timedelta(days=30)


class CertificateStatus(StrEnum):
    """`replaced`: it was approved, and something was approved in its place since."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REPLACED = "replaced"
    REJECTED = "rejected"


class Standing(StrEnum):
    """How a certificate stands on a day, the worst first."""

    ENDED = "ended"
    ENDS_IN_30 = "ends_in_30"
    ENDS_IN_90 = "ends_in_90"
    UNKNOWN = "unknown"
    VALID = "valid"
    ENDLESS = "endless"


@dataclass(frozen=True, slots=True)
class Period:
    """That a certificate is valid through `until`; from `since`, or nobody said from when."""

    since: date | None
    until: date


def period_on(said: Iterable[Period], on: date) -> Period | None:
    """The period that counts on a day: of those begun by then, what was said last.

    `said` is in the order in which it was approved. A renewal begins on its own first day; until then
    the former period counts, and a correction without a first day counts for every day.
    """
    counting = None
    for period in said:
        if period.since is None or period.since <= on:
            counting = period
    return counting


def standing_on(period: Period | None, on: date, *, endless: bool = False) -> Standing:
    """How the certificate stands; `endless` if its kind has no last day and none was said."""
    if period is None:
        return Standing.ENDLESS if endless else Standing.UNKNOWN
    if period.until < on:
        return Standing.ENDED
    if period.until <= on + URGE_BEFORE:
        return Standing.ENDS_IN_30
    return Standing.ENDS_IN_90 if period.until <= on + WARN_BEFORE else Standing.VALID
