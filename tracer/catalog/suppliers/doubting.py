"""Why an entry should be looked at before it is approved. Pure.

An entry without a doubt contradicts nothing: neither what holds, nor what others propose, nor what a register
says of the same identifier. Only those are approved in bulk.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tracer.catalog.suppliers.rules import Certified, Doubt, Field, Value

SHORT = 20
"""So many characters of an insurance code are those of its kind; 27 name one specification."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """An entry and all that it is set beside. None, or empty: nobody says anything of it."""

    field: Field
    value: Value
    now: Value | None = None
    is_sold: bool = True
    held_elsewhere: bool = False
    wanted_elsewhere: bool = False
    has_rival: bool = False
    is_package: bool = False
    is_withdrawn: bool = False
    register_insurance: Sequence[str] = ()
    register_certificates: Sequence[str] = ()
    certificate: str = ""
    """The certificate's number that the item bears now."""
    listed: Decimal | None = None
    volume_based: Decimal | None = None


def doubts(look: Look, on: date) -> tuple[Doubt, ...]:
    """Every reason, the gravest first."""
    return tuple(_doubts(look, on))


def _doubts(look: Look, on: date) -> Iterator[Doubt]:
    if look.held_elsewhere:
        yield Doubt.HELD_ELSEWHERE
    if look.wanted_elsewhere:
        yield Doubt.WANTED_ELSEWHERE
    if look.has_rival:
        yield Doubt.RIVAL
    if not look.is_sold:
        yield Doubt.NOT_SOLD
    agrees: bool | None = None
    if look.field is Field.UDI:
        if look.is_package:
            yield Doubt.IS_PACKAGE
        if look.is_withdrawn:
            yield Doubt.WITHDRAWN_THERE
        if look.register_certificates and look.certificate:
            agrees = look.certificate in look.register_certificates
    elif look.field is Field.INSURANCE and look.register_insurance:
        agrees = any(_one_kind(str(look.value), code) for code in look.register_insurance)
    elif isinstance(look.value, Certified):
        if look.value.until is not None and look.value.until < on:
            yield Doubt.OVER_ALREADY
        if look.register_certificates:
            agrees = look.value.number in look.register_certificates
    elif isinstance(look.value, Decimal):
        yield from _of_price(look, look.value)
        return
    if agrees is False:
        yield Doubt.REGISTER_DIFFERS
    if not agrees and _replaces(look):
        yield Doubt.REPLACES


def _of_price(look: Look, price: Decimal) -> Iterator[Doubt]:
    if look.listed is not None and price > look.listed:
        yield Doubt.ABOVE_LISTED
    if look.volume_based is not None and price != look.volume_based:
        yield Doubt.NOT_VOLUME_BASED
    if isinstance(look.now, Decimal) and price > look.now:
        yield Doubt.DEARER


def _replaces(look: Look) -> bool:
    """Another code or number holds now; a new last day of the same certificate replaces nothing."""
    if look.now is None:
        return False
    if isinstance(look.value, Certified) and isinstance(look.now, Certified):
        return look.value.number != look.now.number
    return look.value != look.now


def _one_kind(said: str, known: str) -> bool:
    """The same code; or the one is of the specification whose kind the other names."""
    return said == known or (SHORT in (len(said), len(known)) and said[:SHORT] == known[:SHORT])
