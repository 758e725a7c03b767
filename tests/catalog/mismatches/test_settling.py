"""From five messy exports to nothing open, by two people; and who may not, and what is not lost."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from fixtures.messy import make_messy
from fixtures.messy.answers import NEW, Answers
from reconcile.codes import SYSTEMS
from scanners.gtin import check_digit
from tests.catalog.mismatches.hospital import OWNS, Office
from tracer.catalog.bindings import approve_bindings
from tracer.catalog.mismatches import loading, queries, settling, taking_back
from tracer.catalog.mismatches.adopting import adopt
from tracer.catalog.mismatches.by_hand import Edit, propose_by_hand
from tracer.catalog.mismatches.errors import (
    AlreadyDecided,
    AlreadyProposed,
    ExportUnreadable,
    NothingToSettle,
    NotYours,
    NotYourUndo,
)
from tracer.catalog.mismatches.loading import load_exports
from tracer.catalog.mismatches.running import group_claims
from tracer.catalog.mismatches.watching import NAMES, Step
from tracer.shared.errors import Forbidden, Invalid

PLANTS = 84


@pytest.fixture(scope="module")
def messy(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Answers]:
    folder = tmp_path_factory.mktemp("messy")
    return folder, make_messy(folder, 280, PLANTS)


@pytest.fixture
def office(fresh_database: Engine) -> Iterator[Office]:
    yield Office(fresh_database)


def write(folder: Path, **files: str) -> None:
    for name, content in files.items():
        (folder / f"{name}.csv").write_text(content, encoding="utf-8")


def load(office: Office, folder: Path, **files: str) -> None:
    write(folder, **files)
    office.load(folder, **{name: f"{name}.csv" for name in files})


MERGED = {
    "hrp": "物资编码,计费编码,型号\nM1,B1,A\nM2,B1,B\n",
    "his": "医嘱编码,计费编码,型号\nO1,B1,A\nO2,B2,B\n",
}


def test_messy_exports_go_to_nothing_open_and_to_the_right_codes(
    office: Office, messy: tuple[Path, Answers]
) -> None:
    folder, answers = messy
    loaded = office.load(folder)
    assert loaded[0].run is not None and loaded[0].run.opened == office.open_findings > PLANTS
    rounds = 0
    while office.open_findings:
        office.act(settling.propose_sure, office.buyer, least=0.0)
        settled = office.act(settling.approve_all, office.insurer)
        assert settled.ids, office.ask("SELECT * FROM code_finding WHERE closed_at IS NULL")
        rounds += 1
    assert rounds <= 3
    with Session(office.engine) as session:
        groups = group_claims(session)[0].groups
    now = {row["material"]: row for row in groups.to_dict("records")}
    wrong = [
        (plant.kind, item)
        for plant in answers.plants
        for item in plant.items
        for system in SYSTEMS
        if item.get(system, NEW) != NEW and now[item["material"]][system] != item[system]
    ]
    # Which of two readings is right, evidence cannot always tell; what it does tell is in the benchmark.
    assert len({json.dumps(one, sort_keys=True) for one in wrong}) <= PLANTS * 0.05, wrong
    told = office.ask("SELECT count(*) FROM event WHERE topic = 'claim.corrected'")[0][0]
    assert (
        told
        == office.ask(
            "SELECT count(*) FROM correction c JOIN claim_source s ON s.id = c.source_id"
            " WHERE s.name <> 'settled'"
        )[0][0]
    )


def test_the_same_export_again_changes_nothing(office: Office, messy: tuple[Path, Answers]) -> None:
    office.load(messy[0])
    everything = "SELECT id, fingerprint, opened_at, closed_at FROM code_finding ORDER BY id"
    suggested = "SELECT id, fingerprint, made_at FROM settlement ORDER BY id"
    before = office.ask(everything), office.ask(suggested)
    office.hospital.advance(days=1)
    assert [one.run for one in office.load(messy[0])] == [None] * 5
    assert (office.ask(everything), office.ask(suggested)) == before


def test_the_same_export_with_another_owner_is_looked_at_again(office: Office, tmp_path: Path) -> None:
    load(office, tmp_path, hrp="物资编码,计费编码\nM1,B1\n", tariff="计费编码\nB9\n")
    assert office.ask("SELECT count(*) FROM code_finding WHERE class = 'DANGLING'") == [(0,)]
    exports = [(tmp_path / "tariff.csv", "tariff", "tariff.csv", ("billing",))]
    assert office.act(load_exports, office.buyer, exports)[0].run is not None
    assert office.ask("SELECT values FROM code_finding WHERE class = 'DANGLING'") == [(["B1"],)]
    assert office.act(load_exports, office.buyer, exports)[0].run is None


def test_one_proposes_and_another_approves(office: Office, tmp_path: Path) -> None:
    load(office, tmp_path, **MERGED)
    proposed = office.act(settling.propose_sure, office.buyer, least=0.0).ids
    assert proposed
    nurse = office.hospital.nurse
    for work in (settling.approve, settling.propose_suggested):
        with pytest.raises(Forbidden):
            office.act(work, nurse, proposed)
    with pytest.raises(Forbidden):
        office.act(settling.approve, office.buyer, proposed)
    again = office.act(settling.propose_sure, office.insurer, least=0.0).ids
    assert again == ()
    assert office.act(settling.approve, office.insurer, proposed).run is not None
    for work in (settling.approve, settling.propose_suggested):
        with pytest.raises(AlreadyDecided):
            office.act(work, office.insurer, proposed)


def test_nobody_approves_what_they_proposed(office: Office, tmp_path: Path) -> None:
    load(office, tmp_path, **MERGED)
    proposed = office.act(settling.propose_sure, office.insurer, least=0.0).ids
    with pytest.raises(NotYours):
        office.act(settling.approve, office.insurer, proposed)
    assert office.act(settling.approve_all, office.insurer).ids == ()
    with Session(office.engine) as session, pytest.raises(IntegrityError, match="two_people"):
        session.execute(text("UPDATE settlement SET ruling = 'approved', approver_id = proposer_id"))
    assert office.act(settling.approve, office.hospital.people["finance"], proposed).ids == proposed


def test_what_was_rejected_is_not_suggested_again(office: Office, tmp_path: Path) -> None:
    load(office, tmp_path, **MERGED)
    ids = [row[0] for row in office.ask("SELECT id FROM settlement WHERE ruling = 'suggested'")]
    prints = office.ask("SELECT fingerprint FROM settlement WHERE ruling = 'suggested'")
    office.act(settling.reject, office.buyer, ids, why="两个型号确为一物")
    write(tmp_path, his=MERGED["his"] + "O9,B9,Z\n")
    office.load(tmp_path, his="his.csv")
    assert not set(prints) & set(office.ask("SELECT fingerprint FROM settlement WHERE ruling = 'suggested'"))


def test_a_person_settles_what_no_evidence_can(office: Office, tmp_path: Path) -> None:
    load(office, tmp_path, hrp="物资编码,计费编码\nM1,B1\nM2,B1\n", his="医嘱编码,计费编码\nO1,B1\nO2,B2\n")
    key = office.ask("SELECT DISTINCT group_key FROM code_finding WHERE class = 'CONFLICT'")[0][0]
    with pytest.raises(NothingToSettle):
        office.act(propose_by_hand, office.buyer, key, [Edit("hrp", 3, {"billing": " B1 "})], why="")
    made = office.act(propose_by_hand, office.buyer, key, [Edit("hrp", 3, {"billing": "B2"})], why="不同型号")
    with pytest.raises(AlreadyProposed):
        office.act(propose_by_hand, office.buyer, key, [Edit("hrp", 3, {"billing": "B2"})], why="又一次")
    run = office.act(settling.approve, office.insurer, [made]).run
    assert run is not None and run.groups["ok"] == run.groups["groups"] == 2
    assert office.open_findings == 0
    # The system was told, but its own rows are as they were until it sends them anew.
    assert office.ask("SELECT billing FROM claim WHERE material = 'M2'") == [("B1",)]


@pytest.mark.parametrize(
    ("days", "second", "heed", "open_again"),
    [
        (0, "M1,B1\nM2,B1\n", "awaited", False),
        (1, "M1,B1\nM2,B1\n", "silent", False),
        (1, "M2,B1\nM1,B1\nM3,B3\n", "silent", False),
        (1, "M1,B1\nM2,B2\n", "followed", False),
        (1, "M1,B1\nM2,B7\n", "contradicted", True),
    ],
)
def test_whether_a_system_did_what_it_was_told(
    office: Office, tmp_path: Path, days: int, second: str, heed: str, open_again: bool
) -> None:
    load(
        office,
        tmp_path,
        hrp="物资编码,计费编码\nM1,B1\nM2,B1\n",
        his="医嘱编码,计费编码\nO1,B1\nO2,B2\nO3,B3\n",
    )
    key = office.ask("SELECT DISTINCT group_key FROM code_finding WHERE class = 'CONFLICT'")[0][0]
    made = office.act(propose_by_hand, office.buyer, key, [Edit("hrp", 3, {"billing": "B2"})], why="")
    office.act(settling.approve, office.insurer, [made])
    office.hospital.advance(days=days)
    load(office, tmp_path, hrp="物资编码,计费编码\n" + second)
    assert office.ask(f"SELECT heed FROM correction WHERE settlement_id = {made}") == [(heed,)]
    about = office.ask(
        "SELECT count(*) FROM code_finding"
        " WHERE closed_at IS NULL AND 'M2' = ANY(codes) AND class = 'MISSING'"
    )
    assert (about[0][0] > 0) is open_again


def test_good_rows_count_and_bad_ones_are_named(office: Office, tmp_path: Path) -> None:
    write(tmp_path, hrp="物资编码,计费编码,价格\nM1,B1,3\nM2,6.90123E+12,3\n,,9\nM4,B4,-1\n")
    (receipt,) = office.load(tmp_path, hrp="hrp.csv")
    assert (receipt.rows, receipt.bad_rows) == (1, 3)
    assert [bad.said("zh").partition("：")[0] for bad in receipt.bad] == [
        "第 3 行，列“计费编码 (billing)”，值“6.90123E+12”",
        "第 4 行，列“material”",
        "第 5 行，列“价格 (price)”，值“-1”",
    ]
    assert receipt.bad[1].said("en").startswith("row 4, column material: no code at all")
    assert office.ask("SELECT material, row FROM claim") == [("M1", 2)]
    write(tmp_path, his="姓名,年龄\n甲,3\n")
    with pytest.raises(ExportUnreadable):
        office.load(tmp_path, his="his.csv")
    assert office.ask("SELECT material FROM claim") == [("M1",)]


def test_two_loads_at_once_take_turns(office: Office, messy: tuple[Path, Answers]) -> None:
    folder = messy[0]
    names = [("hrp", "HRP物资字典.csv"), ("his", "HIS收费项目.csv")]
    failed: list[BaseException] = []

    def one(source: str, file: str) -> None:
        try:
            office.act(load_exports, office.buyer, [(folder / file, source, file, OWNS.get(source, ()))])
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=one, args=name) for name in names * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert office.ask("SELECT count(*) FROM claim_extract") == [(2,)]
    assert office.ask("SELECT count(*) - count(DISTINCT fingerprint) FROM code_finding") == [(0,)]


def test_what_is_one_to_one_becomes_the_houses_own_codes(office: Office, tmp_path: Path) -> None:
    c27 = "C0103010010101609154000001"
    right = "0690999999999" + check_digit("0690999999999")
    wrong = "0690999999998" + check_digit("0690999999999")
    load(
        office,
        tmp_path,
        hrp="物资编码,物资名称,规格,生产厂家,计费编码,医保编码\n"
        f"N1,导管甲,5Fr,甲公司,B1,{c27}1\nN2,导管乙,6Fr,乙,B2,{c27}2\nN3,丙,,,B2,\n",
        his="医嘱编码,收费编码\nO1,B1\nO2,B2\n",
        supplier=f"医保编码,UDI-DI\n{c27}1,{wrong}\n{c27}2,{right}\n",
    )
    adopted = office.act(adopt, office.buyer)
    assert (adopted.groups, adopted.items_new, adopted.proposed) == (1, 1, 4)
    assert adopted.unfit == (("udi", wrong),)
    in_force = """
        SELECT system, code FROM code_binding b JOIN item i ON i.id = b.item_id
         WHERE i.name = '导管甲' AND b.status = 'approved' ORDER BY 1"""
    assert office.ask(in_force) == []
    ids = [row[0] for row in office.ask("SELECT id FROM code_binding WHERE source = '五码对照'")]
    with pytest.raises(Forbidden):
        office.act(approve_bindings, office.buyer, ids)
    office.act(approve_bindings, office.insurer, ids)
    assert office.ask(in_force) == [
        ("billing", "B1"), ("insurance", f"{c27}1"), ("material", "N1"), ("order", "O1"),
    ]  # fmt: skip
    assert office.act(adopt, office.buyer).proposed == 0
    made = office.ask("SELECT specification, maker, chargeable FROM item WHERE name = '导管甲'")
    assert made == [("5Fr", "甲公司", True)]


def test_what_the_register_knows_of_a_package_is_a_reason(office: Office, tmp_path: Path) -> None:
    piece, box = "06901234567892", "16901234567899"
    with Session(office.engine) as session, session.begin():
        session.execute(
            text("""INSERT INTO register_code (code, kind, record_id, sales_units, use_units)
                    VALUES (:piece, 'sales_unit', 1, 1, 1), (:box, 'package', 1, 10, 10)"""),
            {"piece": piece, "box": box},
        )
    load(
        office,
        tmp_path,
        hrp="物资编码,名称,医保编码,型号,生产企业\nM1,导管甲,C1,A-1,甲公司\n",
        supplier=f"医保编码,UDI,型号,生产企业\nC1,{box},A-1,甲公司\n",
        nmpa=f"UDI,名称,型号,生产企业\n{piece},导管甲,A-1,甲公司\n",
    )
    ((reasons, items),) = office.ask("SELECT reasons, items FROM settlement WHERE ruling = 'suggested'")
    assert any("10" in reason["zh"] and box in reason["zh"] for reason in reasons), reasons
    assert [item["codes"]["udi"] for item in items] == [piece]


def test_what_was_approved_by_mistake_is_taken_back_and_told(office: Office, tmp_path: Path) -> None:
    load(office, tmp_path, hrp="物资编码,计费编码\nM1,B1\nM2,B1\n", his="医嘱编码,计费编码\nO1,B1\nO2,B2\n")
    before = office.open_findings
    key = office.ask("SELECT DISTINCT group_key FROM code_finding WHERE class = 'CONFLICT'")[0][0]
    made = office.act(propose_by_hand, office.buyer, key, [Edit("hrp", 3, {"billing": "B2"})], why="")
    office.act(settling.approve, office.insurer, [made])
    assert office.open_findings == 0
    ask = partial(taking_back.propose_taking_back, why="误判")
    with pytest.raises(Invalid):
        office.act(partial(ask, why=" "), office.buyer, [made])
    office.act(ask, office.insurer, [made])
    with pytest.raises(AlreadyDecided):
        office.act(ask, office.buyer, [made])
    assert office.open_findings == 0, "a wish changes nothing yet"
    with pytest.raises(Forbidden):
        office.act(taking_back.approve_taking_back, office.buyer, [made])
    with pytest.raises(NotYourUndo):
        office.act(taking_back.approve_taking_back, office.insurer, [made])
    office.act(taking_back.keep_in_force, office.buyer, [made])
    with pytest.raises(AlreadyDecided):
        office.act(taking_back.approve_taking_back, office.insurer, [made])
    office.act(ask, office.buyer, [made])
    office.act(taking_back.approve_taking_back, office.insurer, [made])
    assert office.open_findings == before
    told = office.ask(
        "SELECT topic, payload->'before'->>'billing', payload->'after'->>'billing' FROM event ORDER BY id"
    )
    assert told[-2:] == [("claim.corrected", "B1", "B2"), ("claim.taken_back", "B2", "B1")]
    with pytest.raises(AlreadyDecided):
        office.act(taking_back.approve_taking_back, office.insurer, [made])


def test_the_database_itself_wants_two_people_to_take_back(office: Office, tmp_path: Path) -> None:
    load(office, tmp_path, **MERGED)
    (made, *_) = office.act(settling.propose_sure, office.buyer, least=0.0).ids
    office.act(settling.approve, office.insurer, [made])
    office.act(partial(taking_back.propose_taking_back, why="误判"), office.buyer, [made])
    for change in (
        "ruling = 'rejected'",
        "ruling = 'proposed'",
        "ruling = 'rejected', undo_approver_id = undo_proposer_id",
        "ruling = 'rejected', undo_approver_id = approver_id, undo_proposer_id = NULL",
        "undo_why = ''",
    ):
        with pytest.raises(IntegrityError), Session(office.engine) as session, session.begin():
            session.execute(text(f"UPDATE settlement SET {change} WHERE id = {made}"))


def test_what_was_approved_before_and_is_in_the_way_now_is_shown_with_the_group(
    office: Office, tmp_path: Path
) -> None:
    load(
        office,
        tmp_path,
        hrp="物资编码,计费编码,型号,价格\nM1,B1,A,10\nM2,B1,B,20\n",
        his="医嘱编码,计费编码,型号,价格\nO1,B1,A,10\nO2,B2,B,20\n",
    )
    while office.open_findings:
        office.act(settling.propose_sure, office.buyer, least=0.0)
        assert office.act(settling.approve_all, office.insurer).ids
    load(
        office,
        tmp_path,
        hrp="物资编码,计费编码,型号\nM1,B1,A\nM2,B5,B\n",
        his="医嘱编码,计费编码,型号\nO1,B1,A\nO2,B5,B\n",
    )
    with Session(office.engine) as session:
        group = queries.find_group(session, "material:M2")
        assert group is not None
        (against,) = queries.list_settlements_against(session, group)
    assert against.ruling == "approved"
    assert {"material": "M2", "billing": "B2", "order": "O2"} in [item["codes"] for item in against.items]


def test_a_correction_of_a_corrected_row_takes_effect_and_is_heeded(office: Office, tmp_path: Path) -> None:
    """Told 10 → 12 and, since that was wrong, 12 → 10 again: the row reads 10, and nothing is open."""
    hrp, his = "物资编码,计费编码,价格\nM1,B1,{}\n", "医嘱编码,计费编码,价格\nO1,B1,{}\n"
    plan = "物资编码,价格\nM1,{}\n"
    load(office, tmp_path, hrp=hrp.format(10), his=his.format(12), plan=plan.format(12))
    key = office.ask("SELECT group_key FROM code_finding WHERE closed_at IS NULL")[0][0]
    made = office.act(propose_by_hand, office.buyer, key, [Edit("hrp", 2, {"price": "12"})], why="")
    office.act(settling.approve, office.insurer, [made])
    assert office.open_findings == 0
    load(office, tmp_path, his=his.format(10), plan=plan.format(10))
    assert office.open_findings == 1
    for _ in range(3):  # what evidence suggests is accepted until nothing is open: not for ever
        office.act(settling.propose_sure, office.buyer, least=0.0)
        office.act(settling.approve_all, office.insurer)
    assert office.open_findings == 0
    office.hospital.advance(days=1)
    load(office, tmp_path, hrp=hrp.format("10.00"))
    assert office.open_findings == 0
    heeds = office.ask(
        "SELECT c.heed, c.before->>'price' FROM correction c JOIN claim_source s ON s.id = c.source_id"
        " WHERE s.name = 'hrp' ORDER BY c.id"
    )
    assert [before for _, before in heeds] == ["10", "12"]
    assert {heed for heed, _ in heeds} == {"followed"}, heeds


def test_more_rows_than_can_be_held_against_each_other_are_refused_and_nothing_changes(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(office, tmp_path, hrp="物资编码,计费编码\nM1,B1\nM2,B2\n")
    monkeypatch.setattr(loading, "MOST_CLAIMS", 4)
    his = "医嘱编码,计费编码\n" + "".join(f"O{n},B{n}\n" for n in range(3))
    with pytest.raises(ExportUnreadable, match="export only what is in use"):
        load(office, tmp_path, his=his)
    assert office.ask("SELECT count(*) FROM claim") == [(2,)]
    # In place of its own last export only what is new counts.
    load(office, tmp_path, hrp="物资编码,计费编码\n" + "".join(f"M{n},B{n}\n" for n in range(4)))
    assert office.ask("SELECT count(*) FROM claim") == [(4,)]


def test_who_waits_is_told_how_far_a_loading_is(office: Office, tmp_path: Path) -> None:
    write(tmp_path, hrp="物资编码,计费编码\nM1,B1\n")
    steps: list[Step] = []
    exports = [(tmp_path / "hrp.csv", "hrp", "hrp.csv", ())]
    office.act(partial(load_exports, watch=steps.append), office.buyer, exports)
    assert tuple(dict.fromkeys(step.name for step in steps)) == NAMES
    assert all(step.said("zh") and step.said("en") for step in steps)
    (read,) = (step for step in steps if step.name == "reading")
    assert (read.done, read.rows) == (read.total, 1)
