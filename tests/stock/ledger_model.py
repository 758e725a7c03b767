"""The hospital's ledger as dictionaries: slow, obvious, and written without a look at the real one.

`shelf[(place, item, lot)]` is how many the book has there, `where[unit]` is where a piece is, `paid[scan]`
what a scan charged. Every method does what the ward would say happened, or says that it cannot be.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal

PRICES = {"stent": Decimal("12800.00"), "syringe": Decimal("1.85")}
PATIENT, SUPPLIER, LOSS, NOWHERE = "PATIENT", "SUPPLIER", "LOSS", "NOWHERE"
OUTSIDE = {PATIENT, SUPPLIER, LOSS, NOWHERE}


class Impossible(Exception):
    """The book does not hold what a document wants to take."""


@dataclass
class Used:
    """What a scan took, from where, and what it cost; `unit` for a piece with a name."""

    item: str
    place: str
    lot: str
    quantity: int
    unit: str | None
    undone: bool = False

    @property
    def cost(self) -> Decimal:
        return Decimal(0) if self.undone else PRICES[self.item] * self.quantity


@dataclass
class Model:
    shelf: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    where: dict[str, str] = field(default_factory=dict)
    scans: dict[int, Used] = field(default_factory=dict)

    def receive(self, place: str, item: str, lot: str, quantity: int) -> None:
        self.shelf[place, item, lot] += quantity

    def receive_unit(self, place: str, unit: str) -> None:
        self.where[unit] = place
        self.shelf[place, "stent", "A1"] += 1

    def send(self, origin: str, target: str, item: str, lot: str, quantity: int) -> None:
        """Books bind here: what is not there is not sent."""
        if self.shelf[origin, item, lot] < quantity:
            raise Impossible
        self.shelf[origin, item, lot] -= quantity
        if target not in OUTSIDE:
            self.shelf[target, item, lot] += quantity

    def send_unit(self, origin: str, target: str, unit: str) -> None:
        if self.where.get(unit) != origin:
            raise Impossible
        self._carry(unit, target)

    def use(self, scan: int, place: str, item: str, lot: str, quantity: int) -> None:
        """A bedside is never stopped by the book."""
        self.shelf[place, item, lot] -= quantity
        self.scans[scan] = Used(item, place, lot, quantity, None)

    def may_use_unit(self, unit: str) -> bool:
        return self.where.get(unit) != PATIENT

    def use_unit(self, scan: int, place: str, unit: str) -> None:
        """Wherever the book had it, it was here."""
        if self.where.get(unit, NOWHERE) == NOWHERE:
            self.where[unit] = place  # and the shelf goes below what the book knew
        elif self.where[unit] != place:
            self._carry(unit, place)
        self._carry(unit, PATIENT)
        self.scans[scan] = Used("stent", place, "A1", 1, unit)

    def may_undo(self, scan: int) -> bool:
        return not self.scans[scan].undone

    def undo(self, scan: int) -> None:
        used = self.scans[scan]
        used.undone = True
        self.shelf[used.place, used.item, used.lot] += used.quantity
        if used.unit is not None:
            self.where[used.unit] = used.place

    def count(self, place: str, item: str, lot: str, counted: int) -> None:
        self.shelf[place, item, lot] = counted

    def charged(self) -> Decimal:
        return sum((used.cost for used in self.scans.values()), Decimal(0))

    def live_charges(self, unit: str) -> int:
        return sum(used.unit == unit and not used.undone for used in self.scans.values())

    def _carry(self, unit: str, target: str) -> None:
        for place, step in ((self.where[unit], -1), (target, 1)):
            if place not in OUTSIDE:
                self.shelf[place, "stent", "A1"] += step
        self.where[unit] = target
