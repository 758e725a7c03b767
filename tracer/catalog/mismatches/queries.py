"""What the workbench shows: findings by group, one group with all that is said of it, what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from reconcile.codes import ATTRIBUTES, SYSTEMS
from tracer.catalog.mismatches.shown import (
    ClaimRow,
    CorrectionRow,
    FindingRow,
    Found,
    GroupRow,
    SettlementRow,
    Sought,
    SourceRow,
    Totals,
)
from tracer.catalog.mismatches.tables import HOUSE

CLASSES: Final = ("CONFLICT", "DANGLING", "MISMATCH", "MISSING")
PAGE: Final = 25
MOST_ROWS: Final = 500
"""Of one group, on its page."""
DAYS: Final = 60
_COLUMNS: Final = ", ".join(f'c."{name}"' for name in (*SYSTEMS, *ATTRIBUTES))


def totals(session: Session, *, sure_from: float) -> Totals:
    counted = session.execute(
        text("SELECT class, count(*) FROM code_finding WHERE closed_at IS NULL GROUP BY class")
    ).all()
    row = session.execute(
        text("""
        SELECT (SELECT count(DISTINCT group_key) FROM code_finding WHERE closed_at IS NULL) AS groups,
               count(*) FILTER (WHERE ruling = 'suggested') AS suggested,
               count(*) FILTER (WHERE ruling = 'suggested' AND is_complete AND score >= :sure) AS sure,
               count(*) FILTER (WHERE ruling = 'proposed') AS proposed,
               count(*) FILTER (WHERE undo_proposer_id IS NOT NULL AND undo_approver_id IS NULL) AS undo,
               (SELECT count(*) FROM correction WHERE heed IN ('silent', 'contradicted')) AS unheeded
          FROM settlement"""),
        {"sure": sure_from},
    ).one()
    found: dict[str, int] = {name: count for name, count in counted}
    return Totals({name: found.get(name, 0) for name in CLASSES}, *row)


_WORST: Final = "min(array_position(ARRAY['CONFLICT', 'DANGLING', 'MISMATCH', 'MISSING'], f.class))"
_GROUPS: Final = f"""
    SELECT f.group_key, {_WORST} AS worst, count(*) OVER () AS total
      FROM code_finding f
     WHERE f.closed_at IS NULL
       AND (:class = '' OR f.class = :class) AND (:system = '' OR f.system = :system)
       AND (CAST(:owner AS bigint) IS NULL OR f.owner_id = :owner)
       AND (:search = '' OR f.name ILIKE :pattern ESCAPE '!'
            OR EXISTS (SELECT FROM unnest(f.codes) code WHERE upper(code) LIKE upper(:start) ESCAPE '!'))
       AND (:state = '' OR :state = coalesce((
            SELECT max(s.ruling) FROM settlement s
             WHERE s.group_keys @> ARRAY[f.group_key] AND s.ruling IN ('suggested', 'proposed')), 'none'))
     GROUP BY f.group_key ORDER BY worst, f.group_key LIMIT {PAGE} OFFSET :skip"""
_FINDINGS: Final = text("""
    SELECT f.*, p.name AS owner
      FROM code_finding f LEFT JOIN person p ON p.id = f.owner_id
     WHERE f.closed_at IS NULL AND f.group_key = ANY(:keys)
     ORDER BY array_position(ARRAY['CONFLICT', 'DANGLING', 'MISMATCH', 'MISSING'], f.class), f.id""")
_SETTLEMENTS: Final = """
    SELECT s.*, p.name AS proposer, a.name AS approver, u.name AS undo_proposer
      FROM settlement s LEFT JOIN person u ON u.id = s.undo_proposer_id
      LEFT JOIN person p ON p.id = s.proposer_id LEFT JOIN person a ON a.id = s.approver_id"""
_CORRECTIONS: Final = """
    SELECT c.*, s.name AS source FROM correction c JOIN claim_source s ON s.id = c.source_id"""


def find_groups(session: Session, sought: Sought) -> Found:
    """A page of groups with open findings, the worst first."""
    escaped = sought.search
    for special in "!%_":
        escaped = escaped.replace(special, f"!{special}")
    asked = {
        "class": sought.class_, "system": sought.system, "owner": sought.owner_id, "search": sought.search,
        "pattern": f"%{escaped}%", "start": f"{escaped}%", "state": sought.state,
        "skip": (sought.page - 1) * PAGE,
    }  # fmt: skip
    groups = session.execute(text(_GROUPS), asked).all()
    keys = [row.group_key for row in groups]
    rows = _group_rows(session, keys)
    total = groups[0].total if groups else 0
    return Found(tuple(rows[key] for key in keys), total, sought.page, max(1, -(-total // PAGE)))


def find_group(session: Session, key: str) -> GroupRow | None:
    """A group as the workbench lists it; None if nothing is open in it."""
    return _group_rows(session, [key]).get(key)


def _group_rows(session: Session, keys: Sequence[str]) -> dict[str, GroupRow]:
    found: dict[str, list[Any]] = {}
    for row in session.execute(_FINDINGS, {"keys": list(keys)}):
        found.setdefault(row.group_key, []).append(row)
    pending = session.execute(
        text(f"""{_SETTLEMENTS}
            WHERE s.group_keys && CAST(:keys AS text[]) AND s.ruling IN ('suggested', 'proposed')
            ORDER BY s.ruling, s.score"""),
        {"keys": list(keys)},
    ).all()
    by_key = {key: _settlement(row) for row in pending for key in row.group_keys}
    return {
        key: GroupRow(
            key,
            rows[0].name,
            tuple(rows[0].codes),
            tuple(_finding(row) for row in rows),
            rows[0].owner,
            rows[0].due_on,
            by_key.get(key),
        )
        for key, rows in found.items()
    }


def _finding(row: Any) -> FindingRow:
    return FindingRow(
        class_=getattr(row, "class"),
        system=row.system,
        field=row.field,
        values=tuple(row.values),
        sources=tuple(row.sources),
        remove=tuple(row.remove),
        is_proved=row.is_proved,
    )


def _settlement(row: Any, corrections: Sequence[CorrectionRow] = ()) -> SettlementRow:
    return SettlementRow(
        id=row.id,
        kind=row.kind,
        score=row.score,
        is_complete=row.is_complete,
        ruling=row.ruling,
        group_keys=tuple(row.group_keys),
        items=row.items,
        reasons=row.reasons,
        differences=row.differences,
        proposer_id=row.proposer_id,
        proposer=row.proposer,
        proposed_at=row.proposed_at,
        approver=row.approver,
        decided_at=row.decided_at,
        why=row.why,
        undo_proposer_id=row.undo_proposer_id if row.ruling == "approved" else None,
        undo_proposer=row.undo_proposer,
        undo_proposed_at=row.undo_proposed_at,
        undo_why=row.undo_why,
        corrections=tuple(corrections),
    )


def list_settlements(
    session: Session, *, key: str = "", ruling: str = "", to_take_back: bool = False, page: int = 1
) -> list[SettlementRow]:
    """Settlements of a group, of all in one ruling, or those that somebody wants taken back, each with its
    corrections; the newest first."""
    rows = session.execute(
        text(f"""{_SETTLEMENTS}
            WHERE (:key = '' OR s.group_keys @> ARRAY[CAST(:key AS text)])
              AND (:ruling = '' OR s.ruling = :ruling)
              AND (NOT :undo OR (s.undo_proposer_id IS NOT NULL AND s.undo_approver_id IS NULL))
            ORDER BY coalesce(s.decided_at, s.proposed_at, s.made_at) DESC, s.id
            LIMIT {PAGE} OFFSET :skip"""),
        {"key": key, "ruling": ruling, "undo": to_take_back, "skip": (page - 1) * PAGE},
    ).all()
    return _with_corrections(session, rows)


def _with_corrections(session: Session, rows: Sequence[Any]) -> list[SettlementRow]:
    corrections: dict[int, list[CorrectionRow]] = {}
    for row in session.execute(
        text(f"{_CORRECTIONS} WHERE c.settlement_id = ANY(:ids) ORDER BY c.id"),
        {"ids": [row.id for row in rows]},
    ):
        corrections.setdefault(row.settlement_id, []).append(_correction(row))
    return [_settlement(row, corrections.get(row.id, ())) for row in rows]


def list_settlements_against(session: Session, group: GroupRow) -> list[SettlementRow]:
    """What was approved earlier and now stands against the rest of the group: of the fewest rows that would
    have to go, those that this house itself has stated."""
    stated = f"{HOUSE}:-"
    corrections = {
        int(label.removeprefix(stated))
        for finding in group.findings
        for label in finding.remove
        if label.startswith(stated)
    }
    rows = session.execute(
        text("SELECT DISTINCT settlement_id FROM correction WHERE id = ANY(:ids)"),
        {"ids": sorted(corrections)},
    )
    return _with_corrections(
        session,
        session.execute(
            text(f"{_SETTLEMENTS} WHERE s.id = ANY(:ids) AND s.ruling = 'approved' ORDER BY s.id"),
            {"ids": [row.settlement_id for row in rows]},
        ).all(),
    )


def list_unheeded(session: Session, source: str) -> list[CorrectionRow]:
    """What a system was told and has not done; the first hundred."""
    rows = session.execute(
        text(f"""{_CORRECTIONS}
            WHERE s.name = :source AND c.heed IN ('silent', 'contradicted')
            ORDER BY c.id LIMIT {2 * PAGE}"""),
        {"source": source},
    )
    return [_correction(row) for row in rows]


def _correction(row: Any) -> CorrectionRow:
    before, after = row.before or {}, row.after or {}
    known = before or after
    codes = tuple((system, known[system]) for system in SYSTEMS if known.get(system))
    columns = [name for name in (*SYSTEMS, *ATTRIBUTES) if before.get(name, "") != after.get(name, "")]
    whole = row.before is None or row.after is None
    cells = () if whole else tuple((name, before.get(name, ""), after.get(name, "")) for name in columns)
    return CorrectionRow(row.source, codes, cells, row.before is None, row.after is None, row.heed)


def claims_of(session: Session, codes: Sequence[str]) -> list[ClaimRow]:
    """The rows that name any of these codes, source by source."""
    named = " OR ".join(f'c."{system}" = ANY(:codes)' for system in SYSTEMS)
    rows = session.execute(
        text(f"""
            SELECT s.name AS source, c.row, {_COLUMNS}
              FROM claim c JOIN claim_source s ON s.id = c.source_id
             WHERE {named} ORDER BY s.name, c.row LIMIT {MOST_ROWS}"""),
        {"codes": list(codes)},
    )
    return [
        ClaimRow(row.source, row.row, {name: row._mapping[name] for name in (*SYSTEMS, *ATTRIBUTES)})
        for row in rows
    ]


def list_sources(session: Session) -> list[SourceRow]:
    rows = session.execute(
        text("""
        SELECT s.name, s.owns, e.file, e.rows, e.bad_rows, e.bad, e.loaded_at, p.name AS loaded_by, h.*
          FROM claim_source s
          JOIN claim_extract e ON e.id = (SELECT max(id) FROM claim_extract WHERE source_id = s.id)
          JOIN person p ON p.id = e.person_id
          CROSS JOIN LATERAL (
               SELECT count(*) FILTER (WHERE c.heed = 'awaited') AS awaited,
                      count(*) FILTER (WHERE c.heed = 'followed') AS followed,
                      count(*) FILTER (WHERE c.heed = 'silent') AS silent,
                      count(*) FILTER (WHERE c.heed = 'contradicted') AS contradicted
                 FROM correction c JOIN settlement t ON t.id = c.settlement_id
                WHERE c.source_id = s.id AND t.ruling = 'approved') h
         WHERE s.name <> :house ORDER BY s.name"""),
        {"house": HOUSE},
    )
    return [
        SourceRow(row.name, tuple(row.owns), row.file, row.rows, row.bad_rows, tuple(row.bad), row.loaded_at,
                  row.loaded_by, row.awaited, row.followed, row.silent, row.contradicted)
        for row in rows
    ]  # fmt: skip


def burn_down(session: Session, today: date, zone: str) -> list[tuple[date, int]]:
    """(day, findings open at its end) for the last sixty days, from the first on which anything was found."""
    rows = session.execute(
        text("""
        SELECT CAST(d AS date) AS day,
               (SELECT count(*) FROM code_finding
                 WHERE opened_at < (d + interval '1 day') AT TIME ZONE :zone
                   AND (closed_at IS NULL OR closed_at >= (d + interval '1 day') AT TIME ZONE :zone)) AS open
          FROM generate_series(
               greatest(CAST(:today AS date) - CAST(:days AS int),
                        (SELECT CAST(min(opened_at) AT TIME ZONE :zone AS date) FROM code_finding)),
               CAST(:today AS date), interval '1 day') d ORDER BY 1"""),
        {"today": today, "days": DAYS, "zone": zone},
    )
    return [(row.day, row.open) for row in rows]
