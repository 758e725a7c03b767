"""A settlement that a person thought of: which rows of which exports should read what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from reconcile.codes import COMPARED, SYSTEMS
from tracer.access import audit
from tracer.access.rules import WHOLE_HOSPITAL, Action, Actor
from tracer.catalog.mismatches.errors import AlreadyProposed, NothingToSettle, UnknownRow
from tracer.catalog.mismatches.running import write_settlements
from tracer.catalog.mismatches.suggesting import Draft
from tracer.db.transaction import constraint_of
from tracer.shared.clock import Clock

KIND: Final = "by_hand"
LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class Edit:
    """`cells`: column → what the row should say there; None: the row should go."""

    source: str
    row: int
    cells: Mapping[str, str] | None


def propose_by_hand(
    session: Session, actor: Actor, clock: Clock, group_key: str, edits: Sequence[Edit], *, why: str
) -> int:
    """The settlement's id. What an edit says as the row does already is no change.

    Raises Forbidden, UnknownRow, NothingToSettle, AlreadyProposed.
    """
    actor.must(Action.SETTLE_CODES, at=WHOLE_HOSPITAL)
    corrections = []
    for edit in edits:
        row = _row(session, edit)
        cells = {name: row._mapping[name] for name in (*SYSTEMS, *COMPARED)}
        wanted = {
            name: value.strip()[:LONGEST] for name, value in (edit.cells or {}).items() if name in cells
        }
        changed = {name: value for name, value in wanted.items() if value != cells[name]}
        if edit.cells is not None and not changed:
            continue
        before = _before(session, row.source_id, cells, changed)
        after = {name: value for name, value in {**before, **changed}.items() if value}
        is_gone = edit.cells is None or not any(after.get(system) for system in SYSTEMS)
        corrections.append((edit.source, before, None if is_gone else after))
    if not corrections:
        raise NothingToSettle
    draft = Draft((group_key,), KIND, None, True, [], [], [], tuple(corrections))
    try:
        with session.begin_nested():
            (made,) = write_settlements(
                session, clock, [(draft, draft.fingerprint)], ruling="proposed", proposer_id=actor.id, why=why
            )
    except IntegrityError as error:
        if constraint_of(error) != "uq_settlement_pending":
            raise
        raise AlreadyProposed from error
    # What evidence suggested for the group is off the table while this is to be decided.
    session.execute(
        text("DELETE FROM settlement WHERE ruling = 'suggested' AND group_keys @> ARRAY[CAST(:key AS text)]"),
        {"key": group_key},
    )
    audit.record(
        session, actor, clock, action="propose_settlements", subject="settlement", subject_id=made,
        after={"count": 1}, why=why or None,
    )  # fmt: skip
    return made


def _row(session: Session, edit: Edit) -> Any:
    found = session.execute(
        text("""SELECT c.* FROM claim c JOIN claim_source s ON s.id = c.source_id
                 WHERE s.name = :source AND c.row = :row"""),
        {"source": edit.source, "row": edit.row},
    ).one_or_none()
    if found is None:
        raise UnknownRow(source=edit.source, row=edit.row)
    return found


def _before(
    session: Session, source_id: int, cells: Mapping[str, str], changed: Mapping[str, str]
) -> dict[str, str]:
    """The row's codes, the fields that change, and all fields if another row has the same codes."""
    codes = {system: cells[system] for system in SYSTEMS if cells[system]}
    named = " AND ".join(f'"{system}" = :{system}' for system in SYSTEMS)
    same = session.execute(
        text(f"SELECT count(*) FROM claim WHERE source_id = :source AND {named}"),
        {"source": source_id, **{system: cells[system] for system in SYSTEMS}},
    ).scalar_one()
    fields = COMPARED if same > 1 else [field for field in COMPARED if field in changed]
    return codes | {field: cells[field] for field in fields}
