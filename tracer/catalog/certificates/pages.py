"""Certificates for people: those that ended first, with the items, the stock and the suppliers concerned."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from tracer.access.edge import (
    current_actor,
    current_language,
    in_request_transaction,
    permits,
    read,
    service,
)
from tracer.access.rules import WHOLE_HOSPITAL, Action
from tracer.catalog.certificates.listing import list_certificates
from tracer.catalog.certificates.proposing import ProposedCertificate, propose_certificates
from tracer.catalog.certificates.rules import Standing
from tracer.catalog.certificates.words import standing_names
from tracer.catalog.reading_forms import page_asked, read_day, read_line
from tracer.shared.clock import today
from tracer.shared.errors import Conflict, Invalid, NotFound

pages = Blueprint("certificates", __name__, template_folder="templates")


@pages.get("/certificates")
@permits(Action.VIEW_CODES)
def certificates_page() -> str | Answer:
    """All certificates, the most urgent first, or those that stand in one way."""
    return _show()


@pages.post("/certificates")
@permits(Action.SETTLE_CODES)
def propose() -> Any:
    """Propose how long a certificate is valid, for all its items."""
    form, actor, clock = request.form, current_actor(), service().clock
    wanted = ProposedCertificate(
        item_id=None,
        number=form.get("number", ""),
        valid_from=read_day(form.get("valid_from", "")),
        valid_until=read_day(form.get("valid_until", "")),
        source=read_line(form.get("source", "")),
    )
    try:
        in_request_transaction(lambda session: propose_certificates(session, actor, clock, [wanted]))
    except (Invalid, Conflict, NotFound) as refusal:
        return _show(refusal.message(current_language())), refusal.status
    flash(_("已提出，待另一人批准"))
    return redirect(url_for("certificates.certificates_page", standing=form.get("standing") or None), 303)


def _show(refused: str = "") -> str | Answer:
    actor, day = current_actor(), today(service().clock)
    asked = request.values.get("standing", "")
    standing = Standing(asked) if asked in set(Standing) else None
    page = page_asked()
    scopes = actor.scopes(Action.VIEW_STOCK)
    found = read(lambda db: list_certificates(db, day, standing=standing, scopes=scopes, page=page))
    if page > found.pages:
        return redirect(_link(page=found.pages, standing=standing))
    return render_template(
        "certificates.html",
        found=found,
        standing=standing,
        standings=standing_names(current_language()),
        Standing=Standing,
        refused=refused,
        may_propose=actor.may(Action.SETTLE_CODES, at=WHOLE_HOSPITAL),
        may_approve=actor.may(Action.APPROVE_CODES, at=WHOLE_HOSPITAL),
        link=_link,
        today=day,
    )


def _link(**changes: Any) -> str:
    kept = {"standing": request.values.get("standing"), **changes}
    return url_for("certificates.certificates_page", **{k: v for k, v in kept.items() if v})
