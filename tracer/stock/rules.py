"""Words and pure decisions of the stock ledger."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum


class MovementKind(StrEnum):
    RECEIPT = "receipt"
    SUPPLIER_RETURN = "supplier_return"
    ISSUE = "issue"
    TRANSFER = "transfer"
    USE = "use"
    USE_REVERSAL = "use_reversal"
    WRITE_OFF = "write_off"
    COUNT = "count"


class Ownership(StrEnum):
    OWNED = "OWNED"
    CONSIGNED = "CONSIGNED"


class LocationKind(StrEnum):
    HOSPITAL = "hospital"
    CAMPUS = "campus"
    DEPARTMENT = "department"
    WARD = "ward"
    THEATRE = "theatre"
    STORE = "store"
    CABINET = "cabinet"
    VIRTUAL = "virtual"


class Virtual(StrEnum):
    """Codes of the places outside the hospital's shelves that every movement's other end may be."""

    SUPPLIER = "SUPPLIER"
    PATIENT = "PATIENT"
    LOSS = "LOSS"
    COUNT = "COUNT"


# Kinds of place a consumable can lie in or be used at.
HOLDS_STOCK = frozenset({LocationKind.WARD, LocationKind.THEATRE, LocationKind.STORE, LocationKind.CABINET})
BEDSIDE = frozenset({LocationKind.WARD, LocationKind.THEATRE})


# A double click, or a printer that jammed at once: the same hand again within this is not asked why.
SAME_PRINT = timedelta(minutes=2)


def asks_why(printed_at: datetime | None, printed_by: int | None, person: int, now: datetime) -> bool:
    """Whether a label that is printed again needs a reason: two copies may end up on two pieces."""
    if printed_at is None:
        return False
    return printed_by != person or now - printed_at > SAME_PRINT
