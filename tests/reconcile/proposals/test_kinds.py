"""One fault at a time: the proposal says what it is, sets it right, and says why."""

from __future__ import annotations

from pathlib import Path
from string import Formatter

from reconcile import proposals
from reconcile.codes import SYSTEMS, reconcile_codes
from reconcile.proposals import BULK, Kind, Proposal, Reason, apply
from reconcile.proposals.words import REASONS
from tests.reconcile.proposals.hospital import OWNERS, Hospital


def codes(proposal: Proposal) -> list[tuple[str, ...]]:
    return sorted(tuple(change.code(system) for system in SYSTEMS) for change in proposal.changes)


def said(proposal: Proposal) -> set[str]:
    return {reason.code for reason in proposal.reasons}


def five(n: int, **instead: str) -> tuple[str, ...]:
    own = {
        "material": f"WZ00{n}",
        "billing": f"JF00{n}",
        "order": f"YZ00{n}",
        "insurance": f"C{n:026d}",
        "udi": f"0693000000{n:03d}0",
    }
    return tuple((own | instead).values())


def is_in_order_after(hospital: Hospital, proposal: Proposal) -> bool:
    settled = apply(hospital.frames(), [proposal], owners=OWNERS)
    counts = reconcile_codes(settled, owners=OWNERS).summary
    return counts["ok"] == counts["groups"]


def test_nothing_is_proposed_where_all_is_in_order(hospital: Hospital) -> None:
    assert hospital.proposals() == ()


def test_two_models_under_one_billing_code_the_later_gets_a_new_one(hospital: Hospital) -> None:
    hospital.rows["hrp"][1]["billing"] = hospital.rows["his"][1]["billing"] = "JF001"
    proposal = hospital.the_proposal()
    assert proposal.kind is Kind.NEW_CODE
    # JF002 is gone from all exports, so it is the next in the hospital's own pattern.
    assert codes(proposal) == [five(1), five(2)]
    assert [change.new for change in proposal.changes if change.code("material") == "WZ002"] == [("billing",)]
    assert {"models_differ", "had_it_first", "no_code_yet"} <= said(proposal)
    assert proposal.score >= BULK
    assert is_in_order_after(hospital, proposal)


def test_the_one_that_had_the_code_first_keeps_it_whatever_its_place_in_the_file(hospital: Hospital) -> None:
    for source in ("hrp", "his"):
        first, second = hospital.rows[source]
        first["billing"] = second["billing"] = "JF009"
        first["valid_from"], second["valid_from"] = "2024-05-01", "2019-05-01"
    kept = {change.code("material"): change.code("billing") for change in hospital.the_proposal().changes}
    assert kept == {"WZ001": "JF010", "WZ002": "JF009"}


def test_without_dates_nobody_knows_who_had_the_code_first_so_a_person_decides(hospital: Hospital) -> None:
    for source in ("hrp", "his"):
        for row in hospital.rows[source]:
            row["billing"], row["valid_from"] = "JF009", ""
    assert hospital.the_proposal().score < BULK


def test_one_item_entered_twice_keeps_its_first_codes(hospital: Hospital) -> None:
    again = hospital.rows["hrp"][0] | {"material": "WZ777", "billing": "JF777", "valid_from": "2025-01-01"}
    hospital.rows["hrp"].append(again)
    hospital.rows["his"].append(
        hospital.rows["his"][0] | {"order": "YZ777", "billing": "JF777", "valid_from": "2025-01-01"}
    )
    proposal = hospital.the_proposal()
    assert proposal.kind is Kind.MERGE
    assert codes(proposal) == [five(1)]
    assert proposal.retired == (("material", "WZ777"), ("billing", "JF777"), ("order", "YZ777"))
    assert proposal.dropped == ("his:4", "hrp:4")
    assert is_in_order_after(hospital, proposal)


def test_an_old_insurance_code_in_one_system_is_pointed_to_the_new(hospital: Hospital) -> None:
    hospital.rows["his"][0]["insurance"] = "C9" + "0" * 25
    proposal = hospital.the_proposal()
    assert proposal.kind is Kind.RE_POINT
    assert codes(proposal) == [five(1)]
    assert proposal.changes[0].overruled == ("his:2:insurance",)
    assert "nobody_owns" in said(proposal)
    assert proposal.score >= BULK


