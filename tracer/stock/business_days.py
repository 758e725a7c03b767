"""Which business date a posting belongs to."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracer.shared.clock import Clock, day_of
from tracer.stock.errors import TooLate
from tracer.stock.tables import BusinessDay

# A device's clock may run ahead by this much before its word is not taken.
SKEW = timedelta(minutes=5)
# What lies further back than this is a typing error, not a late posting.
LONGEST_DELAY = timedelta(days=366)


def closed_through(session: Session) -> date | None:
    """The last closed business date; every date up to it is closed."""
    return session.execute(select(func.max(BusinessDay.business_date))).scalar_one()


def posting_date(wanted: date, closed: date | None) -> date:
    """The day itself while it is open, else the first open one: closed days never change."""
    return wanted if closed is None or wanted > closed else closed + timedelta(days=1)


def moment(clock: Clock, given: datetime | None, session: Session) -> tuple[datetime, date]:
    """When a document's things happened, and the business date they are posted on.

    Raises TooLate if the given time is ahead of now or implausibly long ago.
    """
    now = clock.now()
    occurred_at = given or now
    if occurred_at > now + SKEW or occurred_at < now - LONGEST_DELAY:
        raise TooLate(given=occurred_at.isoformat(), earliest=(now - LONGEST_DELAY).date().isoformat())
    return occurred_at, posting_date(day_of(clock, occurred_at), closed_through(session))
