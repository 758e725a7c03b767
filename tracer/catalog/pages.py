"""The catalogue's pages: search, an item's one page, what waits for approval, prices that disagree."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Answer

from scanners import parse
from tracer.access.edge import (
    current_actor,
    current_language,
    in_request_transaction,
    permits,
    service,
)
from tracer.access.rules import Action
from tracer.catalog.bindings import (
    ApprovalReceipt,
    ProposedBinding,
    approve_bindings,
    propose_bindings,
    reject_bindings,
    retire_bindings,
)
from tracer.catalog.certificates.deciding import (
    CertificateReceipt,
    approve_certificates,
    reject_certificates,
)
from tracer.catalog.certificates.listing import ending_items
from tracer.catalog.certificates.proposing import ProposedCertificate, propose_certificates
from tracer.catalog.certificates.waiting import approvable_certificates, waiting_certificates
from tracer.catalog.certificates.words import STATES, standing_names
from tracer.catalog.coming_into_use import close_waiver, grant_waiver, open_waivers
from tracer.catalog.item_page import item_page
from tracer.catalog.pricing import (
    PriceReceipt,
    ProposedPrice,
    approve_prices,
    propose_prices,
    reject_prices,
)
from tracer.catalog.reading_forms import page_asked, read_amount, read_day, read_ids, read_instant, read_line
from tracer.catalog.rules import CodeSystem, PriceKind, WaiverKind
from tracer.catalog.searching import read_names, search_items
from tracer.catalog.waiting import approvable, waiting_codes, waiting_prices
from tracer.catalog.words import PRICE_KINDS, PRICE_RULES, STATUSES, SYSTEMS, missing_text, problem_text
from tracer.shared.clock import today
from tracer.shared.errors import Conflict, Invalid, NotFound

LONGEST_SEARCH = 200
SEPARATOR = "\x1d"

# What is decided on the approvals page, and how each is turned down.
DECIDED = {"codes": reject_bindings, "prices": reject_prices, "certificates": reject_certificates}
Receipt = ApprovalReceipt | PriceReceipt | CertificateReceipt

pages = Blueprint("catalogue", __name__, template_folder="templates")


@pages.get("/catalog")
@permits(Action.VIEW_CODES)
def search_page() -> str | Answer:
    """The items in which every word is found; a scanned symbol is as good as a typed code."""
    words, page, day = request.args.get("q", "")[:LONGEST_SEARCH], page_asked(), today(service().clock)
    # Told at the door, not at every search.
    tells = not words and page == 1 and current_actor().may(Action.SETTLE_CODES)

    def look(session: Session) -> Any:
        read_names(session)
        ending = ending_items(session, day) if tells else {}
        return search_items(session, _meant(words), day, page), ending

    found, ending = in_request_transaction(look)
    if page > found.pages:
        return redirect(_link(page=found.pages))
    return render_template(
        "catalog.html", words=words, found=found, ending=ending, link=_link, **words_of_the_catalogue()
    )


@pages.get("/catalog/<int:item>")
@permits(Action.VIEW_CODES)
def item(item: int) -> str:
    """The item's one page, as it is or was on a day."""
    return _show(item)


@pages.post("/catalog/<int:item>/codes")
@permits(Action.SETTLE_CODES)
def propose_code(item: int) -> Any:
    """Propose a code for the item."""
    form = request.form

    def work(session: Session) -> None:
        wanted = ProposedBinding(
            item_id=item,
            system=_system(form.get("system", "")),
            code=form.get("code", "").strip(),
            valid_from=read_day(form.get("valid_from", "")),
            source=read_line(form.get("source", "")),
            moves=form.get("moves") == "1",
        )
        propose_bindings(session, current_actor(), service().clock, [wanted])

    return _done(item, work, _("已提出，待另一人批准"))


@pages.post("/catalog/<int:item>/prices")
@permits(Action.PROPOSE_PRICE)
def propose_price(item: int) -> Any:
    """Propose a price for the item."""
    form = request.form

    def work(session: Session) -> None:
        kind = form.get("kind", "")
        if kind not in set(PriceKind):
            raise Invalid(field="kind", reason=kind)
        wanted = ProposedPrice(
            item_id=item,
            kind=PriceKind(kind),
            amount=read_amount(form.get("amount", "")),
            valid_from=read_day(form.get("valid_from", "")),
            source=read_line(form.get("source", "")),
        )
        propose_prices(session, current_actor(), service().clock, [wanted])

    return _done(item, work, _("已提出，待另外两人批准"))


