"""A group of too many rows to weigh every pair: it is taken apart in steps, the loosest items first.

The claims that have to go so that the group falls apart are known (`separating.py`). What holds together
without them is one item each; those claims are bridges, and each is at home in the item that its fields speak
for. A step gives the items with the fewest bridges all that they need to come off. Once it is carried out the
rest is smaller: the next step follows from it, or the usual way does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from reconcile.proposals.evidence import weigh
from reconcile.proposals.lines import Known, Line

STEP: Final = 20
"""Bridges of a step: what a person can look through."""
HEARD: Final = 12
"""Rows of an item that are asked about a bridge; there may be hundreds that say the same."""

Code = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Step:
    """`items`: the rows of each item that a step is about. `comes_off`: how many of them are whole then."""

    items: tuple[tuple[Line, ...], ...]
    comes_off: int


def first_step(lines: Sequence[Line], removed: Collection[int], known: Known, *, largest: int) -> Step | None:
    """The first step for the lines of a group; `removed`: the numbers of the claims that have to go.

    None if the smallest step is still about more rows than `largest`.
    """
    parts = _parts([line for line in lines if line.number not in removed])
    at = {code: place for place, part in enumerate(parts) for line in part for code in _codes(line)}
    bridges = [line for line in lines if line.number in removed]
    touched = [sorted({at[code] for code in _codes(line) if code in at}) for line in bridges]
    of_part: defaultdict[int, list[int]] = defaultdict(list)
    for number, places in enumerate(touched):
        for place in places:
            of_part[place].append(number)
    chosen: set[int] = set()
    free = 0
    for place in sorted(of_part, key=lambda place: (len(of_part[place]), place)):
        if chosen and len(chosen | set(of_part[place])) > STEP:
            break
        chosen |= set(of_part[place])
        free += 1
    members = {place: list(parts[place]) for number in chosen for place in touched[number]}
    strays = []
    for number in sorted(chosen):
        home = _home(bridges[number], [(place, parts[place]) for place in touched[number]], known)
        if home is None:
            strays.append((bridges[number],))
        else:
            members[home].append(bridges[number])
    items = (*(tuple(members[place]) for place in sorted(members)), *strays)
    return Step(items, free) if chosen and sum(map(len, items)) <= largest else None


def _home(bridge: Line, parts: Sequence[tuple[int, list[Line]]], known: Known) -> int | None:
    """The part that most speaks for, if anything does."""
    worth = {
        place: sum(weigh(bridge, line, known) for line in part[:HEARD]) / len(part[:HEARD])
        for place, part in parts
    }
    best = max(worth, key=lambda place: (worth[place], -place), default=None)
    return best if best is not None and worth[best] > 0 else None


def _parts(lines: Sequence[Line]) -> list[list[Line]]:
    """Lines that codes tie together, directly or through others, in the order of their first lines."""
    parent: dict[Code, Code] = {}

    def find(code: Code) -> Code:
        while (up := parent.setdefault(code, code)) != code:
            parent[code] = parent[up]
            code = parent[code]
        return code

    for line in lines:
        first, *others = _codes(line)
        for other in others:
            one, two = sorted((find(first), find(other)))
            parent[two] = one
    parts: defaultdict[Code, list[Line]] = defaultdict(list)
    for line in lines:
        parts[find(_codes(line)[0])].append(line)
    return list(parts.values())


def _codes(line: Line) -> list[Code]:
    return [(system, code) for system, code in enumerate(line.codes) if code]
