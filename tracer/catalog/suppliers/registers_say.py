"""What the registers say of many identifiers at once: as much as an entry is set beside."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from reconcile.registers import Register, record_of
from tracer.catalog.certificates.numbers import canonical_number
from tracer.catalog.registers.tables import DI_KINDS, CodeKind


@dataclass(frozen=True, slots=True)
class RegisterWord:
    """A device as a register has it. `kind`: which of its packs the identifier is on."""

    register: str
    kind: CodeKind
    name: str
    model: str
    maker: str
    certificates: tuple[str, ...]
    insurance: tuple[str, ...]
    withdrawn: bool


def register_words(reader: Session | Connection, dis: Iterable[str]) -> dict[str, RegisterWord]:
    """Identifier → what is said of it; those that no register knows are left out. Two statements."""
    codes = sorted(set(dis))
    if not codes:
        return {}
    kinds = [kind.value for kind in DI_KINDS]
    found: dict[str, RegisterWord] = {}
    for row in reader.execute(_RECORDS, {"codes": codes, "kinds": kinds}):
        record = record_of(Register(row.register), row.said)
        assert record is not None, "what is stored was read once"
        own = (record.key,) if row.register == Register.INSURANCE else record.insurance_codes
        found[row.code] = RegisterWord(
            register=row.register,
            kind=CodeKind(row.kind),
            name=record.name,
            model=record.model or record.specification,
            maker=record.maker,
            certificates=tuple(canonical_number(one) for one in record.certificates),
            insurance=tuple(own),
            withdrawn=bool(row.withdrawn),
        )
    for row in reader.execute(_CATALOGUE, {"codes": list(found)}):
        word = found[row.code]
        found[row.code] = replace(word, insurance=tuple(dict.fromkeys((*word.insurance, *row.keys))))
    return found


# The national register before the American one, what is sold before what was withdrawn.
_RECORDS: Final = text("""
    SELECT DISTINCT ON (w.code) w.code, c.kind, r.register, r.said, r.withdrawn
      FROM unnest(CAST(:codes AS text[])) AS w (code)
      JOIN register_code c ON c.code = w.code AND c.kind = ANY(:kinds)
      JOIN register_record r ON r.id = c.record_id
     ORDER BY w.code, array_position(ARRAY['nmpa', 'gudid', 'insurance'], r.register), r.withdrawn <> '',
              array_position(CAST(:kinds AS text[]), c.kind), r.version_date DESC NULLS LAST, r.id""")
_CATALOGUE: Final = text("""
    SELECT c.code, array_agg(DISTINCT r.key ORDER BY r.key) AS keys
      FROM register_code c JOIN register_record r ON r.id = c.record_id
     WHERE c.code = ANY(CAST(:codes AS text[])) AND c.kind = 'catalogue_di' GROUP BY c.code""")
