"""The pages of mismatches, drawn: the workbench, one group, what waits for approval, the exports."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import abort, render_template, request, url_for
from sqlalchemy.orm import Session

from reconcile.codes import ATTRIBUTES, COMPARED, SYSTEMS
from reconcile.proposals import BULK
from tracer.access.edge import current_actor, current_language, in_request_transaction, service
from tracer.access.queries import list_people_who_may
from tracer.access.rules import Action
from tracer.catalog.intake.pages import shown_uploads
from tracer.catalog.intake.tables import JobKind
from tracer.catalog.mismatches import queries, words
from tracer.catalog.mismatches.shown import Sought
from tracer.catalog.words import system_names
from tracer.shared.clock import today

LONGEST_SEARCH = 100
LAST_PAGE = 10_000


def show_workbench(refused: str | None = None) -> str:
    actor, clock = current_actor(), service().clock
    asked = request.args
    sought = Sought(
        class_=_one_of("class", queries.CLASSES),
        system=_one_of("system", SYSTEMS),
        search=_printable(asked.get("q", "")),
        owner_id=actor.id if asked.get("mine") else None,
        state=_one_of("state", ("suggested", "proposed", "none")),
        page=_number("page"),
    )

    def look(db: Session) -> dict[str, Any]:
        return {
            "totals": queries.totals(db, sure_from=BULK),
            "found": queries.find_groups(db, sought),
            "days": queries.burn_down(db, today(clock), str(clock.zone)),
            "people": list_people_who_may(db, Action.SETTLE_CODES),
        }

    shown = in_request_transaction(look)
    return render_template(
        "mismatches.html",
        sought=sought,
        refused=refused,
        bulk=BULK,
        mine=bool(asked.get("mine")),
        may_settle=actor.may(Action.SETTLE_CODES),
        today=today(clock),
        link=_link,
        chart=_chart(shown["days"]),
        **_words(),
        **shown,
    )


def show_group(key: str, refused: str | None = None) -> str:
    actor = current_actor()
    key = _printable(key)

    def look(db: Session) -> dict[str, Any]:
        group = queries.find_group(db, key)
        settlements = queries.list_settlements(db, key=key)
        if group is None and not settlements:
            abort(404)
        against = queries.list_settlements_against(db, group) if group else []
        shown = {one.id for one in against}
        settlements = [*against, *(one for one in settlements if one.id not in shown)]
        codes = list(group.codes) if group else [key.partition(":")[2]]
        return {
            "group": group,
            "settlements": settlements,
            "against": shown,
            "claims": queries.claims_of(db, codes),
        }

    shown = in_request_transaction(look)
    torn = (
        {finding.field or finding.system for finding in shown["group"].findings} if shown["group"] else set()
    )
    used = {name for claim in shown["claims"] for name, value in claim.cells.items() if value}
    return render_template(
        "mismatch_group.html",
        key=key,
        torn=torn,
        columns=[name for name in (*SYSTEMS, *ATTRIBUTES) if name in used],
        most_rows=queries.MOST_ROWS,
        editable=(*SYSTEMS, *COMPARED),
        refused=refused,
        me=actor.id,
        may_settle=actor.may(Action.SETTLE_CODES),
        may_approve=actor.may(Action.APPROVE_CODES),
        **_words(),
        **shown,
    )


def show_approvals(refused: str | None = None) -> str:
    actor, page = current_actor(), _number("page")

    def look(db: Session) -> dict[str, Any]:
        totals = queries.totals(db, sure_from=BULK)
        total = totals.proposed
        return {
            "settlements": queries.list_settlements(db, ruling="proposed", page=page),
            "undone": queries.list_settlements(db, to_take_back=True),
            "to_take_back": totals.to_take_back,
            "total": total,
            "pages": max(1, -(-total // queries.PAGE)),
        }

    return render_template(
        "mismatch_approvals.html",
        refused=refused,
        page=page,
        me=actor.id,
        may_settle=actor.may(Action.SETTLE_CODES),
        may_approve=actor.may(Action.APPROVE_CODES),
        link=_link,
        **_words(),
        **in_request_transaction(look),
    )


def show_exports(refused: str | None = None) -> str:
    def look(db: Session) -> dict[str, Any]:
        sources = queries.list_sources(db)
        late = {
            one.name: queries.list_unheeded(db, one.name) for one in sources if one.silent or one.contradicted
        }
        return {"sources": sources, "late": late}

    return render_template(
        "mismatch_exports.html",
        refused=refused,
        may_load=current_actor().may(Action.IMPORT_CODES),
        systems=SYSTEMS,
        **shown_uploads(JobKind.EXPORT),
        **_words(),
        **in_request_transaction(look),
    )


def _words() -> dict[str, Any]:
    language = current_language()
    systems, fields = system_names(language), words.chosen(words.FIELDS, language)
    return {
        "class_names": words.chosen(words.CLASSES, language),
        "column_names": systems | fields,
        "system_names": systems,
        "kind_names": words.chosen(words.KINDS, language),
        "ruling_names": words.chosen(words.RULINGS, language),
        "heed_names": words.chosen(words.HEEDS, language),
        "house_name": words.HOUSE_NAME[language.startswith("en")],
    }


def _chart(days: list[tuple[date, int]]) -> list[dict[str, Any]]:
    """Bars of a hundred units' height, oldest first."""
    most = max((count for _day, count in days), default=0) or 1
    return [{"day": day, "open": count, "height": round(100 * count / most, 1)} for day, count in days]


def _link(**changed: Any) -> str:
    asked = {name: value for name, value in request.args.items() if value and name != "page"}
    return url_for(str(request.endpoint), **{**asked, **changed})


def _one_of(name: str, known: tuple[str, ...]) -> str:
    value = request.args.get(name, "")
    return value if value in known else ""


def _printable(text: str) -> str:
    return "".join(c for c in text if c.isprintable()).strip()[:LONGEST_SEARCH]


def _number(name: str) -> int:
    text = request.args.get(name, "1")
    return min(max(int(text), 1), LAST_PAGE) if text.isdecimal() and len(text) < 9 else 1
