"""Deliveries: what reaches the shelf, and the names that pieces get."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from scanners import Agency, InHouse, parse
from tests.small_hospital import NURSE_STATION, STENT_DI, STORE, SmallHospital, new_key, udi
from tracer.access.errors import KeyReused
from tracer.access.once import Answer
from tracer.shared.errors import Invalid
from tracer.stock.errors import (
    ExpiryDiffers,
    LotNeeded,
    UnitsNeeded,
    UnitTwice,
    UnknownItem,
    UnknownSupplier,
)
from tracer.stock.receiving import ReceiptLine, Receive, receive
from tracer.stock.rules import Ownership

STENTS = ReceiptLine(material="WZ000001", quantity=3, lot="A9", units=("N1", "N2", "N3"))
SYRINGES = ReceiptLine(material="WZ000002", quantity=12, lot="L9", expiry=date(2027, 12, 31))


def book(hospital: SmallHospital, *lines: ReceiptLine, labels: InHouse | None = None, **more: Any) -> Answer:
    given = {"key": new_key(), "location": STORE, "supplier": "SUP1", "document": "RK9"} | more
    return receive(hospital.session, hospital.keeper, Receive(lines=lines, **given), hospital.clock, labels)


def test_a_delivery_reaches_the_shelf_it_names(hospital: SmallHospital) -> None:
    answer = book(hospital, SYRINGES, STENTS)
    assert hospital.on_hand("syringe", STORE, "L9") == 12
    assert hospital.on_hand("stent", STORE, "A9") == 3
    assert answer["business_date"] == "2026-03-10"
    assert len(answer["movements"]) == 4  # the syringes, and every stent on its own


def test_every_piece_gets_a_label_that_no_other_has_and_that_reads_back(
    hospital: SmallHospital,
) -> None:
    answers = [book(hospital, ReceiptLine(material="WZ000001", quantity=40, lot="A9")) for _ in range(3)]
    labels = [label for answer in answers for label in answer["labels"]]
    assert len(set(labels)) == 120
    read = [parse(label) for label in labels]
    assert [(one.agency, one.serial, one.error) for one in read] == [
        (Agency.INHOUSE, label, None) for label in labels
    ]
    assert hospital.scan(labels[7], location=NURSE_STATION)["outcome"] == "charged"


def test_a_house_s_own_prefix_stands_on_its_labels(hospital: SmallHospital) -> None:
    (label,) = book(hospital, ReceiptLine(material="WZ000001", quantity=1), labels=InHouse("ZZ"))["labels"]
    assert label.startswith("ZZ") and parse(label, inhouse=InHouse("ZZ")).serial == label


@pytest.mark.parametrize(
    ("line", "refusal"),
    [
        (ReceiptLine(material="WZ000002", quantity=0, lot="L9"), Invalid),
        (ReceiptLine(material="WZ000002", quantity=-5, lot="L9"), Invalid),
        (ReceiptLine(material="WZ000002", quantity=1_000_001, lot="L9"), Invalid),
        (ReceiptLine(material="WZ000001", quantity=1001), Invalid),
        (ReceiptLine(material="WZ999999", quantity=1), UnknownItem),
        (ReceiptLine(material="WZ000002", quantity=1), LotNeeded),
        (ReceiptLine(material="WZ000002", quantity=1, lot="L9", units=("X",)), UnitsNeeded),
        (ReceiptLine(material="WZ000001", quantity=2, units=("X",)), UnitsNeeded),
        (ReceiptLine(material="WZ000001", quantity=2, units=("X", "X")), UnitTwice),
        (ReceiptLine(material="WZ000001", quantity=1, units=("S1",)), UnitTwice),
        (ReceiptLine(material="WZ000002", quantity=1, lot="L1", expiry=date(2030, 1, 1)), ExpiryDiffers),
    ],
)
def test_one_wrong_line_stops_the_whole_delivery(
    hospital: SmallHospital, line: ReceiptLine, refusal: type[Exception]
) -> None:
    before = [hospital.count(table) for table in ("movement", "unit", "request_key", "audit_entry")]
    with pytest.raises(refusal), hospital.session.begin_nested():
        book(hospital, SYRINGES, line)
    assert [hospital.count(table) for table in ("movement", "unit", "request_key", "audit_entry")] == before


def test_an_unknown_supplier_and_an_empty_delivery_are_refused(hospital: SmallHospital) -> None:
    with pytest.raises(UnknownSupplier):
        book(hospital, SYRINGES, supplier="NOBODY")
    with pytest.raises(Invalid):
        book(hospital)


def test_a_lot_keeps_the_first_expiry_it_was_given(hospital: SmallHospital) -> None:
    book(hospital, ReceiptLine(material="WZ000002", quantity=1, lot="L5"))
    book(hospital, ReceiptLine(material="WZ000002", quantity=1, lot="L5", expiry=date(2027, 1, 1)))
    with pytest.raises(ExpiryDiffers):
        book(hospital, ReceiptLine(material="WZ000002", quantity=1, lot="L5", expiry=date(2027, 1, 2)))
    book(hospital, ReceiptLine(material="WZ000002", quantity=1, lot="L5"))
    kept = hospital.session.execute(text("SELECT expiry FROM lot WHERE lot = 'L5'")).scalar_one()
    assert kept == date(2027, 1, 1)


def test_the_same_key_receives_once(hospital: SmallHospital) -> None:
    first = book(hospital, STENTS, key="once")
    assert not first.replayed
    again = book(hospital, STENTS, key="once")
    assert again == first and again.replayed
    assert hospital.on_hand("stent", STORE, "A9") == 3
    with pytest.raises(KeyReused):
        book(hospital, SYRINGES, key="once")


def test_consigned_pieces_are_bought_by_their_use(hospital: SmallHospital) -> None:
    answer = book(hospital, STENTS, ownership=Ownership.CONSIGNED, location=NURSE_STATION)
    assert (answer["movements"], hospital.on_hand("stent", lot="A9")) == ([], 0)
    assert hospital.scan(answer["labels"][0])["outcome"] == "charged"
    asked = "SELECT kind FROM movement JOIN unit u ON u.id = unit_id WHERE u.serial = 'N1' ORDER BY unit_step"
    kinds = hospital.session.execute(text(asked)).scalars()
    assert list(kinds) == ["receipt", "use"]
    assert hospital.on_hand("stent", lot="A9") == 0
    with pytest.raises(Invalid):
        book(hospital, SYRINGES, ownership=Ownership.CONSIGNED)


class TestPaperSlowerThanPatients:
    """A piece is scanned before its delivery is booked."""

    SCAN = udi(STENT_DI, lot="A9", serial="N2")

    def test_the_late_receipt_puts_the_shelf_right_it_was_used_from(self, hospital: SmallHospital) -> None:
        used = hospital.scan(self.SCAN)
        assert used["outcome"] == "charged"
        assert hospital.on_hand("stent", lot="A9") == -1
        answer = book(hospital, STENTS)
        assert len(answer["labels"]) == 2  # the used piece is on no shelf to be labelled
        assert hospital.on_hand("stent", lot="A9") == 0
        assert hospital.on_hand("stent", STORE, "A9") == 2
        assert hospital.scan(self.SCAN)["outcome"] == "refused"

    def test_it_is_received_once_only(self, hospital: SmallHospital) -> None:
        hospital.scan(self.SCAN)
        book(hospital, STENTS)
        with pytest.raises(UnitTwice):
            book(hospital, ReceiptLine(material="WZ000001", quantity=1, lot="A9", units=("N2",)))

    def test_one_that_was_scanned_and_refused_is_received_as_any_other(self, hospital: SmallHospital) -> None:
        refused = hospital.scan(udi(STENT_DI, lot="A9", serial="N2", expiry=date(2026, 3, 1)))
        assert refused["outcome"] == "refused"
        answer = book(hospital, STENTS)
        assert len(answer["labels"]) == 3
        assert hospital.on_hand("stent", STORE, "A9") == 3
        assert hospital.scan(answer["labels"][1])["outcome"] == "charged"

    def test_a_consigned_one_was_bought_by_its_use(self, hospital: SmallHospital) -> None:
        hospital.scan(self.SCAN)
        answer = book(hospital, STENTS, ownership=Ownership.CONSIGNED)
        assert len(answer["movements"]) == 1
        assert hospital.on_hand("stent", lot="A9") == 0


def test_the_cost_of_each_movement_is_kept(hospital: SmallHospital) -> None:
    line = ReceiptLine(material="WZ000002", quantity=3, lot="L9", unit_cost=Decimal("1.37"))
    (movement,) = book(hospital, line)["movements"]
    kept = hospital.session.execute(text("SELECT unit_cost FROM movement WHERE id = :id"), {"id": movement})
    assert kept.scalar_one() == Decimal("1.37")
