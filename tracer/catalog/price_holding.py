"""Whether prices would agree from the day on which some of them come into force. Pure.

What comes into force together is looked at together: a purchase price and the charge price that follows
from it change on one day, and neither would pass alone. Looked at is every day from then on on which a
price of the item begins or ends, also those that were approved before and begin later.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tracer.catalog.price_rules import BETWEEN, Disagreement, MarkupRule, disagreements
from tracer.catalog.rules import PriceKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """A price on its days; `id` of None: in force already, else it is to come into force."""

    item_id: int
    kind: PriceKind
    amount: Decimal
    start: date
    end: date | None = None
    id: int | None = None

    def holds(self, on: date) -> bool:
        return self.start <= on and (self.end is None or on < self.end)


@dataclass(frozen=True, slots=True)
class Break:
    """A rule that would be broken from a day on, by these prices that are to come into force."""

    item_id: int
    since: date
    broken: Disagreement
    by: tuple[int, ...]
    purchase: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Chargeable:
    """What the rules ask of an item besides its prices."""

    chargeable: bool
    markup: MarkupRule


def breaks(coming: Sequence[Dated], standing: Iterable[Dated], items: dict[int, Chargeable]) -> list[Break]:
    """Each rule that the coming prices would break, on the first day on which they do."""
    at_hand: dict[int, list[Dated]] = defaultdict(list)
    for one in standing:
        at_hand[one.item_id].append(one)
    new: dict[int, list[Dated]] = defaultdict(list)
    for one in coming:
        new[one.item_id].append(one)
    return [
        found for item_id, mine in new.items() for found in _breaks(mine, at_hand[item_id], items[item_id])
    ]


def passing(
    coming: Sequence[Dated], standing: Iterable[Dated], items: dict[int, Chargeable]
) -> tuple[list[Dated], list[Break]]:
    """Those that may come into force without the others, and what the others break.

    Where one is left out, another that agreed with it may no longer agree: it is asked again.
    """
    at_hand, found = list(standing), []
    while again := breaks(coming, at_hand, items):
        found += again
        stopped = {id_ for one in again for id_ in one.by}
        coming = [one for one in coming if one.id not in stopped]
    return list(coming), found


def _breaks(coming: Sequence[Dated], standing: Sequence[Dated], item: Chargeable) -> Iterator[Break]:
    # The price of the kind that is in force ends where the new one begins.
    begins = {one.kind: one.start for one in coming}
    prices = [*(_ended(one, begins.get(one.kind)) for one in standing), *coming]
    first = min(begins.values())
    days = {day for one in prices for day in (one.start, one.end) if day is not None and day >= first}
    told = set()
    for day in sorted(days):
        held = {one.kind: one for one in prices if one.holds(day)}
        amounts = {kind: one.amount for kind, one in held.items()}
        for broken in disagreements(amounts, item.markup, chargeable=item.chargeable):
            kinds = BETWEEN.get(broken.rule, frozenset())
            by = tuple(sorted(held[k].id or 0 for k in kinds if k in held and held[k].id is not None))
            if broken.found is not None and by and (broken, by) not in told:
                told.add((broken, by))
                yield Break(coming[0].item_id, day, broken, by, amounts.get(PriceKind.PURCHASE))


def _ended(one: Dated, new: date | None) -> Dated:
    if new is None or one.start >= new or (one.end is not None and one.end <= new):
        return one
    return Dated(item_id=one.item_id, kind=one.kind, amount=one.amount, start=one.start, end=new, id=one.id)
