"""An export of another system becomes its claims, in place of those of its last one.

Rows that cannot be read are reported with file, row and column, and left out; the others count. The same file
again changes nothing. A file is gone through in parts: one of two gigabytes takes no more memory than a small
one. How many rows can be held against each other at all is `MOST_CLAIMS`.
"""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from psycopg import sql
from sqlalchemy import text
from sqlalchemy.orm import Session

from reconcile.errors import BadCell, BadInput, refuse
from reconcile.files.claims import ClaimPart, read_claim_parts
from tracer.access import audit
from tracer.access.rules import WHOLE_HOSPITAL, Action, Actor
from tracer.catalog.mismatches.errors import ExportUnreadable
from tracer.catalog.mismatches.heeding import Heeding
from tracer.catalog.mismatches.running import Run, begin, run
from tracer.catalog.mismatches.tables import HOUSE
from tracer.catalog.mismatches.watching import Step, Watch, unwatched
from tracer.shared.clock import Clock

if TYPE_CHECKING:
    import pandas as pd

MOST_BAD_KEPT: Final = 1_000
MOST_CLAIMS: Final = 6_000_000
"""Rows of all sources together; what that takes of memory and time is measured in the benchmark."""
_SOURCE: Final = text("""
    INSERT INTO claim_source (name, owns) VALUES (:name, :owns)
    ON CONFLICT (name) DO UPDATE SET owns =
        CASE WHEN EXCLUDED.owns = '{}' THEN claim_source.owns ELSE EXCLUDED.owns END
    RETURNING id""")
_OWNS: Final = text("SELECT owns FROM claim_source WHERE name = :name")
_LAST: Final = text("SELECT digest FROM claim_extract WHERE source_id = :source ORDER BY id DESC LIMIT 1")
_EXTRACT: Final = text("""
    INSERT INTO claim_extract (source_id, file, digest, rows, bad, bad_rows, given, loaded_at, person_id)
    VALUES (:source, :file, :digest, :rows, CAST(:bad AS jsonb), :bad_rows, :given, :now, :by)
    RETURNING id""")


@dataclass(frozen=True, slots=True)
class LoadReceipt:
    """`bad`: of the rows that were left out, the first thousand. `run`: None if nothing changed."""

    source: str
    file: str
    rows: int
    bad_rows: int
    bad: tuple[BadCell, ...]
    run: Run | None


def load_export(
    session: Session,
    actor: Actor,
    clock: Clock,
    path: Path,
    *,
    source: str,
    file: str,
    owns: Sequence[str] = (),
    watch: Watch = unwatched,
) -> LoadReceipt:
    """Load one export and run over all claims.

    `owns`: systems of which it lists every code; none given, as before. `watch` is told how far it is,
    some times a second at most.
    Raises Forbidden, and ExportUnreadable for a file of which nothing can be used.
    """
    return load_exports(session, actor, clock, [(path, source, file, tuple(owns))], watch=watch)[0]


def load_exports(
    session: Session,
    actor: Actor,
    clock: Clock,
    exports: Sequence[tuple[Path, str, str, Sequence[str]]],
    *,
    watch: Watch = unwatched,
) -> list[LoadReceipt]:
    """Several (path, source, file, owns) with one run over all of them; all or none."""
    actor.must(Action.IMPORT_CODES, at=WHOLE_HOSPITAL)
    watch(Step("waiting"))
    begin(session)
    loaded = [_load(session, actor, clock, watch, *export) for export in exports]
    done = run(session, clock, watch) if any(one.run is _CHANGED for one in loaded) else None
    return [
        LoadReceipt(
            one.source, one.file, one.rows, one.bad_rows, one.bad, done if one.run is _CHANGED else None
        )
        for one in loaded
    ]


_CHANGED: Final = Run({}, 0, 0, 0, 0)


