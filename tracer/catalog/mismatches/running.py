"""One run over all claims: findings opened and closed, settlements suggested. Needs pandas: run it apart.

A run on unchanged claims changes nothing. Runs follow one another: each sees what the one before has written.
"""

from __future__ import annotations

import gc
import hashlib
import json
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from psycopg import sql
from sqlalchemy import text
from sqlalchemy.orm import Session

from reconcile.codes import SYSTEMS
from reconcile.codes.columns import JOINT
from tracer.catalog.identifiers import canonical_di
from tracer.catalog.mismatches.correcting import COLUMNS, Rewrite, codes_key, corrected, rows_of
from tracer.catalog.mismatches.suggesting import Draft, draft_of
from tracer.catalog.mismatches.tables import HOUSE
from tracer.catalog.mismatches.watching import Step, Watch, unwatched
from tracer.shared.clock import Clock

if TYPE_CHECKING:
    import pandas as pd

    from reconcile.codes import CodesResult

_BEGIN: Final = (
    text("SET LOCAL statement_timeout = '15min'"),
    text("SET LOCAL idle_in_transaction_session_timeout = '15min'"),
    text("SELECT pg_advisory_xact_lock(7403, 6)"),
)
_APPROVED: Final = text("""
    SELECT c.id, s.name AS source, c.before, c.after
      FROM correction c JOIN settlement t ON t.id = c.settlement_id JOIN claim_source s ON s.id = c.source_id
     WHERE t.ruling = 'approved' AND (c.heed <> 'followed' OR s.name = :house) ORDER BY c.id""")
_GIVEN: Final = text("""
    SELECT s.id, s.name, s.owns, e.given
      FROM claim_source s JOIN claim_extract e ON e.id = (
           SELECT max(id) FROM claim_extract WHERE source_id = s.id) ORDER BY s.name""")


@dataclass(frozen=True, slots=True)
class Run:
    """What a run left: groups by status, and the findings and settlements that are new or gone."""

    groups: dict[str, int]
    opened: int
    closed: int
    open: int
    suggested: int


def run(session: Session, clock: Clock, watch: Watch = unwatched) -> Run:
    """Group what all sources claim, as corrected by what was approved, and bring the findings up to date."""
    begin(session)
    with _no_looking_for_cycles():
        watch(Step("grouping"))
        result, owned = group_claims(session)
        watch(Step("findings"))
        keys = group_keys(result)
        opened, closed = _keep_findings(session, clock, result, keys)
        watch(Step("suggesting"))
        packages = _packages(session, result)
        suggested = _keep_suggestions(session, clock, _suggest(result, keys, owned, packages))
    still = session.execute(text("SELECT count(*) FROM code_finding WHERE closed_at IS NULL")).scalar_one()
    return Run(result.summary, opened, closed, still, suggested)


@contextmanager
def _no_looking_for_cycles() -> Iterator[None]:
    """Of the hundred thousands of small records that a run makes none points back at another."""
    was_looking = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_looking:
            gc.enable()


def begin(session: Session) -> None:
    """Wait for one's turn, and allow the time that many rows take."""
    for statement in _BEGIN:
        session.execute(statement)


def group_claims(session: Session) -> tuple[CodesResult, dict[str, str]]:
    """What all sources claim, as corrected by what was approved; and system → the source that owns it."""
    from reconcile.codes import reconcile_codes

    sources, owners = _load(session)
    rewrites = [Rewrite(**row._mapping) for row in session.execute(_APPROVED, {"house": HOUSE})]
    now = corrected(sources, rewrites)
    # A source that has not given the codes it owns yet owns none: nothing dangles for that.
    owned = {system: source for system, source in owners.items() if system in now.get(source, ())}
    return reconcile_codes(now, owners=owned), owned


def _load(session: Session) -> tuple[dict[str, pd.DataFrame], dict[str, str]]:
    sources: dict[str, pd.DataFrame] = {}
    owners: dict[str, str] = {}
    for source in session.execute(_GIVEN).all():
        columns = [column for column in COLUMNS if column in source.given]
        sources[source.name] = _claims_of(session, source.id, columns)
        owners |= {system: source.name for system in source.owns}
    return sources, owners


