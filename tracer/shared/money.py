"""Money is Decimal CNY with two places; amounts are rounded half-up (domain.md, invariant 6)."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


def amount_of(quantity: int, unit_price: Decimal) -> Decimal:
    """quantity × unit price, rounded half-up to 0.01 CNY; a refund's quantity is negative."""
    return (quantity * unit_price).quantize(CENT, rounding=ROUND_HALF_UP)
