"""The bedside's JSON routes, and those by which a HIS and a ward tell of uses and charges."""

from __future__ import annotations

import json

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from scanners import parse
from tracer.access.edge import (
    current_actor,
    current_language,
    in_request_transaction,
    permits,
    receipt,
    service,
    signed_in,
)
from tracer.access.fields import answers, refused
from tracer.access.rules import Action
from tracer.charging.posting import post_charge, post_use
from tracer.charging.queries import find_encounter
from tracer.charging.recording_scans import record_scan
from tracer.charging.remarks import told, worded
from tracer.charging.reversing import reverse_scan
from tracer.charging.schemas import (
    ChargeIn,
    EncounterOut,
    EncounterPath,
    HisChargeOut,
    RawIn,
    ReadingOut,
    ReversalIn,
    ReversalOut,
    ScanIn,
    ScanOut,
    ScanPath,
    UseIn,
)
from tracer.shared.clock import day_of
from tracer.stock.schemas import PostedOut

api = APIBlueprint(
    "charging_api",
    __name__,
    url_prefix="/api/v1",
    abp_tags=[Tag(name="Bedside", description="Use and charge")],
)
NOT_SEEN = refused("A stay of which this person may see nothing")


@api.post("/scans", summary="Scan a piece: one use, one charge", responses=answers(ScanOut))
@permits(Action.SCAN)
def scan(body: ScanIn) -> Response:
    """Record a scan and book what it means.

    Refused, or not understood, is an outcome and no error: the scan is kept all the same. A client that
    got no answer sends the same key again.
    """
    here, actor, command = service(), current_actor(), body.to_command()
    answer = in_request_transaction(lambda db: record_scan(db, actor, command, here.clock, here.labels))
    return receipt(answer, warnings=worded(answer["warnings"], current_language()))


@api.post("/scans/parse", summary="What a scan says; nothing is recorded", responses={200: ReadingOut})
@signed_in
def parse_scan(body: RawIn) -> Response:
    """Read a scan as `POST /scans` would, for whoever sets up or looks after a scanner."""
    here = service()
    today = day_of(here.clock, here.clock.now())
    reading = parse(body.raw_bytes(), today=today, inhouse=here.labels, caps_lock=body.caps_lock)
    said = reading.as_dict() | {"sentences": told(reading, current_language())}
    # In ASCII: what is no text stands in it as lone surrogates, which no encoding takes.
    return Response(json.dumps(said), mimetype="application/json")


@api.post(
    "/scans/<int:scan>/reversal",
    summary="Undo a scan: use and charge together",
    responses=answers(ReversalOut),
)
@permits(Action.SCAN)
def reversal(path: ScanPath, body: ReversalIn) -> Response:
    """Bring the pieces back to the shelf they were taken from, and refund their charge."""
    here, actor, command = service(), current_actor(), body.to_command(path.scan)
    return receipt(in_request_transaction(lambda db: reverse_scan(db, actor, command, here.clock)))


@api.get(
    "/encounters/<ref>",
    summary="A patient's orders and scans",
    responses={200: EncounterOut, 404: NOT_SEEN},
)
@permits(Action.VIEW_ENCOUNTER)
def encounter(path: EncounterPath) -> Response:
    """What the scan page shows after the wristband. A reference nobody has used yet has `known: false`."""
    actor = current_actor()
    found = in_request_transaction(lambda db: find_encounter(db, actor, path.ref))
    return jsonify(found.as_answer(current_language()))


@api.post("/uses", summary="Report pieces used without a scan", responses=answers(PostedOut))
@permits(Action.POST_USE)
def use(body: UseIn) -> Response:
    """Book a ward's consumption sheet; what is chargeable stays an open exception until its charge comes."""
    here, actor, command = service(), current_actor(), body.to_command()
    return receipt(in_request_transaction(lambda db: post_use(db, actor, command, here.clock)))


@api.post("/charges", summary="Tell of a charge the HIS made", responses=answers(HisChargeOut))
@permits(Action.POST_CHARGE)
def charge(body: ChargeIn) -> Response:
    """Book a charge made elsewhere; one that names no use stays an open exception."""
    here, actor, command = service(), current_actor(), body.to_command()
    return receipt(in_request_transaction(lambda db: post_charge(db, actor, command, here.clock)))
