"""Suppliers for the hospital's people: who waits, what was entered, who sells what, who acts for whom."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Answer

from tracer.access.edge import current_actor, current_language, in_request_transaction, permits, service
from tracer.access.rules import Action
from tracer.catalog.suppliers import queries
from tracer.catalog.suppliers.assigning import (
    add_supplier,
    assign_items,
    assign_person,
    end_items,
    end_person,
)
from tracer.catalog.suppliers.pages import LARGEST_ID, link, names, page_number, printable
from tracer.catalog.suppliers.reviewing import (
    MOST_LOOKED_AT,
    PAGE,
    Decided,
    approve_entries,
    approve_undisputed,
    count_by_doubt,
    count_open,
    get_supplier,
    open_entries,
    return_entries,
)
from tracer.catalog.words import problem_text
from tracer.shared.errors import Conflict, Invalid, NotFound

LONGEST_WHY = 200
MOST_TOLD = 5
TABS = ("review", "items", "people")

pages = Blueprint("suppliers", __name__, template_folder="templates")


@pages.get("/suppliers")
@permits(Action.VIEW_SUPPLIERS)
def list_page() -> str:
    """All suppliers, those whose entries wait first."""
    return _show_list()


@pages.post("/suppliers")
@permits(Action.MANAGE_SUPPLIERS)
def add() -> Any:
    actor, clock, form = current_actor(), service().clock, request.form
    try:
        made = in_request_transaction(
            lambda db: add_supplier(db, actor, clock, code=form.get("code", ""), name=form.get("name", ""))
        )
    except (Invalid, Conflict) as refusal:
        return _show_list(refusal.message(current_language())), refusal.status
    return redirect(url_for("suppliers.supplier_page", supplier=made, tab="items"), 303)


@pages.get("/suppliers/<int:supplier>")
@permits(Action.VIEW_SUPPLIERS)
def supplier_page(supplier: int) -> str | Answer:
    """One supplier: what it entered as differences, what it sells here, who acts for it."""
    return _show(supplier)


@pages.post("/suppliers/<int:supplier>/entries")
@permits(Action.APPROVE_CODES)
def decide(supplier: int) -> Any:
    """Approve or return those that were ticked, or approve all of which nothing speaks for a look."""
    actor, clock, form = current_actor(), service().clock, request.form
    why, act, ids = form.get("why", "")[:LONGEST_WHY], form.get("act", ""), _ids(form.getlist("id"))
    exception = form.get("exception", "")[:LONGEST_WHY]

    def work(db: Session) -> None:
        if act == "all":
            _tell(approve_undisputed(db, actor, clock, supplier))
        elif act == "approve":
            _tell(approve_entries(db, actor, clock, supplier, ids, why=why, exception=exception))
        elif act == "return":
            flash(_("已退回 %(n)s 项", n=return_entries(db, actor, clock, supplier, ids, why=why)))
        else:
            raise Invalid(field="act", reason=act[:20])

    return _done(supplier, "review", work)


@pages.post("/suppliers/<int:supplier>/items")
@permits(Action.MANAGE_SUPPLIERS)
def items(supplier: int) -> Any:
    """The supplier sells these items here from now on, or no more."""
    actor, clock, form = current_actor(), service().clock, request.form

    def work(db: Session) -> None:
        if form.get("act") == "end":
            flash(_("已停止 %(n)s 项", n=end_items(db, actor, clock, supplier, _ids(form.getlist("id")))))
            return
        materials = re.split(r"[\s,;，；、]+", form.get("materials", ""))
        done = assign_items(db, actor, clock, supplier, materials)
        flash(_("已添加 %(n)s 项，%(old)s 项原已供应", n=done.added, old=done.already))

    return _done(supplier, "items", work)


@pages.post("/suppliers/<int:supplier>/people")
@permits(Action.MANAGE_SUPPLIERS)
def people(supplier: int) -> Any:
    """The person acts for the supplier from now on, or no more."""
    actor, clock, form = current_actor(), service().clock, request.form
    chosen = (_ids([form.get("person", "")]) or [0])[0]

    def work(db: Session) -> None:
        if form.get("act") == "end":
            end_person(db, actor, clock, supplier, chosen)
            flash(_("已停止"))
            return
        assign_person(db, actor, clock, supplier, chosen)
        flash(_("已指定"))

    return _done(supplier, "people", work)


def _done(supplier: int, tab: str, work: Callable[[Session], None]) -> Any:
    try:
        in_request_transaction(work)
    except NotFound as refusal:
        if refusal.code == "catalog.unknown_supplier":
            raise
        return _show(supplier, tab, refusal.message(current_language())), refusal.status
    except (Invalid, Conflict) as refusal:
        return _show(supplier, tab, refusal.message(current_language())), refusal.status
    return redirect(url_for("suppliers.supplier_page", supplier=supplier, tab=tab), 303)


def _show_list(refused: str = "") -> str:
    sought = printable(request.args.get("q", ""))
    return render_template(
        "suppliers.html",
        refused=refused,
        sought=sought,
        suppliers=in_request_transaction(lambda db: queries.list_suppliers(db, sought)),
        may_manage=current_actor().may(Action.MANAGE_SUPPLIERS),
    )


def _show(supplier: int, tab: str = "", refused: str = "") -> str | Answer:
    actor, clock, page = current_actor(), service().clock, page_number()
    wanted = tab or request.args.get("tab", "")
    tab = wanted if wanted in TABS else "review"
    sought = printable(request.args.get("q", ""))

    def look(db: Session) -> dict[str, Any]:
        one = get_supplier(db, min(supplier, LARGEST_ID))
        waiting = open_entries(db, clock, one.id, most=MOST_LOOKED_AT)
        clear, disputed = count_by_doubt(waiting)
        shown: dict[str, Any] = {
            "supplier": one,
            "waiting": waiting,
            "clear": clear,
            "disputed": disputed,
            "open": count_open(db, one.id) if len(waiting) == MOST_LOOKED_AT else len(waiting),
            "sold": queries.totals(db, one, clock),
            "acting": queries.people_of(db, one.id),
        }
        if tab == "items":
            shown["found"] = queries.sold_items(db, one, clock, words=sought, page=page)
        if tab == "people":
            shown["free"] = queries.people_free(db)
        return shown

    shown = in_request_transaction(look)
    waiting = shown.pop("waiting")
    only = request.args.get("only", "")
    if only in ("clear", "disputed"):
        waiting = [one for one in waiting if bool(one.doubts) is (only == "disputed")]
    last = (
        max(1, -(-len(waiting) // PAGE)) if tab == "review" else shown["found"].pages if tab == "items" else 1
    )
    if page > last and request.method == "GET":
        return redirect(link(page=last))
    return render_template(
        "supplier_office.html",
        tab=tab,
        refused=refused,
        sought=sought,
        only=only,
        rows=waiting[(page - 1) * PAGE : page * PAGE],
        page=page,
        last=last,
        me=actor.id,
        may_approve=actor.may(Action.APPROVE_CODES),
        may_manage=actor.may(Action.MANAGE_SUPPLIERS),
        link=_link,
        **names(),
        **shown,
    )


def _tell(done: Decided) -> None:
    language = current_language()
    if done.approved:
        flash(_("已批准 %(n)s 项", n=done.approved))
    if done.once:
        flash(_("%(n)s 项已作第一次批准，待另一人", n=done.once))
    for problem in done.refused[:MOST_TOLD]:
        flash(f"#{problem.binding_id} {problem_text(problem.code, problem.data, language)}")
    if len(done.refused) > MOST_TOLD:
        flash(_("另有 %(n)s 项未批准", n=len(done.refused) - MOST_TOLD))
    if not (done.approved or done.once or done.refused):
        flash(_("没有可批准的"))


def _link(**changed: Any) -> str:
    """A refused decision is shown on the page it was made on."""
    if request.method == "POST":
        arguments = {name: value for name, value in changed.items() if value not in (None, "")}
        return url_for("suppliers.supplier_page", **{**arguments, **(request.view_args or {})})
    return link(**changed)


def _ids(texts: list[str]) -> list[int]:
    return [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 19]
