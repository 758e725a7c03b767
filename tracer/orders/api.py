"""The JSON routes of orders."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from tracer.access.edge import (
    current_actor,
    in_request_transaction,
    permits,
    receipt,
    service,
    signed_in,
)
from tracer.access.fields import answers, refused
from tracer.access.rules import Action
from tracer.orders.ending import end_order
from tracer.orders.placing import place_order
from tracer.orders.queries import get_order
from tracer.orders.schemas import OrderIn, OrderOut, OrderPath

api = APIBlueprint(
    "orders_api",
    __name__,
    url_prefix="/api/v1",
    abp_tags=[Tag(name="Orders", description="Expected, not charged")],
)
SEEN: dict[Any, Any] = {200: OrderOut, 404: refused("No such order, or not one this person may see")}


@api.post("/orders", summary="Take in an order", responses=answers(OrderOut))
@permits(Action.PLACE_ORDER)
def place(body: OrderIn) -> Response:
    """Bundles come back unpacked into their components, each expected and not charged."""
    here, actor, command = service(), current_actor(), body.to_command()
    return receipt(in_request_transaction(lambda db: place_order(db, actor, command, here.clock)))


@api.post(
    "/orders/<order_no>/end",
    summary="End an order",
    responses=SEEN,
)
@permits(Action.END_ORDER)
def end(path: OrderPath) -> Response:
    """What was not used ends as "not used". Ending it again changes nothing, so there is no key."""
    here, actor = service(), current_actor()
    return jsonify(in_request_transaction(lambda db: end_order(db, actor, path.order_no, here.clock)))


@api.get(
    "/orders/<order_no>",
    summary="An order and how far it has got",
    responses=SEEN,
)
@signed_in  # two actions let one see an order; `get_order` decides
def show(path: OrderPath) -> Response:
    """For who looks after the patient, and for who places orders there."""
    actor = current_actor()
    return jsonify(in_request_transaction(lambda db: get_order(db, actor, path.order_no)).as_answer())
