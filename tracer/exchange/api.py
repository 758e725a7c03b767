"""Telling others over HTTP: the endpoints, what was told, and what a person decides about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from sqlalchemy.orm import Session

from tracer.access.edge import current_actor, in_request_transaction, permits, read, service
from tracer.access.fields import refused
from tracer.access.rules import Action, Actor
from tracer.exchange.deciding import Decide, send_again, skip
from tracer.exchange.endpoints import (
    ChangeEndpoint,
    MakeEndpoint,
    change_endpoint,
    endpoint_to_test,
    make_endpoint,
    renew_secret,
    send_test,
)
from tracer.exchange.errors import UnknownEvent
from tracer.exchange.queries import Filter, find_event, list_endpoints, list_events
from tracer.exchange.schemas import (
    DecisionIn,
    EndpointChange,
    EndpointIn,
    EndpointPath,
    EndpointsOut,
    EventOut,
    EventPath,
    EventsOut,
    EventsQuery,
    MadeOut,
    OutcomeOut,
    SecretOut,
    endpoint_out,
    event_out,
    events_out,
    outcome_out,
)
from tracer.shared.clock import Clock

api = APIBlueprint(
    "exchange_api",
    __name__,
    url_prefix="/api/v1",
    abp_tags=[Tag(name="Exchange", description="What other systems are told, and whether they heard")],
)

NO_ENDPOINT = refused("There is no such endpoint")
NO_EVENT = refused("There is no such event, or it is not for that endpoint")
IN_CONFLICT = refused("The name is taken, or the endpoint was ended")
UNDECIDABLE = refused("It is being sent, was settled already, or its endpoint was ended")


@api.get("/endpoints", summary="Who is told, and how each stands", responses={200: EndpointsOut})
@permits(Action.MANAGE_EXCHANGE)
def get_endpoints() -> Response:
    """Waiting events, dead letters, last success and last failure of each; never a secret."""
    return _endpoints()


def _endpoints() -> Response:
    return jsonify(endpoints=[endpoint_out(one) for one in read(list_endpoints)])


@api.post("/endpoints", summary="A new endpoint", responses={201: MadeOut, 409: IN_CONFLICT})
@permits(Action.MANAGE_EXCHANGE)
def post_endpoint(body: EndpointIn) -> tuple[Response, int]:
    """It hears of everything that is committed after this. A webhook's secret is answered only now."""
    here, actor = service(), current_actor()
    command = MakeEndpoint(**{name: getattr(body, name) for name in EndpointIn.model_fields})
    made, secret = in_request_transaction(
        lambda session: make_endpoint(session, actor, command, here.clock, here.settings.drop_root)
    )
    return jsonify(id=made, secret=secret), 201


@api.put(
    "/endpoints/<endpoint>",
    summary="Change, pause, wake or end an endpoint",
    responses={200: EndpointsOut, 404: NO_ENDPOINT, 409: IN_CONFLICT},
)
@permits(Action.MANAGE_EXCHANGE)
def put_endpoint(path: EndpointPath, body: EndpointChange) -> Response:
    """A paused endpoint misses nothing. An ended one is told nothing more and stays so."""
    here, actor = service(), current_actor()
    given = {name: getattr(body, name) for name in EndpointChange.model_fields}
    command = ChangeEndpoint(id=path.endpoint, **given)
    in_request_transaction(lambda session: change_endpoint(session, actor, command, here.clock))
    return _endpoints()


@api.post(
    "/endpoints/<endpoint>/secret",
    summary="Another secret for a webhook",
    responses={200: SecretOut, 404: NO_ENDPOINT, 409: IN_CONFLICT},
)
@permits(Action.MANAGE_EXCHANGE)
def post_secret(path: EndpointPath) -> Response:
    """The old one signs nothing from now on; the new one is answered only now."""
    here, actor = service(), current_actor()
    return jsonify(
        secret=in_request_transaction(lambda session: renew_secret(session, actor, path.endpoint, here.clock))
    )


@api.post(
    "/endpoints/<endpoint>/test",
    summary="Send a test message",
    responses={200: OutcomeOut, 404: NO_ENDPOINT, 409: IN_CONFLICT},
)
@permits(Action.MANAGE_EXCHANGE)
def post_test(path: EndpointPath) -> Response:
    """A message of the topic `test`, sent now; for a folder, whether it can be written to."""
    here, actor = service(), current_actor()
    ear = in_request_transaction(lambda db: endpoint_to_test(db, actor, path.endpoint, here.clock))
    return jsonify(outcome_out(send_test(ear, here.settings.drop_root)))


@api.get("/events", summary="What was told, newest first", responses={200: EventsOut})
@permits(Action.MANAGE_EXCHANGE)
def get_events(query: EventsQuery) -> Response:
    """Events with what became of them at each endpoint."""
    wanted = Filter(**query.model_dump())
    return jsonify(events_out(read(lambda connection: list_events(connection, wanted))))


@api.get("/events/<event>", summary="One event and every try", responses={200: EventOut, 404: NO_EVENT})
@permits(Action.MANAGE_EXCHANGE)
def get_event(path: EventPath) -> Response:
    """Its content, and what each endpoint answered."""
    return _event(path.event)


def _event(event_id: int) -> Response:
    found = read(lambda connection: find_event(connection, event_id))
    if found is None:
        raise UnknownEvent(event=event_id)
    return jsonify(event_out(found))


@api.post(
    "/events/<event>/again",
    summary="Send an event to an endpoint once more",
    responses={200: EventOut, 404: NO_EVENT, 409: UNDECIDABLE},
)
@permits(Action.MANAGE_EXCHANGE)
def post_again(path: EventPath, body: DecisionIn) -> Response:
    """With the message id it always had. Later events of its item wait for it again."""
    return _decide(send_again, path, body)


@api.post(
    "/events/<event>/skip",
    summary="Do without telling an endpoint of an event",
    responses={200: EventOut, 404: NO_EVENT, 409: UNDECIDABLE},
)
@permits(Action.MANAGE_EXCHANGE)
def post_skip(path: EventPath, body: DecisionIn) -> Response:
    """What waited behind it goes on."""
    return _decide(skip, path, body)


Decision = Callable[[Session, Actor, Decide, Clock], Any]


def _decide(decision: Decision, path: EventPath, body: DecisionIn) -> Response:
    here, actor = service(), current_actor()
    command = Decide(path.event, body.endpoint, body.why)
    in_request_transaction(lambda session: decision(session, actor, command, here.clock))
    return _event(path.event)
