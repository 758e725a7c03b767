"""What the exchange's routes take and answer."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from tracer.access.fields import LARGEST_ID, Code, Name, PathId, RecordId, Request, Text
from tracer.exchange.posting import Outcome
from tracer.exchange.queries import EndpointView, EventPage, EventView
from tracer.exchange.rules import LONGEST_URL, DeliveryState, EndpointKind, EndpointState


class EndpointPath(BaseModel):
    endpoint: PathId


class EventPath(BaseModel):
    event: PathId


class EventsQuery(BaseModel):
    """Filters; one that is not known is refused, not ignored."""

    model_config = ConfigDict(extra="forbid")

    item: Code | None = Field(default=None, description="Any code of the item")
    topic: Code | None = Field(default=None, description="This topic and all below it: code, code.approved")
    endpoint: int | None = Field(default=None, ge=1, le=LARGEST_ID)
    state: DeliveryState | None = Field(default=None, description="What became of it, at some endpoint")
    before: int | None = Field(default=None, ge=1, le=LARGEST_ID, description="`next` of the page before")


class EndpointIn(Request):
    name: Name
    kind: EndpointKind
    url: str | None = Field(default=None, max_length=LONGEST_URL, description="Of a webhook: http or https")
    folder: Name | None = Field(default=None, description="Of files: a folder below the drop folder")
    topics: tuple[Code, ...] = Field(default=(), description="None: all")
    ca_file: Text | None = Field(
        default=None, description="A PEM file on the server; unset: the system's authorities"
    )
    source: Name | None = Field(
        default=None, description="The name under which this system's exports are taken in"
    )
    secret: str | None = Field(default=None, max_length=200, repr=False, description="Unset: one is made")


class EndpointChange(Request):
    name: Name
    state: EndpointState
    url: str | None = Field(default=None, max_length=LONGEST_URL)
    topics: tuple[Code, ...] = ()
    ca_file: Text | None = None
    source: Name | None = None


class DecisionIn(Request):
    endpoint: RecordId
    why: Text


class EndpointOut(BaseModel):
    id: int
    name: str
    kind: EndpointKind
    url: str | None
    folder: str | None
    ca_file: str | None
    source: str | None
    topics: list[str]
    state: EndpointState
    created_at: datetime
    due_at: datetime = Field(description="Nothing is sent before")
    resting: bool = Field(description="After failures it is left alone until `due_at`")
    failures: int = Field(description="Since the last success")
    last_success_at: datetime | None
    last_failure_at: datetime | None
    last_failure: str | None
    waiting: int
    dead: int
    oldest: datetime | None = Field(description="When the oldest that waits or is dead happened")


class EndpointsOut(BaseModel):
    endpoints: list[EndpointOut]


class MadeOut(BaseModel):
    id: int
    secret: str | None = Field(description="Of a webhook; shown only now")


class SecretOut(BaseModel):
    secret: str = Field(description="Shown only now")


class OutcomeOut(BaseModel):
    verdict: str
    status: int | None
    milliseconds: int
    answer: str


class TryOut(OutcomeOut):
    at: datetime


class DeliveryOut(BaseModel):
    endpoint_id: int
    endpoint: str
    state: DeliveryState
    tries: int
    due_at: datetime
    settled_at: datetime | None
    behind: int | None = Field(description="The earlier event of its item that it waits for")
    log: list[TryOut] = Field(description="The latest tries, newest first; empty in a list of events")


class EventOut(BaseModel):
    id: int
    uid: str = Field(description="The message id by which a receiver knows it, however often it comes")
    occurred_at: datetime
    topic: str
    item_id: int | None
    item: str | None
    material: str | None
    person: str | None
    payload: dict[str, Any]
    deliveries: list[DeliveryOut]


class EventsOut(BaseModel):
    events: list[EventOut]
    next: int | None


def endpoint_out(found: EndpointView) -> dict[str, Any]:
    return EndpointOut(**asdict(found)).model_dump()


def event_out(found: EventView) -> dict[str, Any]:
    return EventOut(**asdict(found)).model_dump()


def events_out(found: EventPage) -> dict[str, Any]:
    return {"events": [event_out(row) for row in found.rows], "next": found.next}


def outcome_out(outcome: Outcome) -> dict[str, Any]:
    return OutcomeOut(
        verdict=outcome.verdict.value,
        status=outcome.status,
        milliseconds=outcome.milliseconds,
        answer=outcome.answer,
    ).model_dump()
