"""Whether an item's four prices agree. Pure.

The listed price (挂网价) is the most that may be paid; where a volume-based price (集采价) was won it is
what must be paid; what is charged is what was paid (zero mark-up, 零差率), or more only as far as the
hospital's rule for the category says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Final

from tracer.catalog.rules import PriceKind
from tracer.shared.money import CENT

Prices = Mapping[PriceKind, Decimal]
EVERY_CATEGORY = ""


class PriceRule(StrEnum):
    """What can be wrong between an item's prices."""

    ABOVE_LISTED = "above_listed"
    NOT_VOLUME_BASED = "not_volume_based"
    CHARGE_NOT_AS_RULED = "charge_not_as_ruled"
    NO_CHARGE = "no_charge"
    NO_PURCHASE = "no_purchase"


# Between which prices a rule stands. A missing price breaks none: it is listed, not refused.
BETWEEN: Final[dict[PriceRule, frozenset[PriceKind]]] = {
    PriceRule.ABOVE_LISTED: frozenset({PriceKind.PURCHASE, PriceKind.LISTED}),
    PriceRule.NOT_VOLUME_BASED: frozenset({PriceKind.PURCHASE, PriceKind.VOLUME_BASED}),
    PriceRule.CHARGE_NOT_AS_RULED: frozenset({PriceKind.CHARGE, PriceKind.PURCHASE}),
}


@dataclass(frozen=True, slots=True)
class MarkupRule:
    """So many per cent on the purchase price, but at most `cap` yuan a piece."""

    percent: Decimal
    cap: Decimal | None = None

    def charge_for(self, purchase: Decimal) -> Decimal:
        """What is to be charged, rounded half-up to the cent."""
        added = purchase * self.percent / 100
        if self.cap is not None:
            added = min(added, self.cap)
        return (purchase + added).quantize(CENT, ROUND_HALF_UP)


ZERO_MARKUP = MarkupRule(Decimal(0))


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A rule that is broken: what was found, what was expected, and how much more was found.

    A price that is missing has no `found`; `expected` is None where nothing says what it should be.
    """

    rule: PriceRule
    found: Decimal | None
    expected: Decimal | None

    @property
    def difference(self) -> Decimal | None:
        if self.found is None or self.expected is None:
            return None
        return self.found - self.expected


def markup_for(category: str, rules: Mapping[str, MarkupRule]) -> MarkupRule:
    """The rule of the category, else that of every category, else none may be added."""
    return rules.get(category) or rules.get(EVERY_CATEGORY) or ZERO_MARKUP


def disagreements(prices: Prices, markup: MarkupRule, *, chargeable: bool) -> Iterator[Disagreement]:
    """Every rule that an item's prices of one day break. An item without any price breaks none but that
    a chargeable one has no charge price. A volume-based price in force is how a won bid is known."""
    listed, won = prices.get(PriceKind.LISTED), prices.get(PriceKind.VOLUME_BASED)
    purchase, charge = prices.get(PriceKind.PURCHASE), prices.get(PriceKind.CHARGE)
    if purchase is not None and listed is not None and purchase > listed:
        yield Disagreement(PriceRule.ABOVE_LISTED, purchase, listed)
    if won is not None and purchase != won:
        yield Disagreement(PriceRule.NOT_VOLUME_BASED, purchase, won)
    if not chargeable:
        return
    expected = None if purchase is None else markup.charge_for(purchase)
    if charge is None:
        yield Disagreement(PriceRule.NO_CHARGE, None, expected)
    elif expected is None:
        if won is None:
            yield Disagreement(PriceRule.NO_PURCHASE, None, None)
    elif charge != expected:
        yield Disagreement(PriceRule.CHARGE_NOT_AS_RULED, charge, expected)
