"""The variance again, slowly, row by row, from the domain page alone: shares no line with the product."""

from __future__ import annotations

from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

Row = dict[str, Any]


def expected_rows(
    movements: list[tuple[Any, ...]],
    charges: list[tuple[Any, ...]],
    opening: list[tuple[Any, ...]],
    counts: list[tuple[Any, ...]],
    items: dict[str, tuple[bool, Decimal | None]],
    tolerance: Decimal,
) -> dict[tuple[str, str, str], Row]:
    """movements: (day, location, material, kind, quantity); items: material → (chargeable, unit cost)."""
    events: dict[tuple[str, str], dict[str, list[tuple[str, int]]]] = defaultdict(lambda: defaultdict(list))
    for day, location, material, kind, quantity in movements:
        events[location, material][day].append((kind, quantity))
    for day, location, material, quantity in charges:
        events[location, material][day].append(("charge", quantity))
    for day, location, material, quantity in counts:
        events[location, material][day].append(("count", quantity))
    first: dict[tuple[str, str], int] = defaultdict(int)
    for location, material, quantity in opening:
        first[location, material] += quantity

    found = {}
    for (location, material), days in events.items():
        stock = first[location, material]
        chargeable, cost = items.get(material, (True, None))
        for day in sorted(days):
            row = _row(stock, days[day], chargeable, cost, tolerance)
            found[day, location, material] = row
            stock = row["book_closing"] if row["counted"] is None else row["counted"]
    return found


def _row(
    o: int, happened: list[tuple[str, int]], chargeable: bool, cost: Decimal | None, tolerance: Decimal
) -> Row:
    def total(kind: str) -> int:
        return sum(quantity for what, quantity in happened if what == kind)

    p = total("receipt") - total("supplier_return")
    ti, to = total("transfer_in"), total("transfer_out")
    u = total("use") - total("use_reversal")
    lost = total("write_off")
    k = o + p + ti - to - u - lost
    counted = any(what == "count" for what, _ in happened)
    c = total("count")
    s = o + p + ti - to - lost - c if counted else u
    b = total("charge")
    vs = c - k if counted else None
    vc = b - s if chargeable else None

    if chargeable:
        gap, base = abs(b - s), max(abs(s), abs(b))
    else:
        gap, base = abs(vs or 0), max(abs(s), abs(u))
    rate = Fraction(gap, base) if base else Fraction(0)
    status = "OK" if rate <= Fraction(tolerance) else "BREACH"
    if counted and s < min(u, 0):
        status = "INVALID"
    value = None
    if chargeable and cost is not None:
        value = ((b - s) * cost).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return {
        "opening": o,
        "received": p,
        "transferred_in": ti,
        "transferred_out": to,
        "used": u,
        "written_off": lost,
        "book_closing": k,
        "counted": c if counted else None,
        "consumed": s,
        "billed": b,
        "stock_variance": vs,
        "charge_variance": vc,
        "rate": None if status == "INVALID" else rate,
        "variance_value": value,
        "status": status,
        "chargeable": chargeable,
        "weight": max(abs(s), abs(b)),
        "weight_value": max(abs(s), abs(b)) * cost if cost is not None else None,
    }


def expected_rates(rows: list[Row]) -> dict[str, Fraction | None]:
    """gross and net, by quantity and by value, over the chargeable rows that are not INVALID."""
    rated = [row for row in rows if row["chargeable"] and row["status"] != "INVALID"]

    def rates(gaps: list[Any], weights: list[Any]) -> tuple[Fraction, Fraction]:
        weight = Fraction(sum(weights))
        if not weight:
            return Fraction(0), Fraction(0)
        return Fraction(sum(map(abs, gaps))) / weight, Fraction(abs(sum(gaps))) / weight

    gross, net = rates([row["charge_variance"] for row in rated], [row["weight"] for row in rated])
    by_value = None, None
    if rated and all(row["variance_value"] is not None for row in rated):
        by_value = rates([row["variance_value"] for row in rated], [row["weight_value"] for row in rated])
    return {"gross": gross, "net": net, "gross_value": by_value[0], "net_value": by_value[1]}
