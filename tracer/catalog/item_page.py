"""Everything about one item on one page: codes with their history, packages, prices, stock, where used.

Stock, movements and bundles belong to rooms above this one; they are asked for by their tables' names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from tracer.catalog.certificates.rules import CertificateStatus
from tracer.catalog.certificates.validity import Covered, covered_items
from tracer.catalog.coming_into_use import missing_of
from tracer.catalog.packaging import Package, as_tree
from tracer.catalog.price_exceptions import Allowed, agreed_exceptions, exception_for
from tracer.catalog.price_markups import markup_rules
from tracer.catalog.price_rules import Disagreement, disagreements, markup_for
from tracer.catalog.queries import AS_KNOWN
from tracer.catalog.rules import BindingStatus, CodeSystem, PriceKind, Tracking, WaiverKind


@dataclass(frozen=True, slots=True, kw_only=True)
class BindingRow:
    """A binding with the people behind it. `holds` on the day that was asked about."""

    id: int
    system: CodeSystem
    code: str
    valid_from: date
    valid_to: date | None
    status: BindingStatus
    holds: bool
    over: bool
    moves: bool
    taken_over: bool
    proposer_id: int | None
    proposer: str | None
    approver: str | None
    decided_at: datetime | None
    source: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceRow:
    """A price with the people behind it; `holds` on the day that was asked about."""

    id: int
    kind: PriceKind
    amount: Decimal
    valid_from: date
    valid_to: date | None
    status: str
    holds: bool
    taken_over: bool
    proposer_id: int | None
    proposer: str | None
    first_approver_id: int | None
    first: str | None
    second: str | None
    source: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateRow:
    """What was said of the item's certificate, or of the number it bears, with the people behind it."""

    id: int
    of_item: bool
    number: str
    valid_from: date | None
    valid_until: date | None
    status: CertificateStatus
    proposer: str
    approver: str | None
    source: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    code: str
    name: str
    name_en: str
    quantity: int
    lots: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """Where an item was used, over all time: uses less what was undone."""

    code: str
    name: str
    name_en: str
    quantity: int
    last: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemPage:
    """One item as a person sees it on a day."""

    id: int
    name: str
    specification: str
    model: str
    maker: str
    covered: Covered
    unit: str
    category: str
    tracking: Tracking
    chargeable: bool
    high_value: bool
    sterile: bool
    on: date
    bindings: tuple[BindingRow, ...]
    prices: tuple[PriceRow, ...]
    packages: tuple[Package, ...]
    shelves: tuple[Shelf, ...]
    uses: tuple[Use, ...]
    bundles: tuple[tuple[str, str, int], ...]
    missing: tuple[str, ...]
    disagreements: tuple[tuple[Disagreement, Allowed | None], ...]
    certificates: tuple[CertificateRow, ...]
    waiver: Any
    certificate_waiver: Any

    def current(self, system: CodeSystem) -> BindingRow | None:
        return next((one for one in self.bindings if one.system is system and one.holds), None)

    def history(self, system: CodeSystem) -> list[BindingRow]:
        """What the system's code was and will be, the latest first; proposals not among them."""
        return [
            one
            for one in self.bindings
            if one.system is system and one.status is not BindingStatus.PROPOSED and not one.holds
        ]

    def proposed(self, system: CodeSystem) -> list[BindingRow]:
        return [o for o in self.bindings if o.system is system and o.status is BindingStatus.PROPOSED]

    def price(self, kind: PriceKind) -> PriceRow | None:
        return next((one for one in self.prices if one.kind is kind and one.holds), None)

    def other_prices(self, kind: PriceKind) -> list[PriceRow]:
        return [one for one in self.prices if one.kind is kind and not one.holds]


def item_page(
    reader: Session | Connection,
    item_id: int,
    on: date,
    scopes: Sequence[str] = (),
    known_at: datetime | None = None,
) -> ItemPage | None:
    """The item on a day, with the stock of the places under `scopes`; None if there is no such item.

    With `known_at` its codes are told as they were known then; the rest as it is known now.
    """
    asked = {"item": item_id, "on": on}
    item = reader.execute(_ITEM, {"item": item_id}).one_or_none()
    if item is None:
        return None
    prices = tuple(_price(row) for row in reader.execute(_PRICES, asked))
    in_force = {one.kind: one.amount for one in prices if one.holds}
    markup = markup_for(item.category, markup_rules(reader))
    agreed = agreed_exceptions(reader, item_id)
    covered = covered_items(reader, [item_id], on)[item_id]
    waivers = {row.kind: row for row in reader.execute(_WAIVERS, asked)}
    seen = {"item": item_id, "scopes": list(scopes)}
    return ItemPage(
        id=item.id,
        name=item.name,
        specification=item.specification,
        model=item.model,
        maker=item.maker,
        covered=covered,
        unit=item.base_unit,
        category=item.category,
        tracking=Tracking(item.tracking),
        chargeable=item.chargeable,
        high_value=item.high_value,
        sterile=item.sterile,
        on=on,
        bindings=tuple(
            _binding(row)
            for row in (
                reader.execute(_BINDINGS, asked)
                if known_at is None
                else reader.execute(_BINDINGS_KNOWN, asked | {"known": known_at})
            )
        ),
        prices=prices,
        packages=as_tree((row.di, row.base_units, row.level) for row in reader.execute(_PACKAGES, asked)),
        shelves=tuple(Shelf(**row) for row in reader.execute(_SHELVES, seen).mappings()),
        uses=tuple(Use(**row) for row in reader.execute(_USES, seen).mappings()),
        bundles=tuple((r.order_code, r.name, r.quantity) for r in reader.execute(_BUNDLES, asked)),
        missing=missing_of(reader, [item_id], on).get(item_id, ()),
        disagreements=tuple(
            (broken, exception_for(agreed, item_id, broken))
            for broken in disagreements(in_force, markup, chargeable=item.chargeable)
        ),
        certificates=tuple(
            _certificate(row) for row in reader.execute(_CERTIFICATES, asked | {"number": covered.number})
        ),
        waiver=waivers.get(WaiverKind.UNSETTLED),
        certificate_waiver=waivers.get(WaiverKind.CERTIFICATE),
    )


