"""Which groups are to be looked at together: those whose rows name one and the same article.

Codes do not tie them (that is what is wrong with them); model with maker or certificate does, and where a row
has no model, size and price. Whether they truly belong together is decided later, row by row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import partial
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from reconcile.codes.forms import class_of
from reconcile.proposals.evidence import weigh
from reconcile.proposals.lines import INSURANCE, Known, Line

CROWD: Final = 12
"""A key that more groups have in common tells nothing."""


def make_cases(lines: Iterable[Line], known: Known) -> list[list[Line]]:
    """The lines, case by case, in the order of their first groups."""
    by_group: defaultdict[int, list[Line]] = defaultdict(list)
    for line in lines:
        by_group[line.group].append(line)
    ties = _Ties(by_group)
    for key in (
        _model_and_maker, _model_and_certificate, _size_and_certificate, _model_and_size, _model_and_price,
    ):  # fmt: skip
        ties.tie_all(_index(by_group, key))
    classes = {line.class_ for of_group in by_group.values() for line in of_group if line.class_}
    for field in ("model", "specification") if classes else ():
        ties.tie_all(_index(by_group, partial(_key_in_class, field=field, classes=classes)))
    ties.tie_best(_index(by_group, _size_and_price, _name_and_price), known)
    ties.tie_like_models(known)
    cases: defaultdict[int, list[Line]] = defaultdict(list)
    for group in sorted(by_group):
        cases[ties.of(group)] += by_group[group]
    return [cases[first] for first in sorted(cases)]


Key = tuple[str, ...]


def _model_and_maker(line: Line) -> Key | None:
    return _key(line, "model", "maker")


def _model_and_certificate(line: Line) -> Key | None:
    return _key(line, "model", "certificate")


def _model_and_size(line: Line) -> Key | None:
    return _key(line, "model", "specification")


def _size_and_certificate(line: Line) -> Key | None:
    return _key(line, "specification", "certificate")


def _model_and_price(line: Line) -> Key | None:
    return _key(line, "model", "price")


def _key_in_class(line: Line, field: str, classes: set[str]) -> Key | None:
    """A row that names a class only, and the codes of that class."""
    class_, said = line.class_ or class_of(line.codes[INSURANCE]), line.folded.get(field)
    return ("class", field, class_, said) if class_ in classes and said else None


def _size_and_price(line: Line) -> Key | None:
    return _key(line, "specification", "price")


def _name_and_price(line: Line) -> Key | None:
    return _key(line, "name", "price")


def _key(line: Line, first: str, second: str) -> Key | None:
    one, other = line.folded.get(first), line.folded.get(second)
    return (first, second, one, other) if one and other else None


def _index(by_group: dict[int, list[Line]], *keys: Callable[[Line], Key | None]) -> dict[Key, set[int]]:
    index: defaultdict[Key, set[int]] = defaultdict(set)
    for group, lines in by_group.items():
        for line in lines:
            for key in keys:
                if (value := key(line)) is not None:
                    index[value].add(group)
    return {value: groups for value, groups in index.items() if 1 < len(groups) <= CROWD}


class _Ties:
    """Groups tied to one another, directly or through others."""

    def __init__(self, by_group: dict[int, list[Line]]) -> None:
        self._by_group = by_group
        self._parent = {group: group for group in by_group}
        self._systems = {
            group: frozenset(s for line in lines for s, code in enumerate(line.codes) if code)
            for group, lines in by_group.items()
        }

    def of(self, group: int) -> int:
        while (up := self._parent[group]) != group:
            self._parent[group] = group = self._parent[up]
        return group

    def tie(self, one: int, other: int) -> None:
        one, other = sorted((self.of(one), self.of(other)))
        self._parent[other] = one
        self._systems[one] |= self._systems[other]

    def tie_all(self, index: dict[Key, set[int]]) -> None:
        for _, groups in sorted(index.items()):
            first, *others = sorted(groups)
            for other in others:
                self.tie(first, other)

    def tie_best(self, index: dict[Key, set[int]], known: Known) -> None:
        """Each half to the half that completes it best, if each is the other's best."""
        wished: defaultdict[int, set[int]] = defaultdict(set)
        for groups in index.values():
            for one in groups:
                wished[one] |= groups - {one}
        self._tie_mutual({one: self._worth(one, others, known) for one, others in wished.items()})

    def tie_like_models(self, known: Known) -> None:
        """Halves under one certificate or maker whose models are nearly one."""
        blocks: defaultdict[Key, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
        for group, lines in self._by_group.items():
            if not self._is_half(group, known):
                continue
            for line in lines:
                for field in ("certificate", "maker"):
                    if field in line.folded and "model" in line.folded:
                        blocks[field, line.folded[field]][line.folded["model"]].add(group)
        wished: defaultdict[int, set[int]] = defaultdict(set)
        for models in blocks.values():
            names = sorted(models)
            if len(names) < 2 or len(names) > 3000:
                continue
            distances = process.cdist(names, names, scorer=Levenshtein.distance, score_cutoff=2)
            for i, j in zip(*(distances <= 2).nonzero(), strict=True):
                if i != j:
                    for one in models[names[i]]:
                        wished[one] |= models[names[j]] - {one}
        self._tie_mutual({one: self._worth(one, others, known) for one, others in wished.items()})

    def _is_half(self, group: int, known: Known) -> bool:
        return not self._systems[self.of(group)].issuperset(known.expected)

    def _worth(self, one: int, others: Iterable[int], known: Known) -> dict[int, float]:
        """What speaks for each of those that has what this one lacks."""
        worth = {}
        for other in others:
            mine, its = self._systems[self.of(one)], self._systems[self.of(other)]
            if self.of(one) == self.of(other) or not (its - mine and mine - its):
                continue
            pairs = [weigh(a, b, known) for a in self._by_group[one] for b in self._by_group[other]]
            worth[other] = sum(pairs)
        return worth

    def _tie_mutual(self, wishes: dict[int, dict[int, float]]) -> None:
        best = {
            one: max(worth, key=lambda other: (worth[other], -other))
            for one, worth in wishes.items()
            if worth and max(worth.values()) > 0
        }
        for one, other in sorted(best.items()):
            if best.get(other) == one and one < other:
                self.tie(one, other)
