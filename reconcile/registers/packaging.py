"""Which identifiers a record has, and how many pieces each of them stands for.

Packages hold packages; each is resolved down to sales units and to use units. A chain that comes back to
itself, that holds nothing or whose content is not in the record has no quantity: it is reported, and the
identifier stays known without one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from reconcile.errors import Reason
from reconcile.registers import reasons
from reconcile.registers.records import DiKind, Identifier

MOST_UNITS: Final = 1_000_000_000
_GTIN_LENGTHS: Final = (8, 12, 13)


class Level(NamedTuple):
    """A package as the register lists it. `quantity` of None: not a number."""

    di: str
    contains: str
    quantity: int | None
    level: str = ""
    agency: str = ""


class Trouble(NamedTuple):
    """What is wrong with one package."""

    reason: Reason
    di: str


def comparable(di: str) -> str:
    """GTINs of different lengths are one identifier; all others are compared as they are."""
    if len(di) in _GTIN_LENGTHS and di.isascii() and di.isdigit():
        return di.zfill(14)
    return di


def resolve(
    sales: str, use_units: int | None, levels: Iterable[Level]
) -> tuple[list[Identifier], list[Trouble]]:
    """The packages with their quantities, and what is wrong with any of them.

    `use_units`: how many pieces the sales unit holds, None if that is not known.
    """
    found: dict[str, Level] = {}
    troubles: list[Trouble] = []
    for level in levels:
        same = found.setdefault(comparable(level.di), level)
        if same is not level and (comparable(same.contains), same.quantity) != (
            comparable(level.contains),
            level.quantity,
        ):
            troubles.append(Trouble(reasons.TWO_CONTENTS, level.di))
    identifiers = []
    for level in found.values():
        units, reason = _sales_units(comparable(level.di), comparable(sales), found)
        if reason is not None:
            troubles.append(Trouble(reason, level.di))
        pieces = None if units is None or use_units is None else units * use_units
        identifiers.append(
            Identifier(
                DiKind.PACKAGE,
                level.di,
                level.agency,
                units,
                pieces,
                level.level,
                level.contains,
                level.quantity,
            )
        )
    return identifiers, troubles


def _sales_units(di: str, sales: str, levels: dict[str, Level]) -> tuple[int | None, Reason | None]:
    units, seen = 1, set()
    while di != sales:
        if di in seen:
            return None, reasons.CIRCULAR
        seen.add(di)
        level = levels.get(di)
        if level is None:
            return None, reasons.UNKNOWN_CHILD
        if level.quantity is None or level.quantity < 0:
            return None, reasons.NOT_A_QUANTITY
        if level.quantity == 0:
            return None, reasons.ZERO_PACKAGE
        units *= level.quantity
        if units > MOST_UNITS:
            return None, reasons.HUGE_PACKAGE
        di = comparable(level.contains)
        if not di:
            return None, reasons.UNKNOWN_CHILD
    # The sales unit listed as a package of itself says nothing that is not known.
    return units, None
