"""The supplier's own pages: its items, one item, what became of its entries, files."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Answer

from tracer.access.apart import apart
from tracer.access.edge import current_actor, current_language, in_request_transaction, permits, service
from tracer.access.rules import Action
from tracer.catalog.certificates.words import standing_names
from tracer.catalog.suppliers import queries, words
from tracer.catalog.suppliers.entering import enter_file, enter_one
from tracer.catalog.suppliers.errors import NoSupplier
from tracer.catalog.suppliers.owning import SupplierRef, find_supplier_of, supplier_of
from tracer.catalog.suppliers.reading import TO_FILL_IN
from tracer.catalog.suppliers.rules import OPEN, Certified, Field, Outcome, State
from tracer.catalog.suppliers.withdrawing import withdraw
from tracer.catalog.suppliers.writing import MEDIA, report, template
from tracer.shared.errors import Conflict, Invalid

LARGEST_ID = 2**63 - 1
LAST_PAGE = 10_000
LONGEST_SEARCH = 100
T = TypeVar("T")

pages = Blueprint("supplier", __name__, template_folder="templates")


@pages.get("/supplier")
@permits(Action.SUPPLY)
def items_page() -> str | Answer:
    """What the supplier sells here: what came back first, then what lacks something."""
    found = in_request_transaction(lambda db: find_supplier_of(db, current_actor()))
    if found is None:
        return render_template("supplier_nobody.html")
    only = request.args.get("only", "")
    only = only if only in queries.FILTERS else ""
    sought, page = printable(request.args.get("q", "")), page_number()

    def look(db: Session, supplier: SupplierRef) -> dict[str, Any]:
        clock = service().clock
        return {
            "totals": queries.totals(db, supplier, clock),
            "found": queries.sold_items(db, supplier, clock, words=sought, only=only, page=page),
        }

    shown = _look(look)
    if page > shown["found"].pages:
        return redirect(link(page=shown["found"].pages))
    return render_template("supplier_items.html", sought=sought, only=only, link=link, **names(), **shown)


@pages.get("/supplier/items/<int:item>")
@permits(Action.SUPPLY)
def item_page(item: int) -> str:
    """One item: what holds, a form for what the supplier knows of it, and what became of it."""
    return _show_item(item)


@pages.post("/supplier/items/<int:item>")
@permits(Action.SUPPLY)
def enter(item: int) -> Any:
    """Submit what the form says; what it says already changes nothing."""
    actor, clock, form, language = current_actor(), service().clock, request.form, current_language()
    given = {str(column): form.get(column, "")[:500] for column in TO_FILL_IN}
    if item > LARGEST_ID:
        item = 0
    try:
        done = in_request_transaction(lambda db: enter_one(db, actor, clock, item, given, language))
    except (Invalid, Conflict) as refusal:
        return _show_item(item, refusal.message(language), given), refusal.status
    flash(_("已提交，待医院审核") if done.taken else _("与现行或已提交的相同，没有变化"))
    return redirect(url_for("supplier.item_page", item=item), 303)


@pages.get("/supplier/entries")
@permits(Action.SUPPLY)
def entries_page() -> str | Answer:
    """What the supplier has entered, the newest first, and what became of it."""
    asked = request.args.get("state", "")
    state = asked if asked in set(State) else ""
    page = page_number()
    shown = _look(lambda db, supplier: {"found": queries.entries(db, supplier, state=state, page=page)})
    if page > shown["found"].pages:
        return redirect(link(page=shown["found"].pages))
    return render_template("supplier_entries.html", state=state, link=link, **names(), **shown)


@pages.post("/supplier/entries/<int:entry>/withdrawal")
@permits(Action.SUPPLY)
def take_back(entry: int) -> Any:
    """Take back what nobody has decided yet."""
    actor, clock = current_actor(), service().clock
    try:
        in_request_transaction(lambda db: withdraw(db, actor, clock, min(entry, LARGEST_ID)))
    except Conflict as refusal:
        flash(refusal.message(current_language()))
    else:
        flash(_("已撤回"))
    back = request.form.get("item", "")
    if back.isascii() and back.isdigit() and len(back) < 19:
        return redirect(url_for("supplier.item_page", item=int(back)), 303)
    return redirect(url_for("supplier.entries_page"), 303)


@pages.get("/supplier/template.<string:format_>")
@permits(Action.SUPPLY)
def template_file(format_: str) -> Response:
    """The supplier's items with what holds, to be filled in and sent back."""
    if format_ not in MEDIA:
        format_ = "xlsx"
    language, clock = current_language(), service().clock
    items = _look(lambda db, supplier: queries.sold_items(db, supplier, clock, most=None))
    return as_file(template(items.rows, language, format_), f"items.{format_}", format_)


@pages.get("/supplier/upload")
@permits(Action.SUPPLY)
def upload_page() -> str:
    return _show_uploads()


