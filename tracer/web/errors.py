"""What becomes of an exception: a problem document for programs, a page for people.

A refusal is 4xx and says why; a database that is away is 503 and says when to come back; anything
else is our fault, is logged in full, and tells the caller nothing of its inside.
"""

from __future__ import annotations

from contextlib import suppress

from flask import Flask, redirect, render_template, request, url_for
from sqlalchemy.exc import DataError, DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from tracer.access.edge import current_actor, current_language
from tracer.access.errors import KeyInFlight, NotSignedIn, TooManyAttempts
from tracer.charging.errors import ImagesBusy
from tracer.db.transaction import RETRYABLE, constraint_of, sqlstate
from tracer.shared.errors import Invalid, Refusal
from tracer.web.problems import WORDS, problem, sentence, title, wants_json

# Beside everything psycopg calls operational: a server that was made read-only, or is a standby.
READ_ONLY = "25006"


class DatabaseMistake(RuntimeError):
    """A statement of ours that the database would not carry out, without the values that were in it.

    The driver's own text quotes rows and parameters: patients and serial numbers, which no log may hold.
    """


def install_error_handlers(app: Flask) -> None:
    """Answer every exception of an application in one shape."""
    app.register_error_handler(Refusal, on_refusal)
    app.register_error_handler(HTTPException, on_http_exception)
    app.register_error_handler(DBAPIError, on_database_error)
    app.register_error_handler(NoConnectionFree, lambda _: unavailable())


def on_refusal(refusal: Refusal) -> Response:
    """A refusal of ours."""
    if isinstance(refusal, NotSignedIn) and not wants_json():
        wanted = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("web.sign_in", next=wanted if wanted != "/" else None))
    answer = _answer(refusal.status, refusal.code, sentence(refusal, current_language()), refusal.data)
    if refusal.status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    if isinstance(refusal, KeyInFlight):
        answer.headers["Retry-After"] = "1"
    if isinstance(refusal, TooManyAttempts | ImagesBusy):
        answer.headers["Retry-After"] = str(refusal.data["seconds"])
    return answer


def on_http_exception(error: HTTPException) -> Response:
    """A refusal of Flask's: no such address, another method, too large."""
    if error.response is not None:
        return error.response  # type: ignore[return-value]
    status = error.code or 500
    if status < 400:
        return error.get_response()
    code, zh, en = WORDS.get(status) or WORDS[400 if status < 500 else 500]
    if status < 500 and not wants_json():
        # Whoever is signed in and took a wrong turn still sees where they can go.
        with suppress(NotSignedIn, SQLAlchemyError):
            current_actor()
    answer = _answer(status, code, en if current_language() == "en" else zh)
    for name in ("Allow", "Retry-After"):
        if value := dict(error.get_headers()).get(name):
            answer.headers[name] = value
    return answer


def on_database_error(error: DBAPIError) -> Response:
    """The database is away, or was given a value it cannot hold; otherwise a mistake of ours."""
    if isinstance(error, DataError):
        reason = "a value is out of range" if current_language() == "en" else "有数值或文本无法保存"
        return on_refusal(Invalid(field="request", reason=reason))
    away = isinstance(error, OperationalError | InterfaceError) or error.connection_invalidated
    if away or sqlstate(error) in RETRYABLE | {READ_ONLY}:
        return unavailable()
    told = f"{sqlstate(error)} {constraint_of(error) or ''}".strip()
    raise DatabaseMistake(told).with_traceback(error.__traceback__) from None


def unavailable() -> Response:
    """Nothing was done; ask again in a second."""
    code, zh, en = WORDS[503]
    answer = _answer(503, code, en if current_language() == "en" else zh)
    answer.headers["Retry-After"] = "1"
    return answer


def _answer(status: int, code: str, detail: str, data: dict[str, object] | None = None) -> Response:
    if wants_json():
        return problem(status, code, detail, data)
    page = render_template(
        "error.html", status=status, heading=title(status, current_language()), detail=detail
    )
    return Response(page, status=status, mimetype="text/html")
