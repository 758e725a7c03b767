"""What the registers say of one identifier: which of a device's packs it is on, and the device."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from reconcile.registers import Register, record_of
from reconcile.registers.insurance_codes import LONG, SHORT
from tracer.catalog.registers.identifying import canonical_forms
from tracer.catalog.registers.tables import DI_KINDS, CodeKind

# So many are counted; beyond, "at least".
MOST_COUNTED: Final = 1000


@dataclass(frozen=True, slots=True)
class InsuranceCode:
    """A code that the registers give for a device, and for how many others they give it too.

    A 20-character code is meant for many models; one of 27 characters on more than one device
    is `shared`: one of them, at least, carries another's code.
    """

    code: str
    source: str
    devices: int
    models_of_kind: int

    @property
    def is_specification(self) -> bool:
        return len(self.code) == LONG

    @property
    def shared(self) -> bool:
        return self.is_specification and self.devices > 1


@dataclass(frozen=True, slots=True)
class PackFact:
    """One of the device's identifiers. None: the register leaves the quantity open."""

    kind: CodeKind
    di: str
    sales_units: int | None
    use_units: int | None


@dataclass(frozen=True, slots=True)
class RegisterFact:
    """What is known of `asked`. `kind`, `sales_units` and `use_units` are of the pack it is on.

    `others`: how many other devices claim the same identifier.
    """

    asked: str
    kind: CodeKind
    sales_units: int | None
    use_units: int | None
    source: Register
    key: str
    sales_unit: str
    agency: str
    name: str
    brand: str
    specification: str
    model: str
    reference: str
    maker: str
    maker_english: str
    certificates: tuple[str, ...]
    insurance: tuple[InsuranceCode, ...]
    packs: tuple[PackFact, ...]
    carries_lot: bool | None
    carries_serial: bool | None
    carries_manufactured: bool | None
    carries_expiry: bool | None
    withdrawn: str
    version: int
    version_date: str
    status: str
    others: int = 0
    said: dict[str, object] = field(default_factory=dict, repr=False)


# The national register before the American one, what is sold before what was withdrawn, and the
# smallest pack first: where one number is on two packs it is the smaller that is scanned.
_FIND: Final = text("""
SELECT c.kind, c.sales_units, c.use_units, r.id, r.register, r.key, r.di, r.said, r.version, r.version_date
  FROM register_code c JOIN register_record r ON r.id = c.record_id
 WHERE c.code = ANY(:codes) AND c.kind = ANY(:kinds)
 ORDER BY array_position(ARRAY['nmpa', 'gudid', 'insurance'], r.register),
          r.withdrawn <> '', array_position(CAST(:kinds AS text[]), c.kind),
          r.version_date DESC NULLS LAST, r.id
 LIMIT 100
""")
_PACKS: Final = text("""
SELECT c.code, c.kind, c.sales_units, c.use_units FROM register_code c
 WHERE c.record_id = :record AND c.kind = ANY(:kinds)
 ORDER BY array_position(CAST(:kinds AS text[]), c.kind), c.sales_units NULLS LAST, c.code
""")
_CATALOGUE: Final = text("""
SELECT DISTINCT r.key FROM register_code c JOIN register_record r ON r.id = c.record_id
 WHERE c.code = ANY(:codes) AND c.kind = 'catalogue_di' ORDER BY r.key LIMIT 50
""")
# Devices are counted by their sales unit: the national register, GUDID and the catalogue name the same ones.
_SHARED: Final = text("""
SELECT k.code,
       (SELECT count(DISTINCT x.di) FROM (
            SELECT coalesce(nullif(r.di, ''), r.key) AS di
              FROM register_code c JOIN register_record r ON r.id = c.record_id
             WHERE c.code = k.code AND c.kind = 'insurance'
               AND (r.register <> 'insurance' OR r.di <> '') LIMIT :most) x) AS devices,
       (SELECT count(DISTINCT x.code) FROM (
            SELECT c.code FROM register_code c
             WHERE c.code >= left(k.code, :short) AND c.code < left(k.code, :short) || 'A'
               AND c.kind = 'insurance' AND length(c.code) > :short LIMIT :most) x) AS models
  FROM unnest(CAST(:codes AS text[])) AS k (code)
""")


def register_facts(reader: Connection | Session, di: str) -> RegisterFact | None:
    """What the registers say of a DI as it was scanned or typed; None if none of them knows it."""
    if not di.isprintable():
        return None
    codes = list(dict.fromkeys(canonical_forms(di.strip())))
    kinds = [kind.value for kind in DI_KINDS]
    rows = reader.execute(_FIND, {"codes": codes, "kinds": kinds}).all()
    if not rows:
        return None
    best = rows[0]
    register = Register(best.register)
    record = record_of(register, best.said)
    assert record is not None, "what is stored was read once"
    packs = reader.execute(_PACKS, {"record": best.id, "kinds": kinds}).all()
    catalogue = register == Register.INSURANCE
    if catalogue:
        named = [(record.key, Register.INSURANCE)]
    else:
        sold = [pack.code for pack in packs]
        named = [(code, register) for code in record.insurance_codes]
        named += [(key, Register.INSURANCE) for (key,) in reader.execute(_CATALOGUE, {"codes": sold})]
    return RegisterFact(
        asked=codes[0],
        kind=CodeKind(best.kind),
        sales_units=best.sales_units,
        use_units=best.use_units,
        source=register,
        key=best.key,
        sales_unit="" if catalogue else best.di,
        agency=record.agency,
        name=record.name,
        brand=record.brand,
        specification=record.specification,
        model=record.model,
        reference=record.reference,
        maker=record.maker,
        maker_english=record.maker_english,
        certificates=record.certificates,
        insurance=_insurance(reader, named),
        packs=tuple(PackFact(CodeKind(p.kind), p.code, p.sales_units, p.use_units) for p in packs),
        carries_lot=record.carries_lot,
        carries_serial=record.carries_serial,
        carries_manufactured=record.carries_manufactured,
        carries_expiry=record.carries_expiry,
        withdrawn=record.withdrawn,
        version=best.version,
        version_date=best.version_date.isoformat() if best.version_date else "",
        status=record.status,
        others=len({row.id for row in rows if row.register == best.register}) - 1,
        said=best.said,
    )


def _insurance(reader: Connection | Session, named: list[tuple[str, Register]]) -> tuple[InsuranceCode, ...]:
    sources: dict[str, str] = {}
    for code, source in named:
        sources[code] = "+".join(dict.fromkeys([*sources.get(code, "").split("+"), source.value])).strip("+")
    if not sources:
        return ()
    values = {"codes": list(sources), "most": MOST_COUNTED, "short": SHORT}
    return tuple(
        InsuranceCode(row.code, sources[row.code], row.devices, row.models)
        for row in reader.execute(_SHARED, values)
    )
