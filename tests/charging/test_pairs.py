"""The two symbols of a HIBC pack: nothing is booked twice, and no lot is left out without a word."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert, text

from scanners.hibc import check_character
from tests.small_hospital import NOON, SPRING, SmallHospital
from tracer.catalog.rules import BindingStatus, CodeSystem
from tracer.catalog.tables import CodeBinding, Packaging


def primary(lic_pcn: str = "A123BJC5D6E7", unit: str = "1") -> str:
    body = f"+{lic_pcn}{unit}"
    return body + check_character(body)


def secondary(of: str, data: str = "$$3281130LOT42") -> str:
    body = f"+{data}{of[-1]}"
    return body + check_character(body)


FIRST = primary()
SECOND = secondary(FIRST)
ALONE = [FIRST, "]A0" + FIRST, "]d1" + FIRST]


@pytest.fixture
def hospital(hospital: SmallHospital) -> SmallHospital:
    """The syringe has a HIBC code instead of its GTIN, and comes in boxes of five with one of their own."""
    item = hospital.items["syringe"]
    retire = text(
        "UPDATE code_binding SET status = 'retired', valid_to = :since"
        " WHERE item_id = :item AND system = 'udi'"
    )
    since = SPRING + timedelta(days=1)
    hospital.session.execute(retire, {"item": item, "since": since})
    hospital.session.execute(
        insert(CodeBinding),
        {
            "item_id": item,
            "system": CodeSystem.UDI,
            "code": FIRST[1:-1],
            "valid_from": since,
            "status": BindingStatus.APPROVED,
            "proposer_id": hospital.people["procurement"].id,
            "approver_id": hospital.people["insurance_office"].id,
            "created_at": NOON,
        },
    )
    hospital.session.execute(
        insert(Packaging), {"di": "A123BJC5D6E75", "item_id": item, "base_units": 5, "level": "盒"}
    )
    return hospital


def codes_of(answer: dict) -> set[str]:
    return {warning["code"] for warning in answer["warnings"]}


@pytest.mark.parametrize("raw", ALONE)
def test_the_first_symbol_alone_books_nothing_and_asks_for_the_second(hospital: SmallHospital, raw: str):
    answer = hospital.scan(raw)
    assert answer["outcome"] == "needs_choice"
    assert "second_symbol" in codes_of(answer)
    assert answer["item"]["name"] == "一次性注射器 10ml"
    assert answer["choices"] == [{"quantity": 1}]
    assert hospital.count("charge") == hospital.count("movement WHERE kind = 'use'") == 0


def test_who_says_that_there_is_one_code_only_has_it_booked(hospital: SmallHospital):
    answer = hospital.scan(FIRST, quantity=1)
    assert answer["outcome"] == "charged"
    assert "lot_missing" in codes_of(answer)


def test_the_second_symbol_alone_asks_for_the_first(hospital: SmallHospital):
    answer = hospital.scan(SECOND)
    assert (answer["outcome"], answer["item"], answer["lot"]) == ("unresolved", None, "LOT42")
    assert "first_symbol" in codes_of(answer) and "not_readable" not in codes_of(answer)


@pytest.mark.parametrize("raw", [f"{FIRST}\n{SECOND}", f"{SECOND}\n{FIRST}", f"]A0{FIRST}\n]A0{SECOND}"])
def test_both_together_are_one_piece_with_its_lot_and_expiry(hospital: SmallHospital, raw: str):
    answer = hospital.scan(raw)
    assert answer["outcome"] == "charged"
    assert (answer["lot"], answer["expiry"], answer["quantity"]) == ("LOT42", "2028-11-30", 1)
    assert hospital.count("charge") == 1


def test_a_pack_with_all_on_one_symbol_needs_no_other(hospital: SmallHospital):
    body = f"{FIRST[:-1]}/$$3281130LOT42"
    answer = hospital.scan(body + check_character(body))
    assert (answer["outcome"], answer["lot"]) == ("charged", "LOT42")


def test_an_expired_lot_is_refused_though_it_stands_on_the_second(hospital: SmallHospital):
    expired = secondary(FIRST, "$$3251130LOT41")
    assert hospital.scan(f"{FIRST}\n{expired}")["outcome"] == "refused"


@pytest.mark.parametrize("turned", [False, True])
def test_two_symbols_of_different_packs_are_told_so(hospital: SmallHospital, turned: bool):
    other = secondary(primary("B999XYZ"))
    assert other[-2] != FIRST[-1]
    raw = f"{other}\n{FIRST}" if turned else f"{FIRST}\n{other}"
    answer = hospital.scan(raw)
    assert answer["outcome"] == "unresolved"
    assert "not_one_pack" in codes_of(answer)
    assert hospital.count("charge") == 0


def test_a_pair_of_which_one_is_damaged_is_no_mismatch(hospital: SmallHospital):
    damaged = SECOND.replace("LOT42", "LOT43")
    assert "not_readable" in codes_of(hospital.scan(f"{FIRST}\n{damaged}"))


def test_of_a_box_the_choice_is_how_many(hospital: SmallHospital):
    box = primary(unit="5")
    answer = hospital.scan(box)
    assert "second_symbol" in codes_of(answer)
    assert answer["choices"] == [{"quantity": 1}, {"quantity": 5}]
    paired = hospital.scan(f"{box}\n{secondary(box)}")
    assert "package_scanned" in codes_of(paired) and paired["choices"] == [{"quantity": 1}, {"quantity": 5}]
    assert hospital.scan(f"{box}\n{secondary(box)}", quantity=5)["charge"]["quantity"] == 5


def test_with_caps_lock_on_a_pair_is_a_pair_and_a_mismatch_a_mismatch(hospital: SmallHospital):
    other = secondary(primary("B999XYZ"))
    whole = hospital.scan(f"{FIRST}\n{SECOND}".swapcase(), caps_lock=True)
    assert (whole["outcome"], whole["lot"]) == ("charged", "LOT42")
    assert "not_one_pack" in codes_of(hospital.scan(f"{FIRST}\n{other}".swapcase(), caps_lock=True))


def test_an_ambiguous_text_shows_how_it_could_be_read(hospital: SmallHospital):
    answer = hospital.scan("]d2010952123454321310ABC02921S1")
    (remark,) = [one for one in answer["warnings"] if one["code"] == "not_readable"]
    assert remark["data"]["reason"] == "ambiguous"
    assert {one["di"] for one in remark["data"]["readings"]} == {"09521234543213"}
    assert [(one["lot"], one["serial"]) for one in remark["data"]["readings"]] == [
        ("ABC02921S1", None),
        ("ABC", "S1"),
    ]
    assert "readings" not in hospital.scan("hello")["warnings"][-1]["data"]