@pages.post("/catalog/<int:item>/certificate")
@permits(Action.SETTLE_CODES)
def propose_certificate(item: int) -> Any:
    """Propose which certificate covers the item, and how long it is valid."""
    form = request.form

    def work(session: Session) -> None:
        wanted = ProposedCertificate(
            item_id=item,
            number=form.get("number", ""),
            valid_from=read_day(form.get("valid_from", "")),
            valid_until=read_day(form.get("valid_until", "")),
            source=read_line(form.get("source", "")),
        )
        propose_certificates(session, current_actor(), service().clock, [wanted])

    return _done(item, work, _("已提出，待另一人批准"))


@pages.post("/catalog/<int:item>/retirement")
@permits(Action.APPROVE_CODES)
def retire(item: int) -> Any:
    """End one of the item's codes."""
    form = request.form

    def work(session: Session) -> None:
        retire_bindings(
            session,
            current_actor(),
            service().clock,
            read_ids([form.get("binding", "")]),
            why=form.get("why", ""),
            on=read_day(form.get("on", "")),
        )

    return _done(item, work, _("已停用"))


@pages.post("/catalog/<int:item>/waiver")
@permits(Action.APPROVE_CODES)
def waive(item: int) -> Any:
    """Allow that the item is received before it is settled or after its certificate ended, or end that."""
    form = request.form

    def work(session: Session) -> None:
        if form.get("close"):
            (waiver,) = read_ids([form["close"]]) or abort(404)
            close_waiver(session, current_actor(), service().clock, waiver)
            return
        grant_waiver(
            session,
            current_actor(),
            service().clock,
            item_id=item,
            why=form.get("why", ""),
            until=read_day(form.get("until", "")) or today(service().clock),
            kind=WaiverKind.CERTIFICATE if form.get("kind") == "certificate" else WaiverKind.UNSETTLED,
        )

    return _done(item, work, _("例外已关闭") if form.get("close") else _("已批准例外"))


@pages.get("/approvals")
@permits(Action.APPROVE_CODES)
def approvals_page() -> str | Answer:
    """What waits: codes or prices, and the exceptions that are open."""
    return _approvals()


@pages.post("/approvals/<kind>")
@permits(Action.APPROVE_CODES)
def decide(kind: str) -> Any:
    """Approve or reject those that were ticked, or approve all that wait."""
    if kind not in DECIDED:
        abort(404)
    form, actor, clock = request.form, current_actor(), service().clock
    why, source = form.get("why", ""), form.get("source", "")
    rejects, everything = form.get("act") == "reject", form.get("act") == "all"

    def work(session: Session) -> Receipt | int:
        if not everything:
            ids = read_ids(form.getlist("id"))
        elif kind == "certificates":
            ids = approvable_certificates(session, actor.id, source)
        else:
            ids = approvable(session, kind, actor.id, source)
        if rejects:
            return DECIDED[kind](session, actor, clock, ids, why=why)
        if kind == "codes":
            return approve_bindings(session, actor, clock, ids, skip_refused=True, why=why)
        if kind == "certificates":
            return approve_certificates(session, actor, clock, ids, skip_refused=True, why=why)
        return approve_prices(
            session, actor, clock, ids, skip_refused=True, exception=read_line(form.get("exception", ""))
        )

    try:
        receipt = in_request_transaction(work)
    except (Invalid, Conflict, NotFound) as refusal:
        return _approvals(kind, refused=refusal.message(current_language())), refusal.status
    if isinstance(receipt, int):
        flash(_("已退回 %(n)s 项", n=receipt))
    else:
        _tell(receipt)
    return redirect(url_for("catalogue.approvals_page", kind=kind, source=source or None), 303)


def _show(item_id: int, refused: str = "") -> str:
    actor, clock = current_actor(), service().clock
    day = read_day(request.args.get("on", "")) or today(clock)
    known_at = read_instant(request.args.get("known_at", ""), clock.zone)
    scopes = actor.scopes(Action.VIEW_STOCK)
    shown = in_request_transaction(lambda session: item_page(session, item_id, day, scopes, known_at))
    if shown is None:
        abort(404)
    return render_template(
        "item.html",
        item=shown,
        refused=refused,
        known_at=known_at,
        today=today(clock),
        may_propose=actor.may(Action.SETTLE_CODES),
        may_price=actor.may(Action.PROPOSE_PRICE),
        may_approve=actor.may(Action.APPROVE_CODES),
        missing=missing_text(shown.missing, current_language()),
        standings=standing_names(current_language()),
        certificate_states={state: names[current_language() == "en"] for state, names in STATES.items()},
        **words_of_the_catalogue(),
    )


