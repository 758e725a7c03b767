"""Reading the codes in a picture: what a phone's camera shows, a photo, a pasted image.

Nothing is booked by it, and nothing of the picture is kept: what it holds goes back to who asked, and is
sent as a scan by them.
"""

from __future__ import annotations

import base64
from typing import Any

from flask import Response, current_app, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from scanners import Scan, parse
from tracer.access.edge import JSON, permits, service
from tracer.access.fields import refused
from tracer.access.rules import Action
from tracer.charging.choosing import Choice, choices_among
from tracer.charging.errors import (
    AnimatedImage,
    DamagedImage,
    ImageTooLarge,
    NoImage,
    UnreadableImage,
    WrongImageType,
)
from tracer.charging.looking import EXTENSION, Eye
from tracer.charging.schemas import ImageOut, ImageQuery, ImageReadingOut
from tracer.shared.clock import today
from tracer.shared.errors import Refusal

LARGEST_IMAGE = 12 * 1024 * 1024  # bytes; a phone's photo is a third of it
FORM = "multipart/form-data"
TYPES = ("image/jpeg", "image/png", "image/webp")

# What the reader calls faults of a picture, where the answer is not simply that it cannot be read.
FAULTS: dict[str, type[Refusal]] = {
    "empty": NoImage,
    "format": WrongImageType,
    "too_large": ImageTooLarge,
    "too_many_pixels": ImageTooLarge,
    "damaged": DamagedImage,
    "animated": AnimatedImage,
}

api = APIBlueprint(
    "images_api",
    __name__,
    url_prefix="/api/v1",
    abp_tags=[Tag(name="Bedside", description="Use and charge")],
)


_PICTURE = {"schema": {"type": "string", "format": "binary"}}
_IN_FORM = {
    "schema": {
        "type": "object",
        "required": ["image"],
        "properties": {"image": {"type": "string", "format": "binary"}},
    }
}


@api.post(
    "/images",
    summary="Read the codes in a picture",
    responses={
        200: ImageOut,
        413: refused("More bytes or pixels than are taken"),
        415: refused("Not a JPEG, PNG or WebP picture"),
    },
    openapi_extensions={
        "requestBody": {
            "required": True,
            "content": {**dict.fromkeys(TYPES, _PICTURE), FORM: _IN_FORM},
        }
    },
)
@permits(Action.SCAN, accepts=(*TYPES, FORM), at_most=LARGEST_IMAGE)
def image(query: ImageQuery) -> Response:
    """Say what codes a picture holds, and what of them may be meant. Books nothing and keeps nothing."""
    eye: Eye = current_app.extensions[EXTENSION]
    picture = _image()  # read in any case: who is answered before it has sent everything may miss the answer
    with eye.turn():
        seen = eye.look(picture, frame=query.frame)
    if seen["error"] is not None:
        raise _refusal(seen["error"])
    here = service()
    raws = [base64.b64decode(symbol["raw"]) for symbol in seen["symbols"]]
    day = today(here.clock)
    answer = {
        "symbols": [
            _symbol(symbol, parse(raw, today=day, inhouse=here.labels))
            for symbol, raw in zip(seen["symbols"], raws, strict=True)
        ],
        "choices": [_choice(one) for one in choices_among(raws, day, here.labels)],
    }
    # A symbol may hold bytes that are no text; `raw_b64` has them as they are.
    body = current_app.json.dumps(answer).encode("utf-8", "replace")
    return Response(body, mimetype=JSON)


def _image() -> bytes:
    """The picture that was sent. Raises NoImage."""
    if request.mimetype != FORM:
        body = request.get_data(cache=False)
        if not body:
            raise NoImage()
        return body
    files = list(request.files.items(multi=True))
    if len(files) != 1 or files[0][0] != "image":
        raise NoImage()
    picture: bytes = files[0][1].read()
    return picture


def _refusal(code: str) -> Refusal:
    return FAULTS.get(code, UnreadableImage)(fault=code)


def _symbol(seen: dict[str, Any], reading: Scan) -> dict[str, Any]:
    known = {name: seen[name] for name in ("format", "symbology", "text", "engine", "position")}
    return {**known, "raw_b64": seen["raw"], "reading": _reading(reading)}


def _choice(choice: Choice) -> dict[str, Any]:
    return {
        "raw_b64": base64.b64encode(choice.raw).decode(),
        "symbols": choice.symbols,
        "device": choice.device,
        "certain": choice.certain,
        "reading": _reading(choice.reading),
    }


def _reading(reading: Scan) -> dict[str, Any]:
    said = reading.as_dict()
    return {name: said[name] for name in ImageReadingOut.model_fields}