@pages.post("/supplier/upload")
@permits(Action.SUPPLY)
def upload() -> Any:
    """A whole file; every row of it is answered."""
    actor, clock = current_actor(), service().clock
    given = request.files.get("file")
    try:
        if given is None or not given.filename:
            raise Invalid(field="file", reason="请选择文件 / choose a file")
        file = printable(Path(given.filename).name) or "file"
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"entries{Path(file).suffix.lower()[:8]}"
            given.save(path)
            done = apart(enter_file, actor, clock, path, file)
    except (Invalid, NoSupplier) as refusal:
        return _show_uploads(refusal.message(current_language())), refusal.status
    if done.unknown:
        flash(_("不认识的列，未读取：%(columns)s", columns="、".join(done.unknown[:8])))
    return redirect(url_for("supplier.answers_page", upload=done.upload_id), 303)


@pages.get("/supplier/uploads/<int:upload>")
@permits(Action.SUPPLY)
def answers_page(upload: int) -> Any:
    """How each row of a file was answered; as a file by `format`."""
    number, page = min(upload, LARGEST_ID), page_number()
    outcome, format_ = request.args.get("outcome", ""), request.args.get("format", "")
    outcome = outcome if outcome in set(Outcome) else ""
    most = None if format_ in MEDIA else queries.PAGE

    def look(db: Session, supplier: SupplierRef) -> dict[str, Any]:
        one = queries.upload(db, supplier, number)
        rows = queries.answers(db, one.id, outcome=outcome, page=1 if most is None else page, most=most)
        return {"upload": one, "rows": rows}

    shown = _look(look)
    if format_ in MEDIA:
        content = report(shown["rows"], current_language(), format_)
        return as_file(content, f"answers-{number}.{format_}", format_)
    one = shown["upload"]
    counts = {Outcome.TAKEN: one.taken, Outcome.UNCHANGED: one.unchanged, Outcome.REFUSED: one.refused}
    found = counts[Outcome(outcome)] if outcome else sum(counts.values())
    return render_template(
        "supplier_answers.html",
        outcome=outcome,
        counts=counts,
        page=page,
        last=max(1, -(-found // queries.PAGE)),
        link=link,
        **names(),
        **shown,
    )


def _show_item(item: int, refused: str = "", given: dict[str, str] | None = None) -> str:
    clock, page = service().clock, page_number()
    number = min(item, LARGEST_ID)

    def look(db: Session, supplier: SupplierRef) -> dict[str, Any]:
        return {
            "item": queries.sold_item(db, supplier, clock, number),
            "found": queries.entries(db, supplier, item=number, page=page),
        }

    shown = _look(look)
    return render_template(
        "supplier_item.html",
        refused=refused,
        filled=given or _filled(shown["item"], shown["found"].rows),
        link=link,
        **names(),
        **shown,
    )


def _filled(item: queries.SoldItem, said: tuple[queries.Entry, ...]) -> dict[str, str]:
    """What the form begins with: what waits, else what holds."""
    until = item.certificate_until
    begins = {
        "insurance": item.insurance or "",
        "udi": item.udi or "",
        "certificate": item.certificate,
        "valid_until": until.isoformat() if until else "",
        "price": "" if item.price is None else str(item.price),
    }
    for entry in reversed(said):
        if entry.state not in OPEN:
            continue
        if isinstance(entry.value, Certified):
            begins["certificate"] = entry.value.number
            begins["valid_until"] = entry.value.until.isoformat() if entry.value.until else ""
        else:
            begins[str(entry.field)] = str(entry.value)
    return begins


def _show_uploads(refused: str = "") -> str:
    shown = _look(lambda db, supplier: {"uploads": queries.uploads(db, supplier)})
    return render_template("supplier_upload.html", refused=refused, **names(), **shown)


def _look(work: Callable[[Session, SupplierRef], T]) -> T:
    """Read something of the supplier's, and nothing before it is known which that is."""
    actor = current_actor()
    return in_request_transaction(lambda db: work(db, supplier_of(db, actor)))


# --- shared with the office's pages ----------------------------------------------------------------------


def names() -> dict[str, Any]:
    """What things are called, in the reader's language; and whose pages these are."""
    language = current_language()
    return {
        "fields": words.chosen(words.FIELDS, language),
        "states": words.chosen(words.STATES, language),
        "outcomes": words.chosen(words.OUTCOMES, language),
        "doubt_names": words.chosen(words.DOUBTS, language),
        "standings": standing_names(language),
        "Field": Field,
    }


def as_file(content: bytes, name: str, format_: str) -> Response:
    answer = Response(content, mimetype=MEDIA[format_])
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def printable(text: str) -> str:
    return "".join(c for c in text if c.isprintable()).strip()[:LONGEST_SEARCH]


def page_number() -> int:
    wanted = request.args.get("page", "1")
    return min(max(int(wanted[:9]), 1), LAST_PAGE) if wanted.isascii() and wanted.isdigit() else 1


def link(**changed: Any) -> str:
    """This page with other arguments; a changed filter begins at the first page again."""
    kept = {**request.args, "page": None, **changed}
    arguments = {name: value for name, value in kept.items() if value not in (None, "")}
    return url_for(str(request.endpoint), **{**arguments, **(request.view_args or {})})
