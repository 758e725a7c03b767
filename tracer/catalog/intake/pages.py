"""Uploads for people: a file is handed in, and how far it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from reconcile.registers.records import Register
from tracer.access.edge import (
    current_actor,
    current_language,
    in_request_transaction,
    permits,
    read,
    service,
)
from tracer.access.rules import Action
from tracer.catalog.intake.errors import NoFile, NoRoom, UnknownJob
from tracer.catalog.intake.folder import Folder, Incoming
from tracer.catalog.intake.jobs import HandIn, hand_in, stop
from tracer.catalog.intake.queries import JobView, find_job, list_jobs
from tracer.catalog.intake.tables import JobKind
from tracer.catalog.intake.words import LOOKS, state_names, steps_of
from tracer.catalog.registers.batches import PAGE, list_bad
from tracer.shared.errors import Invalid

LARGEST_UPLOAD = 64 * 2**30  # whether the disk has room is another question
LONGEST_FILE = 200
LARGEST_ID = 2**63 - 1
SEES = {JobKind.REGISTER: Action.VIEW_CODES, JobKind.EXPORT: Action.VIEW_MISMATCHES}
BACK = {JobKind.REGISTER: "registers_pages.registers_page", JobKind.EXPORT: "mismatches.exports"}

pages = Blueprint("intake", __name__, template_folder="templates")


def incoming(
    total_content_length: int | None,
    content_type: str | None,
    filename: str | None = None,
    content_length: int | None = None,
) -> Incoming:
    """What a file of a form is written into: straight into the folder where it will wait."""
    file = folder().receive(filename or "", total_content_length or 0)
    g.setdefault("incoming", []).append(file)
    return file


def folder() -> Folder:
    return Folder(service().settings.intake_root)


@pages.teardown_app_request
def _let_go(_: BaseException | None) -> None:
    # Also of an upload that broke off, which never becomes a file of the form.
    for file in g.pop("incoming", ()):
        file.close()


def take_upload(kind: JobKind, asked: Callable[[], dict[str, Any]]) -> Response:
    """Hand in the form's file and lead to its page. `asked` says what for. Raises NoFile, NoRoom, Invalid."""
    given = request.files.get("file")
    if given is None or not given.filename:
        raise NoFile()
    name = "".join(c for c in Path(given.filename).name if c.isprintable())[:LONGEST_FILE] or "?"
    wanted, file = asked(), given.stream
    assert isinstance(file, Incoming)
    if not file.settle():
        raise NoRoom(file=name)
    if not file.size:
        raise NoFile()
    actor, clock, here = current_actor(), service().clock, folder()
    command = HandIn(kind, name, file.size, here.place, file.path.name, wanted)
    number = in_request_transaction(lambda session: hand_in(session, actor, clock, command))
    file.keep()
    return redirect(url_for("intake.job_page", number=number), 303)


@pages.post("/registers/uploads")
@permits(Action.IMPORT_CODES, at_most=LARGEST_UPLOAD, into=incoming)
def upload_register() -> Response:
    """A release of a register."""
    return take_upload(JobKind.REGISTER, _register)


def _register() -> dict[str, str]:
    wanted = request.form.get("register", "")
    if wanted and wanted not in set(Register):
        raise Invalid(field="register", reason="?")
    return {"register": wanted}


@pages.get("/intake/<int:number>")
@permits(Action.VIEW_CODES)
def job_page(number: int) -> str:
    """How far one file is, and what came of it."""
    job = read(lambda connection: find_job(connection, number)) if number <= LARGEST_ID else None
    if job is None:
        abort(404)
    current_actor().must(SEES[JobKind(job.kind)])
    batch = job.batch_id
    bad = read(lambda connection: list_bad(connection, batch, most=PAGE)) if batch and not job.is_open else []
    return render_template(
        "intake_job.html", job=job, bad=bad, back=url_for(BACK[JobKind(job.kind)]), **shown([job])
    )


@pages.post("/intake/<int:number>/stop")
@permits(Action.IMPORT_CODES)
def stop_job(number: int) -> Response:
    if number > LARGEST_ID:
        raise UnknownJob(id=number)
    actor, clock = current_actor(), service().clock
    in_request_transaction(lambda session: stop(session, actor, clock, number))
    return redirect(url_for("intake.job_page", number=number), 303)


def shown_uploads(kind: JobKind) -> dict[str, Any]:
    """What `intake_parts.html` needs to list the newest of a kind."""
    jobs = read(lambda connection: list_jobs(connection, kind))
    return {"uploads": jobs, **shown(jobs)}


def shown(jobs: list[JobView]) -> dict[str, Any]:
    language = current_language()
    return {
        "may_import": current_actor().may(Action.IMPORT_CODES),
        "state_names": state_names(),
        "looks": LOOKS,
        "steps": {kind: steps_of(kind, language) for kind in {job.kind for job in jobs}},
    }
