"""The JSON routes of stock documents."""

from __future__ import annotations

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from tracer.access.edge import current_actor, in_request_transaction, permits, receipt, service
from tracer.access.fields import answers
from tracer.access.rules import Action
from tracer.stock.counting import count_stock
from tracer.stock.receiving import receive
from tracer.stock.rules import MovementKind
from tracer.stock.schemas import CountedOut, CountIn, LeaveIn, PostedOut, ReceiptIn, SendIn
from tracer.stock.sending import Send, send

api = APIBlueprint(
    "stock_api", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="Stock", description="Documents")]
)
POSTED = answers(PostedOut)


@api.post("/receipts", summary="Receive a delivery", responses=POSTED)
@permits(Action.RECEIVE)
def receipts(body: ReceiptIn) -> Response:
    """Every piece of a serialised item gets its own in-house label; the answer has them in order."""
    here, actor, command = service(), current_actor(), body.to_command()
    return receipt(in_request_transaction(lambda db: receive(db, actor, command, here.clock, here.labels)))


@api.post("/issues", summary="Issue from a store to a ward", responses=POSTED)
@permits(Action.ISSUE)
def issues(body: SendIn) -> Response:
    return _sent(body.to_command(MovementKind.ISSUE, body.target))


@api.post("/transfers", summary="Transfer between shelves", responses=POSTED)
@permits(Action.ISSUE)
def transfers(body: SendIn) -> Response:
    return _sent(body.to_command(MovementKind.TRANSFER, body.target))


@api.post("/supplier-returns", summary="Return goods to the supplier", responses=POSTED)
@permits(Action.RECEIVE)
def supplier_returns(body: LeaveIn) -> Response:
    return _sent(body.to_command(MovementKind.SUPPLIER_RETURN))


@api.post("/write-offs", summary="Write off what was lost", responses=POSTED)
@permits(Action.WRITE_OFF)
def write_offs(body: LeaveIn) -> Response:
    """A write-off states its reason."""
    return _sent(body.to_command(MovementKind.WRITE_OFF))


@api.post("/counts", summary="Count a shelf", responses=answers(CountedOut))
@permits(Action.COUNT)
def counts(body: CountIn) -> Response:
    """Each difference from the book is posted at once, so the book agrees afterwards."""
    here, actor, command = service(), current_actor(), body.to_command()
    return receipt(in_request_transaction(lambda db: count_stock(db, actor, command, here.clock)))


def _sent(command: Send) -> Response:
    here, actor = service(), current_actor()
    return receipt(in_request_transaction(lambda db: send(db, actor, command, here.clock)))