def _claims_of(session: Session, source_id: int, columns: Sequence[str]) -> pd.DataFrame:
    """The claims of a source, without a Python object for each of some fifty million cells."""
    import pandas as pd
    import pyarrow as pa
    import pyarrow.csv

    names = sql.SQL(", ").join(map(sql.Identifier, ("row", *columns)))
    asked = sql.SQL("COPY (SELECT {} FROM claim WHERE source_id = {} ORDER BY row) TO STDOUT (FORMAT csv)")
    cursor = session.connection().connection.cursor()
    types = {"row": pa.int64(), **{column: pa.large_string() for column in columns}}
    # Through a file: in memory it would stand twice while it is read.
    with tempfile.TemporaryFile() as file:
        with cursor.copy(asked.format(names, sql.Literal(source_id))) as copy:
            for block in copy:
                file.write(block)
        if not file.tell():
            return pd.DataFrame({n: pd.Series(dtype="int64" if n == "row" else "str") for n in types})
        file.seek(0)
        table = pyarrow.csv.read_csv(
            file,
            pyarrow.csv.ReadOptions(column_names=list(types)),
            pyarrow.csv.ParseOptions(newlines_in_values=True),
            pyarrow.csv.ConvertOptions(column_types=types, strings_can_be_null=False),
        )
    frame: pd.DataFrame = table.to_pandas(split_blocks=True, self_destruct=True)
    return frame


# --- findings ---------------------------------------------------------------------------------------------

_FOUND: Final = ("fingerprint", "group_key", "class", "system", "field", "values", "sources", "remove",
                 "is_proved", "codes", "name")  # fmt: skip
_LISTS: Final = {"values", "sources", "remove", "codes"}
_STAGE: Final = text(f"""
    CREATE TEMPORARY TABLE found ({
    ", ".join(
        f'"{c}" ' + ("text[]" if c in _LISTS else "boolean" if c == "is_proved" else "text") for c in _FOUND
    )
}) ON COMMIT DROP""")
_CLOSE: Final = text("""
    UPDATE code_finding f SET closed_at = :now
     WHERE f.closed_at IS NULL AND NOT EXISTS (SELECT FROM found n WHERE n.fingerprint = f.fingerprint)""")
_KEEP: Final = text("""
    UPDATE code_finding f SET sources = n.sources, remove = n.remove, is_proved = n.is_proved, codes = n.codes
      FROM found n
     WHERE n.fingerprint = f.fingerprint AND f.closed_at IS NULL
       AND (f.sources, f.remove, f.codes) IS DISTINCT FROM (n.sources, n.remove, n.codes)""")
# Whoever looks after a group looks after what is found in it later.
_OPEN: Final = text(f"""
    WITH looked_after AS (
         SELECT DISTINCT ON (f.group_key) f.group_key, f.owner_id, f.due_on
           FROM code_finding f WHERE f.owner_id IS NOT NULL ORDER BY f.group_key, f.id DESC)
    INSERT INTO code_finding ({", ".join(f'"{c}"' for c in _FOUND)}, opened_at, owner_id, due_on)
    SELECT {", ".join(f'n."{c}"' for c in _FOUND)}, :now, o.owner_id, o.due_on
      FROM found n LEFT JOIN looked_after o ON o.group_key = n.group_key
     WHERE NOT EXISTS (SELECT FROM code_finding f
                        WHERE f.fingerprint = n.fingerprint AND f.closed_at IS NULL)""")


def _keep_findings(
    session: Session, clock: Clock, result: CodesResult, keys: Sequence[str]
) -> tuple[int, int]:
    session.execute(text("DROP TABLE IF EXISTS found"))
    session.execute(_STAGE)
    cursor = session.connection().connection.cursor()
    columns = sql.SQL(", ").join(map(sql.Identifier, _FOUND))
    with cursor.copy(sql.SQL("COPY found ({}) FROM STDIN").format(columns)) as copy:
        for row in _found(result, keys):
            copy.write_row(row)
    session.execute(text("ANALYZE found"))
    closed = session.execute(_CLOSE, {"now": clock.now()}).rowcount  # type: ignore[attr-defined]
    session.execute(_KEEP)
    opened = session.execute(_OPEN, {"now": clock.now()}).rowcount  # type: ignore[attr-defined]
    if opened + closed:
        # Where thousands came at once, the planner would take them for a few until the next vacuum.
        session.execute(text("ANALYZE code_finding"))
    return opened, closed


