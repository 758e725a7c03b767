"""The five-code report once more, slowly and without numbers: what the fast one is held against."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations

SYSTEMS = ("material", "billing", "order", "insurance", "udi")
COMPARED = ("specification", "model", "maker", "certificate", "unit", "pack_quantity", "price")
Row = dict[str, str]


def groups_of(rows: list[Row]) -> list[list[int]]:
    """Rows that share a code, directly or through others; each group's rows in order."""
    left = set(range(len(rows)))
    groups = []
    while left:
        group = {left.pop()}
        while more := {row for row in left if any(_share(rows[row], rows[member]) for member in group)}:
            group |= more
            left -= more
        groups.append(sorted(group))
    return groups


def _share(a: Row, b: Row) -> bool:
    return any(a.get(system) and a.get(system) == b.get(system) for system in SYSTEMS)


def values_of(rows: Iterable[Row], column: str) -> set[str]:
    return {
        row[column].strip().casefold() if column in COMPARED else row[column]
        for row in rows
        if row.get(column)
    }


def findings_of(rows: list[Row], expected: set[str], owned: Mapping[str, set[str]]) -> set[tuple[str, str]]:
    """(class, system or field) of one group's rows."""
    found = set()
    for system in SYSTEMS:
        codes = values_of(rows, system)
        if len(codes) > 1:
            found.add(("CONFLICT", system))
        if not codes and system in expected:
            found.add(("MISSING", system))
        if system in owned and codes - owned[system]:
            found.add(("DANGLING", system))
    found |= {("MISMATCH", field) for field in COMPARED if len(values_of(rows, field)) > 1}
    return found


def separates(rows: list[Row]) -> bool:
    """Whether no group of these rows has two codes of a system."""
    return all(
        len(values_of([rows[row] for row in group], system)) < 2
        for group in groups_of(rows)
        for system in SYSTEMS
    )


def fewest_to_remove(rows: list[Row]) -> int:
    """Every set of rows is tried, the smallest first."""
    for size in range(len(rows)):
        for gone in combinations(range(len(rows)), size):
            if separates([row for place, row in enumerate(rows) if place not in gone]):
                return size
    return len(rows)
