"""The catalogue over HTTP: what a code means."""

from __future__ import annotations

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from tracer.access.edge import permits, read, service
from tracer.access.rules import Action
from tracer.catalog.errors import UnknownCode, UnknownSystem
from tracer.catalog.queries import find_item_by_code
from tracer.catalog.rules import CodeSystem
from tracer.catalog.schemas import CodeOut, CodePath, CodeQuery
from tracer.shared.clock import today

api = APIBlueprint(
    "catalog",
    __name__,
    url_prefix="/api/v1",
    abp_tags=[Tag(name="catalogue", description="Items and their five codes")],
)

NOT_FOUND = {
    "description": "There is no such code system, or nobody has the code on that day",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


# A code may hold a slash, so it is the rest of the path.
@api.get(
    "/codes/<system>/<path:code>",
    summary="The item that has a code, and its five codes, now or at a date",
    operation_id="get_code",
    responses={200: CodeOut, 404: NOT_FOUND},
)
@permits(Action.VIEW_CODES)
def get_code(path: CodePath, query: CodeQuery) -> Response:
    """Who has this code? A package's DI answers with the item it holds and how many pieces."""
    if path.system not in set(CodeSystem):
        raise UnknownSystem(system=path.system, systems=", ".join(CodeSystem))
    at = query.at or today(service().clock)
    system = CodeSystem(path.system)
    card = read(lambda connection: find_item_by_code(connection, system, path.code, at, query.known_at))
    if card is None:
        raise UnknownCode(system=system.value, value=path.code, at=at)
    return jsonify(CodeOut.of(card).model_dump())