def _found(result: CodesResult, keys: Sequence[str]) -> Iterable[tuple[Any, ...]]:
    names = _names(result)
    codes = result.groups[list(SYSTEMS)].to_numpy(dtype=object)
    for finding in result.found:
        row = finding.as_row(result.gathered)
        key = keys[finding.group]
        said = json.dumps(
            [key, row["class"], row["system"], row["field"], finding.values], ensure_ascii=False
        )
        held = [code for cell in codes[finding.group] for code in cell.split(JOINT) if code]
        yield (
            hashlib.sha256(said.encode()).hexdigest(), key, row["class"], row["system"], row["field"],
            list(finding.values), _split(row["sources"]), _split(row["remove"]), finding.is_proved, held,
            names.get(finding.group, ""),
        )  # fmt: skip


def group_keys(result: CodesResult) -> list[str]:
    """`system:code` of each group's first code: what a group is called from one run to the next."""
    keys: list[str] = [""] * result.grouped.count
    for system, codes in zip(reversed(SYSTEMS), reversed(result.gathered.lexicons), strict=True):
        of_code = result.grouped.codes_of(SYSTEMS.index(system)).tolist()
        for group, code in zip(reversed(of_code), reversed(codes.shown.tolist()), strict=True):
            keys[group] = f"{system}:{code}"
    return keys


def _names(result: CodesResult) -> dict[int, str]:
    """What a group's article is called: by the first source that says so."""
    if "name" not in result.gathered.table:
        return {}
    names: dict[int, str] = {}
    said = result.gathered.table["name"].fillna("").tolist()
    for group, name in zip(result.grouped.of_claim.tolist(), said, strict=True):
        if name and group not in names:
            names[group] = name
    return names


def _split(labels: str) -> list[str]:
    return labels.split(JOINT) if labels else []


# --- settlements ------------------------------------------------------------------------------------------


_PACKAGES: Final = text("""
    SELECT DISTINCT unit.code AS udi, package.code AS package, package.sales_units AS pieces
      FROM register_code package
      JOIN register_code unit ON unit.record_id = package.record_id AND unit.kind = 'sales_unit'
     WHERE package.kind = 'package' AND package.sales_units > 1 AND package.code = ANY(:codes)
     ORDER BY 2, 1""")


def _packages(session: Session, result: CodesResult) -> pd.DataFrame | None:
    """Which of the UDIs in groups that are not in order the registers know as packages, and of what."""
    import numpy as np
    import pandas as pd

    udi = SYSTEMS.index("udi")
    bad = np.array(sorted({finding.group for finding in result.found}), dtype="int64")
    shown = result.gathered.lexicons[udi].shown[np.isin(result.grouped.codes_of(udi), bad)]
    codes = sorted({canonical_di(str(code)) for code in shown})
    rows = session.execute(_PACKAGES, {"codes": codes}).all()
    return pd.DataFrame(rows, columns=["udi", "package", "pieces"]) if rows else None


def _suggest(
    result: CodesResult,
    keys: Sequence[str],
    owners: dict[str, str],
    packages: pd.DataFrame | None,
) -> list[Draft]:
    import numpy as np

    from reconcile.proposals import propose

    proposals = propose(result, owners=owners, facts=packages)
    if not proposals:
        return []
    groups = [group - 1 for proposal in proposals for group in proposal.groups]
    is_meant = np.zeros(result.grouped.count, dtype=bool)
    is_meant[groups] = True
    records = rows_of(result.gathered.table[is_meant[result.grouped.of_claim]])
    rows = {(str(r["source"]), int(r["row"])): r for r in records}
    held = Counter((str(r["source"]), codes_key(r)) for r in records)
    twins = {key for key, times in held.items() if times > 1}
    return [draft_of(proposal, rows, keys, owners, twins) for proposal in proposals]


