"""Groups that are one-to-one become this house's own five codes: proposed here, approved by another person.

A material code that no item has yet becomes an item, of which the sources say the rest; it has no code until
they are approved. Needs pandas: run it apart.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from reconcile.codes import SYSTEMS, Status
from tracer.access import audit
from tracer.access.rules import WHOLE_HOSPITAL, Action, Actor
from tracer.catalog.bindings import ProposedBinding, propose_bindings
from tracer.catalog.codes_file.cells import LONGEST_CODE
from tracer.catalog.identifiers import canonical_di, wrong_check_digit
from tracer.catalog.mismatches.running import begin, group_claims
from tracer.catalog.rules import CodeSystem, Tracking, is_insurance_code
from tracer.catalog.searching import initials_of
from tracer.shared.clock import Clock, today

if TYPE_CHECKING:
    from reconcile.codes import CodesResult

SOURCE: Final = "五码对照"
_FACTS: Final = ("name", "specification", "model", "maker", "certificate", "unit")
_OWNED: Final = text("""
    SELECT b.item_id, b.system, b.code, b.status FROM code_binding b
     WHERE b.status IN ('approved', 'proposed') AND (b.valid_to IS NULL OR b.valid_to > :today)""")
_MAKE: Final = text("""
    INSERT INTO item (name, specification, model, maker, certificate, base_unit, tracking, chargeable,
                      initials, created_at)
    SELECT n.name, n.specification, n.model, n.maker, n.certificate, n.unit, :tracking, n.chargeable,
           n.initials, :now
      FROM jsonb_to_recordset(CAST(:items AS jsonb)) AS n (
           place bigint, name text, specification text, model text, maker text, certificate text, unit text,
           chargeable boolean, initials text)
     ORDER BY n.place RETURNING id""")


@dataclass(frozen=True, slots=True)
class Adopted:
    """`proposed`: codes that wait for approval now. `unfit`: (system, code) that are none of their system."""

    groups: int
    items_new: int
    proposed: int
    unfit: tuple[tuple[str, str], ...]


def adopt(session: Session, actor: Actor, clock: Clock) -> Adopted:
    """Propose every code of every group that is one-to-one, where this house does not have it so already.

    Raises Forbidden.
    """
    actor.must(Action.SETTLE_CODES, at=WHOLE_HOSPITAL)
    begin(session)
    result, _ = group_claims(session)
    groups = list(_one_to_one(result))
    owned = session.execute(_OWNED, {"today": today(clock)}).all()
    items = {row.code: row.item_id for row in owned if row.system == CodeSystem.MATERIAL}
    new = [(group, codes) for group, codes in groups if codes["material"] not in items]
    items |= _make_items(session, clock, result, new)
    known = {(row.item_id, row.system, row.code) for row in owned}
    wanted, unfit = [], []
    for _, codes in groups:
        item = items[codes["material"]]
        for system, code in codes.items():
            kept = canonical_di(code) if system == CodeSystem.UDI else code
            if not _fits(system, kept):
                unfit.append((system, code))
            elif (item, system, kept) not in known:
                wanted.append(
                    ProposedBinding(
                        item_id=item, system=CodeSystem(system), code=kept, source=SOURCE, moves=True
                    )
                )
    proposed = propose_bindings(session, actor, clock, wanted)
    adopted = Adopted(len(groups), len(new), len(proposed), tuple(unfit))
    if new:
        audit.record(
            session, actor, clock, action="make_items", subject="items", subject_id=SOURCE,
            after={"count": len(new)},
        )  # fmt: skip
    return adopted


def _one_to_one(result: CodesResult) -> Iterator[tuple[int, dict[str, str]]]:
    """(group, system → code) of each group in which nothing is open and that names a material."""
    table = result.groups
    fine = table[(table["status"] == Status.OK.value) & (table["material"] != "")]
    for row in fine.to_dict("records"):
        yield row["group"], {system: row[system] for system in SYSTEMS if row[system]}


def _make_items(
    session: Session, clock: Clock, result: CodesResult, groups: list[tuple[int, dict[str, str]]]
) -> dict[str, int]:
    """Material code → the item made for it."""
    if not groups:
        return {}
    facts = _facts(result, {group for group, _ in groups})
    rows = []
    for place, (group, codes) in enumerate(groups):
        said = facts.get(group, {})
        name = said.get("name") or codes["material"]
        rows.append(
            {
                "place": place,
                **{fact: said.get(fact, "") for fact in _FACTS},
                "name": name,
                "unit": said.get("unit") or "个",
                "chargeable": "billing" in codes,
                "initials": initials_of(name),
            }
        )
    given: dict[str, Any] = {
        "items": json.dumps(rows, ensure_ascii=False),
        "tracking": str(Tracking.LOT),
        "now": clock.now(),
    }
    made = session.execute(_MAKE, given).scalars().all()
    return {codes["material"]: id for (_, codes), id in zip(groups, made, strict=True)}


def _facts(result: CodesResult, groups: set[int]) -> dict[int, dict[str, str]]:
    """What the sources say of each group; of several, the one that names the material is heard first."""
    claims = result.claims[result.claims["group"].isin(groups)].fillna("")
    rows: Iterable[dict[str, Any]] = claims.to_dict("records")  # type: ignore[assignment]
    facts: dict[int, dict[str, str]] = {}
    for row in sorted(rows, key=lambda row: not row.get("material")):
        said = facts.setdefault(row["group"], {})
        for fact in _FACTS:
            if value := row.get(fact):
                said.setdefault(fact, value.strip())
    return facts


def _fits(system: str, code: str) -> bool:
    if len(code) > LONGEST_CODE or not code.isprintable():
        return False
    if system == CodeSystem.INSURANCE:
        return is_insurance_code(code)
    return system != CodeSystem.UDI or wrong_check_digit(code) is None