def test_an_old_insurance_code_in_the_whole_hospital_finds_the_new_by_certificate_and_model(
    hospital: Hospital,
) -> None:
    for source in ("hrp", "his"):
        hospital.rows[source][0]["insurance"] = "C9" + "0" * 25
    proposal = hospital.the_proposal()
    assert proposal.kind is Kind.RE_POINT
    assert len(proposal.groups) == 2
    assert codes(proposal) == [five(1)]
    assert is_in_order_after(hospital, proposal)


def test_the_makers_next_model_is_followed(hospital: Hospital) -> None:
    for source in ("hrp", "his"):
        hospital.rows[source][0]["insurance"] = "C9" + "0" * 25
    for source in ("supplier", "catalogue", "register"):
        hospital.rows[source][0]["model"] = "EN-3001A"
    proposal = hospital.the_proposal()
    assert codes(proposal) == [five(1)]
    assert dict(proposal.changes[0].values)["model"] == "EN-3001A"


def test_the_makers_next_model_is_followed_where_the_hospital_knows_no_size(hospital: Hospital) -> None:
    for source in ("hrp", "his"):
        hospital.rows[source][0] |= {"insurance": "C9" + "0" * 25, "specification": ""}
    for source in ("supplier", "catalogue", "register"):
        hospital.rows[source][0]["model"] = "EN-3001A"
    assert codes(hospital.the_proposal()) == [five(1)]


def test_two_models_of_one_size_and_price_are_two_items(hospital: Hospital) -> None:
    for source, rows in hospital.rows.items():
        rows[1] |= {field: rows[0][field] for field in ("specification", "price") if field in rows[0]}
        if source in ("hrp", "his"):
            rows[1]["billing"] = "JF001"
    assert codes(hospital.the_proposal()) == [five(1), five(2)]


def test_exchanged_insurance_codes_go_back(hospital: Hospital) -> None:
    """One-to-one in every code, and wrong: only what is said of the items shows it."""
    for source in ("hrp", "his"):
        first, second = hospital.rows[source]
        first["insurance"], second["insurance"] = second["insurance"], first["insurance"]
    proposal = hospital.the_proposal()
    assert codes(proposal) == [five(1), five(2)]
    assert len(proposal.groups) == 2
    assert is_in_order_after(hospital, proposal)


def test_a_code_given_to_a_new_item_is_taken_from_the_old_which_retires(hospital: Hospital) -> None:
    old = hospital.rows["hrp"][0] | {
        "material": "WZ000",
        "insurance": "C9" + "0" * 25,
        "model": "OLD-1",
        "specification": "9孔",
        "certificate": "国食药监械(进)字2009第3990001号",
        "price": "1.00",
        "valid_from": "2009-01-01",
    }
    hospital.rows["hrp"].append(old)
    proposal = hospital.the_proposal()
    assert proposal.kind is Kind.RETIRE
    assert codes(proposal) == [five(1)]
    assert proposal.retired == (("material", "WZ000"), ("insurance", "C9" + "0" * 25))
    assert proposal.dropped == ("hrp:4",)
    assert is_in_order_after(hospital, proposal)


def test_the_identifier_of_the_box_gives_way_to_that_of_the_piece(hospital: Hospital) -> None:
    piece = hospital.rows["supplier"][0]["udi"]
    hospital.rows["supplier"][0]["udi"] = "16930000000018"
    proposal = hospital.the_proposal(packages=[(piece, "16930000000018", "10")])
    assert codes(proposal) == [five(1)]
    assert "package_identifier" in said(proposal)
    assert is_in_order_after(hospital, proposal)


def test_the_price_of_a_box_becomes_that_of_a_piece(hospital: Hospital) -> None:
    hospital.rows["hrp"][0] |= {"unit": "盒", "price": "8010.00"}
    proposal = hospital.the_proposal()
    assert proposal.kind is Kind.CORRECT
    assert proposal.changes[0].values == (("unit", "根"), ("price", "801.00"))
    assert proposal.changes[0].overruled == ("hrp:2:price", "hrp:2:unit")
    assert "box_price" in said(proposal)


