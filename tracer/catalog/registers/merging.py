"""Prepared lines go in: copied beside the register, compared with it, and merged, all in the caller's
transaction.

The planner does not know how few rows a merge brings, and would read a table of five million for them: it
is told to go by index.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, text

from tracer.catalog.registers.preparing import Prepared

_STAGES: Final = """
CREATE TEMP TABLE IF NOT EXISTS staged_record (
    place bigint PRIMARY KEY, part text, number bigint, register text, key text COLLATE "C",
    product bigint, version bigint, version_date date, correction bigint, digest bigint,
    di text, withdrawn text, said text
) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS staged_code (
    place bigint, kind text, code text COLLATE "C", sales_units bigint, use_units bigint
) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS staged_product (
    digest bigint, register text, name text, maker text, certificates text, words text, grams text[]
) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS staged_verdict (
    place bigint PRIMARY KEY, id bigint, verdict text, twice boolean
) ON COMMIT DELETE ROWS
"""
_BY_INDEX: Final = """
SET LOCAL statement_timeout = '15min';
SET LOCAL idle_in_transaction_session_timeout = '15min';
SET LOCAL enable_hashjoin = off;
SET LOCAL enable_mergejoin = off;
SET LOCAL enable_seqscan = off;
SET LOCAL jit = off
"""

# Of two records with one key the newer version counts, wherever it stands; of two equal ones the first.
# A register without versions is what it says today. A version that is said differently without being
# a new version is not taken: the Excel release has no packages in it, and must not take them away.
_VERDICTS: Final = text("""
WITH ranked AS (
    SELECT s.place, s.register, s.key, s.version, s.version_date, s.correction, s.digest,
           hashtextextended(s.register || s.key, 0) AS hash,
           row_number() OVER (
               PARTITION BY s.key, s.register
               ORDER BY s.version DESC, s.version_date DESC NULLS LAST, s.correction DESC, s.place
           ) AS turn
      FROM staged_record s
), seen AS (
    SELECT ranked.*, EXISTS (SELECT FROM register_seen x WHERE x.hash = ranked.hash) OR turn > 1 AS twice
      FROM ranked
), compared AS (
    SELECT n.*, r.id,
           r.digest = n.digest AS same,
           (n.version, coalesce(n.version_date, '-infinity'), n.correction)
         > (r.version, coalesce(r.version_date, '-infinity'), r.correction) AS newer,
           (n.version, coalesce(n.version_date, '-infinity'), n.correction)
         < (r.version, coalesce(r.version_date, '-infinity'), r.correction) AS older
      FROM seen n LEFT JOIN register_record r ON r.key = n.key AND r.register = n.register
)
INSERT INTO staged_verdict (place, id, verdict, twice)
SELECT place, coalesce(id, nextval('register_record_id_seq')),
       CASE WHEN turn > 1 THEN 'twice'
            WHEN id IS NULL THEN 'added'
            WHEN newer THEN 'changed'
            WHEN twice THEN 'twice'
            WHEN older THEN 'older'
            WHEN same OR version > 0 THEN 'unchanged'
            ELSE 'changed' END,
       twice
  FROM compared
""")
_SEEN: Final = text(
    "INSERT INTO register_seen SELECT hashtextextended(register || key, 0) FROM staged_record"
    " ON CONFLICT DO NOTHING"
)
_PRODUCTS: Final = text("INSERT INTO register_product SELECT * FROM staged_product ON CONFLICT DO NOTHING")
_ADD: Final = text("""
INSERT INTO register_record (id, register, key, batch_id, product, version, version_date, correction, digest,
                             di, withdrawn, said) OVERRIDING SYSTEM VALUE
SELECT v.id, s.register, s.key, :batch, s.product, s.version, s.version_date, s.correction, s.digest,
       s.di, s.withdrawn, s.said::jsonb
  FROM staged_record s JOIN staged_verdict v USING (place) WHERE v.verdict = 'added'
""")
_CHANGE: Final = text("""
UPDATE register_record r
   SET batch_id = :batch, product = s.product, version = s.version, version_date = s.version_date,
       correction = s.correction, digest = s.digest, di = s.di, withdrawn = s.withdrawn, said = s.said::jsonb
  FROM staged_record s JOIN staged_verdict v USING (place)
 WHERE v.verdict = 'changed' AND r.id = v.id
""")
_FORGET: Final = text(
    "DELETE FROM register_code c USING staged_verdict v WHERE v.verdict = 'changed' AND c.record_id = v.id"
)
_CODES: Final = text("""
INSERT INTO register_code (code, kind, record_id, sales_units, use_units)
SELECT c.code, c.kind, v.id, c.sales_units, c.use_units
  FROM staged_code c JOIN staged_verdict v USING (place) WHERE v.verdict IN ('added', 'changed')
""")
_COUNTS: Final = text("SELECT verdict, count(*) FROM staged_verdict GROUP BY verdict")
_TWICE: Final = text("""
SELECT s.part, s.number, s.key FROM staged_verdict v JOIN staged_record s USING (place)
 WHERE v.twice ORDER BY v.place
""")


@dataclass(frozen=True, slots=True)
class Merged:
    """How many records were added, changed …, and which keys came a second time: (part, number, key)."""

    counts: dict[str, int]
    twice: list[tuple[str, int, str]]


def merge(connection: Connection, batch_id: int, prepared: Sequence[Prepared]) -> Merged:
    """Bring the register to what the prepared records say."""
    if not any(one.rows for one in prepared):
        return Merged({}, [])
    for statement in (_STAGES + ";" + _BY_INDEX).split(";"):
        connection.exec_driver_sql(statement)
    copy_lines(connection, "staged_record", [one.records for one in prepared])
    copy_lines(connection, "staged_code", [one.codes for one in prepared])
    copy_lines(connection, "staged_product", [one.products for one in prepared])
    connection.execute(_VERDICTS)
    connection.execute(_SEEN)
    counts = {verdict: number for verdict, number in connection.execute(_COUNTS)}
    twice = (
        [(part, number, key) for part, number, key in connection.execute(_TWICE)]
        if _has_twice(connection)
        else []
    )
    if counts.get("added") or counts.get("changed"):
        connection.execute(_PRODUCTS)
        connection.execute(_ADD, {"batch": batch_id})
        if counts.get("changed"):
            connection.execute(_CHANGE, {"batch": batch_id})
            connection.execute(_FORGET)
        connection.execute(_CODES)
    return Merged(counts, twice)


def _has_twice(connection: Connection) -> bool:
    return bool(connection.execute(text("SELECT EXISTS (SELECT FROM staged_verdict WHERE twice)")).scalar())


def copy_lines(connection: Connection, table: str, lines: Sequence[bytes]) -> None:
    """COPY ready lines into a table, within the connection's transaction."""
    cursor: Any = connection.connection.cursor()
    with cursor.copy(f"COPY {table} FROM STDIN") as copy:
        for block in lines:
            copy.write(block)
    cursor.close()
