"""Proposals, approvals and exceptions over HTTP, the search, and prices that disagree."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel

from tracer.access.edge import (
    current_actor,
    current_language,
    in_request_transaction,
    permits,
    read,
    service,
)
from tracer.access.fields import refused
from tracer.access.rules import Action
from tracer.catalog.bindings import approve_bindings, propose_bindings, reject_bindings, retire_bindings
from tracer.catalog.coming_into_use import close_waiver, grant_waiver, open_waivers
from tracer.catalog.price_report import price_report
from tracer.catalog.pricing import approve_prices, propose_prices, reject_prices
from tracer.catalog.searching import read_names, search_items
from tracer.catalog.workflow_schemas import (
    ApprovedOut,
    ApproveIn,
    ApprovePricesIn,
    BindingsIn,
    DayQuery,
    EndOut,
    FoundItemsOut,
    ItemsQuery,
    OpenWaiverOut,
    PriceReportOut,
    PricesIn,
    PricesQuery,
    ProposedOut,
    RejectedOut,
    RejectIn,
    RetiredOut,
    RetireIn,
    WaiverIn,
    WaiverOut,
    WaiverPath,
    WaiversOut,
)
from tracer.shared.clock import today

api = APIBlueprint(
    "catalog_workflow",
    __name__,
    url_prefix="/api/v1",
    abp_tags=[
        Tag(name="Approvals", description="Codes and prices: proposed, approved by others, in force, ended")
    ],
)
UNDECIDED: dict[str | int, type[BaseModel] | dict[Any, Any] | None] = {
    404: refused("No such record"),
    409: refused("One of them cannot be decided so, and why"),
}


@api.get("/items", summary="Look items up by any of their names or codes", responses={200: FoundItemsOut})
@permits(Action.VIEW_CODES)
def search(query: ItemsQuery) -> Response:
    """Every word must be found: the beginning of a code, a part of a name, pinyin initials, a maker …"""
    day = today(service().clock)
    in_request_transaction(read_names)
    return told(FoundItemsOut.of(read(lambda db: search_items(db, query.q, day, query.page))))


@api.post("/code-bindings", summary="Propose codes", responses={201: ProposedOut})
@permits(Action.SETTLE_CODES)
def propose(body: BindingsIn) -> tuple[Response, int]:
    """Nothing comes into force by it. What is proposed already keeps its number."""
    actor, clock = current_actor(), service().clock
    wanted = [one.to_proposal() for one in body.bindings]
    ids = in_request_transaction(lambda db: propose_bindings(db, actor, clock, wanted))
    return told(ProposedOut(ids=ids)), 201


@api.post(
    "/code-bindings/approvals",
    summary="Approve proposed codes, one or thousands",
    responses={200: ApprovedOut, **UNDECIDED},
)
@permits(Action.APPROVE_CODES)
def approve(body: ApproveIn) -> Response:
    """Never one's own. The item's former code ends on the day the new one begins."""
    actor, clock = current_actor(), service().clock
    receipt = in_request_transaction(
        lambda db: approve_bindings(db, actor, clock, body.ids, skip_refused=body.skip_refused)
    )
    return told(ApprovedOut.of(receipt, current_language()))


@api.post(
    "/code-bindings/rejections",
    summary="Turn proposed codes down, or withdraw approved ones that have not begun",
    responses={200: RejectedOut, **UNDECIDED},
)
@permits(Action.VIEW_CODES)
def reject(body: RejectIn) -> Response:
    """Who proposed may take it back; the use case asks leave to approve of all others."""
    actor, clock = current_actor(), service().clock
    done = in_request_transaction(lambda db: reject_bindings(db, actor, clock, body.ids, why=body.why))
    return told(RejectedOut(rejected=done))


@api.post(
    "/code-bindings/retirements", summary="End codes in force", responses={200: RetiredOut, **UNDECIDED}
)
@permits(Action.APPROVE_CODES)
def retire(body: RetireIn) -> Response:
    """A code with which something was charged on that day ends the day after."""
    actor, clock = current_actor(), service().clock
    ends = in_request_transaction(
        lambda db: retire_bindings(db, actor, clock, body.ids, why=body.why, on=body.on)
    )
    return told(RetiredOut(ended=[EndOut(id=id_, valid_to=day) for id_, day in ends.items()]))


@api.post("/prices", summary="Propose prices", responses={201: ProposedOut})
@permits(Action.PROPOSE_PRICE)
def propose_price(body: PricesIn) -> tuple[Response, int]:
    """Nothing comes into force by it. What is proposed already keeps its number."""
    actor, clock = current_actor(), service().clock
    wanted = [one.to_proposal() for one in body.prices]
    ids = in_request_transaction(lambda db: propose_prices(db, actor, clock, wanted))
    return told(ProposedOut(ids=ids)), 201


@api.post(
    "/prices/approvals",
    summary="Approve proposed prices, for the first or the second time",
    responses={200: ApprovedOut, **UNDECIDED},
)
@permits(Action.APPROVE_PRICE)
def approve_price(body: ApprovePricesIn) -> Response:
    """Two people who are not each other nor the proposer; the second brings it into force.

    Refused where the item's prices would then break a rule, unless a reason is given.
    """
    actor, clock = current_actor(), service().clock
    receipt = in_request_transaction(
        lambda db: approve_prices(
            db, actor, clock, body.ids, skip_refused=body.skip_refused, exception=body.exception
        )
    )
    return told(ApprovedOut.of(receipt, current_language()))


@api.post(
    "/prices/rejections",
    summary="Turn proposed prices down, or withdraw approved ones that have not begun",
    responses={200: RejectedOut, **UNDECIDED},
)
@permits(Action.VIEW_CODES)
def reject_price(body: RejectIn) -> Response:
    """Who proposed may take it back; the use case asks leave to approve of all others."""
    actor, clock = current_actor(), service().clock
    done = in_request_transaction(lambda db: reject_prices(db, actor, clock, body.ids, why=body.why))
    return told(RejectedOut(rejected=done))


@api.get(
    "/prices/disagreements", summary="Items whose prices disagree on a day", responses={200: PriceReportOut}
)
@permits(Action.VIEW_VARIANCE)
def disagreements(query: PricesQuery) -> Response:
    """By which rule, and by how much."""
    day = query.on or today(service().clock)
    report = in_request_transaction(lambda db: price_report(db, day, query.rule))
    return told(PriceReportOut.of(report))


@api.get("/waivers", summary="Exceptions that nobody has closed", responses={200: WaiversOut})
@permits(Action.VIEW_CODES)
def waivers(query: DayQuery) -> Response:
    """Items that may be received though they lack a code or a charge price, or their certificate ended."""
    day = query.on or today(service().clock)
    found = in_request_transaction(lambda db: open_waivers(db, day))
    listed = [
        OpenWaiverOut(
            id=one.id,
            kind=one.kind,
            item=one.item_id,
            material=one.material,
            name=one.name,
            why=one.why,
            until=one.until,
            over=one.over,
            granted_by=one.granted_by,
            granted_at=one.granted_at,
            missing=list(one.missing),
            ended=one.ended,
        )
        for one in found
    ]
    return told(WaiversOut(waivers=listed))


@api.post("/waivers", summary="Allow an exception", responses={201: WaiverOut, **UNDECIDED})
@permits(Action.APPROVE_CODES)
def waive(body: WaiverIn) -> tuple[Response, int]:
    """The item may be received through `until`, whatever it lacks, or though its certificate has ended."""
    actor, clock = current_actor(), service().clock
    made = in_request_transaction(
        lambda db: grant_waiver(
            db, actor, clock, item_id=body.item, why=body.why, until=body.until, kind=body.kind
        )
    )
    return told(WaiverOut(id=made)), 201


@api.post(
    "/waivers/<int:waiver>/closing", summary="Close an exception", responses={200: WaiverOut, **UNDECIDED}
)
@permits(Action.APPROVE_CODES)
def close(path: WaiverPath) -> Response:
    """It allows no more, and leaves the list."""
    actor, clock = current_actor(), service().clock
    in_request_transaction(lambda db: close_waiver(db, actor, clock, path.waiver))
    return told(WaiverOut(id=path.waiver))


def told(answer: BaseModel) -> Response:
    return jsonify(answer.model_dump(mode="json"))
