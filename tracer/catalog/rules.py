"""Words of the catalogue, and the pure decisions on codes. No framework here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class CodeSystem(StrEnum):
    """The five systems whose codes are bound one-to-one (五码合一)."""

    MATERIAL = "material"
    BILLING = "billing"
    ORDER = "order"
    INSURANCE = "insurance"
    UDI = "udi"


class BindingStatus(StrEnum):
    PROPOSED = "proposed"
    APPROVED = "approved"
    RETIRED = "retired"
    REJECTED = "rejected"


class PriceStatus(StrEnum):
    """In force is what was approved, on its days."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"


class Tracking(StrEnum):
    """How closely pieces are followed: each piece, by lot, or only by item."""

    SERIAL = "SERIAL"
    LOT = "LOT"
    NONE = "NONE"


class WaiverKind(StrEnum):
    """What an exception lets pass at a receipt: codes that are not settled, or a certificate that ended."""

    UNSETTLED = "unsettled"
    CERTIFICATE = "certificate"


class PriceKind(StrEnum):
    """挂网价, 集采价, 采购价, 收费价."""

    LISTED = "listed"
    VOLUME_BASED = "volume_based"
    PURCHASE = "purchase"
    CHARGE = "charge"


# National insurance consumable code: C + 19 digits, of one specification + 7 digits (codes.md §4).
INSURANCE_CODE = re.compile(r"C\d{19}(\d{7})?")


def is_insurance_code(code: str) -> bool:
    """True for the 20 characters of a generic code or the 27 of one specification."""
    return INSURANCE_CODE.fullmatch(code) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class FiveCodes:
    """An item's codes on a day; None where it has none in a system."""

    material: str | None = None
    billing: str | None = None
    order: str | None = None
    insurance: str | None = None
    udi: str | None = None