def test_nearly_a_package_times_the_price_is_no_price_of_a_box(hospital: Hospital) -> None:
    hospital.rows["hrp"][0]["price"] = "7700.00"
    proposal = hospital.the_proposal()
    assert "box_price" not in said(proposal)
    assert proposal.changes[0].values == (("price", "801.00"),)


def test_a_renamed_maker_is_one_maker_and_the_register_has_its_name(hospital: Hospital) -> None:
    hospital.rows["hrp"][0]["maker"] = "鼎恒医疗用品有限公司"
    proposal = hospital.the_proposal()
    assert proposal.kind is Kind.CORRECT
    assert proposal.changes[0].values == (("maker", "科罗特(上海)医疗器械有限公司"),)
    assert "maker_renamed" in said(proposal)
    (difference,) = [d for d in proposal.differences if d.field == "maker"]
    assert not difference.agrees
    assert ("hrp:2", "鼎恒医疗用品有限公司") in difference.values


def test_another_maker_with_another_model_is_not_called_renamed(hospital: Hospital) -> None:
    hospital.rows["hrp"][0] |= {"maker": "鼎恒医疗用品有限公司", "model": "XX-99"}
    proposal = hospital.the_proposal()
    assert "maker_renamed" not in said(proposal)
    assert {"maker", "model"} <= {field for field, _ in proposal.changes[0].values}


def test_a_maker_in_other_words_agrees(hospital: Hospital) -> None:
    hospital.rows["hrp"][0]["maker"] = "上海科罗特医疗器械"
    proposal = hospital.the_proposal()
    assert "maker_other_words" in said(proposal)
    (difference,) = [d for d in proposal.differences if d.field == "maker"]
    assert difference.agrees and not difference.is_same_text


def test_a_certificate_of_the_old_form_gives_way_though_more_name_it(hospital: Hospital) -> None:
    old = "国食药监械(进)字2011第3990001号"
    for source in ("hrp", "supplier"):
        hospital.rows[source][0]["certificate"] = old
    proposal = hospital.the_proposal()
    assert proposal.changes[0].values == (("certificate", "国械注进20223990124"),)
    assert "certificate_replaced" in said(proposal)


def test_a_certificate_of_the_old_form_gives_way_to_one_voice_for_the_new(hospital: Hospital) -> None:
    old = "国食药监械(进)字2011第3990001号"
    for source in ("hrp", "supplier"):
        hospital.rows[source][0]["certificate"] = old
    hospital.rows["register"][0]["certificate"] = ""
    assert hospital.the_proposal().changes[0].values == (("certificate", "国械注进20223990124"),)


def test_a_price_that_one_states_otherwise_follows_the_others(hospital: Hospital) -> None:
    hospital.rows["his"][0]["price"] = "850.00"
    proposal = hospital.the_proposal()
    assert proposal.changes[0].values == (("price", "801.00"),)
    assert proposal.changes[0].overruled == ("his:2:price",)


def test_two_prices_with_one_voice_each_are_for_a_person(hospital: Hospital) -> None:
    hospital.rows["his"][0]["price"] = "850.00"
    hospital.rows["supplier"][0]["price"] = ""
    proposal = hospital.the_proposal()
    assert proposal.score < BULK
    assert [reason.supports for reason in proposal.reasons if reason.code == "conflicting"] == [False]


def test_bought_and_nothing_to_bill_it_by_gets_a_billing_and_an_order_code(hospital: Hospital) -> None:
    hospital.rows["hrp"][0]["billing"] = ""
    del hospital.rows["his"][0]
    proposal = hospital.the_proposal()
    assert proposal.kind is Kind.NEW_CODE
    assert codes(proposal) == [five(1, billing="JF003", order="YZ003")]
    assert is_in_order_after(hospital, proposal)


def test_two_items_that_need_codes_get_different_ones() -> None:
    hospital = Hospital(3)
    for row in hospital.rows["hrp"][:2]:
        row["billing"] = ""
    del hospital.rows["his"][:2]
    made = [
        change.code(system) for p in hospital.proposals() for change in p.changes for system in change.new
    ]
    assert len(made) == len(set(made)) == 4