def _binding(row: Any) -> BindingRow:
    return BindingRow(
        id=row.id,
        system=CodeSystem(row.system),
        code=row.code,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        status=BindingStatus(row.status),
        holds=row.holds,
        over=row.over,
        moves=row.moves,
        taken_over=row.taken_over,
        proposer_id=row.proposer_id,
        proposer=row.proposer,
        approver=row.approver,
        decided_at=row.decided_at,
        source=row.source,
        reason=row.reason,
    )


def _price(row: Any) -> PriceRow:
    return PriceRow(
        id=row.id,
        kind=PriceKind(row.kind),
        amount=row.amount,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        status=row.status,
        holds=row.holds,
        taken_over=row.taken_over,
        proposer_id=row.proposer_id,
        proposer=row.proposer,
        first_approver_id=row.first_approver_id,
        first=row.first,
        second=row.second,
        source=row.source,
        reason=row.reason,
    )


def _certificate(row: Any) -> CertificateRow:
    return CertificateRow(
        id=row.id,
        of_item=row.item_id is not None,
        number=row.number,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        status=CertificateStatus(row.status),
        proposer=row.proposer,
        approver=row.approver,
        source=row.source,
        reason=row.reason,
    )


_ITEM = text("SELECT * FROM item WHERE id = :item")
_BINDINGS_NOW: Final = """
    SELECT b.*, p.name AS proposer, a.name AS approver,
           b.status IN ('approved', 'retired') AND b.valid_from <= :on
               AND (b.valid_to IS NULL OR b.valid_to > :on) AS holds,
           b.valid_to IS NOT NULL AND b.valid_to <= :on AS over
      FROM code_binding b LEFT JOIN person p ON p.id = b.proposer_id
      LEFT JOIN person a ON a.id = b.approver_id
     WHERE b.item_id = :item ORDER BY b.valid_from DESC, b.id DESC"""
_BINDINGS = text(_BINDINGS_NOW)
_BINDINGS_KNOWN = text(_BINDINGS_NOW.replace("code_binding b", f"{AS_KNOWN} b"))
_PRICES = text("""
    SELECT c.*, p.name AS proposer, f.name AS first, s.name AS second,
           c.status = 'approved' AND c.valid_from <= :on
               AND (c.valid_to IS NULL OR c.valid_to > :on) AS holds
      FROM price c LEFT JOIN person p ON p.id = c.proposer_id
      LEFT JOIN person f ON f.id = c.first_approver_id LEFT JOIN person s ON s.id = c.second_approver_id
     WHERE c.item_id = :item ORDER BY c.valid_from DESC, c.id DESC""")
_PACKAGES = text("SELECT di, base_units, level FROM packaging WHERE item_id = :item")
_SHELVES = text("""
    SELECT l.code, l.name, l.name_en, sum(b.quantity)::bigint AS quantity, count(*) AS lots
      FROM balance b JOIN location l ON l.id = b.location_id
     WHERE b.item_id = :item AND b.quantity <> 0
       AND EXISTS (SELECT FROM unnest(CAST(:scopes AS text[])) AS s (path) WHERE starts_with(l.path, s.path))
     GROUP BY l.id ORDER BY 4 DESC, l.code""")
_USES = text("""
    SELECT l.code, l.name, l.name_en,
           sum(CASE WHEN m.origin_id = l.id THEN m.quantity ELSE -m.quantity END)::bigint AS quantity,
           max(m.business_date) AS last
      FROM movement m JOIN location l
        ON l.id = CASE WHEN m.reverses_id IS NULL THEN m.origin_id ELSE m.target_id END
     WHERE m.item_id = :item AND (m.kind = 'use' OR m.reverses_id IS NOT NULL)
       AND EXISTS (SELECT FROM unnest(CAST(:scopes AS text[])) AS s (path) WHERE starts_with(l.path, s.path))
     GROUP BY l.id HAVING sum(CASE WHEN m.origin_id = l.id THEN m.quantity ELSE -m.quantity END) <> 0
     ORDER BY 4 DESC, l.code""")
_BUNDLES = text("""
    SELECT d.order_code, d.name, x.quantity FROM bundle_line x JOIN bundle d ON d.id = x.bundle_id
     WHERE x.item_id = :item ORDER BY d.order_code""")
_CERTIFICATES = text("""
    SELECT c.*, p.name AS proposer, a.name AS approver
      FROM certificate c JOIN person p ON p.id = c.proposer_id LEFT JOIN person a ON a.id = c.approver_id
     WHERE c.item_id = :item OR c.number = :number AND c.item_id IS NULL
     ORDER BY coalesce(c.decided_at, c.created_at) DESC, c.id DESC""")
_WAIVERS = text("""
    SELECT w.id, w.kind, w.why, w.until, w.until < :on AS over, p.name AS granted_by
      FROM waiver w JOIN person p ON p.id = w.granted_by_id
     WHERE w.item_id = :item AND w.closed_at IS NULL""")
