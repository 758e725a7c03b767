"""What a scan says: the answer of :func:`scanners.parse`, and nothing else."""

from __future__ import annotations

import json
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple


class Agency(StrEnum):
    """Who gave out the code. UNKNOWN: nobody this package can name for certain."""

    GS1 = "GS1"
    HIBC = "HIBC"
    ICCBBA = "ICCBBA"
    MA = "MA"
    AHM = "AHM"
    INHOUSE = "INHOUSE"
    UNKNOWN = "UNKNOWN"


class Level(StrEnum):
    """What the code alone proves about packaging; the catalogue knows more.

    PACKAGE: a GTIN with indicator 1-8, the content of a logistic unit (02), an SSCC.
    UNIT: an in-house label, which is stuck on one piece, and HIBC's unit of measure 0. UNKNOWN:
    everything else, since a GTIN with indicator 0 may stand for a piece, a box or a carton alike,
    and so may HIBC's units 1 to 8, which each labeler begins where he likes.
    """

    UNIT = "unit"
    PACKAGE = "package"
    UNKNOWN = "unknown"


class ErrorCode(StrEnum):
    """Stable names of what can be wrong with a scan; the pages translate by them."""

    EMPTY = "empty"
    NOT_A_UDI = "not_a_udi"
    UNKNOWN_AI = "unknown_ai"
    CHECK_DIGIT = "check_digit"
    LENGTH = "length"
    CHARSET = "charset"
    DATE = "date"
    VALUE = "value"  # right in shape, but not one of the values its component allows
    MISSING_DI = "missing_di"
    TRUNCATED = "truncated"
    AMBIGUOUS = "ambiguous"
    TOO_LONG = "too_long"
    DUPLICATE = "duplicate"
    ASSOCIATION = "association"  # GS1: AIs that may not stand together, or one without the one it needs


class ParseError(NamedTuple):
    """Why a scan must not be acted on. ``at`` counts characters of ``Scan.raw`` from 0.

    ``at`` is 0 where the fault is the whole text's, and the length of the text where more was
    expected. The message is English, for logs and developers; people get a text by ``code``.
    """

    code: ErrorCode
    at: int
    message: str


class Scan(NamedTuple):
    """One scan, read. With ``error`` set nothing may be booked on it.

    Fields are filled only with what was proved: a lot or serial is exactly what the symbol
    carries, ``di`` passed its check digit. With an error, fields that are certain all the same
    are kept to help the person who has to sort it out (see :mod:`scanners.gs1.reading`).

    ``readings`` is filled with the error ``ambiguous`` only: each way the text can be read, as
    far as they are few enough to show.

    A tuple and no dataclass: making one is half of the time that an EAN takes to read.
    """

    raw: str
    symbology: str | None = None
    agency: Agency = Agency.UNKNOWN
    di: str | None = None
    level: Level = Level.UNKNOWN
    lot: str | None = None
    serial: str | None = None
    expiry: date | None = None
    manufactured: date | None = None
    quantity: int | None = None
    elements: tuple[tuple[str, str], ...] = ()
    repairs: tuple[str, ...] = ()
    error: ParseError | None = None
    readings: tuple[Scan, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The scan in JSON's types: dates as ISO days, elements as pairs; ``readings`` if there are any."""
        error = self.error
        return {
            "raw": self.raw,
            "symbology": self.symbology,
            "agency": self.agency.value,
            "di": self.di,
            "level": self.level.value,
            "lot": self.lot,
            "serial": self.serial,
            "expiry": self.expiry.isoformat() if self.expiry else None,
            "manufactured": self.manufactured.isoformat() if self.manufactured else None,
            "quantity": self.quantity,
            "elements": [[name, value] for name, value in self.elements],
            "repairs": list(self.repairs),
            "error": None
            if error is None
            else {"code": error.code.value, "at": error.at, "message": error.message},
        } | ({"readings": [reading.as_dict() for reading in self.readings]} if self.readings else {})

    def to_json(self) -> str:
        """One line of pure ASCII.

        Nothing in it can split a line or fail to encode, whatever the scan held: U+2028, U+0085,
        or the lone surrogates that stand for bytes which were not UTF-8.
        """
        return json.dumps(self.as_dict())
