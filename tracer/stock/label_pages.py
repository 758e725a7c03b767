"""The storekeeper's labels: what was received and lies here, and its labels to print."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, flash, render_template, request, session, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from tracer.access.edge import current_actor, current_language, in_request_transaction, permits, service
from tracer.access.rules import Action
from tracer.shared.clock import today
from tracer.shared.errors import Invalid, Refusal
from tracer.stock.labelling import (
    RESOLUTIONS,
    SYMBOLOGIES,
    PrintLabels,
    print_labels,
    specimen,
)
from tracer.stock.pieces import MOST_PIECES, NEWEST, Piece, list_batches, pieces_by_label, pieces_of_batch
from tracer.stock.places import get_place, list_places

LONGEST_SEARCH = 200
LAST_PAGE = 1_000
# What was chosen last on this machine, whose printer does not change from one label to the next.
PRINTER = "label_printer"
USUAL = {"stock": "40x30", "format": "pdf", "symbology": "code128", "dpi": "203", "start": "1"}

pages = Blueprint("labels", __name__, template_folder="templates")


@pages.get("/stock/labels")
@permits(Action.RECEIVE)
def batches_page() -> str:
    """What was received last, with how many labels were never printed; or what a search finds."""
    actor, clock = current_actor(), service().clock
    search = _printable(request.args.get("q", ""))
    unprinted, page = request.args.get("unprinted") == "1", _number("page", 1, LAST_PAGE)

    def look(db: Session) -> dict[str, Any]:
        places = list_places(db, actor, Action.RECEIVE)
        wanted = request.args.get("location", "")
        chosen = [get_place(db, actor, Action.RECEIVE, wanted)] if wanted else places
        found = list_batches(
            db,
            chosen,
            zone=clock.zone,
            today=today(clock),
            search=search,
            unprinted=unprinted,
            page=page,
        )
        return {"shelves": places, "location": wanted, "found": found}

    return render_template(
        "label_batches.html",
        search=search,
        unprinted=unprinted,
        newest=NEWEST,
        link=_link,
        **in_request_transaction(look),
    )


@pages.get("/stock/labels/pieces")
@permits(Action.RECEIVE)
def pieces_page() -> str:
    """The pieces of a batch, or one piece by its label, to choose from."""
    return _show_pieces()


@pages.post("/stock/labels/print")
@permits(Action.RECEIVE)
def print_page() -> AnyResponse | tuple[str, int]:
    """The labels as a file; or the page again, with the reason why not."""
    here, actor = service(), current_actor()
    try:
        command = _command()
        made = in_request_transaction(
            lambda db: print_labels(db, actor, command, here.clock, here.labels, _font())
        )
    except Refusal as refusal:
        if refusal.status in (403, 404) or "json" in request.headers.get("Accept", ""):
            raise  # the page's own script shows the sentence, and keeps what was chosen
        return _show_pieces(refused=refusal.message(current_language())), refusal.status
    session[PRINTER] = {name: request.form.get(name, usual) for name, usual in USUAL.items()} | {"start": "1"}
    flash(_("已记录打印 %(n)s 枚标签：%(file)s", n=made.pieces, file=made.name))
    answer = Response(made.content, mimetype=made.mimetype)
    answer.headers["Content-Disposition"] = f'attachment; filename="{made.name}"'
    return answer


@pages.get("/stock/labels/specimen.png")
@permits(Action.RECEIVE)
def specimen_picture() -> Response:
    """How a piece's label will look; the number on it is no piece's."""
    actor = current_actor()
    asked = {name: request.args.get(name, usual) for name, usual in USUAL.items()}
    content = in_request_transaction(
        lambda db: specimen(
            db,
            actor,
            _printable(request.args.get("label", "")),
            asked["stock"],
            asked["symbology"],
            _whole("dpi", asked["dpi"]),
            _font(),
        )
    )
    return Response(content, mimetype="image/png")


def _show_pieces(refused: str | None = None) -> str:
    actor, here = current_actor(), service()
    asked = request.values
    label = _printable(asked.get("label", ""))
    batch = {name: asked.get(name, "") for name in ("location", "item", "lot", "day")}

    def look(db: Session) -> list[Piece]:
        if label:
            return pieces_by_label(db, list_places(db, actor, Action.RECEIVE), [label])
        place = get_place(db, actor, Action.RECEIVE, batch["location"])
        return pieces_of_batch(
            db,
            place,
            item_id=_whole("item", batch["item"]),
            lot=batch["lot"],
            day=_day(batch["day"]),
            zone=here.clock.zone,
        )

    pieces = in_request_transaction(look)
    if not pieces:
        raise NotFound()
    from scanners.labels import STOCKS  # it brings what draws labels, which a start need not wait for

    before = session.get(PRINTER, {})
    chosen = set(request.form.getlist("unit")) if request.method == "POST" else None
    return render_template(
        "label_pieces.html",
        pieces=pieces,
        most=MOST_PIECES,
        chosen=chosen if chosen is not None else _first_choice(pieces),
        printed=any(piece.printed for piece in pieces),
        again=f"{url_for('labels.pieces_page')}?{urlencode({'label': label} if label else batch)}",
        stocks=STOCKS.values(),
        symbologies=SYMBOLOGIES,
        symbology_names={"code128": _("Code 128 一维码"), "datamatrix": "DataMatrix", "qr": _("QR 码")},
        resolutions=RESOLUTIONS,
        printer={name: asked.get(name, before.get(name, usual)) for name, usual in USUAL.items()},
        why=request.form.get("why", ""),
        label=label,
        batch=batch,
        refused=refused,
    )


def _first_choice(pieces: list[Piece]) -> set[str]:
    """What has no label yet; a piece that was asked for alone; nothing that would be a second label."""
    if len(pieces) == 1:
        return {pieces[0].label}
    return {piece.label for piece in pieces if not piece.printed}


def _command() -> PrintLabels:
    form = request.form
    return PrintLabels(
        labels=tuple(form.getlist("unit")),
        stock=form.get("stock", ""),
        format=form.get("format", ""),
        symbology=form.get("symbology", ""),
        dpi=_whole("dpi", form.get("dpi", "")),
        start=_whole("start", form.get("start") or USUAL["start"]),
        why=form.get("why", ""),
    )


def _font() -> str | None:
    path = service().settings.label_font
    return str(path) if path else None


def _whole(field: str, text: str) -> int:
    """Raises Invalid for what is no number that a form of ours sends."""
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Invalid(field=field, reason=text[:40])
    return int(text)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(field="day", reason=text[:40]) from None


def _printable(text: str) -> str:
    return "".join(one for one in text[:LONGEST_SEARCH] if one.isprintable()).strip()


def _number(name: str, usual: int, most: int) -> int:
    text = request.args.get(name, "")
    return min(max(int(text), 1), most) if text.isascii() and text.isdigit() and len(text) < 10 else usual


def _link(**changes: Any) -> str:
    arguments = {**request.args, "page": None, **changes}
    return url_for("labels.batches_page", **{k: v for k, v in arguments.items() if v not in (None, "")})
