"""Packages as a tree: each behind what it is made of."""

from __future__ import annotations

from itertools import permutations

import pytest

from tracer.catalog.packaging import as_tree

BOX, TRAY, CARTON, PALLET = (
    ("box", 10, "盒"),
    ("tray", 25, ""),
    ("carton", 100, "箱"),
    ("pallet", 1200, "托盘"),
)


@pytest.mark.parametrize("given", list(permutations((BOX, TRAY, CARTON, PALLET))))
def test_a_carton_is_made_of_the_largest_that_it_divides_into(
    given: tuple[tuple[str, int, str], ...],
) -> None:
    shown = [(one.di, one.depth, one.times, one.within) for one in as_tree(given)]
    assert shown == [
        ("box", 1, 10, None),
        ("tray", 1, 25, None),
        ("carton", 2, 4, "tray"),
        ("pallet", 3, 12, "carton"),
    ]


def test_what_divides_into_nothing_holds_pieces() -> None:
    shown = {
        one.di: (one.depth, one.times, one.within)
        for one in as_tree([BOX, ("odd", 25, ""), ("even", 35, "")])
    }
    assert shown == {"box": (1, 10, None), "odd": (1, 25, None), "even": (1, 35, None)}


def test_a_package_of_one_is_no_step_and_two_of_a_size_stand_side_by_side() -> None:
    shown = [
        (one.di, one.depth, one.within)
        for one in as_tree([("b", 10, ""), ("a", 10, ""), ("one", 1, ""), CARTON])
    ]
    assert shown == [("one", 1, None), ("a", 1, None), ("carton", 2, "a"), ("b", 1, None)]
    assert as_tree([]) == ()
