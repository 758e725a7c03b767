"""The edge: who is asking, whether they may, and what a view can reach. The room's only Flask.

A view is marked with `@permits(Action.X)`, `@signed_in` or `@public`; `guard` runs before every
request, reads the mark and decides, before anything of the request's content is looked at. A view
without a mark is never entered: forgetting one is a failure, not a hole.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeVar

from flask import Response, current_app, g, request, session
from flask_wtf.csrf import CSRFError
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from werkzeug.exceptions import BadRequest

from scanners import InHouse
from tracer.access.errors import BadJson, NotSignedIn, PageExpired, WrongContent
from tracer.access.once import Answer
from tracer.access.queries import Known, find_by_session, find_by_token
from tracer.access.rules import Action, Actor
from tracer.access.tokens import digest_of
from tracer.db.transaction import in_transaction
from tracer.settings import LANGUAGES, Settings
from tracer.shared.clock import Clock

T = TypeVar("T")
View = TypeVar("View", bound=Callable[..., Any])

MARK = "__permission__"
API = "/api/"
JSON = "application/json"
# What the signed cookie holds under these names: the session's secret, and the language chosen.
SECRET, LANGUAGE = "secret", "language"


@dataclass(frozen=True)
class Service:
    """What one running application works with."""

    engine: Engine
    clock: Clock
    settings: Settings

    @cached_property
    def labels(self) -> InHouse:
        """What is this house's own: how its labels look, and what its scanners send for GS."""
        return InHouse(prefix=self.settings.inhouse_prefix, separators=self.settings.scan_separators)

    @cached_property
    def reader(self) -> Engine:
        """The same pool, for single reads: no BEGIN and no ROLLBACK travel with the statement."""
        return self.engine.execution_options(isolation_level="AUTOCOMMIT")


def service() -> Service:
    """The service of the application that answers this request."""
    found: Service = current_app.extensions["tracer"]
    return found


@dataclass(frozen=True, slots=True)
class Permission:
    """A view's mark: who may enter (`action` of None: anybody signed in), and which bodies it takes."""

    public: bool = False
    action: Action | None = None
    accepts: tuple[str, ...] | None = None
    at_most: int | None = None
    into: Callable[..., Any] | None = None


def permits(
    action: Action,
    *,
    accepts: tuple[str, ...] | None = None,
    at_most: int | None = None,
    into: Callable[..., Any] | None = None,
) -> Callable[[View], View]:
    """Mark a view: only who may do this somewhere. Where exactly is decided by the use case.

    Stands below the route's decorator. `accepts` names the content types a body may have;
    unset, routes under /api/ take JSON only. `at_most` is how many bytes it may have, where that is
    another number than for every route. `into` makes what each file of a form is written into, as
    Werkzeug's `stream_factory`.
    """
    return _marker(Permission(action=action, accepts=accepts, at_most=at_most, into=into))


def signed_in(view: View) -> View:
    """Mark a view: anybody who is signed in."""
    return _marker(Permission())(view)


def public(view: View) -> View:
    """Mark a view: everybody, signed in or not."""
    return _marker(Permission(public=True))(view)


def _marker(mark: Permission) -> Callable[[View], View]:
    def put(view: View) -> View:
        setattr(view, MARK, mark)
        return view

    return put


def guard() -> None:
    """Decide whether this request is let in, before it is read.

    Raises NotSignedIn, Forbidden, PageExpired, WrongContent, BadJson.
    """
    if request.endpoint is None:
        return  # no such route or method: Flask answers 404 or 405
    mark = getattr(current_app.view_functions[request.endpoint], MARK, None)
    if mark is None:
        raise RuntimeError(f"{request.endpoint} does not say who may use it")
    if not mark.public:
        actor = current_actor()
        if mark.action is not None:
            actor.must(mark.action)
    if request.method in {"GET", "HEAD", "OPTIONS"}:
        return
    if mark.at_most is not None:
        # Here, since the CSRF token is looked for in a form, which is read for that.
        request.max_content_length = mark.at_most
    if mark.into is not None:
        request._get_file_stream = mark.into  # type: ignore[method-assign]
    if "bearer" not in g:
        _require_csrf_token()
    _check_body(mark)


def current_actor() -> Actor:
    """Who is asking. Raises NotSignedIn."""
    if "actor" not in g:
        known = _authenticate()
        if known is None:
            raise NotSignedIn()
        g.actor = replace(known.actor, origin=origin())
    actor: Actor = g.actor
    return actor


def recognised_actor() -> Actor | None:
    """Who is asking, if that was found out already: for a page that may be shown to anybody."""
    actor: Actor | None = g.get("actor")
    return actor


def origin() -> str:
    """Where the request came from, for the audit."""
    return request.remote_addr or ""


def in_request_transaction(work: Callable[[Session], T]) -> T:
    """Run a use case in this request's transaction: committed when this returns."""
    return in_transaction(service().engine, work)


def receipt(answer: Answer, **presented: Any) -> Response:
    """The answer to a request with a key: 201 when it was carried out now, 200 and the same body ever after.

    `presented` are members as this reader should see them.
    """
    body = current_app.json.dumps({**answer, **presented}, sort_keys=True)  # the store keeps no order
    return Response(body, 200 if answer.replayed else 201, mimetype=JSON)


def read(query: Callable[[Connection], T]) -> T:
    """Run one reading statement outside any transaction.

    A connection that a restarted server left dead is replaced once.
    """
    for last in (False, True):
        try:
            with service().reader.connect() as connection:
                return query(connection)
        except DBAPIError as error:
            if last or not error.connection_invalidated:
                raise
    raise AssertionError("unreachable")


def current_language() -> str:
    """`zh` or `en`: the browser session's choice; for others Accept-Language; else the house's."""
    chosen = None if "bearer" in g else session.get(LANGUAGE)
    if chosen in LANGUAGES:
        return str(chosen)
    house = service().settings.language
    if request.path.startswith(API):
        return request.accept_languages.best_match(LANGUAGES, default=house) or house
    return house


def csp_nonce() -> str:
    """This answer's nonce, for a script or style that must stand in the page itself."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    nonce: str = g.csp_nonce
    return nonce


def allow_inline_styles() -> None:
    """Let this page's scripts set styles of their own making: what a chart library needs."""
    g.inline_styles = True


def _authenticate() -> Known | None:
    # A token that is sent and wrong is refused, whatever cookie comes with it.
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme:
        g.bearer = True
        if scheme.lower() != "bearer":
            return None
        return read(lambda connection: find_by_token(connection, digest_of(token.strip())))
    secret = session.get(SECRET)
    if not isinstance(secret, str):
        return None
    return read(lambda connection: find_by_session(connection, digest_of(secret), service().clock.now()))


def _require_csrf_token() -> None:
    try:
        current_app.extensions["csrf"].protect()
    except CSRFError as error:
        raise PageExpired() from error


def _check_body(mark: Permission) -> None:
    """Refuse a body of another type than the route takes; read a JSON body once, here."""
    accepts = mark.accepts or ((JSON,) if request.path.startswith(API) else None)
    has_body = bool(request.content_length) or "Transfer-Encoding" in request.headers
    if accepts is None or not has_body:
        return
    if request.mimetype not in accepts:
        raise WrongContent(accepts=", ".join(accepts))
    if request.mimetype == JSON:
        try:
            request.get_json()
        except (BadRequest, RecursionError) as error:
            raise BadJson() from error
