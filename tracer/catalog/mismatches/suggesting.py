"""A proposal as a settlement: which row of which export should read what instead. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from reconcile.codes import COMPARED, SYSTEMS
from tracer.catalog.mismatches.correcting import codes_key
from tracer.catalog.mismatches.tables import HOUSE

if TYPE_CHECKING:
    from reconcile.proposals import Proposal


@dataclass(frozen=True, slots=True)
class Draft:
    """A settlement before it is written; `corrections`: (source, before, after)."""

    group_keys: tuple[str, ...]
    kind: str
    score: float | None
    is_complete: bool
    items: list[dict[str, Any]]
    reasons: list[dict[str, Any]]
    differences: list[dict[str, Any]]
    corrections: tuple[tuple[str, dict[str, str] | None, dict[str, str] | None], ...]

    @property
    def fingerprint(self) -> str:
        said = json.dumps([self.kind, self.corrections], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(said.encode()).hexdigest()


def draft_of(
    proposal: Proposal,
    rows: Mapping[tuple[str, int], Mapping[str, str]],
    keys: Sequence[str],
    owners: Mapping[str, str],
    twins: Container[tuple[str, tuple[str, ...]]],
) -> Draft:
    """`rows`: (source, row) → its cells. `keys`: the first code of each group, from group 1.

    `owners`: system → the source that lists all its codes, which has to add a code that is new.
    `twins`: (source, codes) that several rows of a source hold, so that only their fields tell them apart.
    """

    def before(source: str, row: int, fields: Iterable[str]) -> dict[str, str]:
        cells = rows[source, row]
        is_twin = (source, codes_key(cells)) in twins
        codes = {system: cells[system] for system in SYSTEMS if cells.get(system)}
        wanted = COMPARED if is_twin else [field for field in COMPARED if field in set(fields)]
        return codes | {field: cells.get(field) or "" for field in wanted}

    cells: dict[tuple[str, int], dict[str, str]] = {}
    added: list[tuple[str, None, dict[str, str]]] = []
    for change in proposal.changes:
        right = dict(change.codes) | dict(change.values)
        for cell in change.overruled:
            source, row, column = cell.rsplit(":", 2)
            cells.setdefault((source, int(row)), {})[column] = right.get(column, "")
        added.append((HOUSE, None, dict(change.codes)))
        by_owner: dict[str, dict[str, str]] = {}
        for system in change.new:
            if system in owners:
                by_owner.setdefault(owners[system], {})[system] = change.code(system)
        added += [(owner, None, codes) for owner, codes in sorted(by_owner.items())]
    corrections: list[tuple[str, dict[str, str] | None, dict[str, str] | None]] = []
    for label in proposal.dropped:
        source, row = label.rsplit(":", 1)
        corrections.append((source, before(source, int(row), ()), None))
    for (source, number), values in sorted(cells.items()):
        old = before(source, number, values)
        new = {column: value for column, value in {**old, **values}.items() if value}
        corrections.append((source, old, new if any(new.get(s) for s in SYSTEMS) else None))
    corrections += added
    return Draft(
        group_keys=tuple(keys[group - 1] for group in proposal.groups),
        kind=proposal.kind.value,
        score=round(proposal.score, 4),
        is_complete=proposal.is_complete,
        items=[
            {"codes": dict(c.codes), "new": list(c.new), "claims": list(c.claims), "values": dict(c.values)}
            for c in proposal.changes
        ],
        reasons=[{"zh": r.zh, "en": r.en, "supports": r.supports} for r in proposal.reasons],
        differences=[asdict(d) for d in proposal.differences if not d.is_same_text],
        corrections=_distinct(corrections),
    )


def _distinct(
    corrections: list[tuple[str, dict[str, str] | None, dict[str, str] | None]],
) -> tuple[tuple[str, dict[str, str] | None, dict[str, str] | None], ...]:
    """Rows that say the same are corrected by one correction."""
    seen: dict[str, tuple[str, dict[str, str] | None, dict[str, str] | None]] = {}
    for one in corrections:
        if one[1] != one[2]:
            seen.setdefault(json.dumps(one, sort_keys=True, ensure_ascii=False), one)
    return tuple(seen.values())
