"""Mismatches for people: the workbench, one group, what waits for approval, and the exports themselves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from reconcile.codes import SYSTEMS
from reconcile.proposals import BULK
from tracer.access.apart import apart
from tracer.access.edge import current_actor, current_language, in_request_transaction, permits, service
from tracer.access.rules import Action
from tracer.catalog.intake.pages import LARGEST_UPLOAD, incoming, take_upload
from tracer.catalog.intake.tables import JobKind
from tracer.catalog.mismatches import queries, settling, taking_back
from tracer.catalog.mismatches.adopting import adopt
from tracer.catalog.mismatches.by_hand import Edit, propose_by_hand
from tracer.catalog.mismatches.showing import show_approvals, show_exports, show_group, show_workbench
from tracer.catalog.mismatches.tables import HOUSE
from tracer.shared.errors import Invalid, NothingChosen, Refusal

LONGEST_NAME = 40
LONGEST_WHY = 500

pages = Blueprint("mismatches", __name__, template_folder="templates")


@pages.get("/mismatches")
@permits(Action.VIEW_MISMATCHES)
def workbench() -> str:
    """Groups of codes with something open, the worst first; and how the number of findings falls."""
    return show_workbench()


@pages.post("/mismatches/accept")
@permits(Action.SETTLE_CODES)
def accept() -> str | Response | tuple[str, int]:
    """Take suggestions as one's own proposals: those chosen, or all that are sure."""
    actor, clock = current_actor(), service().clock
    if request.form.get("all") == "sure":
        return _decide(
            lambda db: settling.propose_sure(db, actor, clock, least=BULK, kind=request.form.get("kind", ""))
        )
    if keys := _keys():
        return _decide(lambda db: settling.propose_for_groups(db, actor, clock, keys))
    return _decide(lambda db: settling.propose_suggested(db, actor, clock, _chosen()))


@pages.post("/mismatches/reject")
@permits(Action.SETTLE_CODES)
def reject() -> str | Response | tuple[str, int]:
    actor, clock, why = current_actor(), service().clock, request.form.get("why", "")[:LONGEST_WHY]
    return _decide(lambda db: settling.reject(db, actor, clock, _chosen(), why=why))


@pages.post("/mismatches/assign")
@permits(Action.SETTLE_CODES)
def assign() -> str | Response | tuple[str, int]:
    """Who looks after the chosen groups, and until when."""
    actor, clock = current_actor(), service().clock
    try:
        due_on = date.fromisoformat(request.form.get("due_on") or "x")
    except ValueError:
        due_on = None
    owner = request.form.get("owner", "")
    keys = _keys()
    return _decide(
        lambda db: settling.assign(
            db, actor, clock, keys, owner_id=int(owner) if owner.isdecimal() else None, due_on=due_on
        )
    )


@pages.get("/mismatches/group")
@permits(Action.VIEW_MISMATCHES)
def group_page() -> str:
    """What is wrong in one group, what each system says, and what was or may be decided."""
    return show_group(request.args.get("key", ""))


@pages.post("/mismatches/group")
@permits(Action.SETTLE_CODES)
def settle_by_hand() -> str | Response | tuple[str, int]:
    """What a person says the rows of the group should read."""
    actor, clock = current_actor(), service().clock
    key, why = request.form.get("key", ""), request.form.get("why", "")[:LONGEST_WHY]
    try:
        in_request_transaction(lambda db: propose_by_hand(db, actor, clock, key, _edits(), why=why))
    except Refusal as refusal:
        if refusal.status == 403:
            raise
        return show_group(key, refused=refusal.message(current_language())), refusal.status
    flash(_("已提交，待另一人批准"))
    return redirect(url_for("mismatches.group_page", key=key), 303)


@pages.get("/mismatches/approvals")
@permits(Action.VIEW_MISMATCHES)
def approvals() -> str:
    """What was proposed and waits for another person."""
    return show_approvals()


@pages.post("/mismatches/approve")
@permits(Action.APPROVE_CODES)
def approve() -> str | Response | tuple[str, int]:
    """Bring the chosen proposals into force, or all that others have made; then look at everything again."""
    actor, clock = current_actor(), service().clock
    try:
        if request.form.get("all"):
            settled = apart(settling.approve_all, actor, clock)
        else:
            settled = apart(settling.approve, actor, clock, _chosen())
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        return show_approvals(refused=refusal.message(current_language())), refusal.status
    still = settled.run.open if settled.run else 0
    flash(_("已批准 %(n)s 项并通知相关系统；尚有 %(open)s 处未解决", n=len(settled.ids), open=still))
    return redirect(_back("mismatches.approvals"), 303)


