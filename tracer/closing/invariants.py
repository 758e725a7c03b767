"""`tracer check`: every invariant of the ledger, asked of the database as it stands.

Each check returns all its findings, as values; none stops at the first. They read only, and hold at
any moment, under load too: each is one statement and so sees one instant.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Finding:
    """One row that breaks one invariant."""

    invariant: str
    what: str
    data: dict[str, Any]

    def __str__(self) -> str:
        details = ", ".join(f"{name}={value}" for name, value in self.data.items())
        return f"{self.invariant} {self.what}: {details}"


@dataclass(frozen=True, slots=True)
class Check:
    """An invariant, what its breach means, and the statement whose rows are the breaches."""

    invariant: str
    what: str
    statement: str


CHECKS: tuple[Check, ...] = (
    Check(
        "I1",
        "a scan's key has no kept answer, or the answer is of another scan",
        """
        SELECT s.id AS scan, s.idempotency_key FROM scan s
          LEFT JOIN request_key k ON k.key = s.idempotency_key
         WHERE k.key IS NULL OR (k.answer->>'scan')::bigint <> s.id
        """,
    ),
    Check(
        "I2",
        "a unit has more than one live charge",
        """
        SELECT c.unit_id, count(*) AS live FROM charge c
         WHERE c.unit_id IS NOT NULL AND c.reverses_id IS NULL
           AND NOT EXISTS (SELECT FROM charge r WHERE r.reverses_id = c.id)
         GROUP BY c.unit_id HAVING count(*) > 1
        """,
    ),
    Check(
        "I2",
        "a scan's booking and its outcome disagree",
        """
        SELECT s.id AS scan, s.outcome FROM scan s
          LEFT JOIN charge c ON c.movement_id = s.movement_id AND c.scan_id = s.id
         WHERE (s.outcome IN ('charged', 'used')) <> (s.movement_id IS NOT NULL)
            OR (s.outcome = 'charged') <> (c.id IS NOT NULL)
        """,
    ),
    Check(
        "I3",
        "a chargeable use has neither a charge nor an exception",
        """
        SELECT m.id AS movement, m.item_id FROM movement m JOIN item i ON i.id = m.item_id
         WHERE m.kind = 'use' AND i.chargeable
           AND NOT EXISTS (SELECT FROM charge c WHERE c.movement_id = m.id)
           AND NOT EXISTS (SELECT FROM ledger_exception e WHERE e.movement_id = m.id)
        """,
    ),
    Check(
        "I3",
        "a charge has neither its use nor an exception, or another quantity than its use",
        """
        SELECT c.id AS charge, c.quantity, m.quantity AS used FROM charge c
          LEFT JOIN movement m ON m.id = c.movement_id
         WHERE c.reverses_id IS NULL AND m.quantity IS DISTINCT FROM c.quantity
           AND NOT EXISTS (SELECT FROM ledger_exception e WHERE e.charge_id = c.id)
        """,
    ),
    Check(
        "I3",
        "a use was undone and its charge was not, or the other way about",
        """
        SELECT m.id AS movement, c.id AS charge FROM movement m JOIN charge c ON c.movement_id = m.id
         WHERE m.kind = 'use' AND (EXISTS (SELECT FROM movement r WHERE r.reverses_id = m.id))
               <> (EXISTS (SELECT FROM charge r WHERE r.reverses_id = c.id))
        """,
    ),
    Check(
        "I4",
        "a unit's steps have a gap, or it left a place it was not at",
        """
        SELECT unit_id, unit_step FROM (
            SELECT unit_id, unit_step, origin_id,
                   lag(unit_step) OVER w AS step_before, lag(target_id) OVER w AS was_at
              FROM movement WHERE unit_id IS NOT NULL WINDOW w AS (PARTITION BY unit_id ORDER BY unit_step)
        ) steps
         WHERE unit_step <> coalesce(step_before, 0) + 1
            OR (step_before IS NOT NULL AND was_at <> origin_id)
        """,
    ),
    Check(
        "I5",
        "a kept balance differs from the sum of its movements",
        """
        SELECT location_id, item_id, lot, b.quantity AS kept, coalesce(m.quantity, 0) AS moved
          FROM balance b FULL JOIN (
            SELECT place AS location_id, item_id, lot, sum(signed) AS quantity FROM (
                SELECT origin_id AS place, item_id, lot, -quantity AS signed FROM movement
                UNION ALL SELECT target_id, item_id, lot, quantity FROM movement) sides
              JOIN location l ON l.id = place AND l.kind <> 'virtual'
             GROUP BY 1, 2, 3) m USING (location_id, item_id, lot)
         WHERE coalesce(b.quantity, 0) <> coalesce(m.quantity, 0)
        """,
    ),
    Check(
        "I6",
        "an order line counts other uses than were recorded against it",
        """
        SELECT l.id AS order_line, l.used, coalesce(s.used, 0) AS recorded FROM order_line l
          LEFT JOIN (SELECT s.order_line_id, sum(s.quantity) AS used FROM scan s
                      WHERE s.movement_id IS NOT NULL
                        AND NOT EXISTS (SELECT FROM movement r WHERE r.reverses_id = s.movement_id)
                      GROUP BY 1) s ON s.order_line_id = l.id
         WHERE l.used <> coalesce(s.used, 0)
        """,
    ),
    Check(
        "I7",
        "an audit entry does not follow from its predecessor",
        """
        SELECT id AS audit_entry, lane, step FROM (
            SELECT e.id, e.lane, e.step, e.hash, lag(e.step) OVER w AS step_before,
                   audit_digest(coalesce(lag(e.hash) OVER w,
                       sha256(convert_to('tracer audit lane ' || e.lane, 'UTF8'))), e.step, e) AS expected
              FROM audit_entry e WINDOW w AS (PARTITION BY e.lane ORDER BY e.step)
        ) chain
         WHERE hash <> expected OR step <> coalesce(step_before, 0) + 1
        """,
    ),
    Check(
        "I7",
        "an audit chain is shorter than its head says: entries are missing at its end",
        """
        SELECT l.id AS lane, l.length, count(e.id) AS entries FROM audit_lane l
          LEFT JOIN audit_entry e ON e.lane = l.id
         GROUP BY l.id, l.length HAVING l.length <> count(e.id)
        """,
    ),
    Check(
        "I7",
        "a scan has no audit entry",
        """
        SELECT s.id AS scan FROM scan s
         WHERE NOT EXISTS (SELECT FROM audit_entry e WHERE e.subject = 'scan' AND e.subject_id = s.id::text)
        """,
    ),
    Check(
        "I8",
        "a closed row does not open with the closing before it",
        """
        SELECT business_date, location_id, item_id, opening, before FROM (
            SELECT r.*, lag(coalesce(counted, book_closing)) OVER w AS before FROM day_row r
            WINDOW w AS (PARTITION BY location_id, item_id ORDER BY business_date)
        ) r
         WHERE opening <> coalesce(before, 0)
        """,
    ),
    Check(
        "I8",
        "a closed row's closing differs from the ledger's",
        """
        SELECT r.business_date, r.location_id, r.item_id, coalesce(r.counted, r.book_closing) AS closing,
               m.quantity AS ledger
          FROM (SELECT DISTINCT ON (location_id, item_id) * FROM day_row
                 ORDER BY location_id, item_id, business_date DESC) r
         CROSS JOIN (SELECT max(business_date) AS through FROM business_day) closed
          LEFT JOIN LATERAL (
               SELECT coalesce(sum(CASE WHEN target_id = r.location_id THEN quantity ELSE -quantity END), 0)
                      AS quantity
                 FROM movement
                WHERE item_id = r.item_id AND r.location_id IN (origin_id, target_id)
                  AND business_date <= closed.through) m ON true
         WHERE coalesce(r.counted, r.book_closing) <> m.quantity
        """,
    ),
    Check(
        "I9",
        "a reversal does not mirror what it names",
        """
        SELECT r.id AS movement FROM movement r JOIN movement m ON m.id = r.reverses_id
         WHERE (r.origin_id, r.target_id, r.item_id, r.lot, r.quantity)
            <> (m.target_id, m.origin_id, m.item_id, m.lot, m.quantity)
        UNION ALL
        SELECT r.id FROM charge r JOIN charge c ON c.id = r.reverses_id
         WHERE (r.quantity, r.amount, r.item_id, r.encounter_id)
            <> (-c.quantity, -c.amount, c.item_id, c.encounter_id)
        """,
    ),
    Check(
        "I10",
        "a code has two owners, or an item two codes of a system, on one day",
        """
        SELECT a.id AS binding, b.id AS other FROM code_binding a
          JOIN code_binding b ON a.id < b.id AND a.system = b.system
           AND (a.code = b.code OR a.item_id = b.item_id)
           AND daterange(a.valid_from, a.valid_to) && daterange(b.valid_from, b.valid_to)
         WHERE a.status IN ('approved', 'retired') AND b.status IN ('approved', 'retired')
        """,
    ),
    Check(
        "I10",
        "a charge's codes are not those bound on its business date",
        """
        SELECT c.id AS charge, k.system, k.code FROM charge c
         CROSS JOIN LATERAL (VALUES ('material', c.material), ('billing', c.billing), ('order', c.order_code),
                                    ('insurance', c.insurance), ('udi', c.udi)) k(system, code)
         WHERE k.code IS NOT NULL AND c.reverses_id IS NULL AND NOT EXISTS (
               SELECT FROM code_binding b WHERE b.item_id = c.item_id AND b.system = k.system
                  AND b.code = k.code AND b.status IN ('approved', 'retired')
                  AND b.valid_from <= c.business_date
                  AND (b.valid_to IS NULL OR b.valid_to > c.business_date))
        """,
    ),
    Check(
        "I11",
        "a closed day's figures are not the sum of its rows",
        """
        SELECT d.business_date, d.summary->>'rows' AS rows_told, count(r.id) AS rows_kept
          FROM business_day d LEFT JOIN day_row r ON r.business_date = d.business_date
         GROUP BY d.business_date, d.summary
        HAVING (d.summary->>'rows')::bigint <> count(r.id)
            OR (d.summary->>'breaches')::bigint <> count(r.id) FILTER (WHERE r.status = 'BREACH')
            OR (d.summary->>'invalid')::bigint <> count(r.id) FILTER (WHERE r.status = 'INVALID')
        """,
    ),
)
MOST_FINDINGS = 100


def check_invariants(session: Session, checks: Iterable[Check] = CHECKS) -> list[Finding]:
    """Every breach found, at most 100 for each check; an empty list means that all hold."""
    findings = []
    for check in checks:
        rows = session.execute(text(f"{check.statement} LIMIT {MOST_FINDINGS}"))
        findings += [Finding(check.invariant, check.what, dict(row._mapping)) for row in rows]
    return findings
