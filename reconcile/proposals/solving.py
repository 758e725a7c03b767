"""The rows of a case → items: rows that together speak for being one item, and against the others.

Correlation clustering, greedy: of all pairs of clusters the two with the most evidence between them, added up
over all their rows, become one, until no pair has more for it than against it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from reconcile.proposals.evidence import weigh
from reconcile.proposals.lines import Known, Line

LARGEST: Final = 400
"""Rows of a case beyond which every pair is too much: such a tangle is for a person to cut first."""


@dataclass(frozen=True, slots=True)
class Clusters:
    """`items`: the rows of each, in the order of their first. `margin`: of each, how much the least certain
    decision about it was worth: the weakest row's evidence for it, less its evidence for the next best."""

    items: tuple[tuple[Line, ...], ...]
    margins: tuple[float, ...]


def solve(lines: list[Line], known: Known) -> Clusters:
    # In an order that has nothing to do with where a row stands in its file: ties end the same way.
    lines = sorted(
        lines, key=lambda line: (line.codes, line.source, sorted(line.fields.items()), line.number)
    )
    size = len(lines)
    weights = [[0.0] * size for _ in range(size)]
    for i in range(size):
        for j in range(i + 1, size):
            weights[i][j] = weights[j][i] = weigh(lines[i], lines[j], known)
    members = _agglomerate(weights)
    margins = tuple(_margin(weights, members, at) for at in range(len(members)))
    return Clusters(tuple(tuple(lines[i] for i in of) for of in members), margins)


def _agglomerate(weights: list[list[float]]) -> list[list[int]]:
    members: dict[int, list[int]] = {i: [i] for i in range(len(weights))}
    between = {i: {j: w for j, w in enumerate(row) if j != i} for i, row in enumerate(weights)}
    best = {i: _best(between[i]) for i in between}
    while len(members) > 1:
        one = max(best, key=lambda i: (best[i][0], -i))
        worth, other = best[one]
        if worth <= 0:
            break
        one, other = min(one, other), max(one, other)
        members[one] += members.pop(other)
        gone = between.pop(other)
        del best[other], between[one][other]
        for i, row in between.items():
            if i != one:
                row[one] = between[one][i] = row[one] + gone[i]
                row.pop(other)
        between[one].pop(other, None)
        # The sums changed for all; with few rows looking again is cheaper than being clever.
        best = {i: _best(row) for i, row in between.items()}
    return [sorted(of) for of in sorted(members.values(), key=min)]


def _best(row: dict[int, float]) -> tuple[float, int]:
    other = max(row, key=lambda j: (row[j], -j), default=-1)
    return (row[other], other) if other >= 0 else (float("-inf"), -1)


def _margin(weights: list[list[float]], members: list[list[int]], at: int) -> float:
    weakest = float("inf")
    for i in members[at]:
        own = sum(weights[i][j] for j in members[at] if j != i)
        elsewhere = (sum(weights[i][j] for j in other) for place, other in enumerate(members) if place != at)
        if len(members[at]) > 1:
            weakest = min(weakest, own - max(max(elsewhere, default=0.0), 0.0))
        else:
            weakest = min(weakest, -max(elsewhere, default=-5.0))
    return weakest