def test_where_the_hospital_has_no_code_of_a_system_none_is_invented(hospital: Hospital) -> None:
    for row in hospital.rows["hrp"]:
        row["billing"] = ""
    hospital.rows["his"].clear()
    assert [p for p in hospital.proposals() if any(change.new for change in p.changes)] == []


def test_before_a_new_code_is_made_one_that_belongs_to_nothing_is_pointed_out(hospital: Hospital) -> None:
    hospital.rows["hrp"][0]["billing"] = ""
    stray = {"insurance": "", "specification": "", "price": "1.00"}
    hospital.rows["his"][0] |= stray
    new = next(p for p in hospital.proposals() if p.kind is Kind.NEW_CODE)
    assert "may_exist" in said(new)
    assert new.score < BULK


def test_what_leaves_something_open_is_not_for_the_bulk(hospital: Hospital) -> None:
    for source in ("supplier", "register"):
        del hospital.rows[source][0]
    hospital.rows["hrp"][0]["maker"] = "上海科罗特医疗器械"
    proposal = hospital.the_proposal()
    assert not proposal.is_complete
    assert "still_missing" in said(proposal)
    assert proposal.score <= 0.5


def test_halves_that_nothing_ties_are_found_by_model_and_maker(hospital: Hospital) -> None:
    hospital.rows["hrp"][0]["insurance"] = hospital.rows["his"][0]["insurance"] = ""
    proposal = hospital.the_proposal()
    assert proposal.kind is Kind.FILL
    assert codes(proposal) == [five(1)]


def test_halves_without_a_model_are_found_by_size_and_price(hospital: Hospital) -> None:
    hospital.rows["hrp"][0]["billing"] = hospital.rows["his"][0]["insurance"] = ""
    proposal = hospital.the_proposal()
    assert proposal.kind is Kind.FILL
    assert codes(proposal) == [five(1)]


def test_where_nothing_matches_nothing_is_made_up(hospital: Hospital) -> None:
    """An insurance code and an identifier come from others: without a candidate the item stays incomplete."""
    for source in ("supplier", "catalogue", "register"):
        del hospital.rows[source][0]
    for source in ("hrp", "his"):
        hospital.rows[source][0]["insurance"] = ""
    for proposal in hospital.proposals():
        assert not proposal.is_complete and proposal.score < BULK
        assert not any(change.new for change in proposal.changes)


def test_a_mistyped_code_is_one_character_off(hospital: Hospital) -> None:
    hospital.rows["hrp"][0]["billing"] = "JF081"
    proposal = hospital.the_proposal()
    assert codes(proposal) == [five(1)]
    assert {"nobody_owns", "one_character_off"} <= said(proposal)


def test_every_reason_is_said_in_both_languages(hospital: Hospital) -> None:
    hospital.rows["hrp"][1]["billing"] = hospital.rows["his"][1]["billing"] = "JF001"
    for reason in hospital.the_proposal().reasons:
        assert reason.zh and reason.en and "{" not in reason.zh + reason.en
        assert reason.zh != reason.en


def test_a_reason_names_codes_and_fields_in_its_own_language() -> None:
    missing = Reason("no_code_yet", (("system", "billing"), ("code", "JF003")))
    assert missing.zh == "没有可用的计费编码，按本院编码规则建议 JF003"
    assert missing.en == "there is no billing code; JF003 follows the hospital's own pattern"
    differing = Reason("conflicting", (("field", "price"), ("values", "1、2")), supports=False)
    assert (differing.zh, differing.en) == ("价格 不一致：1、2", "price differs: 1、2")


def test_every_reason_can_be_said_with_the_data_it_is_given() -> None:
    """Each reason of the words has its code in the explanations, and no explanation is without its words."""
    folder = Path(proposals.__file__).parent
    given = "".join(
        (folder / name).read_text(encoding="utf-8")
        for name in ("explaining.py", "deciding.py", "proposing.py")
    )
    for code in REASONS:
        stem = next((s for s in ("same_", "_other_words") if s in code), code)
        assert stem in given, code
    for chinese, english in REASONS.values():
        assert {f for _, f, _, _ in Formatter().parse(chinese) if f} == {
            f for _, f, _, _ in Formatter().parse(english) if f
        }
