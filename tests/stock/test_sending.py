"""Goods that leave a shelf by a document: there the book is binding."""

from __future__ import annotations

from typing import Any

import pytest

from tests.small_hospital import (
    NURSE_STATION,
    OTHER_WARD,
    STENT_DI,
    STORE,
    SmallHospital,
    new_key,
    udi,
)
from tracer.access.once import Answer
from tracer.shared.errors import Forbidden, Invalid
from tracer.stock.documents import Line
from tracer.stock.errors import (
    LotNeeded,
    NotEnoughStock,
    UnitElsewhere,
    UnitsNeeded,
    UnitTwice,
    UnknownItem,
    UnknownUnit,
)
from tracer.stock.rules import MovementKind
from tracer.stock.sending import Send, send

ELSEWHERE = (MovementKind.ISSUE, MovementKind.TRANSFER)
AWAY = (MovementKind.SUPPLIER_RETURN, MovementKind.WRITE_OFF)


def syringes(quantity: int, lot: str = "L1") -> Line:
    return Line(material="WZ000002", quantity=quantity, lot=lot)


def stents(*serials: str) -> Line:
    return Line(material="WZ000001", quantity=len(serials), units=serials)


def post(hospital: SmallHospital, kind: MovementKind, *lines: Line, **more: Any) -> Answer:
    """From the store; an issue or transfer to the other ward."""
    given: dict[str, Any] = {"key": new_key(), "origin": STORE, "document": "CK9", "reason": "破损"}
    given |= {"target": OTHER_WARD} if kind in ELSEWHERE else {}
    command = Send(kind=kind, lines=lines, **given | more)
    return send(hospital.session, hospital.keeper, command, hospital.clock)


@pytest.mark.parametrize("kind", ELSEWHERE)
def test_pieces_go_from_one_shelf_to_the_other(hospital: SmallHospital, kind: MovementKind) -> None:
    post(hospital, kind, syringes(7), stents("S11", "S12"))
    assert (hospital.on_hand("syringe", STORE), hospital.on_hand("syringe", OTHER_WARD)) == (43, 7)
    assert (hospital.on_hand("stent", STORE), hospital.on_hand("stent", OTHER_WARD)) == (8, 2)


@pytest.mark.parametrize("kind", AWAY)
def test_pieces_leave_the_hospital(hospital: SmallHospital, kind: MovementKind) -> None:
    post(hospital, kind, syringes(7), stents("S11"))
    assert (hospital.on_hand("syringe", STORE), hospital.on_hand("stent", STORE)) == (43, 9)
    with pytest.raises(UnitElsewhere):
        post(hospital, kind, stents("S11"))


@pytest.mark.parametrize("kind", [*ELSEWHERE, *AWAY])
@pytest.mark.parametrize(
    ("line", "refusal"),
    [
        (syringes(51), NotEnoughStock),
        (syringes(1, "L2"), NotEnoughStock),
        (stents("S1"), UnitElsewhere),
        (stents("S11", "S11"), UnitTwice),
        (stents("NOBODY"), UnknownUnit),
        (Line(material="WZ000001", quantity=1), UnitsNeeded),
        (Line(material="WZ000001", quantity=2, units=("S11",)), UnitsNeeded),
        (syringes(1, ""), LotNeeded),
        (syringes(0), Invalid),
        (syringes(-1), Invalid),
        (Line(material="WZ999999", quantity=1), UnknownItem),
    ],
)
def test_one_wrong_line_stops_the_whole_document(
    hospital: SmallHospital, kind: MovementKind, line: Line, refusal: type[Exception]
) -> None:
    before = hospital.count("movement"), hospital.on_hand("cotton", STORE)
    with pytest.raises(refusal), hospital.session.begin_nested():
        post(hospital, kind, Line(material="WZ000003", quantity=5), line)
    assert (hospital.count("movement"), hospital.on_hand("cotton", STORE)) == before


def test_two_lines_of_one_lot_are_added_up_before_the_book_says_no(hospital: SmallHospital) -> None:
    with pytest.raises(NotEnoughStock), hospital.session.begin_nested():
        post(hospital, MovementKind.ISSUE, syringes(30), syringes(30))
    post(hospital, MovementKind.ISSUE, syringes(25), syringes(25))
    assert hospital.on_hand("syringe", STORE) == 0


def test_a_refusal_says_how_many_there_are(hospital: SmallHospital) -> None:
    with pytest.raises(NotEnoughStock) as refused:
        post(hospital, MovementKind.ISSUE, syringes(51))
    assert (refused.value.data["wanted"], refused.value.data["on_hand"]) == (51, 50)


def test_a_used_piece_cannot_be_sent_anywhere(hospital: SmallHospital) -> None:
    hospital.scan(udi(STENT_DI, serial="S1", lot="A1"))
    for kind in (*ELSEWHERE, *AWAY):
        with pytest.raises(UnitElsewhere):
            post(hospital, kind, stents("S1"), origin=NURSE_STATION)


def test_a_shelf_cannot_be_sent_to_itself_nor_to_nowhere(hospital: SmallHospital) -> None:
    with pytest.raises(Invalid):
        post(hospital, MovementKind.ISSUE, syringes(1), target=STORE)
    with pytest.raises(Invalid):
        post(hospital, MovementKind.ISSUE)


def test_a_write_off_states_its_reason(hospital: SmallHospital) -> None:
    with pytest.raises(Invalid):
        post(hospital, MovementKind.WRITE_OFF, syringes(1), reason=" ")


def test_a_nurse_books_no_documents(hospital: SmallHospital) -> None:
    command = Send(
        key=new_key(),
        kind=MovementKind.ISSUE,
        origin=STORE,
        target=NURSE_STATION,
        document="X",
        lines=(syringes(1),),
    )
    with pytest.raises(Forbidden):
        send(hospital.session, hospital.nurse, command, hospital.clock)


def test_the_same_key_sends_once(hospital: SmallHospital) -> None:
    first = post(hospital, MovementKind.ISSUE, syringes(10), key="once")
    again = post(hospital, MovementKind.ISSUE, syringes(10), key="once")
    assert again == first and again.replayed
    assert hospital.on_hand("syringe", OTHER_WARD) == 10
