"""Certificates that have ended, end soon, or of which nothing is known; with what they concern."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from tracer.catalog.certificates.numbers import canonical_number
from tracer.catalog.certificates.rules import WARN_BEFORE, Standing
from tracer.catalog.certificates.validity import Covered, covered_numbers
from tracer.catalog.items import SPECIFICATION

PAGE: Final = 30
URGENT: Final = (Standing.ENDED, Standing.ENDS_IN_30, Standing.ENDS_IN_90)
Reader = Session | Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class CoveredItem:
    """An item under a certificate: `stock` in base units, in the places the asker may see."""

    id: int
    name: str
    specification: str
    material: str
    unit: str
    stock: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Concern:
    """A certificate with what it concerns. `proposed` are what waits for approval: (record, last day)."""

    number: str
    covered: Covered
    days_left: int | None
    items: tuple[CoveredItem, ...]
    suppliers: tuple[str, ...]
    proposed: tuple[tuple[int, date], ...]

    @property
    def stocked(self) -> int:
        """How many of its items are on a shelf."""
        return sum(1 for item in self.items if item.stock > 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificates:
    """One page, those that ended first; `counts` are of all certificates, whatever was asked for."""

    on: date
    rows: tuple[Concern, ...]
    counts: dict[Standing, int]
    found: int
    page: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.found // PAGE))


def list_certificates(
    reader: Reader,
    on: date,
    *,
    standing: Standing | None = None,
    scopes: Sequence[str] = (),
    page: int = 1,
    most: int = PAGE,
) -> Certificates:
    """The certificates of all items in use, the most urgent first; at most six statements."""
    spelled: dict[str, set[str]] = defaultdict(set)
    for written in reader.execute(_WRITTEN, {"on": on}).scalars():
        spelled[canonical_number(written)].add(written)
    covered = covered_numbers(reader, spelled, on)
    order = list(Standing)
    wanted = sorted(
        (one for one in covered.values() if standing is None or one.standing is standing),
        key=lambda one: (order.index(one.standing), one.valid_until or date.max, one.number),
    )
    shown = wanted[(page - 1) * most : page * most]
    counts = Counter(one.standing for one in covered.values())
    return Certificates(
        on=on,
        rows=tuple(_concerns(reader, on, shown, spelled, scopes)),
        counts={one: counts[one] for one in Standing},
        found=len(wanted),
        page=page,
    )


def ending_items(
    reader: Reader, on: date, *, among: Iterable[int] | None = None
) -> dict[Standing, list[int]]:
    """Items whose certificate has ended or ends soon, by how soon; of all items in use, or of these.

    One statement where nothing ends, three where something does.
    """
    found: dict[Standing, list[int]] = {standing: [] for standing in URGENT}
    numbers = reader.execute(_MAY_END, {"by": on + WARN_BEFORE}).scalars().all()
    urgent = {n: one for n, one in covered_numbers(reader, numbers, on).items() if one.standing in URGENT}
    if not urgent:
        return found
    chosen = None if among is None else set(among)
    for row in reader.execute(_BORNE, {"on": on}):
        one = urgent.get(canonical_number(row.certificate))
        if one is not None and (chosen is None or row.id in chosen):
            found[one.standing].append(row.id)
    return found


def _concerns(
    reader: Reader, on: date, shown: Sequence[Covered], spelled: dict[str, set[str]], scopes: Sequence[str]
) -> Iterable[Concern]:
    written = [one for covered in shown for one in spelled[covered.number]]
    items: dict[str, list[CoveredItem]] = defaultdict(list)
    suppliers: dict[str, set[str]] = defaultdict(set)
    for row in reader.execute(_ITEMS, {"on": on, "written": written, "scopes": list(scopes)}):
        number = canonical_number(row.certificate)
        items[number].append(_item(row))
        suppliers[number].update(row.suppliers or ())
    proposed: dict[str, list[tuple[int, date]]] = defaultdict(list)
    for row in reader.execute(_PROPOSED, {"numbers": [one.number for one in shown]}):
        proposed[row.number].append((row.id, row.valid_until))
    for one in shown:
        yield Concern(
            number=one.number,
            covered=one,
            days_left=one.days_left(on),
            items=tuple(items[one.number]),
            suppliers=tuple(sorted(suppliers[one.number])),
            proposed=tuple(proposed[one.number]),
        )


def _item(row: Any) -> CoveredItem:
    return CoveredItem(
        id=row.id,
        name=row.name,
        specification=row.specification,
        material=row.material,
        unit=row.base_unit,
        stock=row.stock,
    )


# In use is what has a material code.
_IN_USE = """
      FROM item i JOIN code_binding m ON m.item_id = i.id AND m.system = 'material'
       AND m.status IN ('approved', 'retired') AND m.valid_from <= :on
       AND (m.valid_to IS NULL OR m.valid_to > :on)"""
_WRITTEN = text(f"SELECT DISTINCT i.certificate {_IN_USE}")
# One that was renewed since is among them; what was said last of it tells.
_MAY_END = text("""
    SELECT DISTINCT number FROM certificate
     WHERE status IN ('approved', 'replaced') AND valid_until <= :by""")
_BORNE = text(f"SELECT i.id, i.certificate {_IN_USE} WHERE i.certificate <> '' ORDER BY i.id")
_ITEMS = text(f"""
    SELECT i.id, i.name, {SPECIFICATION} AS specification, i.base_unit, i.certificate, m.code AS material,
           (SELECT coalesce(sum(b.quantity), 0)::bigint FROM balance b JOIN location l ON l.id = b.location_id
             WHERE b.item_id = i.id AND EXISTS (
                   SELECT FROM unnest(CAST(:scopes AS text[])) AS s (path)
                    WHERE starts_with(l.path, s.path))) AS stock,
           (SELECT array_agg(DISTINCT s.name) FROM supply y JOIN supplier s ON s.id = y.supplier_id
             WHERE y.item_id = i.id AND y.ended_at IS NULL) AS suppliers
    {_IN_USE} WHERE i.certificate = ANY(CAST(:written AS text[])) ORDER BY i.name, m.code""")
_PROPOSED = text("""
    SELECT id, number, valid_until FROM certificate
     WHERE status = 'proposed' AND valid_until IS NOT NULL AND number = ANY(CAST(:numbers AS text[]))
     ORDER BY id""")
