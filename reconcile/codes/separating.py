"""The fewest claims whose removal leaves no group with two codes of one system.

A claim is a row: it ties all the codes it holds. Rows that hold the same codes stand or fall together, so
each such *bond* weighs as many claims as say it. Finding the cheapest set is a multicut, hard in general;
groups in hospitals are small. A greedy answer comes first, then branch and bound improves on it, until it is
proved the smallest or the budget is spent: then the best so far is answered, and said to be unproved.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

Code = tuple[int, int]
"""(system, number): what a code is called here."""
BUDGET: Final = 300
"""Looks at a partial answer; most groups need one."""
LARGEST: Final = 60
"""Bonds of a group beyond which branches are not tried: the greedy answer may still meet the bound."""


@dataclass(frozen=True)
class Bond:
    codes: frozenset[Code]
    claims: tuple[int, ...]

    @property
    def weight(self) -> int:
        return len(self.claims)


@dataclass(frozen=True)
class Separation:
    """`claims`: what to give up. `is_proved`: no smaller set separates the group."""

    claims: tuple[int, ...]
    is_proved: bool


def separate(rows: Iterable[tuple[int, Sequence[Code]]]) -> Separation:
    """`rows`: (claim, the codes it holds) of one group. The answer depends on their order in no way but
    through the claims' numbers, of which the smaller are the more readily kept."""
    bonds = _bonds(rows)
    search = _Search(bonds, _greedy(bonds))
    search.look(frozenset(range(len(bonds))), 0, ())
    return Separation(
        tuple(sorted(claim for b in search.dropped for claim in bonds[b].claims)), not search.is_spent
    )


def _bonds(rows: Iterable[tuple[int, Sequence[Code]]]) -> list[Bond]:
    claims: dict[frozenset[Code], list[int]] = {}
    for claim, codes in rows:
        if len(codes) > 1:
            claims.setdefault(frozenset(codes), []).append(claim)
    bonds = [Bond(codes, tuple(sorted(of))) for codes, of in claims.items()]
    return sorted(bonds, key=lambda bond: (-bond.weight, sorted(bond.codes)))


def _greedy(bonds: Sequence[Bond]) -> tuple[int, ...]:
    """Keep the heaviest bonds first, each if it brings no two codes of one system together."""
    parent: dict[Code, Code] = {}
    held: dict[Code, dict[int, Code]] = {}

    def find(code: Code) -> Code:
        while (up := parent.setdefault(code, code)) != code:
            parent[code] = parent[up]
            code = parent[code]
        return code

    dropped = []
    for place, bond in enumerate(bonds):
        roots = {find(code) for code in bond.codes}
        together: dict[int, Code] = {}
        clashes = False
        for root in roots:
            for system, code in held.setdefault(root, {root[0]: root}).items():
                clashes = clashes or together.setdefault(system, code) != code
        if clashes:
            dropped.append(place)
            continue
        top = min(roots)
        for root in roots:
            parent[root] = top
        held[top] = together
    return tuple(dropped)


class _Search:
    """Branch and bound over the bonds that are kept. `dropped`: the best answer, at first the one given."""

    def __init__(self, bonds: Sequence[Bond], dropped: tuple[int, ...]) -> None:
        self._bonds = bonds
        self.dropped = dropped
        self._best = self._weight(dropped)
        self._looks_left = BUDGET
        self.is_spent = False
        """True if something was left untried that could have been smaller."""

    def look(self, kept: frozenset[int], cost: int, dropped: tuple[int, ...]) -> None:
        at = self._by_code(kept)
        if cost + self._bound(at) >= self._best:
            return
        if self._looks_left == 0 or len(self._bonds) > LARGEST:
            self.is_spent = True
            return
        self._looks_left -= 1
        choices = self._widest_fork(at) or self._path(at)
        if choices is None:
            self._best, self.dropped = cost, dropped
            return
        for choice in choices:
            self.look(kept - set(choice), cost + self._weight(choice), dropped + choice)

    def _by_code(self, kept: frozenset[int]) -> dict[Code, list[int]]:
        at: dict[Code, list[int]] = {}
        for b in sorted(kept):
            for code in sorted(self._bonds[b].codes):
                at.setdefault(code, []).append(b)
        return at

    def _forks(self, at: dict[Code, list[int]]) -> Iterable[dict[Code, list[int]]]:
        """Where a code is tied to several codes of one system: code of that system → the bonds to it."""
        for of_code in at.values():
            if len(of_code) < 2:
                continue
            by_system: dict[int, dict[Code, list[int]]] = {}
            for b in of_code:
                for other in self._bonds[b].codes:
                    by_system.setdefault(other[0], {}).setdefault(other, []).append(b)
            yield from (ways for ways in by_system.values() if len(ways) > 1)

    def _widest_fork(self, at: dict[Code, list[int]]) -> list[tuple[int, ...]] | None:
        """At most one way of a fork can stay: a choice for each, the heaviest way kept first."""
        ways = max(self._forks(at), key=len, default=None)
        if ways is None:
            return None
        order = sorted(ways, key=lambda code: (-self._weight(ways[code]), code))
        return [tuple(b for code in order if code != kept for b in ways[code]) for kept in order]

    def _bound(self, at: dict[Code, list[int]]) -> int:
        """What must be given up at least: of each fork all but its heaviest way, no bond counted twice."""
        counted: set[int] = set()
        bound = 0
        for ways in sorted(self._forks(at), key=lambda ways: (-len(ways), sorted(ways))):
            bonds = {b for of in ways.values() for b in of}
            if counted & bonds:
                continue
            counted |= bonds
            weights = [self._weight(of) for of in ways.values()]
            bound += sum(weights) - max(weights)
        return bound

    def _weight(self, bonds: Iterable[int]) -> int:
        return sum(self._bonds[b].weight for b in bonds)

    def _path(self, at: dict[Code, list[int]]) -> list[tuple[int, ...]] | None:
        """The bonds of a shortest way between two codes of one system: one of them has to go."""
        shortest: list[int] | None = None
        for start in sorted(at):
            found = self._way_from(start, at)
            if found and (shortest is None or len(found) < len(shortest)):
                shortest = found
        return None if shortest is None else [(b,) for b in sorted(shortest, reverse=True)]

    def _way_from(self, start: Code, at: dict[Code, list[int]]) -> list[int] | None:
        came: dict[Code, tuple[Code, int] | None] = {start: None}
        queue = deque([start])
        while queue:
            code = queue.popleft()
            if code[0] == start[0] and code != start:
                way = []
                while (step := came[code]) is not None:
                    code, bond = step
                    way.append(bond)
                return way
            for b in at[code]:
                for other in sorted(self._bonds[b].codes):
                    if other not in came:
                        came[other] = (code, b)
                        queue.append(other)
        return None
