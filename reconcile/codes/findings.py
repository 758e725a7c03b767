"""What is wrong in each group, class by class; each finding with the rows that say so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np

from reconcile.codes.claims import NONE, Claims, Numbers
from reconcile.codes.columns import JOINT, SYSTEMS, Status
from reconcile.codes.grouping import Groups
from reconcile.codes.separating import Separation, separate

_CLASSES: Final = {status: place for place, status in enumerate(Status)}


class Finding(NamedTuple):
    """`group` counts from 0. `claims`: the rows that make it so. `remove`: for a conflict, the fewest claims
    whose removal separates the group, and whether that is proved."""

    group: int
    status: Status
    system: str
    field: str
    values: tuple[str, ...]
    claims: Numbers
    remove: tuple[int, ...] = ()
    is_proved: bool = True

    def as_row(self, claims: Claims) -> dict[str, Any]:
        return {
            "group": self.group + 1,
            "class": self.status.value,
            "system": self.system,
            "field": self.field,
            "values": JOINT.join(self.values),
            "sources": JOINT.join(claims.labels(self.claims)),
            "remove": JOINT.join(claims.labels(np.array(self.remove, dtype="int64"))),
            "proved": ("1" if self.is_proved else "0") if self.status is Status.CONFLICT else "",
        }


def find_all(claims: Claims, groups: Groups, owned: Mapping[str, Numbers]) -> list[Finding]:
    """In the order of groups, the worst class first. `owned`: system → the numbers of the codes it owns."""
    rows_of = _Rows(groups)
    found = [
        *_conflicts(claims, groups, rows_of),
        *_dangling(claims, groups, owned),
        *_mismatches(claims, groups),
        *_other_classes(claims, groups),
        *_missing(claims, groups, rows_of),
    ]
    places = {name: place for place, name in enumerate((*SYSTEMS, *claims.attributes))}
    return sorted(found, key=lambda f: (f.group, _CLASSES[f.status], places[f.system or f.field]))


class _Rows:
    """The rows of each group, looked up without going through all of them."""

    def __init__(self, groups: Groups) -> None:
        self._order = np.argsort(groups.of_claim, kind="stable")
        self._begin = np.searchsorted(groups.of_claim[self._order], np.arange(groups.count + 1))

    def of(self, group: int) -> Numbers:
        return self._order[self._begin[group] : self._begin[group + 1]]


def _conflicts(claims: Claims, groups: Groups, rows_of: _Rows) -> Iterator[Finding]:
    separations: dict[int, Separation] = {}
    for place, system in enumerate(SYSTEMS):
        of_code = groups.codes_of(place)
        many = np.flatnonzero(np.bincount(of_code, minlength=groups.count) > 1)
        for group, codes in _gathered(of_code, many):
            rows = rows_of.of(group)
            if group not in separations:
                separations[group] = separate(_codes_of(claims, rows))
            named = rows[claims.codes[rows, place] != NONE]
            values = tuple(claims.lexicons[place].shown[codes])
            removed, is_proved = separations[group].claims, separations[group].is_proved
            yield Finding(group, Status.CONFLICT, system, "", values, named, removed, is_proved)


def _codes_of(claims: Claims, rows: Numbers) -> Iterable[tuple[int, list[tuple[int, int]]]]:
    for row, numbers in zip(rows.tolist(), claims.codes[rows].tolist(), strict=True):
        yield row, [(place, number) for place, number in enumerate(numbers) if number != NONE]


def _dangling(claims: Claims, groups: Groups, owned: Mapping[str, Numbers]) -> Iterator[Finding]:
    for system, numbers in owned.items():
        place = SYSTEMS.index(system)
        is_strange = np.ones(len(claims.lexicons[place]) + 1, dtype=bool)
        is_strange[[*numbers.tolist(), NONE]] = False  # the last is asked about by rows without a code
        held = claims.codes[:, place]
        naming = np.flatnonzero(is_strange[held])
        for group, rows in _split(groups.of_claim[naming], naming):
            values = tuple(claims.lexicons[place].shown[np.unique(held[rows])])
            yield Finding(group, Status.DANGLING, system, "", values, rows)


def _mismatches(claims: Claims, groups: Groups) -> Iterator[Finding]:
    for field, (numbers, lexicon) in claims.attributes.items():
        stated = np.flatnonzero(numbers != NONE)
        pairs = np.unique(np.column_stack([groups.of_claim[stated], numbers[stated]]), axis=0)
        is_torn = np.bincount(pairs[:, 0], minlength=groups.count) > 1
        rows = stated[is_torn[groups.of_claim[stated]]]
        for group, of_group in _split(groups.of_claim[rows], rows):
            values = tuple(lexicon.shown[np.unique(numbers[of_group])])
            yield Finding(group, Status.MISMATCH, "", field, values, of_group)


def _other_classes(claims: Claims, groups: Groups) -> Iterator[Finding]:
    """Where a claim names a class to which its group's insurance code does not belong."""
    place = SYSTEMS.index("insurance")
    stating = np.flatnonzero(claims.classes != "")
    codes_of: dict[int, list[str]] = {}
    wanted = np.flatnonzero(np.isin(groups.codes_of(place), groups.of_claim[stating]))
    for group, numbers in _split(groups.codes_of(place)[wanted], wanted):
        codes_of[group] = claims.lexicons[place].shown[numbers].tolist()
    for group, rows in _split(groups.of_claim[stating], stating):
        codes = codes_of.get(group, [])
        stated = sorted(set(claims.classes[rows].tolist()))
        wrong = [one for one in stated if codes and not any(code.startswith(one) for code in codes)]
        if wrong:
            said = rows[np.isin(claims.classes[rows].astype(str), wrong)]
            yield Finding(group, Status.MISMATCH, "insurance", "", (*wrong, *codes), said)


def _missing(claims: Claims, groups: Groups, rows_of: _Rows) -> Iterator[Finding]:
    for system in claims.given:
        held = np.bincount(groups.codes_of(SYSTEMS.index(system)), minlength=groups.count)
        for group in np.flatnonzero(held == 0).tolist():
            yield Finding(group, Status.MISSING, system, "", (), rows_of.of(group))


def _gathered(of_code: Numbers, groups: Numbers) -> Iterator[tuple[int, Numbers]]:
    """The codes of each of these groups."""
    wanted = np.flatnonzero(np.isin(of_code, groups))
    return _split(of_code[wanted], wanted)


def _split(keys: Numbers, values: Numbers) -> Iterator[tuple[int, Numbers]]:
    """`values` by key, in the order of keys, each key's in their own order."""
    order = np.argsort(keys, kind="stable")
    keys, values = keys[order], values[order]
    edges = [0, *(np.flatnonzero(np.diff(keys)) + 1).tolist(), len(keys)]
    for begin, end in pairwise(edges):
        if end > begin:
            yield int(keys[begin]), values[begin:end]