_FORGET: Final = text("""
    DELETE FROM settlement WHERE ruling = 'suggested' AND NOT (fingerprint = ANY(:fingerprints))""")
_KNOWN: Final = text("""
    SELECT fingerprint FROM settlement
     WHERE fingerprint = ANY(:fingerprints) AND ruling IN ('suggested', 'proposed', 'rejected')""")
_SETTLED_GROUPS: Final = text("SELECT unnest(group_keys) FROM settlement WHERE ruling = 'proposed'")


def _keep_suggestions(session: Session, clock: Clock, drafts: Sequence[Draft]) -> int:
    """Suggestions that nothing speaks for any more go; what was rejected is not suggested again."""
    prints = [draft.fingerprint for draft in drafts]
    session.execute(_FORGET, {"fingerprints": prints})
    known = set(session.execute(_KNOWN, {"fingerprints": prints}).scalars())
    proposed = set(session.execute(_SETTLED_GROUPS).scalars())
    new = [
        (draft, fingerprint)
        for draft, fingerprint in zip(drafts, prints, strict=True)
        if fingerprint not in known and not proposed.intersection(draft.group_keys)
    ]
    write_settlements(session, clock, new, ruling="suggested", proposer_id=None)
    return len(drafts)


_WRITE: Final = text("""
    INSERT INTO settlement (fingerprint, group_keys, kind, score, is_complete, items, reasons, differences,
                            ruling, made_at, proposer_id, proposed_at, why)
    SELECT n.fingerprint, ARRAY(SELECT jsonb_array_elements_text(n.keys)), n.kind, n.score, n.is_complete,
           n.items, n.reasons, n.differences, :ruling, :now, CAST(:by AS bigint),
           CASE WHEN CAST(:by AS bigint) IS NULL THEN NULL ELSE CAST(:now AS timestamptz) END, :why
      FROM jsonb_to_recordset(CAST(:drafts AS jsonb)) AS n (
           place bigint, fingerprint text, keys jsonb, kind text, score double precision, is_complete boolean,
           items jsonb, reasons jsonb, differences jsonb)
     ORDER BY n.place
    RETURNING id, fingerprint""")
_CORRECT: Final = text("""
    INSERT INTO correction (settlement_id, source_id, before, after)
    SELECT n.settlement, n.source, nullif(n.before, 'null'), nullif(n.after, 'null')
      FROM jsonb_to_recordset(CAST(:corrections AS jsonb)) AS n (
           place bigint, settlement bigint, source bigint, before jsonb, after jsonb)
     ORDER BY n.place""")


def write_settlements(
    session: Session,
    clock: Clock,
    drafts: Sequence[tuple[Draft, str]],
    *,
    ruling: str,
    proposer_id: int | None,
    why: str = "",
) -> list[int]:
    """Write drafts, each with its fingerprint, and their corrections, in two statements."""
    if not drafts:
        return []
    rows = [
        {
            "place": place, "fingerprint": fingerprint, "keys": draft.group_keys, "kind": draft.kind,
            "score": draft.score, "is_complete": draft.is_complete, "items": draft.items,
            "reasons": draft.reasons, "differences": draft.differences,
        }
        for place, (draft, fingerprint) in enumerate(drafts)
    ]  # fmt: skip
    given = {"drafts": _json(rows), "ruling": ruling, "now": clock.now(), "by": proposer_id, "why": why}
    written = {row.fingerprint: row.id for row in session.execute(_WRITE, given)}
    ids = {row.name: row.id for row in session.execute(text("SELECT id, name FROM claim_source"))}
    corrections = [
        {"settlement": written[fingerprint], "source": ids[source], "before": before, "after": after}
        for draft, fingerprint in drafts
        for source, before, after in draft.corrections
    ]
    numbered = [{"place": place, **one} for place, one in enumerate(corrections)]
    session.execute(_CORRECT, {"corrections": _json(numbered)})
    return [written[fingerprint] for _, fingerprint in drafts]


def _json(rows: list[dict[str, Any]]) -> str:
    return json.dumps(rows, ensure_ascii=False)
