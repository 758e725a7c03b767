"""Finance's variance page: the day's figures, its rows, the documents behind them, and its close."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, abort, flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from tracer.access.apart import apart, elsewhere
from tracer.access.edge import (
    allow_inline_styles,
    current_actor,
    current_language,
    in_request_transaction,
    permits,
    public,
    service,
)
from tracer.access.rules import Action
from tracer.closing.closing_days import close_day, first_open_day
from tracer.closing.documents import documents_of
from tracer.closing.errors import DayNotOver, EarlierDayOpen, UnknownFilter
from tracer.closing.figures import cause_meanings, cause_names, column_names, indicators_of, status_names
from tracer.closing.queries import STATUSES, DayPoint, Report, list_days
from tracer.closing.reporting import report_of
from tracer.closing.trend import bokeh_script, checked_rate, trend_for_page
from tracer.shared.clock import today
from tracer.stock.branches import list_branches
from tracer.stock.words import kind_names, virtual_names

PAGE = 100  # rows
FILTERS = ("location", "category", "status")

pages = Blueprint("closing", __name__, template_folder="templates")


@pages.get("/variance")
@permits(Action.VIEW_VARIANCE)
def variance_page() -> str | Response:
    """A business date: the one asked for, else the last closed one, else yesterday."""
    wanted = request.args.get("date", "")
    day = _day(wanted) if wanted else None
    if wanted and day is None:
        return redirect(url_for("closing.variance_page"))
    return _show(day)


@pages.post("/variance/<day>/close")
@permits(Action.CLOSE_DAY)
def close(day: str) -> str | Response | tuple[str, int]:
    """Close the day and show it; a day that cannot be closed is shown with the reason."""
    chosen = _day(day)
    if chosen is None:
        abort(404)
    here, actor = service(), current_actor()
    try:
        apart(close_day, actor, chosen, here.clock, here.settings.tolerance)
    except (DayNotOver, EarlierDayOpen) as refusal:
        return _show(chosen, refused=refusal.message(current_language())), refusal.status
    flash(_("%(day)s 已结账，数字不再变动", day=day))
    return redirect(url_for("closing.variance_page", date=day), 303)


@pages.get("/variance/<day>/<place>/<path:material>")
@permits(Action.VIEW_VARIANCE)
def row_page(day: str, place: str, material: str) -> str:
    """The documents behind one row, those marked that its causes rest on."""
    chosen = _day(day)
    if chosen is None:
        abort(404)
    actor, tolerance = current_actor(), service().settings.tolerance

    report = report_of(actor, chosen, location=place, tolerance=tolerance)
    row = next((one for one in report.rows if (one.location, one.material) == (place, material)), None)
    if row is None:
        abort(404)

    def look(db: Session) -> dict[str, Any]:
        return {
            "documents": documents_of(db, actor, chosen, place, material),
            "branches": list_branches(db, actor, Action.VIEW_VARIANCE),
        }

    shown = in_request_transaction(look)
    english = current_language() == "en"
    names = {one.code: one.name_en if english else one.name for one in shown.pop("branches")}
    marks: dict[str, list[str]] = {}
    for cause in row.causes:
        for record in cause.evidence:
            marks.setdefault(record, []).append(cause.cause)
    return render_template(
        "variance_row.html",
        day=chosen,
        report=report,
        row=row,
        marks=marks,
        kinds=kind_names(),
        place_names={**virtual_names(), **names},
        back=url_for("closing.variance_page", date=day, **_filters()),
        **_words(),
        **shown,
    )


@pages.get("/variance/bokeh-<version>.js")
@public
def bokeh_file(version: str) -> Response:
    """bokeh's JavaScript from the installed package; its address changes with its version."""
    known, path = bokeh_script()
    if version != known:
        abort(404)
    answer = send_file(path, mimetype="text/javascript", max_age=31_536_000)
    answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return answer


