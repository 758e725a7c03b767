"""A scan becomes one movement and one charge, or an outcome that says why not."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.small_hospital import (
    NURSE_STATION,
    OTHER_WARD,
    STENT_DI,
    SYRINGE_BOX_DI,
    SYRINGE_DI,
    SmallHospital,
    new_key,
    udi,
)
from tracer.access.errors import KeyReused
from tracer.catalog.tables import Packaging
from tracer.charging.errors import AlreadyReversed, NothingToReverse
from tracer.charging.reversing import ReverseScan, reverse_scan
from tracer.orders.errors import BadEncounter
from tracer.shared.errors import Forbidden, Invalid
from tracer.stock.errors import UnknownLocation


def codes_of(answer: dict[str, object]) -> set[str]:
    return {warning["code"] for warning in answer["warnings"]}  # type: ignore[attr-defined]


def stent(serial: str, expiry: date = date(2028, 1, 31)) -> str:
    return udi(STENT_DI, lot="A1", serial=serial, expiry=expiry)


def test_a_serialised_piece_is_charged_with_its_five_codes_and_price(hospital: SmallHospital) -> None:
    answer = hospital.scan(stent("S1"))
    assert answer["outcome"] == "charged"
    assert answer["item"]["codes"] == {
        "material": "WZ000001",
        "billing": "JF000001",
        "order": "YZ000001",
        "insurance": "C02040100300003091540000010",
        "udi": STENT_DI,
    }
    assert answer["charge"]["quantity"] == 1
    assert answer["charge"]["amount"] == "12800.00"
    assert (answer["lot"], answer["serial"], answer["expiry"]) == ("A1", "S1", "2028-01-31")
    assert codes_of(answer) == {"encounter_unconfirmed"}
    assert hospital.on_hand("stent") == 9


def test_a_used_unit_is_refused_saying_when_and_where_but_not_on_whom(hospital: SmallHospital) -> None:
    hospital.scan(stent("S1"), encounter="SECRET-7")
    hospital.advance(minutes=5)
    answer = hospital.scan(stent("S1"), encounter="E2")
    assert answer["outcome"] == "refused"
    assert answer["charge"] is None
    (warning,) = [w for w in answer["warnings"] if w["code"] == "already_used"]
    assert warning["data"]["location"] == NURSE_STATION
    assert (warning["data"]["at"], warning["data"]["when"]) == ("2026-03-10T12:00:00+08:00", "03-10 12:00")
    assert "SECRET-7" not in str(answer)
    assert hospital.count("charge") == 1
    assert hospital.count("scan") == 2


def test_lot_tracked_pieces_are_counted(hospital: SmallHospital) -> None:
    for _ in range(2):
        assert hospital.scan(udi(SYRINGE_DI, lot="L1"))["outcome"] == "charged"
    answer = hospital.scan(udi(SYRINGE_DI, lot="L1"), quantity=3)
    assert answer["charge"] | {"id": 0} == {"id": 0, "quantity": 3, "unit_price": "1.85", "amount": "5.55"}
    assert hospital.on_hand("syringe") == 45


def test_a_non_chargeable_item_is_used_without_a_charge_or_an_exception(hospital: SmallHospital) -> None:
    answer = hospital.scan(udi("06901234567915"))
    assert (answer["outcome"], answer["charge"]) == ("used", None)
    assert hospital.count("ledger_exception") == 0
    assert hospital.on_hand("cotton") == 99


@pytest.mark.parametrize(
    ("raw", "remark"),
    [
        (udi("06901234567939"), "unknown_code"),
        (udi("06901234567893"), "not_readable"),  # wrong check digit
        ("hello", "not_readable"),
        ("", "not_readable"),
        ("]d20106901234567892172", "not_readable"),  # truncated
    ],
)
def test_what_cannot_be_resolved_is_kept_as_pending(hospital: SmallHospital, raw: str, remark: str) -> None:
    answer = hospital.scan(raw)
    assert answer["outcome"] == "unresolved"
    assert remark in codes_of(answer)
    assert hospital.count("scan") == 1
    assert hospital.count("charge") == 0


def test_an_expired_piece_needs_an_authorised_reason(
    hospital: SmallHospital,
) -> None:
    raw = stent("S2", expiry=date(2026, 3, 9))
    answer = hospital.scan(raw)
    assert answer["outcome"] == "refused"
    assert "expired" in codes_of(answer)
    answer = hospital.scan(raw, override_reason="抢救，已用")
    assert answer["outcome"] == "charged"
    assert {"expired", "overridden"} <= codes_of(answer)


def test_a_piece_may_be_used_on_its_expiry_day(hospital: SmallHospital) -> None:
    assert hospital.scan(stent("S2", expiry=date(2026, 3, 10)))["outcome"] == "charged"


def test_a_unit_the_book_has_elsewhere_is_brought_here_and_booked(hospital: SmallHospital) -> None:
    answer = hospital.scan(stent("S15"))  # in the store
    assert answer["outcome"] == "charged"
    assert "elsewhere" in codes_of(answer)
    assert hospital.on_hand("stent") == 10
    assert hospital.on_hand("stent", "STORE") == 9


def test_a_unit_never_received_is_booked_once_and_flagged(hospital: SmallHospital) -> None:
    answer = hospital.scan(stent("NEW-1"))
    assert answer["outcome"] == "charged"
    assert {"no_receipt"} <= codes_of(answer)
    assert hospital.scan(stent("NEW-1"))["outcome"] == "refused"


def test_negative_book_stock_never_stops_the_nurse(hospital: SmallHospital) -> None:
    answer = hospital.scan(udi(SYRINGE_DI, lot="L1"), quantity=60)
    assert answer["outcome"] == "charged"
    assert "negative_stock" in codes_of(answer)
    assert hospital.on_hand("syringe") == -10


def test_a_package_asks_how_many_were_used(hospital: SmallHospital) -> None:
    raw = udi(SYRINGE_BOX_DI, lot="L1")
    answer = hospital.scan(raw)
    assert answer["outcome"] == "needs_choice"
    assert answer["choices"] == [{"quantity": 1}, {"quantity": 10}]
    assert hospital.count("charge") == 0
    assert hospital.scan(raw, quantity=10)["charge"]["amount"] == "18.50"


def test_a_serialised_item_without_its_serial_asks_for_the_label(hospital: SmallHospital) -> None:
    answer = hospital.scan(udi(STENT_DI, lot="A1"))
    assert answer["outcome"] == "needs_choice"
    assert len(answer["choices"]) == 10
    label = answer["choices"][0]["label"]
    assert hospital.scan(label)["outcome"] == "charged"
    assert hospital.scan(label)["outcome"] == "refused"
    assert hospital.scan(stent("S1"))["outcome"] == "refused"  # the same piece by the maker's code


def test_a_box_of_serialised_pieces_is_never_booked_as_a_whole(hospital: SmallHospital) -> None:
    box = "16901234567899"
    hospital.session.add(Packaging(di=box, item_id=hospital.items["stent"], base_units=5))
    hospital.session.flush()
    answer = hospital.scan(udi(box, lot="A1"), quantity=5)
    assert (answer["outcome"], codes_of(answer) & {"label_needed"}) == ("needs_choice", {"label_needed"})
    assert hospital.count("charge") == 0


def test_one_key_has_one_effect_and_another_payload_is_refused(hospital: SmallHospital) -> None:
    key = new_key()
    first = hospital.scan(stent("S1"), key=key)
    assert hospital.scan(stent("S1"), key=key) == first
    with pytest.raises(KeyReused):
        hospital.scan(stent("S2"), key=key)
    with pytest.raises(KeyReused):
        hospital.scan(stent("S1"), key=key, actor=hospital.people["admin"])
    assert hospital.count("charge") == 1


def test_undo_brings_the_piece_back_and_refunds_once(hospital: SmallHospital) -> None:
    used = hospital.scan(stent("S1"))
    command = ReverseScan(key=new_key(), scan=used["scan"])
    undone = reverse_scan(hospital.session, hospital.nurse, command, hospital.clock)
    assert undone["charge"]["amount"] == "-12800.00"
    assert undone["charge"]["reverses"] == used["charge"]["id"]
    assert hospital.on_hand("stent") == 10
    assert reverse_scan(hospital.session, hospital.nurse, command, hospital.clock) == undone
    with pytest.raises(AlreadyReversed):
        reverse_scan(
            hospital.session, hospital.nurse, ReverseScan(key=new_key(), scan=used["scan"]), hospital.clock
        )
    assert hospital.scan(stent("S1"))["outcome"] == "charged"  # and can be used again


def test_a_refused_scan_has_nothing_to_undo(hospital: SmallHospital) -> None:
    answer = hospital.scan("hello")
    with pytest.raises(NothingToReverse):
        reverse_scan(
            hospital.session, hospital.nurse, ReverseScan(key=new_key(), scan=answer["scan"]), hospital.clock
        )


def test_scope_and_role_decide_who_may_scan_where(hospital: SmallHospital) -> None:
    with pytest.raises(UnknownLocation):
        hospital.scan(stent("S1"), location=OTHER_WARD)
    with pytest.raises(UnknownLocation):
        hospital.scan(stent("S1"), location="NOWHERE")
    with pytest.raises(Forbidden):
        hospital.scan(stent("S1"), actor=hospital.people["finance"])
    assert hospital.count("scan") == 0


@pytest.mark.parametrize("ref", ["", "06901234567892", "E 1", "]d2010690", "x" * 33, "-E"])
def test_a_wristband_that_is_none_is_refused(hospital: SmallHospital, ref: str) -> None:
    with pytest.raises(BadEncounter):
        hospital.scan(stent("S1"), encounter=ref)


@pytest.mark.parametrize("quantity", [0, -1, 10_001])
def test_impossible_quantities_are_refused(hospital: SmallHospital, quantity: int) -> None:
    with pytest.raises(Invalid):
        hospital.scan(udi(SYRINGE_DI, lot="L1"), quantity=quantity)


def test_a_serialised_piece_is_one_piece(hospital: SmallHospital) -> None:
    with pytest.raises(Invalid):
        hospital.scan(stent("S1"), quantity=2)


def test_a_device_clock_that_runs_ahead_is_not_believed(hospital: SmallHospital) -> None:
    answer = hospital.scan(stent("S1"), scanned_at=hospital.clock.now() + timedelta(days=1))
    assert "clock_skew" in codes_of(answer)
    assert answer["business_date"] == "2026-03-10"


def test_a_scan_kept_offline_is_posted_on_its_own_day_while_that_is_open(hospital: SmallHospital) -> None:
    answer = hospital.scan(stent("S1"), scanned_at=hospital.clock.now() - timedelta(days=1))
    assert answer["business_date"] == "2026-03-09"


def test_without_a_price_the_use_is_recorded_and_an_exception_stays_open(hospital: SmallHospital) -> None:
    from sqlalchemy import text

    hospital.session.execute(text("UPDATE price SET valid_to = DATE '2026-03-10' WHERE kind = 'charge'"))
    answer = hospital.scan(stent("S1"))
    assert answer["outcome"] == "used"
    assert "no_price" in codes_of(answer)
    assert hospital.count("ledger_exception") == 1


def test_a_serial_that_the_book_has_in_capitals_is_that_piece(hospital: SmallHospital) -> None:
    """Caps Lock turns a serial into small letters; nothing in the text shows it, but the book does."""
    answer = hospital.scan(stent("S2").removeprefix("]d2").swapcase())
    assert (answer["outcome"], answer["serial"], answer["lot"]) == ("charged", "S2", "A1")
    assert "repaired" in codes_of(answer)
    assert "no_receipt" not in codes_of(answer)
    assert hospital.scan(stent("S2"))["outcome"] == "refused"


def test_a_serial_that_the_book_has_in_neither_case_stays_as_it_was_scanned(hospital: SmallHospital) -> None:
    answer = hospital.scan(stent("zz9").removeprefix("]d2").replace("A1", "zz"))
    assert (answer["outcome"], answer["serial"], answer["lot"]) == ("charged", "zz9", "zz")
    assert "repaired" not in codes_of(answer)


def test_a_keyboard_that_tells_of_its_caps_lock_is_believed(hospital: SmallHospital) -> None:
    answer = hospital.scan(stent("New1").replace("A1", "B7").swapcase(), caps_lock=True)
    assert (answer["serial"], answer["lot"]) == ("New1", "B7")
    assert "repaired" in codes_of(answer)


def test_the_first_pieces_of_two_donations_are_two_pieces(hospital: SmallHospital) -> None:
    """In ISBT 128 the serial counts within one donation; each begins at 000001."""
    hospital.session.add(
        Packaging(di="A9999XYZ100T0944", item_id=hospital.items["stent"], base_units=1, level="件")
    )
    hospital.session.flush()
    first = "=/A9999XYZ100T0944=,000001=A99971312345600=>030032"
    second = first.replace("3456", "3457")
    assert hospital.scan(first)["outcome"] == "charged"
    assert hospital.scan(second)["outcome"] == "charged"
    assert hospital.scan(second, encounter="E2")["outcome"] == "refused"