def _load(
    session: Session,
    actor: Actor,
    clock: Clock,
    watch: Watch,
    path: Path,
    source: str,
    file: str,
    owns: Sequence[str],
) -> LoadReceipt:
    _ensure_house(session)
    owned = session.execute(_OWNS, {"name": source}).scalar()
    source_id = session.execute(_SOURCE, {"name": source, "owns": sorted(owns)}).scalar_one()
    size = path.stat().st_size
    watch(Step("opening", 0, size))
    with path.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    is_known = session.execute(_LAST, {"source": source_id}).scalar() == digest
    if not is_known:
        session.execute(text("DELETE FROM claim WHERE source_id = :source"), {"source": source_id})
    heeding = Heeding(session, source_id)
    reading = _Reading(file, size, watch, most_rows=MOST_CLAIMS - _rows_of_others(session, source_id))
    try:
        columns, parts = read_claim_parts(path)
        good = reading.seen(parts, heeding)
        if is_known:
            deque(good, maxlen=0)
        else:
            _copy(session, source_id, good, columns)
    except BadInput as error:
        raise ExportUnreadable(file=file, cells=error.cells) from error
    # Of the same export on a later day too: the system has not done what it was told meanwhile.
    watch(Step("heeding", rows=reading.rows))
    heeding.keep(session, clock)
    receipt = LoadReceipt(source, file, reading.rows, reading.bad_rows, tuple(reading.bad), None)
    if is_known:
        is_other = bool(owns) and sorted(owns) != owned
        return replace(receipt, run=_CHANGED) if is_other else receipt
    told = [{language: cell.said(language) for language in ("zh", "en")} for cell in receipt.bad]
    given: dict[str, Any] = {
        "source": source_id, "file": file, "digest": digest, "rows": receipt.rows, "given": list(columns),
        "bad": json.dumps(told, ensure_ascii=False), "bad_rows": receipt.bad_rows, "now": clock.now(),
        "by": actor.id,
    }  # fmt: skip
    extract = session.execute(_EXTRACT, given).scalar_one()
    audit.record(
        session, actor, clock, action="load_export", subject="claim_extract", subject_id=extract,
        after={"source": source, "file": file, "rows": receipt.rows, "bad_rows": receipt.bad_rows},
    )  # fmt: skip
    return replace(receipt, run=_CHANGED)


class _Reading:
    """What has been read so far. `bad`: the first thousand cells."""

    def __init__(self, file: str, size: int, watch: Watch, *, most_rows: int) -> None:
        self._file, self._size, self._watch, self._most_rows = file, size, watch, most_rows
        self.rows = self.bad_rows = 0
        self.bad: list[BadCell] = []

    def seen(self, parts: Iterable[ClaimPart], heeding: Heeding) -> Iterator[pd.DataFrame]:
        """The good rows of each part, once they are counted. Raises BadInput when they are too many."""
        for part in parts:
            self.rows += len(part.good)
            self.bad_rows += len({cell.row for cell in part.bad})
            self.bad += part.bad[: MOST_BAD_KEPT - len(self.bad)]
            if self.rows > self._most_rows:
                raise refuse(
                    self._file,
                    "too_many_claims",
                    f"with it the exports hold more than {MOST_CLAIMS:,} rows, the most that can be held "
                    "against each other; export only what is in use",
                    f"载入后各系统合计超过 {MOST_CLAIMS:,} 行，这是可互相核对的上限；请只导出在用的记录",
                )
            heeding.look(part.good)
            self._watch(Step("reading", part.read_bytes, self._size, self.rows))
            yield part.good


def _copy(session: Session, source_id: int, frames: Iterable[pd.DataFrame], columns: Sequence[str]) -> None:
    import pyarrow as pa
    import pyarrow.csv

    cursor = session.connection().connection.cursor()
    names = sql.SQL(", ").join(map(sql.Identifier, ("source_id", "row", *columns)))
    # Every text in quotes, also an empty one: it is no NULL.
    style = pyarrow.csv.WriteOptions(include_header=False, quoting_style="all_valid")
    with cursor.copy(sql.SQL("COPY claim ({}) FROM STDIN (FORMAT csv)").format(names)) as copy:
        for frame in frames:
            cells = frame[["row", *columns]].fillna("")
            cells.insert(0, "source_id", source_id)
            sink = pa.BufferOutputStream()
            pyarrow.csv.write_csv(pa.Table.from_pandas(cells, preserve_index=False), sink, style)
            copy.write(sink.getvalue().to_pybytes())
    session.execute(text("ANALYZE claim"))


def _rows_of_others(session: Session, source_id: int) -> int:
    counted = text("""
        SELECT coalesce(sum(e.rows), 0) FROM claim_extract e
         WHERE e.source_id <> :source AND e.id = (
               SELECT max(id) FROM claim_extract WHERE source_id = e.source_id)""")
    return int(session.execute(counted, {"source": source_id}).scalar_one())


def _ensure_house(session: Session) -> None:
    session.execute(
        text("INSERT INTO claim_source (name) VALUES (:name) ON CONFLICT (name) DO NOTHING"), {"name": HOUSE}
    )
