"""Words and pure decisions of the bedside."""

from __future__ import annotations

from datetime import date
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


class Remark(StrEnum):
    """What a person should know of a scan; the sentences stand in `remarks.py`."""

    NOT_READABLE = "not_readable"
    UNKNOWN_CODE = "unknown_code"
    CLAIMED_TWICE = "claimed_twice"
    PACKAGE_SCANNED = "package_scanned"
    LABEL_NEEDED = "label_needed"
    SECOND_SYMBOL = "second_symbol"
    FIRST_SYMBOL = "first_symbol"
    NOT_ONE_PACK = "not_one_pack"
    EXPIRED = "expired"
    ALREADY_USED = "already_used"
    OVERRIDDEN = "overridden"
    EXPIRY_DIFFERS = "expiry_differs"
    ELSEWHERE = "elsewhere"
    NO_RECEIPT = "no_receipt"
    NEGATIVE_STOCK = "negative_stock"
    LOT_MISSING = "lot_missing"
    NO_PRICE = "no_price"
    CODES_INCOMPLETE = "codes_incomplete"
    MORE_THAN_ORDERED = "more_than_ordered"
    ORDER_LINE_IGNORED = "order_line_ignored"
    ENCOUNTER_UNCONFIRMED = "encounter_unconfirmed"
    LATE_POSTING = "late_posting"
    CLOCK_SKEW = "clock_skew"
    REPAIRED = "repaired"


def is_expired(expiry: date | None, on: date) -> bool:
    """A pack may be used through its expiry day; one without a date does not expire."""
    return expiry is not None and expiry < on


def governing_expiry(*known: date | None) -> date | None:
    """The earliest of the dates that pack, unit and lot give: the patient gets no benefit of doubt."""
    return min((one for one in known if one is not None), default=None)
