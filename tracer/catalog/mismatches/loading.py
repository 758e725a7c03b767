"""An export of another system becomes its claims, in place of those of its last one.

Rows that cannot be read are reported with file, row and column, and left out; the others count. The same file
again changes nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from psycopg import sql
from sqlalchemy import text
from sqlalchemy.orm import Session

from reconcile.errors import BadCell, BadInput
from reconcile.files.claims import read_good_claims
from tracer.access import audit
from tracer.access.rules import WHOLE_HOSPITAL, Action, Actor
from tracer.catalog.mismatches.correcting import COLUMNS
from tracer.catalog.mismatches.errors import ExportUnreadable
from tracer.catalog.mismatches.heeding import heed
from tracer.catalog.mismatches.running import Run, begin, run
from tracer.catalog.mismatches.tables import HOUSE
from tracer.catalog.mismatches.watching import Step, Watch, unwatched
from tracer.shared.clock import Clock

MOST_BAD_KEPT: Final = 1_000
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
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    watch(Step("reading", 0, size))
    try:
        frame, bad = read_good_claims(path)
    except BadInput as error:
        raise ExportUnreadable(file=file, cells=error.cells) from error
    bad_rows = len({cell.row for cell in bad})
    receipt = LoadReceipt(source, file, len(frame), bad_rows, tuple(bad[:MOST_BAD_KEPT]), None)
    if session.execute(_LAST, {"source": source_id}).scalar() == digest:
        # The same export on a later day: the system has not done what it was told meanwhile.
        heed(session, clock, source_id, frame)
        is_other = bool(owns) and sorted(owns) != owned
        return replace(receipt, run=_CHANGED) if is_other else receipt
    columns = [column for column in COLUMNS if column in frame]
    session.execute(text("DELETE FROM claim WHERE source_id = :source"), {"source": source_id})
    _copy(session, source_id, frame, columns)
    told = [{language: cell.said(language) for language in ("zh", "en")} for cell in receipt.bad]
    given: dict[str, Any] = {
        "source": source_id, "file": file, "digest": digest, "rows": len(frame), "given": columns,
        "bad": json.dumps(told, ensure_ascii=False), "bad_rows": bad_rows, "now": clock.now(), "by": actor.id,
    }  # fmt: skip
    extract = session.execute(_EXTRACT, given).scalar_one()
    watch(Step("heeding", rows=len(frame)))
    heed(session, clock, source_id, frame)
    audit.record(
        session, actor, clock, action="load_export", subject="claim_extract", subject_id=extract,
        after={"source": source, "file": file, "rows": len(frame), "bad_rows": bad_rows},
    )  # fmt: skip
    return LoadReceipt(source, file, len(frame), bad_rows, receipt.bad, _CHANGED)


def _copy(session: Session, source_id: int, frame: Any, columns: Sequence[str]) -> None:
    cursor = session.connection().connection.cursor()
    names = sql.SQL(", ").join(map(sql.Identifier, ("source_id", "row", *columns)))
    cells = frame[columns].fillna("").astype(object)
    with cursor.copy(sql.SQL("COPY claim ({}) FROM STDIN").format(names)) as copy:
        for number, row in zip(frame["row"].tolist(), cells.itertuples(index=False, name=None), strict=True):
            copy.write_row((source_id, number, *row))
    session.execute(text("ANALYZE claim"))


def _ensure_house(session: Session) -> None:
    session.execute(
        text("INSERT INTO claim_source (name) VALUES (:name) ON CONFLICT (name) DO NOTHING"), {"name": HOUSE}
    )
