"""The ledger against a model of dictionaries: whatever is done in whatever order, both agree.

`TRACER_LEDGER_RUNS` and `TRACER_LEDGER_STEPS` ask for more than a commit's worth of it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import text

from tests.small_hospital import (
    NURSE_STATION,
    OTHER_WARD,
    STENT_DI,
    STORE,
    SYRINGE_DI,
    SmallHospital,
    new_key,
    udi,
)
from tests.stock.ledger_model import LOSS, PATIENT, SUPPLIER, Impossible, Model
from tracer.access.once import Answer
from tracer.charging.bedside import RecordScan
from tracer.charging.errors import AlreadyReversed
from tracer.charging.recording_scans import record_scan
from tracer.charging.reversing import ReverseScan, reverse_scan
from tracer.closing.invariants import check_invariants
from tracer.shared.errors import Refusal
from tracer.stock.counting import CountLine, CountStock, count_stock
from tracer.stock.documents import Line
from tracer.stock.errors import NotEnoughStock, UnitElsewhere, UnknownUnit
from tracer.stock.receiving import ReceiptLine, Receive, receive
from tracer.stock.rules import MovementKind
from tracer.stock.sending import Send, send

RUNS = int(os.environ.get("TRACER_LEDGER_RUNS", "30"))
STEPS = int(os.environ.get("TRACER_LEDGER_STEPS", "25"))

places = st.sampled_from([STORE, NURSE_STATION, OTHER_WARD])
wards = st.sampled_from([NURSE_STATION, OTHER_WARD])
lots = st.sampled_from(["L1", "L2"])
few = st.integers(1, 60)
MATERIAL = {"stent": "WZ000001", "syringe": "WZ000002"}
BOOK_SAYS_NO = (NotEnoughStock, UnitElsewhere, UnknownUnit)


class Ledger(RuleBasedStateMachine):
    """One hospital, in a savepoint of its own, and its model."""

    hospital: SmallHospital  # set by the test

    units: Bundle[str] = Bundle("units")
    scans: Bundle[int] = Bundle("scans")

    def __init__(self) -> None:
        super().__init__()
        self.session = self.hospital.session
        self.savepoint = self.session.begin_nested()
        self.model = Model()
        self.redo: list[tuple[Callable[[], Answer], Answer]] = []

    def teardown(self) -> None:
        self.savepoint.rollback()

    @initialize(target=units)
    def as_built(self) -> Any:
        for place, numbers in ((STORE, range(11, 21)), (NURSE_STATION, range(1, 11))):
            self.model.receive(place, "syringe", "L1", 50)
            for n in numbers:
                self.model.receive_unit(place, f"S{n}")
        # Two of each shelf are enough to meet again and again, and one that nobody has received.
        return multiple("S1", "S2", "S11", "S12", "STRANGER")

    # --- what people do ----------------------------------------------------------------------------------

    @rule(place=places, lot=lots, quantity=few)
    def receive_syringes(self, place: str, lot: str, quantity: int) -> None:
        self._receive(place, ReceiptLine(material=MATERIAL["syringe"], quantity=quantity, lot=lot))
        self.model.receive(place, "syringe", lot, quantity)

    @rule(target=units, place=places)
    def receive_a_stent(self, place: str) -> str:
        serial = new_key("R")
        line = ReceiptLine(material=MATERIAL["stent"], quantity=1, lot="A1", units=(serial,))
        self._receive(place, line)
        self.model.receive_unit(place, serial)
        return serial

    @rule(origin=places, goal=places, lot=lots, quantity=few)
    def move_syringes(self, origin: str, goal: str, lot: str, quantity: int) -> None:
        if origin != goal:
            self._send(origin, goal, MovementKind.TRANSFER, ("syringe", lot, quantity))

    @rule(origin=places, goal=places, unit=units)
    def move_a_stent(self, origin: str, goal: str, unit: str) -> None:
        if origin != goal:
            self._send(origin, goal, MovementKind.ISSUE, unit)

    @rule(origin=places, lot=lots, quantity=few, kept=st.booleans())
    def syringes_leave(self, origin: str, lot: str, quantity: int, kept: bool) -> None:
        kind, target = self._away(kept)
        self._send(origin, target, kind, ("syringe", lot, quantity))

    @rule(origin=places, unit=units, kept=st.booleans())
    def a_stent_leaves(self, origin: str, unit: str, kept: bool) -> None:
        kind, target = self._away(kept)
        self._send(origin, target, kind, unit)

    @rule(target=scans, ward=wards, lot=lots, quantity=st.integers(1, 5))
    def use_syringes(self, ward: str, lot: str, quantity: int) -> int:
        answer = self._scan(udi(SYRINGE_DI, lot=lot), ward, quantity=quantity)
        assert answer["outcome"] == "charged"
        self.model.use(answer["scan"], ward, "syringe", lot, quantity)
        return int(answer["scan"])

    @rule(target=scans, ward=wards, unit=units)
    def use_a_stent(self, ward: str, unit: str) -> Any:
        answer = self._scan(udi(STENT_DI, lot="A1", serial=unit), ward)
        if not self.model.may_use_unit(unit):
            assert answer["outcome"] == "refused"
            return multiple()
        assert answer["outcome"] == "charged"
        self.model.use_unit(answer["scan"], ward, unit)
        return int(answer["scan"])

    @rule(scan=scans)
    def undo(self, scan: int) -> None:
        command = ReverseScan(key=new_key(), scan=scan)
        try:
            self._do(lambda: reverse_scan(self.session, self._admin, command, self.hospital.clock))
        except AlreadyReversed:
            assert not self.model.may_undo(scan)
        else:
            assert self.model.may_undo(scan)
            self.model.undo(scan)

    @rule(place=places, lot=lots, counted=st.integers(0, 80))
    def count(self, place: str, lot: str, counted: int) -> None:
        line = CountLine(material=MATERIAL["syringe"], counted=counted, lot=lot)
        command = CountStock(key=new_key(), location=place, document="PD", lines=(line,))
        self._do(lambda: count_stock(self.session, self._admin, command, self.hospital.clock))
        self.model.count(place, "syringe", lot, counted)

    @rule(again=st.integers(0, 10**6))
    def send_a_request_again(self, again: int) -> None:
        if self.redo:
            work, first = self.redo[again % len(self.redo)]
            answer = work()
            assert answer.replayed and answer == first

    # --- what always holds -------------------------------------------------------------------------------

    @invariant()
    def the_book_is_the_model_s(self) -> None:
        asked = """
            SELECT l.code, i.id, b.lot, b.quantity
              FROM balance b JOIN location l ON l.id = b.location_id JOIN item i ON i.id = b.item_id
             WHERE b.quantity <> 0 AND i.tracking <> 'NONE'
        """
        rows = self.session.execute(text(asked))
        words = {number: word for word, number in self.hospital.items.items()}
        book = {(code, words[item], lot): quantity for code, item, lot, quantity in rows}
        assert book == {key: quantity for key, quantity in self.model.shelf.items() if quantity}

    @invariant()
    def every_piece_is_where_the_model_has_it(self) -> None:
        rows = self.session.execute(
            text(
                "SELECT DISTINCT ON (u.id) u.serial, l.code FROM unit u JOIN movement m ON m.unit_id = u.id"
                " JOIN location l ON l.id = m.target_id ORDER BY u.id, m.unit_step DESC"
            )
        )
        assert {serial: code for serial, code in rows} == self.model.where

    @invariant()
    def what_is_charged_is_what_was_used(self) -> None:
        total = self.session.execute(text("SELECT coalesce(sum(amount), 0) FROM charge")).scalar_one()
        assert total == self.model.charged()
        assert all(self.model.live_charges(u) == (p == PATIENT) for u, p in self.model.where.items())

    @invariant()
    def no_invariant_is_broken(self) -> None:
        assert check_invariants(self.session) == []

    # --- how ---------------------------------------------------------------------------------------------

    @property
    def _admin(self) -> Any:
        return self.hospital.people["admin"]

    def _do(self, work: Callable[[], Answer]) -> Answer:
        """Carry out a use case; a refusal leaves nothing behind, as at the edge."""
        with self.session.begin_nested():
            answer = work()
        assert not answer.replayed
        self.redo.append((work, answer))
        return answer

    def _receive(self, place: str, line: ReceiptLine) -> None:
        command = Receive(key=new_key(), location=place, supplier="SUP1", document="RK", lines=(line,))
        self._do(lambda: receive(self.session, self._admin, command, self.hospital.clock))

    def _scan(self, raw: str, ward: str, **more: Any) -> Answer:
        command = RecordScan(key=new_key(), raw=raw.encode(), location=ward, encounter="E1", **more)
        return self._do(lambda: record_scan(self.session, self._admin, command, self.hospital.clock))

    def _away(self, kept: bool) -> tuple[MovementKind, str]:
        return (MovementKind.SUPPLIER_RETURN, SUPPLIER) if kept else (MovementKind.WRITE_OFF, LOSS)

    def _send(self, origin: str, target: str, kind: MovementKind, what: str | tuple[str, str, int]) -> None:
        if isinstance(what, str):
            line = Line(material=MATERIAL["stent"], quantity=1, lot="A1", units=(what,))
        else:
            line = Line(material=MATERIAL[what[0]], lot=what[1], quantity=what[2])
        shelf = target if target not in (SUPPLIER, LOSS) else None
        command = Send(
            key=new_key(), kind=kind, origin=origin, target=shelf, document="D", lines=(line,), reason="x"
        )
        refusal: Refusal | None = None
        try:
            self._do(lambda: send(self.session, self._admin, command, self.hospital.clock))
        except BOOK_SAYS_NO as error:
            refusal = error
        try:
            if isinstance(what, str):
                self.model.send_unit(origin, target, what)
            else:
                self.model.send(origin, target, *what)
        except Impossible:
            assert refusal is not None, "the book let go what it did not hold"
        else:
            assert refusal is None, f"the book refused what it holds: {refusal}"


def test_the_ledger_does_what_the_model_does(hospital: SmallHospital) -> None:
    machine = type("Here", (Ledger,), {"hospital": hospital})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=RUNS,
            stateful_step_count=STEPS,
            deadline=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
        ),
    )