def _show(day: date | None, refused: str | None = None) -> str:
    actor, here, filters = current_actor(), service(), _filters()

    def look(db: Session) -> dict[str, Any]:
        days = list_days(db, actor)
        return {
            "day": day or (days[-1].business_date if days else today(here.clock) - timedelta(days=1)),
            "days": days,
            "branches": list_branches(db, actor, Action.VIEW_VARIANCE),
            "open_day": first_open_day(db) if actor.may(Action.CLOSE_DAY) else None,
        }

    shown = in_request_transaction(look)
    chosen = shown["day"]
    report = _report(chosen, filters)
    number, last = _page(len(report.rows))
    allow_inline_styles()
    return render_template(
        "variance.html",
        report=report,
        filters=filters,
        statuses=STATUSES,
        refused=refused,
        page=number,
        pages=last,
        rows=report.rows[(number - 1) * PAGE : number * PAGE],
        cards=indicators_of(report, current_language()),
        may_close=report.provisional and chosen <= today(here.clock) and actor.may(Action.CLOSE_DAY),
        today=today(here.clock),
        trend=_trend(shown["days"]),
        bokeh=url_for("closing.bokeh_file", version=bokeh_script()[0]),
        checked_rate=checked_rate,
        xlsx="/api/v1/variance?" + urlencode({"date": chosen, "format": "xlsx", **filters}),
        link=lambda **changes: _link(chosen, changes),
        row_link=lambda row: url_for(
            "closing.row_page", day=chosen, place=row.location, material=row.material, **filters
        ),
        step=timedelta(days=1),
        **_words(),
        **shown,
    )


def _report(day: date, filters: dict[str, Any]) -> Report:
    """The day's report; a category this day does not have is let go, for the days are leafed through."""
    actor, tolerance = current_actor(), service().settings.tolerance
    try:
        return report_of(actor, day, tolerance=tolerance, **filters)
    except UnknownFilter as refusal:
        if refusal.data.get("field") != "category":
            raise
        filters.pop("category")
        return report_of(actor, day, tolerance=tolerance, **filters)


def _trend(days: list[DayPoint]) -> Markup | None:
    """The chart, drawn in the worker's child and kept: days that are closed do not change."""
    if len(days) < 2:
        return None
    address = url_for("closing.variance_page", date="@iso", **_filters()).replace("%40", "@")
    words = {
        "tolerance": _("容差 %(limit)s %%", limit=f"{float(service().settings.tolerance) * 100:g}"),
        "rate": _("总差异率"),
        "breaches": _("超差行数"),
        "invalid": _("无效行数"),
        "date": _("日期"),
    }
    return _drawn(tuple(days), service().settings.tolerance, tuple(words.items()), address)


@lru_cache(maxsize=64)
def _drawn(
    days: tuple[DayPoint, ...], tolerance: Decimal, words: tuple[tuple[str, str], ...], address: str
) -> Markup:
    return elsewhere(trend_for_page, days, tolerance, words, address)


def _words() -> dict[str, Any]:
    language = current_language()
    return {
        "columns": column_names(language),
        "status_names": status_names(language),
        "cause_names": cause_names(language),
        "cause_meanings": cause_meanings(),
    }


def _filters() -> dict[str, Any]:
    return {name: request.args[name] for name in FILTERS if request.args.get(name)}


def _link(day: date, changes: dict[str, Any]) -> str:
    kept = {"date": day.isoformat(), **_filters(), **changes}
    arguments: dict[str, Any] = {name: one for name, one in kept.items() if one}
    return url_for("closing.variance_page", **arguments)


def _page(rows: int) -> tuple[int, int]:
    """The page asked for, within those there are."""
    last = max(1, -(-rows // PAGE))
    wanted = request.args.get("page", "1")
    asked = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 7 else 1
    return min(max(asked, 1), last), last


def _day(text: str) -> date | None:
    """The day this text names; None for none, or one no hospital's books can hold."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1900 <= day.year < 3000 else None
