"""The scanner test page and its printed sheet: for whoever sets up a scanner, or doubts one."""

from __future__ import annotations

from flask import Blueprint, render_template, url_for
from markupsafe import Markup

from tracer.access.edge import current_actor, service, signed_in
from tracer.access.rules import Action
from tracer.charging.scanner_words import scanner_test_words
from tracer.charging.sheet import sheet_symbols
from tracer.shared.clock import day_of

HALF_A_PAGE = 90  # mm

pages = Blueprint("scanner_test", __name__, template_folder="templates")


@pages.get("/scanner-test")
@signed_in
def scanner_test_page() -> str:
    """Scan anything: the scripts show what came, and what to set. Nothing is booked."""
    here, actor = service(), current_actor()
    today = day_of(here.clock, here.clock.now())
    data = {
        "person": actor.id,
        "symbols": [one.as_data(today, here.labels) for one in sheet_symbols(here.labels)],
        "sprite": url_for("static", filename="icons.svg"),
        "words": scanner_test_words(),
    }
    return render_template("scanner_test.html", data=data, may_scan=actor.may(Action.SCAN))


@pages.get("/scanner-test/sheet")
@signed_in
def sheet_page() -> str:
    """The sheet, to be printed."""
    from tracer.charging.sheet_drawing import draw  # with what draws; nobody else needs it

    drawn = [(one, *draw(one)) for one in sheet_symbols(service().labels)]
    symbols = [(one, Markup(svg), width_mm > HALF_A_PAGE) for one, svg, width_mm in drawn]
    return render_template("scanner_sheet.html", symbols=symbols)
