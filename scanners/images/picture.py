"""What was found on a picture: the answer of :func:`scanners.images.read`, and nothing else."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

Corner = tuple[int, int]


class ImageErrorCode(StrEnum):
    """Stable names of why a picture could not be looked at; the pages translate by them."""

    EMPTY = "empty"
    FORMAT = "format"  # no kind of picture that is taken here
    TOO_LARGE = "too_large"  # bytes
    TOO_MANY_PIXELS = "too_many_pixels"
    DAMAGED = "damaged"  # broken off, or not what its beginning says
    ANIMATED = "animated"  # several pictures, and no word on which was meant
    TOO_SLOW = "too_slow"  # it could not be unpacked in the time given
    UNREADABLE = "unreadable"  # there is no such file, or it may not be read


class ImageError(NamedTuple):
    """Why no symbol was looked for. The message is English, for logs; people get a text by ``code``."""

    code: ImageErrorCode
    message: str

    def as_dict(self) -> dict[str, Any]:
        """In JSON's types."""
        return {"code": self.code.value, "message": self.message}


@dataclass(frozen=True, slots=True)
class Symbol:
    """One symbol, read.

    ``text`` is the payload without the identifier, each FNC1 that separates as a real GS.
    ``symbology`` is the AIM identifier, None where the engine could not tell it for certain.
    ``raw`` holds the payload's bytes before they were taken for characters of any alphabet.
    ``position`` holds the corners in pixels of the upright picture: top left of the symbol, then
    clockwise as the symbol reads. Of a linear symbol that one line was seen of, it may have no
    height.
    """

    format: str
    symbology: str | None
    text: str
    raw: bytes
    engine: str
    position: tuple[Corner, Corner, Corner, Corner]

    @property
    def scanned(self) -> str:
        """What a scanner would have sent: the identifier and the text, for :func:`scanners.parse`."""
        return (self.symbology or "") + self.text

    def as_dict(self) -> dict[str, Any]:
        """In JSON's types, as ``python -m scanners read`` prints it."""
        return {
            "format": self.format,
            "symbology": self.symbology,
            "text": self.text,
            "bytes_b64": base64.b64encode(self.raw).decode("ascii"),
            "engine": self.engine,
        }


class Picture(NamedTuple):
    """All symbols of a picture, from top to bottom; or why it was refused. Neither: none was found."""

    symbols: tuple[Symbol, ...] = ()
    error: ImageError | None = None
