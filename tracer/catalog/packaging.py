"""An item's packages as a tree that grows from one piece. Pure.

What is recorded of a package is how many pieces it holds; that a carton of 100 is ten boxes of ten follows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Package:
    """`times` × `within`, the largest smaller package that it divides into; None: the piece itself.

    `depth` is 1 for what holds pieces.
    """

    di: str
    pieces: int
    level: str
    depth: int
    times: int
    within: str | None


def as_tree(packages: Iterable[tuple[str, int, str]]) -> tuple[Package, ...]:
    """(DI, pieces, level) in any order → each behind what it is made of, smaller before larger."""
    known: list[Package] = []
    children: dict[str | None, list[Package]] = {}
    for di, pieces, level in sorted(packages, key=lambda one: (one[1], one[0])):
        parts = [one for one in known if one.pieces < pieces and pieces % one.pieces == 0]
        # Of two boxes of ten a carton is shown as the first.
        part = max(parts, key=lambda one: one.pieces) if parts else None
        if part is None or part.pieces == 1:
            made = Package(di, pieces, level, 1, pieces, None)
        else:
            made = Package(di, pieces, level, part.depth + 1, pieces // part.pieces, part.di)
        known.append(made)
        children.setdefault(made.within, []).append(made)
    return tuple(_walk(children, None))


def _walk(children: dict[str | None, list[Package]], di: str | None) -> Iterator[Package]:
    for one in children.get(di, ()):
        yield one
        yield from _walk(children, one.di)
