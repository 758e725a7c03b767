"""The registers for people: what they say of a code, and how far their imports are."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, render_template, request

from scanners import parse
from tracer.access.edge import current_language, permits, read, service
from tracer.access.rules import Action
from tracer.catalog.intake.pages import shown_uploads
from tracer.catalog.intake.tables import JobKind
from tracer.catalog.registers.batches import PAGE, find_batch, list_bad, list_batches
from tracer.catalog.registers.errors import SearchTooShort
from tracer.catalog.registers.facts import register_facts
from tracer.catalog.registers.searching import LONGEST_SEARCH, Found, search_registers
from tracer.catalog.registers.tables import BatchStatus
from tracer.catalog.registers.words import kind_names, register_names, status_names
from tracer.shared.clock import today

SEPARATOR = "\x1d"
LARGEST_ID = 2**63 - 1
NO_UPLOADS: dict[str, Any] = {"uploads": [], "may_import": False}

pages = Blueprint("registers_pages", __name__, template_folder="templates")


@pages.get("/registers")
@permits(Action.VIEW_CODES)
def registers_page() -> str:
    """Search, and the newest imports; while one runs, the page comes again by itself."""
    typed = request.args.get("q", "")[:LONGEST_SEARCH]
    search = "".join(one for one in typed if one.isprintable() or one == SEPARATOR).strip(" ")
    wanted = _meant(search)
    fact, found, refused = None, None, ""
    if wanted:
        fact = read(lambda connection: register_facts(connection, wanted))
        if fact is None:
            try:
                found = read(lambda connection: search_registers(connection, wanted))
            except SearchTooShort as error:
                found, refused = Found((), False), error.message(current_language())
    batches = read(list_batches)
    uploads = shown_uploads(JobKind.REGISTER) if not search else NO_UPLOADS
    running = any(batch.status == BatchStatus.RUNNING for batch in batches)
    running |= any(job.is_open for job in uploads["uploads"])
    return render_template(
        "registers.html",
        search=search.replace(SEPARATOR, ""),
        fact=fact,
        found=found,
        refused=refused,
        batches=batches,
        again=running and not search,
        registers=register_names(),
        kinds=kind_names(),
        statuses=status_names(),
        **uploads,
    )


@pages.get("/registers/imports/<int:number>")
@permits(Action.VIEW_CODES)
def import_page(number: int) -> str:
    """One import and what of it could not be read, in the order of the file."""
    if number > LARGEST_ID:
        abort(404)
    after = request.args.get("after", "0")
    behind = min(int(after), LARGEST_ID) if after.isascii() and after.isdigit() and len(after) < 20 else 0
    batch = read(lambda connection: find_batch(connection, number))
    if batch is None:
        abort(404)
    bad = read(lambda connection: list_bad(connection, number, after=behind, most=PAGE + 1))
    return render_template(
        "register_import.html",
        batch=batch,
        bad=bad[:PAGE],
        behind=behind,
        more=len(bad) > PAGE,
        registers=register_names(),
        statuses=status_names(),
    )


def _meant(search: str) -> str:
    """Of a scanned symbol its identifier, else the words as typed."""
    if not search:
        return ""
    reading = parse(search.encode(), today=today(service().clock), inhouse=service().labels)
    return reading.di if reading.error is None and reading.di else search.replace(SEPARATOR, "")
