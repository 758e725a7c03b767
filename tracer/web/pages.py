"""Sign-in, sign-out, the language, and the way from `/` to a person's first page."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from tracer.access.edge import (
    LANGUAGE,
    SECRET,
    current_actor,
    current_language,
    in_request_transaction,
    origin,
    public,
    service,
    signed_in,
)
from tracer.access.errors import NotSignedIn
from tracer.access.people import choose_language
from tracer.access.signing_in import SignedIn, sign_in, sign_out
from tracer.settings import LANGUAGES
from tracer.web.navigation import first_place_of

pages = Blueprint("web", __name__)


@pages.get("/")
@signed_in
def home() -> Response | str:
    """To the page this person's day begins with."""
    place = first_place_of(current_actor())
    return redirect(place.path) if place else render_template("no_pages.html")


@pages.get("/sign-in", endpoint="sign_in")
@public
def show_sign_in() -> Response | str:
    """The form; who is signed in already goes on."""
    try:
        current_actor()
    except NotSignedIn:
        return _form()
    return redirect(local_path(request.args.get("next")))


@pages.post("/sign-in", endpoint="do_sign_in")
@public
def do_sign_in() -> Response | tuple[str, int, dict[str, str]]:
    """Begin a session, under a new secret."""
    here, wanted = service(), request.form
    username, password = wanted.get("username", ""), wanted.get("password", "")
    outcome = in_request_transaction(
        lambda db: sign_in(
            db,
            username,
            password,
            here.clock,
            origin(),
            hours=here.settings.session_hours,
            replaces=session.get(SECRET),
        )
    )
    if not isinstance(outcome, SignedIn):
        seconds = outcome.data.get("seconds")
        message = outcome.message(current_language())
        headers = {"Retry-After": str(seconds)} if seconds else {}
        return _form(username=username, message=message), outcome.status, headers
    # Nothing of the anonymous session lives on: neither its secret nor its CSRF token.
    chosen = session.get(LANGUAGE) or outcome.language
    session.clear()
    session[SECRET], session[LANGUAGE] = outcome.secret, chosen
    if chosen != outcome.language:
        in_request_transaction(lambda db: choose_language(db, outcome.actor, chosen))
    return redirect(local_path(wanted.get("next")), 303)


@pages.post("/sign-out")
@public
def do_sign_out() -> Response:
    """End the session on the server, and forget it in the browser."""
    secret, chosen = session.get(SECRET), session.get(LANGUAGE)
    if isinstance(secret, str):
        in_request_transaction(lambda db: sign_out(db, secret, service().clock, origin()))
    session.clear()
    if chosen:
        session[LANGUAGE] = chosen
    return redirect(url_for("web.sign_in"), 303)


@pages.post("/language")
@public
def change_language() -> Response:
    """Read everything in the other language from now on."""
    language = request.form.get("language", "")
    if language in LANGUAGES:
        session[LANGUAGE] = language
        if session.get(SECRET):
            try:
                actor = current_actor()
            except NotSignedIn:
                pass
            else:
                in_request_transaction(lambda db: choose_language(db, actor, language))
    return redirect(local_path(request.form.get("next")), 303)


def local_path(target: str | None) -> str:
    """The target if it is a path on this service, else `/`: no link of ours leads a person elsewhere."""
    if not target or not target.startswith("/") or "\\" in target or not target.isprintable():
        return "/"
    try:
        parts = urlsplit(target)
    except ValueError:
        return "/"
    return "/" if parts.scheme or parts.netloc or target.startswith("//") else target


def _form(**values: Any) -> str:
    wanted = request.form.get("next") or request.args.get("next")
    return render_template("sign_in.html", next=local_path(wanted), **values)
