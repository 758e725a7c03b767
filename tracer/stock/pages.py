"""Procurement's stock of the day, and the movements behind each figure."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from scanners import parse
from tracer.access.edge import current_actor, in_request_transaction, permits, service
from tracer.access.rules import Action
from tracer.catalog.certificates.listing import ending_items
from tracer.shared.clock import today
from tracer.stock.business_days import closed_through, posting_date
from tracer.stock.places import get_place, list_places
from tracer.stock.queries import Flag, item_at_place, stock_of_day
from tracer.stock.words import kind_names

LONGEST_SEARCH = 200
LAST_PAGE = 100_000
SEPARATOR = "\x1d"

pages = Blueprint("stock", __name__, template_folder="templates")


@pages.get("/stock")
@permits(Action.VIEW_STOCK)
def stock_page() -> str | Response:
    """The book of every place in scope, or of one."""
    actor, clock = current_actor(), service().clock
    search, flag, page = _search(), _flag(), _page()

    def look(db: Session) -> dict[str, Any]:
        places = list_places(db, actor, Action.VIEW_STOCK)
        wanted = request.args.get("location", "")
        chosen = [get_place(db, actor, Action.VIEW_STOCK, wanted)] if wanted else places
        day = posting_date(today(clock), closed_through(db))
        found = stock_of_day(
            db,
            chosen,
            today=today(clock),
            posting_day=day,
            search=_meant(search),
            flag=flag,
            page=page,
        )
        ending = ending_items(db, today(clock)) if actor.may(Action.RECEIVE) else {}
        return {"ending": ending, "shelves": places, "location": wanted, "day": day, "stock": found}

    shown = in_request_transaction(look)
    if page > shown["stock"].pages:
        return redirect(_link(page=shown["stock"].pages))
    may_label = actor.may(Action.RECEIVE)
    return render_template(
        "stock.html", search=search, flag=flag, Flag=Flag, link=_link, may_label=may_label, **shown
    )


@pages.get("/stock/<location>/<int:item>")
@permits(Action.VIEW_STOCK)
def item_page(location: str, item: int) -> str | Response:
    """The movements of an item at a place, newest first, each with the book after it."""
    actor, clock, page = current_actor(), service().clock, _page()
    lot = request.args.get("lot")

    def look(db: Session) -> dict[str, Any]:
        place = get_place(db, actor, Action.VIEW_STOCK, location)
        found = item_at_place(db, place, item, lot=lot, today=today(clock), page=page)
        return {"place": place, "item": found}

    shown = in_request_transaction(look)
    if shown["item"] is None:
        abort(404)
    if page > shown["item"].pages:
        return redirect(_link(page=shown["item"].pages))
    may_label = actor.may(Action.RECEIVE, shown["place"].path)
    return render_template(
        "stock_item.html", lot=lot, link=_link, kinds=kind_names(), may_label=may_label, **shown
    )


def _search() -> str:
    """What was typed or scanned; of control characters only those that a symbol's separators are."""
    typed = request.args.get("q", "")[:LONGEST_SEARCH]
    return "".join(one for one in typed if one.isprintable() or one == SEPARATOR).strip(" ")


def _meant(search: str) -> str:
    """What is looked for: of a scanned symbol the item's code, or the label; else the words as typed."""
    reading = parse(search.encode(), today=today(service().clock), inhouse=service().labels)
    if reading.error is None and (reading.di or reading.serial):
        return reading.di or reading.serial or ""
    return search.replace(SEPARATOR, "")


def _flag() -> Flag | None:
    wanted = request.args.get("flag", "")
    return Flag(wanted) if wanted in set(Flag) else None


def _page() -> int:
    wanted = request.args.get("page", "1")
    return min(max(int(wanted), 1), LAST_PAGE) if wanted.isascii() and wanted.isdigit() else 1


def _link(**changes: Any) -> str:
    """This page with other arguments; a changed filter begins at the first page again."""
    kept = {**request.args, "page": None, **changes}
    arguments = {name: value for name, value in kept.items() if value not in (None, "")}
    return url_for(request.endpoint or "", **{**arguments, **(request.view_args or {})})
