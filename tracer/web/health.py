"""Is it alive, is it ready: for whoever watches over the service."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify
from sqlalchemy.exc import SQLAlchemyError

from tracer.access.edge import public, read

health = Blueprint("health", __name__)


@health.get("/healthz")
@public
def is_alive() -> Response:
    """The process answers. Asks nothing of the database."""
    return jsonify(status="alive")


@health.get("/readyz")
@public
def is_ready() -> tuple[Response, int]:
    """The database answers, and has the shape this version needs."""
    # Imported here: a worker that is never asked need not carry Alembic.
    from tracer.db.migrating import is_current

    try:
        if read(is_current):
            return jsonify(status="ready"), 200
        reason = "migrations are behind or ahead of this version"
    except SQLAlchemyError:
        reason = "the database does not answer"
    return jsonify(status="not_ready", reason=reason), 503
