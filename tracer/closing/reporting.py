"""A day's report for a request, wherever it is best computed."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

from tracer.access.apart import apart
from tracer.access.edge import in_request_transaction
from tracer.access.rules import Actor
from tracer.closing.queries import Report, is_closed, variance_of


def report_of(actor: Actor, day: date, **filters: Any) -> Report:
    """`variance_of` for a request: a closed day is read here, an open one is computed in the child."""
    if in_request_transaction(lambda session: is_closed(session, day)):
        return in_request_transaction(lambda session: variance_of(session, actor, day, **filters))
    return apart(partial(variance_of, **filters), actor, day)
