"""The nurse's scan page. What is scanned goes to the JSON routes; this gives the page and its patients."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, render_template, request, url_for

from scanners.inhouse import CHECK_DIGITS
from tracer.access.edge import (
    current_actor,
    current_language,
    in_request_transaction,
    permits,
    service,
)
from tracer.access.rules import Action
from tracer.charging.page_words import scan_page_words
from tracer.charging.patients import list_patients
from tracer.stock.places import list_places
from tracer.stock.rules import BEDSIDE

pages = Blueprint("charging", __name__, template_folder="templates")


@pages.get("/scan")
@permits(Action.SCAN)
def scan_page() -> str:
    """The page; everything that changes on it is fetched by its scripts."""
    actor, settings = current_actor(), service().settings
    places = in_request_transaction(lambda db: list_places(db, actor, Action.SCAN))
    english = current_language() == "en"
    data = {
        "person": actor.id,
        "may_override": actor.may(Action.OVERRIDE_SAFETY),
        "places": [
            {"code": one.code, "name": one.name_en if english else one.name}
            for one in places
            if one.kind in BEDSIDE
        ],
        "pattern": settings.encounter_pattern,
        # An in-house label looks like a wristband's number, and is none.
        "labels": f"{service().labels.prefix}[0-9]{{{service().labels.digits + CHECK_DIGITS}}}",
        "patients": url_for("charging.ward_patients"),
        "sign_in": url_for("web.sign_in", next=url_for("charging.scan_page")),
        "sprite": url_for("static", filename="icons.svg"),
        "words": scan_page_words(),
    }
    return render_template("scan.html", data=data)


@pages.get("/scan/patients")
@permits(Action.VIEW_ENCOUNTER)
def ward_patients() -> Response:
    """The patients of a ward to choose from, named only as far as a bedside needs it."""
    actor, location = current_actor(), request.args.get("location", "")
    return jsonify(patients=in_request_transaction(lambda db: list_patients(db, actor, location)))
