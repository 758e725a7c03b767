"""Whether a system has done what it was told, as its next export shows.

Followed: a row reads as it should, or one that should go is gone. Silent: it still reads as before, though it
was told on an earlier day. Contradicted: it reads neither as before nor as it should. Of what was told one
after the other about one row, the last is what it should read.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from reconcile.codes import SYSTEMS
from tracer.catalog.mismatches.correcting import Cells, codes_key, rows_with, says
from tracer.catalog.mismatches.tables import Heed
from tracer.shared.clock import Clock

if TYPE_CHECKING:
    import pandas as pd

_TOLD: Final = text("""
    SELECT c.id, c.before, c.after, c.heed, t.decided_at
      FROM correction c JOIN settlement t ON t.id = c.settlement_id
     WHERE c.source_id = :source AND t.ruling = 'approved' ORDER BY c.id""")
_KEEP: Final = text("""
    UPDATE correction c SET heed = n.heed, heeded_at = :now
      FROM unnest(CAST(:ids AS bigint[]), CAST(:heeds AS text[])) AS n (id, heed) WHERE c.id = n.id""")


class Heeding:
    """Everything that a source was told, looked for in its newest export part by part."""

    def __init__(self, session: Session, source_id: int) -> None:
        self._told = session.execute(_TOLD, {"source": source_id}).all()
        self._wanted = {
            codes_key(cells) for one in self._told for cells in (one.before, one.after) if cells is not None
        }
        self._rows: dict[tuple[str, ...], list[Cells]] = {}

    def look(self, frame: pd.DataFrame) -> None:
        """Some of the rows of the export."""
        for _, row in rows_with(frame, self._wanted):
            self._rows.setdefault(codes_key(row), []).append(row)

    def keep(self, session: Session, clock: Clock) -> None:
        """Note what became of each thing it was told, once all rows have been looked at."""
        today = clock.now().astimezone(clock.zone).date()
        changed: list[tuple[int, str]] = []
        next_of = _next_of(self._told)
        heeds_now: dict[int, Heed] = {}
        # The newest first: what was told later about what a correction made counts for both.
        for one in reversed(self._told):
            was_told_before = one.decided_at.astimezone(clock.zone).date() < today
            now = heed_of(one.before, one.after, self._rows, was_told_before=was_told_before)
            if one.id in next_of and now is not Heed.FOLLOWED:
                now = heeds_now[next_of[one.id]]
            heeds_now[one.id] = now
            if now != one.heed:
                changed.append((one.id, now))
        if changed:
            ids, heeds = zip(*changed, strict=True)
            session.execute(_KEEP, {"ids": list(ids), "heeds": list(heeds), "now": clock.now()})


def _next_of(told: Sequence[Any]) -> dict[int, int]:
    """A correction → the one that says of the row it made what that should read instead."""
    by_codes: dict[tuple[str, ...], list[Any]] = {}
    for one in told:
        if one.before is not None:
            by_codes.setdefault(codes_key(one.before), []).append(one)
    found = {}
    for one in told:
        for later in by_codes.get(codes_key(one.after), ()) if one.after is not None else ():
            shared = {field: value for field, value in later.before.items() if field in one.after}
            if later.id > one.id and says(one.after, shared):
                found[one.id] = later.id
                break
    return found


def heed_of(
    before: Cells | None,
    after: Cells | None,
    rows: dict[tuple[str, ...], list[Cells]],
    *,
    was_told_before: bool,
) -> Heed:
    """`rows`: the export's rows by their codes."""
    late = Heed.SILENT if was_told_before else Heed.AWAITED
    if after is not None and _is_there(after, before, rows):
        return Heed.FOLLOWED
    if before is None:
        return late
    if _is_there(before, None, rows):
        return late
    return Heed.FOLLOWED if after is None else Heed.CONTRADICTED


def _is_there(cells: Cells, other: Cells | None, rows: dict[tuple[str, ...], list[Cells]]) -> bool:
    """Whether a row has these codes and fields; of fields that were emptied, that they are."""
    emptied = {field: "" for field in (other or {}) if field not in cells and field not in SYSTEMS}
    return any(says(row, {**cells, **emptied}) for row in rows.get(codes_key(cells), ()))
