"""How much two rows speak for being one item: above zero for it, below zero against it.

The weights are judgements of the field, in the order in which an inspector would trust them: the model tells
one smallest specification from another, the certificate and the maker one product from another, the size is
written by hand, prices and units drift. A code in common is as good as a size, no better: codes are what is
in doubt here.
"""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import Final

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from reconcile.proposals.folding import is_old_certificate, read_number
from reconcile.proposals.lines import INSURANCE, UDI, Known, Line

MODEL: Final = (3.0, -4.0)
SIZE: Final = (1.6, -2.0)
CERTIFICATE: Final = (1.2, -2.0)
MAKER: Final = (0.6, -1.0)
PRICE: Final = (1.0, -0.6)
UNIT: Final = (0.2, -0.1)
PACK: Final = (0.1, -0.1)
NAME: Final = 0.6
CLASS: Final = (0.6, -1.5)
"""A class of insurance codes against a code that is of it, or of another."""
CODE: Final = (2.0, -2.0)
DEVICE: Final = -15.0
"""Two identifiers that the register lists are two devices, whatever else is alike."""
SUCCESSOR: Final = -1.5
OUTDATED: Final = -0.2
"""A certificate of the old form against one of the new: it may be the same product's."""
STRAY: Final = -0.3
"""A code that nobody owns, against one of that system: it says little."""
NEAR: Final = 0.7
"""… and is one character away from it."""


def weigh(one: Line, other: Line, known: Known) -> float:
    return weigh_codes(one, other, known) + weigh_fields(one, other)


def weigh_fields(one: Line, other: Line) -> float:
    total = 0.0
    a, b = one.folded, other.folded
    if "model" in a and "model" in b:
        total += _models(a["model"], b["model"])
    if "specification" in a and "specification" in b:
        total += SIZE[a["specification"] != b["specification"]]
    if "certificate" in a and "certificate" in b:
        total += _certificates(a["certificate"], b["certificate"])
    if "maker" in a and "maker" in b:
        alike = a["maker"] == b["maker"] or likeness(a["maker"], b["maker"]) >= 0.85
        total += MAKER[not alike]
    if "price" in a and "price" in b:
        total += _prices(a, b)
    if "unit" in a and "unit" in b:
        total += UNIT[a["unit"] != b["unit"]]
    if "pack_quantity" in a and "pack_quantity" in b:
        total += PACK[a["pack_quantity"] != b["pack_quantity"]]
    if "name" in a and "name" in b:
        total += NAME * (2 * likeness(a["name"], b["name"]) - 1)
    return total


def weigh_codes(one: Line, other: Line, known: Known) -> float:
    total = 0.0
    for system in known.expected:
        a, b = one.codes[system], other.codes[system]
        if not a or not b:
            continue
        if a == b or (system == UDI and _is_package_of(a, b, known)):
            total += CODE[0]
        elif known.is_owned(system, a) and known.is_owned(system, b):
            total += DEVICE if system == UDI else CODE[1]
        else:
            total += NEAR if is_near(a, b) else STRAY
    for class_, code in ((one.class_, other.codes[INSURANCE]), (other.class_, one.codes[INSURANCE])):
        if class_ and code:
            total += CLASS[not code.startswith(class_)]
    return total


def _models(a: str, b: str) -> float:
    if a == b:
        return MODEL[0]
    return SUCCESSOR if is_successor(a, b) or is_successor(b, a) else MODEL[1]


def is_successor(model: str, of: str) -> bool:
    """A maker's next model often is the old one with a letter or a figure after it."""
    return len(of) >= 4 and model.startswith(of) and len(model) - len(of) <= 3


def _certificates(a: str, b: str) -> float:
    if a == b:
        return CERTIFICATE[0]
    return OUTDATED if is_old_certificate(a) != is_old_certificate(b) else CERTIFICATE[1]


def _prices(a: dict[str, str], b: dict[str, str]) -> float:
    if a["price"] == b["price"]:
        return PRICE[0]
    return 0.0 if pieces_between(a, b) else PRICE[1]


def pieces_between(a: dict[str, str], b: dict[str, str]) -> int:
    """How many times the one price is the other, if that is a package that either of them states; else 0."""
    prices = read_number(a["price"]), read_number(b["price"])
    if prices[0] is None or prices[1] is None or not min(prices[0], prices[1]) > 0:
        return 0
    ratio = max(prices[0], prices[1]) / min(prices[0], prices[1])
    stated = {a.get("pack_quantity"), b.get("pack_quantity")} - {None, "1"}
    pieces = ratio.to_integral_value()
    # A piece's price is rounded to a cent before it is multiplied.
    close = abs(ratio - pieces) <= ratio * Decimal("0.005")
    return int(pieces) if close and f"{pieces:f}" in stated else 0


def _is_package_of(a: str, b: str, known: Known) -> bool:
    package = known.packages.get(a)
    if package is not None and package.udi == b:
        return True
    package = known.packages.get(b)
    return package is not None and package.udi == a


@lru_cache(maxsize=200_000)
def likeness(a: str, b: str) -> float:
    return 1.0 if a == b else fuzz.ratio(a, b) / 100


def is_near(a: str, b: str) -> bool:
    """One character wrong, left out, added, or two exchanged."""
    return OSA.distance(a, b, score_cutoff=1) <= 1
