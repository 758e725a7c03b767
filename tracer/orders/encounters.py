"""The patient's stay behind a wristband."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from scanners import gtin
from tracer.orders.errors import BadEncounter
from tracer.orders.tables import Encounter
from tracer.shared.clock import Clock

# Letters, digits and inner hyphens, at most 32: a consumable's barcode is longer, or is a bare GTIN.
ENCOUNTER = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9])?")


@dataclass(frozen=True, slots=True)
class EncounterRef:
    id: int
    ref: str
    confirmed: bool


def is_encounter_ref(ref: str) -> bool:
    """True for what can stand on a wristband; False for what a consumable carries.

    Asked only of references the HIS has not told of, since one in ten numbers of a GTIN's length
    happens to have its check digit.
    """
    return ENCOUNTER.fullmatch(ref) is not None and not (len(ref) >= 12 and gtin.is_valid(ref))


def get_or_open_encounter(
    session: Session, ref: str, clock: Clock, *, location_id: int, confirmed: bool
) -> EncounterRef:
    """The encounter of this reference; opened as unconfirmed if the HIS has not told of it yet.

    A nurse is not stopped because an interface lags: the HIS confirms the encounter later.
    Raises BadEncounter for a text that cannot be a reference.
    """
    find = select(Encounter.id, Encounter.ref, Encounter.confirmed).where(Encounter.ref == ref)
    row = session.execute(find).one_or_none()
    if row is None:
        if not is_encounter_ref(ref):
            raise BadEncounter(ref=ref[:40])
        session.execute(
            insert(Encounter)
            .values(ref=ref, location_id=location_id, confirmed=confirmed, created_at=clock.now())
            .on_conflict_do_nothing(index_elements=["ref"])
        )
        row = session.execute(find).one()
    return EncounterRef(row.id, row.ref, row.confirmed)
