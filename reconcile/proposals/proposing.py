"""From a result to proposals: one for each case, ranked by how sure it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from math import exp
from typing import TYPE_CHECKING, Final

import numpy as np

from reconcile.codes import SYSTEMS, CodesResult
from reconcile.codes.columns import Status
from reconcile.proposals.cases import make_cases
from reconcile.proposals.deciding import HOSPITAL, Numbering, Settled, Value, settle, settle_values
from reconcile.proposals.evidence import weigh_fields
from reconcile.proposals.explaining import differences, reasons
from reconcile.proposals.folding import plain
from reconcile.proposals.lines import BILLING, MATERIAL, ORDER, Known, Line, canonical, read_known, read_lines
from reconcile.proposals.records import Change, Kind, Proposal, Reason
from reconcile.proposals.solving import LARGEST, solve
from reconcile.proposals.tangles import Step, first_step

if TYPE_CHECKING:
    import pandas as pd

MOST: Final = 300_000
"""Rows that are looked at: some minutes, and far more than people get through before the next run."""
UNSURE: Final = 1.0


def propose(
    result: CodesResult,
    *,
    owners: Mapping[str, str | Iterable[str]] | None = None,
    facts: pd.DataFrame | None = None,
) -> tuple[Proposal, ...]:
    """Proposals for all groups that are not in order, the surest first.

    `owners`: as in `reconcile_codes`; the owner of the UDI is taken for the register, that of the insurance
    codes for the catalogue. `facts`: what the register knows of packages, columns udi (the piece's), package,
    pieces. Depends on the order of rows no more than the result does.
    """
    known = read_known(result, owners or {}, facts)
    cases = make_cases(read_lines(result, _wanted(result)), known)
    numbering = Numbering(lambda system: canonical(system, result.gathered.lexicons[system].shown))
    parts: list[list[Line]] = []
    tangled: list[list[Line]] = []
    for case in cases:
        for lines in [case] if len(case) <= LARGEST else _by_group(case):
            (parts if len(lines) <= LARGEST else tangled).append(lines)
    settled = [part for lines in parts for part in _parts(_settled(lines, known))]
    halves = _Halves(item for part in settled for item in part if _is_half(item))
    removed = {claim for finding in result.found for claim in finding.remove} if tangled else set()
    steps = [(first_step(lines, removed, known, largest=LARGEST), len(lines)) for lines in tangled]
    made = [_proposal(part, known, numbering, halves) for part in settled]
    made += [_of_step(step, rows, known, numbering, halves) for step, rows in steps if step is not None]
    found = [proposal for proposal in made if proposal is not None]
    return tuple(sorted(found, key=lambda proposal: (-proposal.score, proposal.group)))


def _wanted(result: CodesResult) -> np.ndarray:
    """The claims of groups that are not in order; of very many those of the worst."""
    worst = np.full(result.grouped.count, len(Status), dtype="int64")
    severity = {status: place for place, status in enumerate(Status)}
    for finding in result.found:
        worst[finding.group] = min(worst[finding.group], severity[finding.status])
    of_claim = worst[result.grouped.of_claim]
    bad = np.flatnonzero(of_claim < len(Status))
    if len(bad) <= MOST:
        return bad
    order = np.lexsort((result.grouped.of_claim[bad], of_claim[bad]))
    last = result.grouped.of_claim[bad[order[MOST]]]
    chosen = bad[order[:MOST]]
    # A group is looked at with all its rows or not at all.
    return np.sort(chosen[result.grouped.of_claim[chosen] != last])


def _by_group(case: list[Line]) -> list[list[Line]]:
    """Only codes tie so many together, or the same words: then each group by itself."""
    groups: defaultdict[int, list[Line]] = defaultdict(list)
    for line in case:
        groups[line.group].append(line)
    return list(groups.values())


def _of_step(step: Step, rows: int, known: Known, numbering: Numbering, halves: _Halves) -> Proposal | None:
    """A step leaves the rest of its group open, so it is neither complete nor ever sure."""
    items = settle(step.items, [UNSURE] * len(step.items), known)
    proposal = _proposal(items, known, numbering, halves)
    if proposal is None:
        return None
    told = Reason("tangle_step", (("rows", str(rows)), ("items", str(step.comes_off))))
    return replace(
        proposal, is_complete=False, score=min(proposal.score, 0.5), reasons=(told, *proposal.reasons)
    )


def _settled(case: list[Line], known: Known) -> list[Settled]:
    clusters = solve(case, known)
    return settle(clusters.items, clusters.margins, known)


def _is_half(item: Settled) -> bool:
    """Billed or ordered, and nobody knows as what."""
    return MATERIAL not in item.codes and (BILLING in item.codes or ORDER in item.codes)


def _parts(items: list[Settled]) -> list[list[Settled]]:
    """Items that share a group stand in one proposal; those of other groups do not depend on it."""
    parent = list(range(len(items)))

    def find(at: int) -> int:
        while parent[at] != at:
            at = parent[at]
        return at

    seen: dict[int, int] = {}
    for at, item in enumerate(items):
        for line in item.rows:
            first = find(seen.setdefault(line.group, at))
            own = find(at)
            parent[max(first, own)] = min(first, own)
    parts: defaultdict[int, list[Settled]] = defaultdict(list)
    for at, item in enumerate(items):
        parts[find(at)].append(item)
    return [parts[at] for at in sorted(parts)]


def _proposal(items: list[Settled], known: Known, numbering: Numbering, halves: _Halves) -> Proposal | None:
    alive = [item for item in items if not item.is_gone]
    gone = [item for item in items if item.is_gone]
    new = [_make_codes(item, numbering) for item in alive]
    rivals = [halves.rivals_of(item) if made else [] for item, made in zip(alive, new, strict=True)]
    values = [settle_values(item, known) for item in alive]
    kept = {(system, code) for item in alive for system, code in item.codes.items()}
    lines = [line for item in items for line in item.rows]
    named = {(s, code) for line in lines for s, code in enumerate(line.codes) if code}
    # A package's identifier is no stray: the register owns it, as the package's.
    retired = sorted(named - kept)
    changes = tuple(_change(item, made, said) for item, made, said in zip(alive, new, values, strict=True))
    dropped = [line.label for item in gone for line in item.rows]
    surplus = [label for item in alive for label in _surplus(item)]
    groups = tuple(sorted({line.group for line in lines}))
    is_complete = bool(alive) and not any(item.lacking for item in alive)
    changed = any(new) or retired or dropped or len(alive) > 1 or len(groups) > 1 or any(values)
    if not changed:
        return None
    return Proposal(
        group=groups[0],
        groups=groups,
        kind=_kind(alive, gone, new, retired, groups, changes, known),
        score=_score(items, values, is_complete and not any(rivals)),
        changes=changes,
        retired=tuple((SYSTEMS[system], code) for system, code in retired),
        dropped=tuple(sorted([*dropped, *surplus], key=_natural)),
        reasons=reasons(alive, gone, new, values, retired, rivals, known),
        differences=differences(alive),
        is_complete=is_complete,
    )


def _make_codes(item: Settled, numbering: Numbering) -> tuple[int, ...]:
    """Codes that only the hospital can make, for an item that it keeps under a material code."""
    if MATERIAL not in item.codes:
        return ()
    made = tuple(system for system in item.lacking if system in (BILLING, ORDER) and numbering.knows(system))
    for system in made:
        item.codes[system] = numbering.next(system)
    item.lacking = [system for system in item.lacking if system not in made]
    return made


class _Halves:
    """Items that are billed or ordered, and nobody knows as what; found by what their rows say."""

    _TELLING: Final = ("model", "specification", "certificate", "maker", "price", "name")

    def __init__(self, halves: Iterable[Settled]) -> None:
        self._halves = list(halves)
        self._saying: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
        for at, half in enumerate(self._halves):
            for said in self._said(half):
                self._saying[said].append(at)

    def rivals_of(self, item: Settled) -> list[str]:
        """Codes that exist, belong to nothing, and might be this item's: before new ones are made, look
        there."""
        places = sorted({at for said in self._said(item) for at in self._saying.get(said, ())})
        return [
            half.codes.get(BILLING) or half.codes[ORDER]
            for half in (self._halves[at] for at in places)
            if half is not item and sum(weigh_fields(a, b) for a in item.rows for b in half.rows) > 0
        ]

    def _said(self, item: Settled) -> set[tuple[str, str]]:
        return {
            (field, line.folded[field])
            for line in item.rows
            for field in self._TELLING
            if field in line.folded
        }


def _change(item: Settled, made: tuple[int, ...], values: list[Value]) -> Change:
    surplus = set(_surplus(item))
    rows = [line for line in item.rows if line.label not in surplus]
    overruled = [
        f"{line.label}:{SYSTEMS[system]}"
        for line in rows
        for system, code in enumerate(line.codes)
        if code and item.codes.get(system) != code
    ]
    for value in values:
        right = plain(value.field, value.text)
        overruled += [
            f"{line.label}:{value.field}"
            for line in value.rows
            if line.label not in surplus and plain(value.field, line.fields[value.field]) != right
        ]
    return Change(
        codes=tuple((SYSTEMS[system], item.codes[system]) for system in sorted(item.codes)),
        new=tuple(SYSTEMS[system] for system in made),
        claims=tuple(line.label for line in rows),
        overruled=tuple(sorted(overruled, key=_natural)),
        values=tuple((value.field, value.text) for value in values),
    )


def _surplus(item: Settled) -> list[str]:
    """Rows of which the item has a better one of the same source, and that alone state no code of it."""
    by_source: defaultdict[str, list[Line]] = defaultdict(list)
    for line in item.rows:
        by_source[line.source].append(line)
    surplus = []
    for rows in by_source.values():
        if len(rows) == 1:
            continue
        rows.sort(key=lambda line: (-_agreement(line, item), line.codes, line.number))
        stated: set[tuple[int, str]] = set()
        for line in rows:
            own = {(s, code) for s, code in enumerate(line.codes) if code and item.codes.get(s) == code}
            if own <= stated and _agreement(line, item) < _agreement(rows[0], item):
                surplus.append(line.label)
            stated |= own
    return surplus


def _agreement(line: Line, item: Settled) -> int:
    """More codes of the item's, and none that are not."""
    return sum(1 if item.codes.get(system) == code else -1 for system, code in enumerate(line.codes) if code)


def _kind(
    alive: Sequence[Settled],
    gone: Sequence[Settled],
    new: Sequence[tuple[int, ...]],
    retired: Sequence[tuple[int, str]],
    groups: Sequence[int],
    changes: Sequence[Change],
    known: Known,
) -> Kind:
    if any(new):
        return Kind.NEW_CODE
    if gone:
        return Kind.RETIRE
    if any(known.is_owned(system, code) and system in HOSPITAL for system, code in retired):
        return Kind.MERGE
    codes_overruled = any(
        cell.rsplit(":", 1)[1] in SYSTEMS for change in changes for cell in change.overruled
    )
    if len(alive) > 1 and not retired:
        return Kind.SPLIT
    if retired or codes_overruled:
        return Kind.RE_POINT
    return Kind.FILL if len(groups) > 1 else Kind.CORRECT


def _score(items: Sequence[Settled], values: Sequence[Sequence[Value]], is_complete: bool) -> float:
    """The product of how sure each decision is; what leaves something open is never sure."""
    score = 1.0
    for item in items:
        score *= 1 / (1 + exp(-1.2 * (item.margin - 0.5)))
    for said in values:
        for value in said:
            score *= 0.99 if value.share > 0.6 else value.share
    return round(score if is_complete else score * 0.5, 4)


def _natural(label: str) -> tuple[str, int, str]:
    source, _, rest = label.partition(":")
    number, _, column = rest.partition(":")
    return source, int(number) if number.isdecimal() else 0, column
