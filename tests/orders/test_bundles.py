"""Orders and bundles: expected is not charged; only what is used is."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from tests.small_hospital import (
    COTTON_DI,
    NURSE_STATION,
    OTHER_WARD,
    STENT_DI,
    STORE,
    SYRINGE_DI,
    TODAY,
    SmallHospital,
    new_key,
    udi,
)
from tracer.access.errors import KeyReused
from tracer.access.once import Answer
from tracer.charging.reversing import ReverseScan, reverse_scan
from tracer.orders.ending import end_order, end_orders_of_day
from tracer.orders.errors import BadEncounter, OrderNoTaken, UnknownOrder, UnknownOrderCode
from tracer.orders.placing import OrderedCode, PlaceOrder, place_order
from tracer.orders.queries import list_orders
from tracer.orders.rules import masked
from tracer.shared.errors import Forbidden, Invalid
from tracer.stock.errors import TooLate

BUNDLE = OrderedCode(order_code="YZB001")
STENT, SYRINGE, COTTON = (
    udi(STENT_DI, lot="A1", serial="S1"),
    udi(SYRINGE_DI, lot="L1"),
    udi(COTTON_DI),
)


def place(hospital: SmallHospital, *lines: OrderedCode, **more: Any) -> Answer:
    """An order of E1 on CARD-W1; of the bundle, unless said otherwise."""
    given = {"key": new_key(), "order_no": "O1", "encounter": "E1", "location": NURSE_STATION} | more
    command = PlaceOrder(lines=lines or (BUNDLE,), **given)
    return place_order(hospital.session, hospital.people["his"], command, hospital.clock)


def lines_of(hospital: SmallHospital, order_no: str = "O1") -> dict[str, tuple[int, int, str]]:
    """(expected, used, state) by material."""
    (order,) = list_orders(hospital.session, order_no=order_no)
    return {line.material or "": (line.expected, line.used, str(line.state)) for line in order.lines}


def warnings_of(answer: dict[str, Any]) -> set[str]:
    return {warning["code"] for warning in answer["warnings"]}


def test_a_bundle_comes_back_as_its_components_and_charges_nothing(hospital: SmallHospital) -> None:
    answer = place(hospital, OrderedCode(order_code="YZB001", quantity=2), OrderedCode(order_code="YZ000002"))
    assert [
        (line["line_no"], line["bundle"], line["material"], line["expected"], line["used"], line["state"])
        for line in answer["lines"]
    ] == [
        (1, "YZB001", "WZ000001", 2, 0, "expected"),
        (2, "YZB001", "WZ000002", 4, 0, "expected"),
        (3, "YZB001", "WZ000003", 10, 0, "expected"),
        (4, None, "WZ000002", 1, 0, "expected"),
    ]
    assert hospital.count("charge") == hospital.count("scan") == 0
    assert hospital.on_hand("stent") == 10


def test_each_component_used_is_a_charge_of_its_own_with_its_own_five_codes(hospital: SmallHospital) -> None:
    place(hospital)
    stent, syringe, cotton = hospital.scan(STENT), hospital.scan(SYRINGE), hospital.scan(COTTON)
    assert [one["outcome"] for one in (stent, syringe, cotton)] == ["charged", "charged", "used"]
    charges = hospital.session.execute(
        text("SELECT material, billing, order_code, insurance, udi, amount FROM charge ORDER BY id")
    ).all()
    assert [tuple(map(str, row)) for row in charges] == [
        ("WZ000001", "JF000001", "YZ000001", "C02040100300003091540000010", STENT_DI, "12800.00"),
        ("WZ000002", "JF000002", "YZ000002", "C14010100200003091540000011", SYRINGE_DI, "1.85"),
    ]
    assert lines_of(hospital) == {
        "WZ000001": (1, 1, "used"),
        "WZ000002": (2, 1, "used"),
        "WZ000003": (5, 1, "used"),
    }
    assert "YZB001" not in {row.order_code for row in charges}  # a bundle is not an item


def test_what_was_not_used_ends_as_not_used_and_is_never_charged(hospital: SmallHospital) -> None:
    place(hospital)
    hospital.scan(SYRINGE)
    answer = end_order(hospital.session, hospital.nurse, "O1", hospital.clock)
    states = {line["material"]: line["state"] for line in answer["lines"]}
    assert states == {"WZ000001": "not_used", "WZ000002": "used", "WZ000003": "not_used"}
    assert hospital.count("charge") == 1
    again = end_order(hospital.session, hospital.nurse, "O1", hospital.clock)
    assert again["ended_at"] == answer["ended_at"]


def test_a_piece_scanned_after_the_end_still_counts_as_used(hospital: SmallHospital) -> None:
    place(hospital)
    end_order(hospital.session, hospital.nurse, "O1", hospital.clock)
    assert hospital.scan(STENT)["outcome"] == "charged"
    assert lines_of(hospital)["WZ000001"] == (1, 1, "used")


def test_more_than_ordered_is_charged_and_flagged(hospital: SmallHospital) -> None:
    place(hospital)
    assert "more_than_ordered" not in warnings_of(hospital.scan(SYRINGE, quantity=2))
    third = hospital.scan(SYRINGE)
    assert (third["outcome"], third["charge"]["amount"]) == ("charged", "1.85")
    assert "more_than_ordered" in warnings_of(third)
    assert lines_of(hospital)["WZ000002"] == (2, 3, "used")


def test_undoing_a_use_gives_the_line_its_expectation_back(hospital: SmallHospital) -> None:
    place(hospital)
    scan = hospital.scan(STENT)["scan"]
    reverse_scan(hospital.session, hospital.nurse, ReverseScan(key=new_key(), scan=scan), hospital.clock)
    assert lines_of(hospital)["WZ000001"] == (1, 0, "expected")


def test_a_use_counts_towards_the_line_that_still_expects(hospital: SmallHospital) -> None:
    place(hospital, OrderedCode(order_code="YZ000002"), OrderedCode(order_code="YZ000002"))
    first, second, third = (hospital.scan(SYRINGE)["order_line"] for _ in range(3))
    assert first != second
    assert third == first  # all are satisfied: the oldest takes it, and it is flagged


def test_a_line_that_was_chosen_goes_first_and_another_patients_is_ignored(hospital: SmallHospital) -> None:
    mine = place(hospital, OrderedCode(order_code="YZ000002"), OrderedCode(order_code="YZ000002"))
    other = place(hospital, OrderedCode(order_code="YZ000002"), order_no="O2", encounter="E2")
    chosen = mine["lines"][1]["id"]
    assert hospital.scan(SYRINGE, order_line=chosen)["order_line"] == chosen
    answer = hospital.scan(SYRINGE, order_line=other["lines"][0]["id"])
    assert "order_line_ignored" in warnings_of(answer)
    assert answer["order_line"] == mine["lines"][0]["id"]
    assert lines_of(hospital, "O2")["WZ000002"] == (1, 0, "expected")


def test_a_refused_piece_uses_no_line(hospital: SmallHospital) -> None:
    hospital.scan(STENT, encounter="E2")
    place(hospital)
    assert hospital.scan(STENT)["outcome"] == "refused"
    assert lines_of(hospital)["WZ000001"] == (1, 0, "expected")


def test_the_order_confirms_a_stay_that_was_scanned_before_it(
    hospital: SmallHospital,
) -> None:
    assert "encounter_unconfirmed" in warnings_of(hospital.scan(SYRINGE))
    place(hospital, patient_name="张三", bed="7")
    assert "encounter_unconfirmed" not in warnings_of(hospital.scan(SYRINGE))
    kept = hospital.session.execute(text("SELECT confirmed, patient_name, bed FROM encounter")).one()
    assert tuple(kept) == (True, "张三", "7")
    place(hospital, order_no="O2")  # says nothing of name and bed
    assert hospital.session.execute(text("SELECT patient_name FROM encounter")).scalar_one() == "张三"


@pytest.mark.parametrize(
    ("more", "refusal"),
    [
        ({"encounter": "06901234567892"}, BadEncounter),
        ({"lines": (BUNDLE, OrderedCode(order_code="NOPE"))}, UnknownOrderCode),
        ({"lines": (OrderedCode(order_code="WZ000001"),)}, UnknownOrderCode),  # another system's code
        ({"lines": (OrderedCode(order_code="YZB001", quantity=0),)}, Invalid),
        ({"lines": (OrderedCode(order_code="YZB001", quantity=-1),)}, Invalid),
        ({"lines": (OrderedCode(order_code="YZB001", quantity=10_001),)}, Invalid),
        ({"ordered_at": timedelta(days=1)}, TooLate),
        ({"ordered_at": timedelta(days=-400)}, TooLate),
    ],
)
def test_a_wrong_order_is_refused_whole(
    hospital: SmallHospital, more: dict[str, Any], refusal: type[Exception]
) -> None:
    if "ordered_at" in more:
        more = {"ordered_at": hospital.clock.now() + more["ordered_at"]}
    lines = more.pop("lines", ()) if "lines" in more else ()
    before = [hospital.count(table) for table in ("clinical_order", "order_line", "encounter", "request_key")]
    with pytest.raises(refusal) as refused, hospital.session.begin_nested():
        place(hospital, *lines, **more)
    if refusal is UnknownOrderCode:
        assert refused.value.data["line"] == len(lines)
    after = [hospital.count(table) for table in ("clinical_order", "order_line", "encounter", "request_key")]
    assert after == before


def test_an_order_without_lines_is_none(hospital: SmallHospital) -> None:
    command = PlaceOrder(key="k", order_no="O", encounter="E1", location=NURSE_STATION, lines=())
    with pytest.raises(Invalid):
        place_order(hospital.session, hospital.people["his"], command, hospital.clock)


def test_one_key_one_order_one_number(hospital: SmallHospital) -> None:
    first = place(hospital, key="once")
    again = place(hospital, key="once")
    assert again == first and again.replayed
    with pytest.raises(KeyReused):
        place(hospital, key="once", bed="9")
    with pytest.raises(OrderNoTaken):
        place(hospital)
    assert hospital.count("clinical_order") == 1


def test_only_who_may_and_only_there(hospital: SmallHospital) -> None:
    command = PlaceOrder(key="k", order_no="O", encounter="E1", location=NURSE_STATION, lines=(BUNDLE,))
    with pytest.raises(Forbidden):
        place_order(hospital.session, hospital.nurse, command, hospital.clock)
    place(hospital, location=OTHER_WARD)
    with pytest.raises(UnknownOrder):
        end_order(hospital.session, hospital.nurse, "O1", hospital.clock)


def test_the_night_ends_the_orders_of_its_day_and_before(hospital: SmallHospital) -> None:
    place(hospital, ordered_at=hospital.clock.now() - timedelta(days=1))
    place(hospital, order_no="O2", location=STORE)
    assert end_orders_of_day(hospital.session, TODAY - timedelta(days=1), hospital.clock) == 1
    assert {state for *_, state in lines_of(hospital).values()} == {"not_used"}
    assert {state for *_, state in lines_of(hospital, "O2").values()} == {"expected"}
    assert end_orders_of_day(hospital.session, TODAY - timedelta(days=1), hospital.clock) == 0


def test_a_code_means_what_it_meant_on_the_order_s_day(hospital: SmallHospital) -> None:
    retire = "UPDATE code_binding SET status = 'retired', valid_to = :today WHERE code = 'YZ000002'"
    hospital.session.execute(text(retire), {"today": TODAY})
    with pytest.raises(UnknownOrderCode), hospital.session.begin_nested():
        place(hospital, OrderedCode(order_code="YZ000002"))
    yesterday = hospital.clock.now() - timedelta(days=1)
    answer = place(hospital, OrderedCode(order_code="YZ000002"), ordered_at=yesterday)
    assert [line["expected"] for line in answer["lines"]] == [1]


@pytest.mark.parametrize(("name", "shown"), [("张三", "张*"), ("欧阳修之", "欧*"), ("", ""), ("J", "J*")])
def test_a_name_is_masked(name: str, shown: str) -> None:
    assert masked(name) == shown


def test_a_leap_day_is_a_day(hospital: SmallHospital) -> None:
    hospital.clock.move_to(hospital.clock.now().replace(year=2028, month=2, day=29))
    answer = place(hospital)
    assert date.fromisoformat(answer["ordered_at"][:10]) == date(2028, 2, 29)
