"""Words and pure decisions of the bedside."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """What became of a scan."""

    CHARGED = "charged"
    USED = "used"
    NEEDS_CHOICE = "needs_choice"
    UNRESOLVED = "unresolved"
    REFUSED = "refused"


class ChargeSource(StrEnum):
    SCAN = "scan"
    HIS = "his"


class ExceptionKind(StrEnum):
    """Why a use and a charge do not match."""

    NO_PRICE = "no_price"
    USED_NOT_CHARGED = "used_not_charged"
    CHARGED_NOT_USED = "charged_not_used"
    QUANTITY_DIFFERS = "quantity_differs"
