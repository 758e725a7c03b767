"""Prices for people: every item whose prices disagree, and what may be added to the purchase price."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from tracer.access.edge import (
    current_actor,
    current_language,
    in_request_transaction,
    permits,
    read,
    service,
)
from tracer.access.rules import WHOLE_HOSPITAL, Action
from tracer.catalog.price_markups import approve_markup, list_markups, propose_markup, reject_markup
from tracer.catalog.price_report import as_csv, as_xlsx, price_report
from tracer.catalog.price_rules import PriceRule
from tracer.catalog.reading_forms import read_amount, read_day, read_line
from tracer.catalog.words import PRICE_KINDS, PRICE_RULES
from tracer.shared.clock import today
from tracer.shared.errors import Conflict, Invalid, NotFound

SHOWN_PRICES = 200
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

pages = Blueprint("prices", __name__)


@pages.get("/prices")
@permits(Action.VIEW_VARIANCE)
def prices_page() -> str | Response:
    """Every item whose prices disagree; as a file by `format`."""
    wanted = request.args.get("rule", "")
    rule = PriceRule(wanted) if wanted in set(PriceRule) else None
    day = read_day(request.args.get("date", "")) or today(service().clock)
    report = in_request_transaction(lambda session: price_report(session, day, rule))
    format_ = request.args.get("format", "")
    if format_ in ("csv", "xlsx"):
        make, media = (as_csv, "text/csv") if format_ == "csv" else (as_xlsx, XLSX)
        answer = Response(make(report.rows, current_language()), mimetype=media)
        answer.headers["Content-Disposition"] = f'attachment; filename="prices-{day}.{format_}"'
        return answer
    english = current_language() == "en"
    return render_template(
        "prices.html",
        report=report,
        rule=rule,
        most=SHOWN_PRICES,
        link=_link,
        today=today(service().clock),
        kinds={kind: names[english] for kind, names in PRICE_KINDS.items()},
        rules={one: names[english] for one, names in PRICE_RULES.items()},
    )


@pages.get("/prices/markups")
@permits(Action.VIEW_VARIANCE)
def markups_page() -> str:
    """What may be added to the purchase price, by category."""
    return _markups()


@pages.post("/prices/markups")
@permits(Action.APPROVE_PRICE)
def propose() -> Any:
    """Propose another mark-up for a category."""
    form, actor, clock = request.form, current_actor(), service().clock

    def work(session: Session) -> str:
        percent, cap = form.get("percent", "").strip(), form.get("cap", "").strip()
        propose_markup(
            session,
            actor,
            clock,
            category=form.get("category", "").strip(),
            percent=read_amount(percent, "percent") if percent else None,
            cap=read_amount(cap, "cap") if cap else None,
            why=read_line(form.get("why", "")),
        )
        return str(_("已提出，待另一人批准"))

    return _done(work)


@pages.post("/prices/markups/<int:change>")
@permits(Action.APPROVE_PRICE)
def decide(change: int) -> Any:
    """Approve a proposed mark-up, or turn it down."""
    actor, clock, rejects = current_actor(), service().clock, request.form.get("act") == "reject"

    def work(session: Session) -> str:
        (reject_markup if rejects else approve_markup)(session, actor, clock, change)
        return str(_("已退回 %(n)s 项", n=1) if rejects else _("已批准 %(n)s 项", n=1))

    return _done(work)


def _done(work: Callable[[Session], str]) -> Any:
    try:
        flash(in_request_transaction(work))
    except (Invalid, Conflict, NotFound) as refusal:
        return _markups(refusal.message(current_language())), refusal.status
    return redirect(url_for("prices.markups_page"), 303)


def _markups(refused: str = "") -> str:
    actor = current_actor()
    return render_template(
        "markups.html",
        rows=read(list_markups),
        refused=refused,
        me=actor.id,
        may_change=actor.may(Action.APPROVE_PRICE, at=WHOLE_HOSPITAL),
    )


def _link(**changes: Any) -> str:
    """This report with other arguments."""
    kept = {**request.args, **changes}
    return url_for("prices.prices_page", **{k: v for k, v in kept.items() if v not in (None, "")})
