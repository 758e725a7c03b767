"""The rows of a case → items: rows that together speak for being one item, and against the others.

Correlation clustering, greedy: of all pairs of clusters the two with the most evidence between them, added up
over all their rows, become one, until no pair has more for it than against it. Then each row is asked once
more where it belongs, now counting each code once: three rows that repeat a wrong code are one statement.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt
from typing import Final

from reconcile.proposals.evidence import weigh_codes, weigh_fields
from reconcile.proposals.lines import Known, Line

LARGEST: Final = 400
"""Rows of a case beyond which every pair is too much: such a tangle is for a person to cut first."""
ROUNDS: Final = 4
LONELY: Final = 5.0
"""How sure a row is that has nobody to belong to and nobody to be taken for."""

Weights = list[list[float]]


@dataclass(frozen=True, slots=True)
class Clusters:
    """`items`: the rows of each. `margins`: of each, how much its least certain row was worth: the evidence
    for its place, less that for the next best."""

    items: tuple[tuple[Line, ...], ...]
    margins: tuple[float, ...]


def solve(lines: list[Line], known: Known) -> Clusters:
    # In an order that has nothing to do with where a row stands in its file: ties end the same way.
    lines = sorted(lines, key=lambda one: (one.codes, one.source, sorted(one.fields.items()), one.number))
    codes = _pairwise(lines, lambda one, other: weigh_codes(one, other, known))
    fields = _pairwise(lines, weigh_fields)
    both = [[c + f for c, f in zip(of, said, strict=True)] for of, said in zip(codes, fields, strict=True)]
    members = _Places(_agglomerate(both), codes, fields).refined()
    places = _Places(members, codes, fields)
    margins = tuple(min(places.margin(i) for i in of) for of in members)
    return Clusters(tuple(tuple(lines[i] for i in of) for of in members), margins)


def _pairwise(lines: list[Line], weigh: Callable[[Line, Line], float]) -> Weights:
    size = len(lines)
    weights = [[0.0] * size for _ in range(size)]
    for i in range(size):
        for j in range(i + 1, size):
            weights[i][j] = weights[j][i] = weigh(lines[i], lines[j])
    return weights


def _agglomerate(weights: Weights) -> list[list[int]]:
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
            if i == one:
                continue
            row[one] = between[one][i] = row[one] + gone[i]
            row.pop(other)
            if best[i][1] in (one, other):
                best[i] = _best(row)
            else:
                best[i] = max(best[i], (row[one], one), key=lambda found: (found[0], -found[1]))
        best[one] = _best(between[one])
    return [sorted(of) for of in sorted(members.values(), key=min)]


def _best(row: dict[int, float]) -> tuple[float, int]:
    other = max(row, key=lambda j: (row[j], -j), default=-1)
    return (row[other], other) if other >= 0 else (float("-inf"), -1)


class _Places:
    """Where each row is, and what speaks for its being there or elsewhere."""

    def __init__(self, members: list[list[int]], codes: Weights, fields: Weights) -> None:
        self._codes, self._fields = codes, fields
        self._members = [list(of) for of in members]

    def refined(self) -> list[list[int]]:
        """Rows moved to where more speaks for them, until none wants to or it goes round in a circle."""
        for _ in range(ROUNDS):
            moved = False
            for i in range(len(self._codes)):
                own = self._place(i)
                worth = [self.worth(i, of) for of in self._members]
                best = max(range(len(worth)), key=lambda at: (worth[at], -at))
                if worth[best] > max(worth[own], 0) + 0.5:
                    self._members[own].remove(i)
                    self._members[best].append(i)
                    moved = True
            if not moved:
                break
        return sorted((sorted(of) for of in self._members if of), key=min)

    def worth(self, i: int, of: list[int]) -> float:
        """What speaks for row i belonging to these. Each code counts once, however many rows repeat it; what
        is said of the item counts more if more say it, but not so many times more."""
        others = [j for j in of if j != i]
        if not others:
            return 0.0
        codes = [self._codes[i][j] for j in others]
        said = sum(self._fields[i][j] for j in others)
        return max(*codes, 0.0) + min(*codes, 0.0) + 2 * said / sqrt(len(others))

    def margin(self, i: int) -> float:
        own = self._place(i)
        elsewhere = [self.worth(i, of) for at, of in enumerate(self._members) if at != own]
        if len(self._members[own]) == 1:
            return -max(elsewhere, default=-LONELY)
        return self.worth(i, self._members[own]) - max(max(elsewhere, default=0.0), 0.0)

    def _place(self, i: int) -> int:
        return next(at for at, of in enumerate(self._members) if i in of)
