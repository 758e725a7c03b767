"""The composition root: every room's routes, one application."""

from __future__ import annotations

from typing import Any

from flask import Flask, abort, redirect, request, url_for
from flask.sessions import SecureCookieSessionInterface
from flask_babel import Babel
from flask_bootstrap import Bootstrap5
from flask_openapi3.openapi import OpenAPI
from flask_wtf.csrf import CSRFProtect
from pydantic import ValidationError
from sqlalchemy import Engine

from tracer.access.apart import EXTENSION, Apart
from tracer.access.edge import Service, current_language, guard, public, recognised_actor
from tracer.access.words import role_name
from tracer.catalog.api import api as catalog_api
from tracer.catalog.certificates.api import api as certificates_api
from tracer.catalog.certificates.pages import pages as certificates_pages
from tracer.catalog.intake.pages import pages as intake_pages
from tracer.catalog.mismatches.pages import pages as mismatch_pages
from tracer.catalog.pages import pages as catalog_pages
from tracer.catalog.price_pages import pages as price_pages
from tracer.catalog.registers.api import api as registers_api
from tracer.catalog.registers.pages import pages as registers_pages
from tracer.catalog.suppliers.api import api as suppliers_api
from tracer.catalog.suppliers.office_pages import pages as suppliers_pages
from tracer.catalog.suppliers.pages import pages as supplier_pages
from tracer.catalog.workflow_api import api as catalog_workflow_api
from tracer.charging.api import api as charging_api
from tracer.charging.images_api import api as images_api
from tracer.charging.looking import EXTENSION as EYE
from tracer.charging.looking import Eye
from tracer.charging.pages import pages as charging_pages
from tracer.charging.scanner_test import pages as scanner_test_pages
from tracer.closing.api import api as closing_api
from tracer.closing.pages import pages as closing_pages
from tracer.db.engine import make_engine
from tracer.exchange.api import api as exchange_api
from tracer.exchange.pages import pages as exchange_pages
from tracer.orders.api import api as orders_api
from tracer.settings import BadSetting, Settings
from tracer.shared.clock import Clock, SystemClock
from tracer.stock.api import api as stock_api
from tracer.stock.label_pages import pages as label_pages
from tracer.stock.pages import pages as stock_pages
from tracer.web.catalogues import compile_catalogues
from tracer.web.documentation import Application
from tracer.web.errors import install_error_handlers
from tracer.web.headers import install_headers
from tracer.web.health import health
from tracer.web.json_shape import JsonShape
from tracer.web.navigation import places_of
from tracer.web.pages import pages as web_pages
from tracer.web.showing import install_filters
from tracer.web.validation import in_words

LARGEST_BODY = 32 * 1024 * 1024  # a year's code table as a spreadsheet is a tenth of it
LARGEST_FORM_FIELD = 1024 * 1024
# Views that come with libraries: files, and the API's documentation.
OPEN_VIEWS = (
    "static",
    "bootstrap.static",
    "openapi.static",
    "openapi.openapi",
    "openapi.doc_url",
    "swagger.static",
    "swagger.swagger",
)


def create_app(settings: Settings, *, clock: Clock | None = None, engine: Engine | None = None) -> OpenAPI:
    """The web application. Opens no connection yet: a server may fork after this.

    Without an `engine`, `settings` must name a running database. Raises BadSetting.
    """
    if not settings.secret_key:
        raise BadSetting("there is no secret key to sign cookies with")
    child = None
    if engine is None:
        if settings.database_url is None:
            raise BadSetting("there is no database: start one, or set TRACER_DATABASE_URL")
        child = Apart(settings.database_url)
        engine = make_engine(settings.database_url, pool_size=settings.threads, max_overflow=4)
    app = Application(
        "tracer",
        validation_error_callback=_refuse_fields,
        static_folder="web/static",
        template_folder="web/templates",
    )
    app.extensions["tracer"] = Service(engine, clock or SystemClock(settings.timezone), settings)
    app.extensions[EXTENSION] = child
    app.extensions[EYE] = Eye(settings.threads)
    _configure(app, settings)
    _install(app)
    _register_rooms(app)
    _open_library_views(app)
    return app


def _configure(app: Flask, settings: Settings) -> None:
    app.config.update(
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=LARGEST_BODY,
        MAX_FORM_MEMORY_SIZE=LARGEST_FORM_FIELD,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        # `guard` asks for the token itself, of browsers only; it lives as long as the session.
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,
        BOOTSTRAP_SERVE_LOCAL=True,
        BABEL_TRANSLATION_DIRECTORIES="web/translations",
    )


def _install(app: OpenAPI) -> None:
    compile_catalogues()
    app.json = JsonShape(app)
    app.session_interface = HostCookies()
    CSRFProtect(app)
    Bootstrap5(app)
    Babel(app, default_locale="zh", locale_selector=current_language)
    app.before_request(guard)
    install_error_handlers(app)
    install_headers(app)
    install_filters(app)
    app.context_processor(_shell)


def _register_rooms(app: OpenAPI) -> None:
    """Rooms from the ground up: a room's `api` under /api/v1, its `pages` where people look for them."""
    app.register_blueprint(health)
    app.register_blueprint(web_pages)
    app.register_api(catalog_api)
    app.register_blueprint(intake_pages)
    app.register_blueprint(mismatch_pages)
    app.register_api(catalog_workflow_api)
    app.register_blueprint(catalog_pages)
    app.register_blueprint(price_pages)
    app.register_api(certificates_api)
    app.register_blueprint(certificates_pages)
    app.register_api(registers_api)
    app.register_blueprint(registers_pages)
    app.register_api(suppliers_api)
    app.register_blueprint(supplier_pages)
    app.register_blueprint(suppliers_pages)
    app.register_api(stock_api)
    app.register_blueprint(stock_pages)
    app.register_blueprint(label_pages)
    app.register_api(orders_api)
    app.register_api(charging_api)
    app.register_api(images_api)
    app.register_blueprint(charging_pages)
    app.register_blueprint(scanner_test_pages)
    app.register_api(closing_api)
    app.register_blueprint(closing_pages)
    app.register_api(exchange_api)
    app.register_blueprint(exchange_pages)


def _shell() -> dict[str, Any]:
    """What the layout of every page needs; asks nothing of the database."""
    actor = recognised_actor()
    language = current_language()
    return {
        "actor": actor,
        "language": language,
        "places": places_of(actor),
        "role_names": [role_name(role, language) for role in sorted(actor.roles)] if actor else [],
    }


def _refuse_fields(error: ValidationError) -> None:
    raise in_words(error, current_language())


def _open_library_views(app: Flask) -> None:
    for endpoint in OPEN_VIEWS:
        view = app.view_functions[endpoint]
        # Wrapped, since a bound method takes no mark.
        app.view_functions[endpoint] = public(lambda _view=view, **values: _view(**values))
    # There is one way to browse the documentation, so no page to choose from; and no OAuth to return from.
    app.view_functions["openapi.openapi"] = public(lambda: redirect(url_for("swagger.swagger")))
    app.view_functions["swagger.oauth2-redirect"] = public(lambda: abort(404))


class HostCookies(SecureCookieSessionInterface):
    """Over HTTPS the cookie is Secure and bound to this very host; a plain intranet address works too."""

    def get_cookie_name(self, app: Flask) -> str:
        return "__Host-tracer" if request.is_secure else "tracer"

    def get_cookie_secure(self, app: Flask) -> bool:
        return request.is_secure
