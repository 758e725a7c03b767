"""Prepared lines go in, all in the caller's transaction.

The keys are copied beside the register and compared with it. Where all of them are new, the rows are copied
as they are; else they are copied beside it too, and merged. The planner does not know how few rows a step
brings, and would read a table of five million for them: it is told to go by index.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, text

from tracer.catalog.registers.preparing import Prepared

_STAGES: Final = """
CREATE TEMP TABLE IF NOT EXISTS staged_key (
    id bigint, part text, number bigint, register text, key text COLLATE "C", version bigint,
    version_date date, correction bigint, digest bigint
) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS staged_record (
    id bigint PRIMARY KEY, register text, key text COLLATE "C", batch_id bigint, product bigint,
    version bigint, version_date date, correction bigint, digest bigint, di text, withdrawn text, said jsonb
) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS staged_code (
    code text COLLATE "C", kind text, id bigint, sales_units bigint, use_units bigint
) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS staged_product (
    digest bigint, register text, name text, maker text, certificates text, words text, grams text[]
) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS staged_verdict (
    id bigint PRIMARY KEY, known bigint, verdict text, twice boolean
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
_RECORD_COLUMNS: Final = (
    "id, register, key, batch_id, product, version, version_date, correction, digest, di, withdrawn, said"
)
_CODE_COLUMNS: Final = "code, kind, record_id, sales_units, use_units"

# Of two records with one key the newer version counts, wherever it stands; of two equal ones the first.
# A register without versions is what it says today. A version that is said differently without being
# a new version is not taken: the Excel release has no packages in it, and must not take them away.
_VERDICTS: Final = text("""
WITH ranked AS (
    SELECT s.id, s.register, s.key, s.version, s.version_date, s.correction, s.digest,
           hashtextextended(s.register || s.key, 0) AS hash,
           row_number() OVER (
               PARTITION BY s.key, s.register
               ORDER BY s.version DESC, s.version_date DESC NULLS LAST, s.correction DESC, s.id
           ) AS turn
      FROM staged_key s
), seen AS (
    SELECT ranked.*, EXISTS (SELECT FROM register_seen x WHERE x.hash = ranked.hash) OR turn > 1 AS twice
      FROM ranked
), compared AS (
    SELECT n.*, r.id AS known,
           r.digest = n.digest AS same,
           (n.version, coalesce(n.version_date, '-infinity'), n.correction)
         > (r.version, coalesce(r.version_date, '-infinity'), r.correction) AS newer,
           (n.version, coalesce(n.version_date, '-infinity'), n.correction)
         < (r.version, coalesce(r.version_date, '-infinity'), r.correction) AS older
      FROM seen n LEFT JOIN register_record r ON r.key = n.key AND r.register = n.register
)
INSERT INTO staged_verdict (id, known, verdict, twice)
SELECT id, coalesce(known, id),
       CASE WHEN turn > 1 THEN 'twice'
            WHEN known IS NULL THEN 'added'
            WHEN newer THEN 'changed'
            WHEN twice THEN 'twice'
            WHEN older THEN 'older'
            WHEN same OR version > 0 THEN 'unchanged'
            ELSE 'changed' END,
       twice
  FROM compared
""")
_SEEN: Final = text(
    "INSERT INTO register_seen SELECT hashtextextended(register || key, 0) FROM staged_key"
    " ON CONFLICT DO NOTHING"
)
_PRODUCTS: Final = text("INSERT INTO register_product SELECT * FROM staged_product ON CONFLICT DO NOTHING")
_ADD: Final = text(f"""
INSERT INTO register_record ({_RECORD_COLUMNS}) OVERRIDING SYSTEM VALUE
SELECT s.* FROM staged_record s JOIN staged_verdict v USING (id) WHERE v.verdict = 'added'
""")
_CHANGE: Final = text("""
UPDATE register_record r
   SET batch_id = s.batch_id, product = s.product, version = s.version, version_date = s.version_date,
       correction = s.correction, digest = s.digest, di = s.di, withdrawn = s.withdrawn, said = s.said
  FROM staged_record s JOIN staged_verdict v USING (id)
 WHERE v.verdict = 'changed' AND r.id = v.known
""")
_FORGET: Final = text(
    "DELETE FROM register_code c USING staged_verdict v WHERE v.verdict = 'changed' AND c.record_id = v.known"
)
_CODES: Final = text(f"""
INSERT INTO register_code ({_CODE_COLUMNS})
SELECT c.code, c.kind, v.known, c.sales_units, c.use_units
  FROM staged_code c JOIN staged_verdict v USING (id) WHERE v.verdict IN ('added', 'changed')
""")
_COUNTS: Final = text("SELECT verdict, count(*) FROM staged_verdict GROUP BY verdict")
_TWICE: Final = text("""
SELECT s.part, s.number, s.key FROM staged_key s JOIN staged_verdict v USING (id) WHERE v.twice ORDER BY s.id
""")


@dataclass(frozen=True, slots=True)
class Merged:
    """How many records were added, changed …, and which keys came a second time: (part, number, key)."""

    counts: dict[str, int]
    twice: list[tuple[str, int, str]]


def merge(connection: Connection, prepared: Sequence[Prepared]) -> Merged:
    """Bring the register to what the prepared records say."""
    if not any(one.rows for one in prepared):
        return Merged({}, [])
    for statement in (_STAGES + ";" + _BY_INDEX).split(";"):
        connection.exec_driver_sql(statement)
    copy_lines(connection, "staged_key", [one.keys for one in prepared])
    connection.execute(_VERDICTS)
    connection.execute(_SEEN)
    counts = {verdict: number for verdict, number in connection.execute(_COUNTS)}
    twice = [(part, number, key) for part, number, key in connection.execute(_TWICE)]
    if counts.get("added") or counts.get("changed"):
        copy_lines(connection, "staged_product", [one.products for one in prepared])
        connection.execute(_PRODUCTS)
        records, codes = [one.records for one in prepared], [one.codes for one in prepared]
        if set(counts) == {"added"}:
            copy_lines(connection, f"register_record ({_RECORD_COLUMNS})", records)
            copy_lines(connection, f"register_code ({_CODE_COLUMNS})", codes)
        else:
            copy_lines(connection, "staged_record", records)
            copy_lines(connection, "staged_code", codes)
            connection.execute(_ADD)
            connection.execute(_CHANGE)
            connection.execute(_FORGET)
            connection.execute(_CODES)
    return Merged(counts, twice)


def copy_lines(connection: Connection, table: str, lines: Sequence[bytes]) -> None:
    """COPY ready lines into a table, within the connection's transaction."""
    cursor: Any = connection.connection.cursor()
    with cursor.copy(f"COPY {table} FROM STDIN") as copy:
        for block in lines:
            copy.write(block)
    cursor.close()