def _approvals(kind: str | None = None, refused: str = "") -> str | Answer:
    actor, clock, page = current_actor(), service().clock, page_asked()
    kind = kind or request.args.get("kind", "codes")
    if kind not in (*DECIDED, "waivers"):
        kind = "codes"
    source = request.values.get("source", "")[:LONGEST_SEARCH]
    day = today(clock)

    def look(session: Session) -> dict[str, Any]:
        codes = waiting_codes(session, actor.id, day, source=source, page=page if kind == "codes" else 1)
        prices = waiting_prices(session, actor.id, day, source=source, page=page if kind == "prices" else 1)
        certificates = waiting_certificates(
            session, actor.id, day, source=source, page=page if kind == "certificates" else 1
        )
        return {
            "codes": codes,
            "prices": prices,
            "certificates": certificates,
            "waivers": open_waivers(session, day),
        }

    shown = in_request_transaction(look)
    waiting = shown[kind]
    if kind in DECIDED and page > waiting.pages:
        return redirect(_link(page=waiting.pages))
    lacks = {one.id: missing_text(one.missing, current_language()) for one in shown["waivers"]}
    return render_template(
        "approvals.html",
        kind=kind,
        source=source,
        refused=refused,
        lacks=lacks,
        link=_link,
        me=actor.id,
        may_approve=actor.may(Action.APPROVE_CODES),
        **shown,
        **words_of_the_catalogue(),
    )


def _done(item_id: int, work: Any, message: str) -> Any:
    try:
        in_request_transaction(work)
    except (Invalid, Conflict, NotFound) as refusal:
        return _show(item_id, refusal.message(current_language())), refusal.status
    flash(message)
    return redirect(url_for("catalogue.item", item=item_id), 303)


def _tell(receipt: Receipt) -> None:
    language = current_language()
    once = receipt.once if isinstance(receipt, PriceReceipt) else ()
    later = {} if isinstance(receipt, CertificateReceipt) else receipt.later
    excepted = receipt.excepted if isinstance(receipt, PriceReceipt) else ()
    if receipt.approved:
        flash(_("已批准 %(n)s 项", n=len(receipt.approved)))
    if excepted:
        flash(_("其中 %(n)s 项不符价格规则，已记为例外", n=len(excepted)))
    if once:
        flash(_("%(n)s 项已作第一次批准，待另一人", n=len(once)))
    if later:
        flash(_("其中 %(n)s 项因当日已有计费或批准较晚，自较晚之日起生效", n=len(later)))
    for problem in receipt.refused[:5]:
        flash(f"#{problem.binding_id} {problem_text(problem.code, problem.data, language)}")
    if len(receipt.refused) > 5:
        flash(_("另有 %(n)s 项未批准", n=len(receipt.refused) - 5))
    if not (receipt.approved or once or receipt.refused):
        flash(_("没有可批准的"))


def words_of_the_catalogue() -> dict[str, Any]:
    english = current_language() == "en"
    return {
        "systems": {system: names[english] for system, names in SYSTEMS.items()},
        "kinds": {kind: names[english] for kind, names in PRICE_KINDS.items()},
        "statuses": {status: names[english] for status, names in STATUSES.items()},
        "rules": {rule: names[english] for rule, names in PRICE_RULES.items()},
    }


def _meant(typed: str) -> str:
    """What is looked for: of a scanned symbol the item's code; else the words as typed."""
    if SEPARATOR in typed or typed.startswith(("]", "(01)", "01")):
        reading = parse(typed.encode(), today=today(service().clock), inhouse=service().labels)
        if reading.error is None and reading.di:
            return reading.di
    return typed.replace(SEPARATOR, "")


def _system(word: str) -> CodeSystem:
    if word not in set(CodeSystem):
        raise Invalid(field="system", reason=word)
    return CodeSystem(word)


def _link(**changes: Any) -> str:
    """This page with other arguments; a changed filter begins at the first page again."""
    kept = {**request.args, "page": None, **changes}
    arguments = {name: value for name, value in kept.items() if value not in (None, "")}
    if request.method == "POST":  # a refused decision is shown on the page it was made on
        return url_for("catalogue.approvals_page", **arguments)
    return url_for(request.endpoint or "", **{**arguments, **(request.view_args or {})})
