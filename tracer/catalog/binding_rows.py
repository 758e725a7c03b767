"""Bindings as rows: read for a decision, written by sets. What is decided is `bindings`' business."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from tracer.catalog.approving import Standing, Wanted
from tracer.catalog.errors import UnknownBinding
from tracer.catalog.rules import BindingStatus


def take_turn(session: Session) -> None:
    """Wait for whoever else writes bindings, and only then look: as the table's own trigger does."""
    session.execute(PATIENCE)
    session.execute(TURN)


def wanted(session: Session, ids: list[int], day: date) -> tuple[list[Wanted], dict[int, date]]:
    found = session.execute(WANTED, {"ids": ids, "today": day}).all()
    if len(found) != len(ids):
        raise UnknownBinding(binding=min(set(ids) - {row.id for row in found}))
    wanted = [
        Wanted(
            id=row.id,
            item_id=row.item_id,
            system=row.system,
            code=row.code,
            start=row.start,
            end=row.valid_to,
            status=BindingStatus(row.status),
            proposer_id=row.proposer_id,
            moves=row.moves,
        )
        for row in found
    ]
    return wanted, {row.id: row.valid_from for row in found}


def standing(session: Session, wanted: Sequence[Wanted]) -> list[Standing]:
    values = {"ids": [one.id for one in wanted], "starts": [one.start for one in wanted]}
    return [
        Standing(
            wanted_id=row.wanted_id,
            id=row.id,
            item_id=row.item_id,
            code=row.code,
            start=row.valid_from,
            end=row.valid_to,
            name=row.name,
        )
        for row in session.execute(STANDING, values)
    ]


