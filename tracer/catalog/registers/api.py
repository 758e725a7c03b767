"""The registers over HTTP: what they say of an identifier, and a search."""

from __future__ import annotations

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from tracer.access.edge import permits, read
from tracer.access.rules import Action
from tracer.catalog.registers.errors import UnknownIdentifier
from tracer.catalog.registers.facts import register_facts
from tracer.catalog.registers.schemas import DiPath, FactOut, FoundOut, SearchQuery
from tracer.catalog.registers.searching import search_registers

api = APIBlueprint(
    "registers",
    __name__,
    url_prefix="/api/v1",
    abp_tags=[Tag(name="registers", description="What the imported device registers say")],
)

NOT_FOUND = {
    "description": "No imported register knows the identifier",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


@api.get(
    "/registers",
    summary="Records of the imported registers by any code on a pack, a model, or words",
    operation_id="search_registers",
    responses={200: FoundOut},
)
@permits(Action.VIEW_CODES)
def search(query: SearchQuery) -> Response:
    """Several words must all be found. `more`: there are others than these."""
    found = read(lambda connection: search_registers(connection, query.q, most=query.limit))
    return jsonify(FoundOut.of(found).model_dump(by_alias=True))


# A DI may hold a slash, so it is the rest of the path.
@api.get(
    "/registers/<path:di>",
    summary="What the imported registers say of a device identifier",
    operation_id="get_register_facts",
    responses={200: FactOut, 404: NOT_FOUND},
)
@permits(Action.VIEW_CODES)
def get_facts(path: DiPath) -> Response:
    """Of a sales unit, a use unit, a direct mark or a package: the device, and how much the pack holds."""
    fact = read(lambda connection: register_facts(connection, path.di))
    if fact is None:
        raise UnknownIdentifier(value=path.di)
    return jsonify(FactOut.of(fact).model_dump())
