"""Counts: what was found, set against the book, and the book put right."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from tests.small_hospital import NURSE_STATION, OTHER_WARD, SYRINGE_DI, SmallHospital, new_key, udi
from tracer.access.once import Answer
from tracer.shared.errors import Invalid
from tracer.stock.counting import CountLine, CountStock, count_stock
from tracer.stock.errors import UnknownItem


def syringes(counted: int, lot: str = "L1") -> CountLine:
    return CountLine(material="WZ000002", counted=counted, lot=lot)


def count(hospital: SmallHospital, *lines: CountLine, **more: Any) -> Answer:
    given = {"key": new_key(), "location": NURSE_STATION, "document": "PD1"} | more
    return count_stock(hospital.session, hospital.keeper, CountStock(lines=lines, **given), hospital.clock)


@pytest.mark.parametrize("counted", [0, 1, 49, 50, 51, 1000])
def test_the_book_agrees_with_the_shelf_afterwards(hospital: SmallHospital, counted: int) -> None:
    answer = count(hospital, syringes(counted))
    assert answer["lines"] == [{"material": "WZ000002", "lot": "L1", "counted": counted, "book": 50}]
    assert hospital.on_hand("syringe") == counted
    posted = hospital.session.execute(
        text("SELECT coalesce(sum(quantity), 0), count(*) FROM movement WHERE kind = 'count'")
    ).one()
    assert tuple(posted) == (abs(counted - 50), int(counted != 50))
    assert hospital.count("stock_count") == 1


def test_looked_and_found_none_is_a_count(hospital: SmallHospital) -> None:
    answer = count(hospital, syringes(0, "NEVER-SEEN"))
    assert answer["lines"][0]["counted"] == answer["lines"][0]["book"] == 0
    assert hospital.count("stock_count") == 1


def test_a_shelf_the_book_has_below_zero_is_put_right(hospital: SmallHospital) -> None:
    hospital.scan(udi(SYRINGE_DI, lot="L1"), quantity=60)
    assert hospital.on_hand("syringe") == -10
    assert count(hospital, syringes(3))["lines"][0]["book"] == -10
    assert hospital.on_hand("syringe") == 3


def test_lots_are_counted_apart_and_other_shelves_left_alone(hospital: SmallHospital) -> None:
    count(hospital, syringes(5), syringes(7, "L2"), CountLine(material="WZ000003", counted=0))
    assert hospital.on_hand("syringe", lot="L1") == 5
    assert hospital.on_hand("syringe", lot="L2") == 7
    assert hospital.on_hand("cotton") == 0
    assert hospital.on_hand("cotton", "STORE") == 100
    assert hospital.on_hand("syringe", OTHER_WARD) == 0


@pytest.mark.parametrize(
    ("lines", "refusal"),
    [
        ((), Invalid),
        ((syringes(-1),), Invalid),
        ((syringes(1_000_001),), Invalid),
        ((syringes(1), syringes(2)), Invalid),
        # Cotton is kept without lots, so these are the same pile.
        (tuple(CountLine(material="WZ000003", counted=1, lot=lot) for lot in "AB"), Invalid),
        ((CountLine(material="WZ999999", counted=1),), UnknownItem),
    ],
)
def test_a_count_that_cannot_be_is_refused_whole(
    hospital: SmallHospital, lines: tuple[CountLine, ...], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal), hospital.session.begin_nested():
        count(hospital, CountLine(material="WZ000001", counted=10, lot="A1"), *lines) if lines else count(
            hospital
        )
    assert (hospital.count("stock_count"), hospital.on_hand("syringe")) == (0, 50)


def test_the_same_key_counts_once(hospital: SmallHospital) -> None:
    first = count(hospital, syringes(40), key="once")
    hospital.scan(udi(SYRINGE_DI, lot="L1"))
    again = count(hospital, syringes(40), key="once")
    assert again == first and again.replayed
    assert hospital.on_hand("syringe") == 39
