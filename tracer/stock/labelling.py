"""Labelling: the in-house labels of pieces, printed; and printed again, which is told in the audit.

A label names one physical piece. A second copy on another piece would give two pieces one name, so
whoever prints one again says why; nobody is kept from it, since labels tear and printers jam.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from scanners.inhouse import InHouse, make
from tracer.access import audit
from tracer.access.rules import Action, Actor
from tracer.shared.clock import Clock
from tracer.shared.errors import Invalid
from tracer.stock.errors import (
    LabelNotPrintable,
    LabelTooSmall,
    NoChineseFont,
    NothingToLabel,
    ReasonNeeded,
    SheetInLabelPrinter,
    UnknownLabel,
)
from tracer.stock.pieces import MOST_PIECES, PRINTED, Piece, pieces_by_label
from tracer.stock.places import list_places
from tracer.stock.rules import asks_why

# What draws labels is loaded when the first is drawn: a worker that prints none need not wait for it.

FORMATS = {"pdf": "application/pdf", "zpl": "application/zpl"}
SYMBOLOGIES = ("code128", "datamatrix", "qr")
RESOLUTIONS = (203, 300, 600)
LONGEST_REASON = 200
LONGEST_NAME = 100  # characters; of more than that no label shows any
# The number of the label that a look shows: no piece has it, so a picture of it names none.
SPECIMEN = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintLabels:
    """Labels of pieces, in this order. `start` is the first free position of a sheet that was begun."""

    labels: tuple[str, ...]
    stock: str
    format: str = "pdf"
    symbology: str = "code128"
    dpi: int = 203
    start: int = 1
    why: str = ""


@dataclass(frozen=True, slots=True)
class PrintedLabels:
    """A file for a printer."""

    content: bytes
    mimetype: str
    name: str
    pieces: int


def print_labels(
    session: Session,
    actor: Actor,
    command: PrintLabels,
    clock: Clock,
    labels: InHouse | None = None,
    font: str | None = None,
) -> PrintedLabels:
    """Draw the labels, and record for each piece who printed it, when, and why again.

    Raises Forbidden, NothingToLabel, UnknownLabel, ReasonNeeded, Invalid, LabelTooSmall, NoChineseFont,
    SheetInLabelPrinter, LabelNotPrintable; then nothing was recorded.
    """
    actor.must(Action.RECEIVE)
    wanted = tuple(dict.fromkeys(command.labels))
    why = " ".join(command.why.split())
    _check(wanted, command, why)
    found = {piece.label: piece for piece in pieces_by_label(session, _places(session, actor), wanted)}
    for label in wanted:
        if label not in found:
            raise UnknownLabel(label=label)
    pieces = [found[label] for label in wanted]
    now = clock.now()
    for piece in pieces:
        if not why and asks_why(piece.printed_at, piece.printed_by_id, actor.id, now):
            raise ReasonNeeded(label=piece.label, person=piece.printed_by or "", times=piece.printed)
    content = _drawn(pieces, command, labels or InHouse(), font)
    for piece in pieces:
        audit.record(
            session,
            actor,
            clock,
            action=PRINTED,
            subject="unit",
            subject_id=piece.label,
            before={"printed": piece.printed},
            after={"printed": piece.printed + 1, "stock": command.stock, "format": command.format},
            why=why or None,
        )
    name = f"labels-{now.astimezone(clock.zone):%Y%m%d-%H%M%S}.{command.format}"
    return PrintedLabels(content, FORMATS[command.format], name, len(pieces))


def specimen(
    session: Session, actor: Actor, label: str, stock: str, symbology: str, dpi: int, font: str | None
) -> bytes:
    """How a piece's label will look, with another number: a PNG that names no piece.

    Raises Forbidden, UnknownLabel, Invalid and what does not fit, as `print_labels`.
    """
    actor.must(Action.RECEIVE)
    pieces = pieces_by_label(session, _places(session, actor), [label])
    if not pieces:
        raise UnknownLabel(label=label)
    command = PrintLabels(labels=(label,), stock=stock, symbology=symbology, dpi=dpi)
    _check((label,), command, "")
    return _drawn(pieces, command, InHouse(), font, as_specimen=True)


def lines_of(piece: Piece) -> tuple[list[str], list[str]]:
    """What a label says beside its number: names, whose end a small label leaves out, and facts."""
    facts = []
    if piece.lot:
        facts.append(f"批号 {piece.lot}")
    if piece.expiry:
        facts.append(f"效期 {piece.expiry.isoformat()}")
    return [piece.name[:LONGEST_NAME], piece.specification[:LONGEST_NAME]], facts


def _places(session: Session, actor: Actor) -> list[Any]:
    return list_places(session, actor, Action.RECEIVE)


def _check(labels: tuple[str, ...], command: PrintLabels, why: str) -> None:
    from scanners.labels import STOCKS

    if not labels:
        raise NothingToLabel()
    if len(labels) > MOST_PIECES:
        raise Invalid(field="labels", reason=f"{len(labels)}: 1–{MOST_PIECES}")
    for field, value, allowed in (
        ("format", command.format, FORMATS),
        ("symbology", command.symbology, SYMBOLOGIES),
        ("stock", command.stock, STOCKS),
        ("dpi", command.dpi, RESOLUTIONS),
    ):
        if value not in allowed:
            raise Invalid(field=field, reason=f"{value}: {', '.join(map(str, allowed))}")
    stock = STOCKS[command.stock]
    if command.format == "zpl" and stock.page_mm is not None:
        raise SheetInLabelPrinter(stock=stock.name)
    if not 1 <= command.start <= stock.labels_a_page:
        raise Invalid(field="start", reason=f"{command.start}: 1–{stock.labels_a_page}")
    if len(why) > LONGEST_REASON:
        raise Invalid(field="why", reason=f"{len(why)}: 0–{LONGEST_REASON}")


def _drawn(
    pieces: list[Piece], command: PrintLabels, labels: InHouse, font: str | None, *, as_specimen: bool = False
) -> bytes:
    from scanners.labels import STOCKS, Label, LabelError, LabelFault, printable, render

    stock = STOCKS[command.stock]
    try:
        wanted = []
        for piece in pieces:
            number = make(SPECIMEN, labels) if as_specimen else piece.label
            names, facts = ([printable(line) for line in part if line.strip()] for part in lines_of(piece))
            wanted.append(Label(number, (*names, *facts), names=len(names)))
        return render(
            wanted,
            symbology=command.symbology,
            format="png" if as_specimen else command.format,
            stock=stock.alone() if as_specimen else stock,
            dpi=command.dpi if stock.page_mm is None else None,
            start=command.start,
            font=font,
            inhouse=labels,
        )
    except LabelError as error:
        if error.fault is LabelFault.DOES_NOT_FIT:
            raise LabelTooSmall(label=error.label, stock=stock.name) from error
        if error.fault is LabelFault.NO_FONT:
            raise NoChineseFont() from error
        raise LabelNotPrintable(label=error.label, reason=str(error)) from error