@pages.post("/mismatches/take-back")
@permits(Action.SETTLE_CODES)
def take_back() -> str | Response | tuple[str, int]:
    """Ask for an approved settlement to be taken back, with a reason; or for it to stay after all."""
    actor, clock, key = current_actor(), service().clock, request.form.get("back", "")
    why, stays = request.form.get("why", "")[:LONGEST_WHY], bool(request.form.get("keep"))
    try:
        if stays:
            in_request_transaction(lambda db: taking_back.keep_in_force(db, actor, clock, _chosen()))
        else:
            in_request_transaction(
                lambda db: taking_back.propose_taking_back(db, actor, clock, _chosen(), why=why)
            )
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        return show_group(key, refused=refusal.message(current_language())), refusal.status
    flash(_("不撤销，继续有效") if stays else _("已提请撤销，待另一人批准"))
    return redirect(_back("mismatches.approvals"), 303)


@pages.post("/mismatches/take-back/approve")
@permits(Action.APPROVE_CODES)
def approve_taking_back() -> str | Response | tuple[str, int]:
    """Take back what another person has asked for; then look at everything again."""
    actor, clock = current_actor(), service().clock
    try:
        apart(taking_back.approve_taking_back, actor, clock, _chosen())
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        return show_approvals(refused=refusal.message(current_language())), refusal.status
    flash(_("已撤销并通知相关系统"))
    return redirect(_back("mismatches.approvals"), 303)


@pages.post("/mismatches/adopt")
@permits(Action.SETTLE_CODES)
def adopt_all() -> Response:
    """Propose the codes of every group that is one-to-one as this house's own."""
    done = apart(adopt, current_actor(), service().clock)
    flash(
        _(
            "%(groups)s 组一一对应：提交 %(codes)s 个编码待审批，新建 %(items)s 个物资",
            groups=done.groups,
            codes=done.proposed,
            items=done.items_new,
        )
    )
    if done.unfit:
        shown = "、".join(code for _system, code in done.unfit[:5])
        flash(_("%(n)s 个编码不合规则，未提交：%(codes)s", n=len(done.unfit), codes=shown))
    return redirect(url_for("mismatches.workbench"), 303)


@pages.get("/mismatches/exports")
@permits(Action.VIEW_MISMATCHES)
def exports() -> str:
    """Each system's last export, the rows that could not be read, and what it has not done."""
    return show_exports()


@pages.post("/mismatches/exports")
@permits(Action.IMPORT_CODES, at_most=LARGEST_UPLOAD, into=incoming)
def load() -> str | Response | tuple[str, int]:
    """An export as a file; what it claims will replace what the system's last one did."""
    try:
        return take_upload(JobKind.EXPORT, _asked)
    except Refusal as refusal:
        if refusal.status == 403:
            raise
        return show_exports(refused=refusal.message(current_language())), refusal.status


def _asked() -> dict[str, Any]:
    """Whose export it is, and of which systems it lists every code."""
    name = request.form.get("source", "").strip()
    if (
        not name
        or len(name) > LONGEST_NAME
        or not name.isprintable()
        or set(name) & {":", "|"}
        or name == HOUSE
    ):
        raise Invalid(field="source", reason="请填写来源系统的名称 / name the system it comes from")
    return {"source": name, "owns": _owns()}


def _owns() -> list[str]:
    return [system for system in SYSTEMS if request.form.get(f"owns-{system}")]


def _decide(work: Callable[[Session], Any]) -> str | Response | tuple[str, int]:
    """One decision, then back to where it was taken."""
    try:
        done = in_request_transaction(work)
    except Refusal as refusal:
        if refusal.status == 403:
            raise
        return show_workbench(refused=refusal.message(current_language())), refusal.status
    count = done if isinstance(done, int) else len(done.ids)
    flash(_("已处理 %(n)s 项", n=count))
    return redirect(_back("mismatches.workbench"), 303)


def _back(endpoint: str) -> str:
    key = request.form.get("back", "")
    return url_for("mismatches.group_page", key=key) if key else url_for(endpoint)


def _keys() -> list[str]:
    """The groups that are chosen in the list."""
    return request.form.getlist("key")[: queries.PAGE]


def _chosen() -> list[int]:
    ids = [int(text) for text in request.form.getlist("id") if text.isdecimal() and len(text) < 19]
    if not ids:
        raise NothingChosen(field="id")
    return ids


def _edits() -> list[Edit]:
    """`cell:SOURCE:ROW:COLUMN` fields of the form, row by row; `gone:SOURCE:ROW` for rows that should go."""
    cells: dict[tuple[str, int], dict[str, str] | None] = {}
    for field, value in request.form.items():
        kind, _colon, place = field.partition(":")
        source, _colon, rest = place.partition(":")
        row, _colon, column = rest.partition(":")
        if not row.isdecimal():
            continue
        if kind == "gone":
            cells[source, int(row)] = None
        elif kind == "cell" and cells.get((source, int(row)), {}) is not None:
            cells.setdefault((source, int(row)), {})[column] = value  # type: ignore[index]
    return [Edit(source, row, values) for (source, row), values in cells.items()]
