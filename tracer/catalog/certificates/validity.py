"""An item's certificate on a day, and the gate before a receipt.

What was made while its certificate was valid counts as registered, and may be sold and used until its own
expiry, also after the certificate has ended; only making more is forbidden. So a delivery after the last
day is not wrong in itself: it is in order if the goods were made before. But the day of production is on
the pack, and in none of our records (a receipt names lot and expiry; no rule leads from expiry to
production). Therefore a receipt after the last day stops, and somebody with the right role, who has looked
at the pack, lets this item in for a time, with a reason, by name, on a list until closed. The bedside never
asks (domain.md, invariant 8): what is in hand was received, and a certificate that ended after production
puts neither the patient nor the law at risk.

Where nobody has said how long a certificate is valid, nothing stops: the item is listed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from tracer.catalog.certificates.errors import CertificateEnded
from tracer.catalog.certificates.numbers import canonical_number, parse_number
from tracer.catalog.certificates.rules import Period, Standing, period_on, standing_on

Reader = Session | Connection
CERTIFICATE: Final = "certificate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """An item's certificate on a day. `number` is "" if it has none; `is_readable` if it is written as
    certificates are."""

    number: str
    is_readable: bool
    valid_from: date | None
    valid_until: date | None
    standing: Standing

    def days_left(self, on: date) -> int | None:
        return (self.valid_until - on).days if self.valid_until else None


def covered_items(reader: Reader, items: Iterable[int], on: date) -> dict[int, Covered]:
    """Each item's certificate on a day; two statements."""
    borne = {row.id: row.certificate for row in reader.execute(_BORNE, {"items": sorted(set(items))})}
    found = covered_numbers(reader, borne.values(), on)
    return {item: found[written] for item, written in borne.items()}


def covered_numbers(reader: Reader, written: Iterable[str], on: date) -> dict[str, Covered]:
    """The same by number, as it is written in an item's record."""
    numbers = {one: canonical_number(one) for one in set(written)}
    said: dict[str, list[Period]] = defaultdict(list)
    asked = sorted(set(numbers.values()) - {""})
    for row in reader.execute(_SAID, {"numbers": asked}) if asked else ():
        said[row.number].append(Period(row.valid_from, row.valid_until))
    return {one: _covered(number, said[number], on) for one, number in numbers.items()}


def must_be_certified(session: Session, items: Iterable[int], on: date) -> None:
    """Raises CertificateEnded for the first item whose certificate ended before `on`, without exception."""
    covered = covered_items(session, items, on)
    ended = {item: one for item, one in covered.items() if one.standing is Standing.ENDED}
    if not ended:
        return
    waived = session.execute(_WAIVED, {"items": list(ended), "on": on}).scalars()
    for item in sorted(set(ended) - set(waived)):
        row = session.execute(_NAMED, {"item": item, "on": on}).one()
        raise CertificateEnded(
            item=row.name,
            material=row.material or "",
            number=ended[item].number,
            until=str(ended[item].valid_until),
        )


def _covered(number: str, said: Iterable[Period], on: date) -> Covered:
    read = parse_number(number) if number else None
    period = period_on(said, on)
    return Covered(
        number=number,
        is_readable=read is not None,
        valid_from=period.since if period else None,
        valid_until=period.until if period else None,
        standing=standing_on(period, on, endless=read is not None and read.is_endless),
    )


_BORNE = text("SELECT id, certificate FROM item WHERE id = ANY(CAST(:items AS bigint[]))")
# In the order in which it was approved; of one act, the later period last.
_SAID = text("""
    SELECT number, valid_from, valid_until FROM certificate
     WHERE number = ANY(CAST(:numbers AS text[])) AND status IN ('approved', 'replaced')
       AND valid_until IS NOT NULL
     ORDER BY number, decided_at, valid_from NULLS FIRST, id""")
_WAIVED = text("""
    SELECT item_id FROM waiver
     WHERE item_id = ANY(CAST(:items AS bigint[])) AND kind = 'certificate' AND closed_at IS NULL
       AND until >= :on""")
_NAMED = text("""
    SELECT i.name, (SELECT b.code FROM code_binding b
                     WHERE b.item_id = i.id AND b.system = 'material' AND b.status IN ('approved', 'retired')
                       AND b.valid_from <= :on AND (b.valid_to IS NULL OR b.valid_to > :on)) AS material
      FROM item i WHERE i.id = :item""")
