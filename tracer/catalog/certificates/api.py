"""Certificates over HTTP: listed, proposed, approved, turned down."""

from __future__ import annotations

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from tracer.access.edge import (
    current_actor,
    current_language,
    in_request_transaction,
    permits,
    read,
    service,
)
from tracer.access.rules import Action
from tracer.catalog.certificates.deciding import approve_certificates, reject_certificates
from tracer.catalog.certificates.listing import list_certificates
from tracer.catalog.certificates.proposing import propose_certificates
from tracer.catalog.certificates.schemas import (
    CertificatesApprovedOut,
    CertificatesIn,
    CertificatesOut,
    CertificatesQuery,
)
from tracer.catalog.workflow_api import UNDECIDED, told
from tracer.catalog.workflow_schemas import ApproveIn, ProposedOut, RejectedOut, RejectIn
from tracer.shared.clock import today

api = APIBlueprint(
    "certificates_api",
    __name__,
    url_prefix="/api/v1",
    abp_tags=[Tag(name="Certificates", description="Registration certificates and how long each is valid")],
)


@api.get("/certificates", summary="Certificates, the most urgent first", responses={200: CertificatesOut})
@permits(Action.VIEW_CODES)
def list_all(query: CertificatesQuery) -> Response:
    """With the items each covers, their stock and their suppliers. An ended one stops receipts."""
    day, scopes = query.on or today(service().clock), current_actor().scopes(Action.VIEW_STOCK)
    listed = read(
        lambda db: list_certificates(db, day, standing=query.standing, scopes=scopes, page=query.page)
    )
    return told(CertificatesOut.of(listed))


@api.post("/certificates", summary="Propose certificates", responses={201: ProposedOut})
@permits(Action.SETTLE_CODES)
def propose(body: CertificatesIn) -> tuple[Response, int]:
    """Nothing comes into force by it. What is proposed already keeps its number."""
    actor, clock = current_actor(), service().clock
    wanted = [one.to_proposal() for one in body.certificates]
    ids = in_request_transaction(lambda db: propose_certificates(db, actor, clock, wanted))
    return told(ProposedOut(ids=ids)), 201


@api.post(
    "/certificates/approvals",
    summary="Approve proposed certificates, one or thousands",
    responses={200: CertificatesApprovedOut, **UNDECIDED},
)
@permits(Action.APPROVE_CODES)
def approve(body: ApproveIn) -> Response:
    """Never one's own. A last day counts for every item under the number."""
    actor, clock = current_actor(), service().clock
    receipt = in_request_transaction(
        lambda db: approve_certificates(db, actor, clock, body.ids, skip_refused=body.skip_refused)
    )
    return told(CertificatesApprovedOut.of(receipt, current_language()))


@api.post(
    "/certificates/rejections",
    summary="Turn proposed certificates down",
    responses={200: RejectedOut, **UNDECIDED},
)
@permits(Action.VIEW_CODES)
def reject(body: RejectIn) -> Response:
    """Who proposed may take it back; the use case asks leave to approve of all others."""
    actor, clock = current_actor(), service().clock
    done = in_request_transaction(lambda db: reject_certificates(db, actor, clock, body.ids, why=body.why))
    return told(RejectedOut(rejected=done))