def payloads(session: Session, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    return {
        row.id: {
            "binding": row.id,
            "item": row.item_id,
            "material": row.material,
            "name": row.name,
            "system": row.system,
            "code": row.code,
            "valid_from": row.valid_from.isoformat(),
            "valid_to": row.valid_to.isoformat() if row.valid_to else None,
        }
        for row in session.execute(TOLD, {"ids": list(ids)})
    }


MANY = 1_000
"""Changed at once, the planner's picture of the table is wrong until it is drawn anew: `tracer check` then
ran into its time limit where it takes a second."""
LOOK_AGAIN = text("ANALYZE code_binding")
PATIENCE = text("SET LOCAL statement_timeout = '5min'")
TURN = text("SELECT pg_advisory_xact_lock(7402, 'code_binding'::regclass::oid::int)")
ITEMS_KNOWN = text("SELECT count(*) FROM item WHERE id = ANY(CAST(:items AS bigint[]))")
ASKED = """unnest(CAST(:items AS bigint[]), CAST(:systems AS text[]), CAST(:codes AS text[]),
                   CAST(:starts AS date[]), CAST(:ends AS date[]), CAST(:sources AS text[]),
                   CAST(:moves AS boolean[])) WITH ORDINALITY
              AS p (item_id, system, code, valid_from, valid_to, source, moves, place)"""
PROPOSE = text(f"""
    INSERT INTO code_binding (item_id, system, code, valid_from, valid_to, source, moves, status, proposer_id,
                              created_at)
    SELECT item_id, system, code, valid_from, valid_to, source, moves, 'proposed', :by, :now
      FROM {ASKED} ORDER BY place
        ON CONFLICT (item_id, system, code) WHERE status = 'proposed' DO NOTHING
    RETURNING id""")
PROPOSED_IDS = text(f"""
    SELECT b.id FROM {ASKED}
      JOIN code_binding b ON b.item_id = p.item_id AND b.system = p.system AND b.code = p.code
                         AND b.status = 'proposed'
     ORDER BY place""")
WANTED = text("""
    WITH charged AS MATERIALIZED (
        SELECT item_id, max(business_date) AS day FROM charge WHERE business_date >= :today GROUP BY item_id
    )
    SELECT b.*, greatest(b.valid_from, :today, c.day + 1) AS start
      FROM code_binding b LEFT JOIN charged c ON c.item_id = b.item_id AND c.day >= b.valid_from
     WHERE b.id = ANY(CAST(:ids AS bigint[])) ORDER BY b.id""")
STANDING = text("""
    WITH wanted AS MATERIALIZED (
        SELECT w.id, w.start, p.item_id, p.system, p.code, p.valid_to
          FROM unnest(CAST(:ids AS bigint[]), CAST(:starts AS date[])) AS w (id, start)
          JOIN code_binding p ON p.id = w.id
    ), found AS (
        SELECT w.id AS wanted_id, w.start, w.valid_to AS until, b.*
          FROM wanted w JOIN code_binding b ON b.system = w.system AND b.code = w.code
        UNION
        SELECT w.id, w.start, w.valid_to, b.*
          FROM wanted w JOIN code_binding b ON b.system = w.system AND b.item_id = w.item_id
    )
    SELECT f.wanted_id, f.id, f.item_id, f.code, f.valid_from, f.valid_to, i.name
      FROM found f JOIN item i ON i.id = f.item_id
     WHERE f.status IN ('approved', 'retired') AND f.id <> f.wanted_id
       AND (f.valid_to IS NULL OR f.valid_to > f.start) AND (f.until IS NULL OR f.valid_from < f.until)
     ORDER BY f.wanted_id, f.valid_from, f.id""")
PACKAGES = text("""
    SELECT p.di, i.name FROM packaging p JOIN item i ON i.id = p.item_id
     WHERE p.di = ANY(CAST(:codes AS text[]))""")
APPROVE = text("""
    UPDATE code_binding b
       SET status = 'approved', valid_from = w.start, approver_id = :by, decided_at = :now
      FROM unnest(CAST(:ids AS bigint[]), CAST(:starts AS date[])) AS w (id, start)
     WHERE b.id = w.id""")
END = text("""
    UPDATE code_binding b
       SET valid_to = e.valid_to, ended_at = :now, ended_by_id = :by, reason = :why,
           status = CASE WHEN e.valid_to <= :today THEN 'retired' ELSE 'approved' END
      FROM unnest(CAST(:ids AS bigint[]), CAST(:ends AS date[])) AS e (id, valid_to)
     WHERE b.id = e.id""")
REJECT = text("""
    UPDATE code_binding b
       SET status = 'rejected', reason = :why,
           approver_id = CASE WHEN o.status = 'proposed' THEN CAST(:by AS bigint) ELSE b.approver_id END,
           decided_at = CASE WHEN o.status = 'proposed' THEN CAST(:now AS timestamptz) ELSE b.decided_at END,
           ended_at = CASE WHEN o.status = 'approved' THEN CAST(:now AS timestamptz) END,
           ended_by_id = CASE WHEN o.status = 'approved' THEN CAST(:by AS bigint) END
      FROM code_binding o
     WHERE o.id = b.id AND b.id = ANY(CAST(:ids AS bigint[]))
       AND (b.status = 'proposed' OR b.status = 'approved' AND b.valid_from > :today)
    RETURNING b.id, o.status AS was""")
RESTORE = text("""
    UPDATE code_binding b SET valid_to = g.valid_to, ended_at = :now, ended_by_id = :by, reason = :why
      FROM (SELECT o.id, least(f.valid_to, (
                       SELECT min(n.valid_from) FROM code_binding n
                        WHERE n.status = 'approved' AND n.system = o.system AND n.id <> o.id
                          AND (n.item_id = o.item_id OR n.code = o.code) AND n.valid_from >= o.valid_to
                   )) AS valid_to
              FROM code_binding w
              JOIN code_binding o ON o.system = w.system AND o.valid_to = w.valid_from
                                 AND o.status = 'approved' AND o.ended_at = w.decided_at
                                 AND (o.item_id = w.item_id OR o.code = w.code)
              JOIN former_end f ON f.binding_id = o.id AND f.until = w.decided_at
             WHERE w.id = ANY(CAST(:ids AS bigint[]))) g
     WHERE b.id = g.id AND g.valid_to IS DISTINCT FROM b.valid_to RETURNING b.id""")
TO_RETIRE = text("""
    WITH charged AS MATERIALIZED (
        SELECT item_id, max(business_date) AS day FROM charge WHERE business_date >= :day GROUP BY item_id
    )
    SELECT b.id, b.code, b.status, b.valid_from, b.valid_to, greatest(:day, c.day + 1) AS day
      FROM code_binding b LEFT JOIN charged c ON c.item_id = b.item_id
     WHERE b.id = ANY(CAST(:ids AS bigint[])) ORDER BY b.id""")
TOLD = text("""
    SELECT b.id, b.item_id, b.system, b.code, b.valid_from, b.valid_to, i.name, m.code AS material
      FROM code_binding b JOIN item i ON i.id = b.item_id
      LEFT JOIN LATERAL (
          SELECT m.code FROM code_binding m
           WHERE m.item_id = b.item_id AND m.system = 'material' AND m.status IN ('approved', 'retired')
           ORDER BY m.valid_from DESC LIMIT 1) m ON true
     WHERE b.id = ANY(CAST(:ids AS bigint[])) ORDER BY b.id""")
