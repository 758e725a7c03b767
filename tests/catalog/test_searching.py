"""An item is found by whatever a person has in mind."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.small_hospital import STENT_DI, SYRINGE_BOX_DI, TODAY, SmallHospital, build
from tracer.catalog.bindings import retire_bindings
from tracer.catalog.searching import PAGE, initials_of, read_names, search_items


@pytest.fixture
def hospital(session: Session) -> SmallHospital:
    here = build(session)
    session.execute(
        text(
            "UPDATE item SET model = 'XJ-18/B', maker = '乐普（北京）医疗器械股份有限公司',"
            " certificate = '国械注准20153460001' WHERE tracking = 'SERIAL'"
        )
    )
    while read_names(session):
        pass
    return here


def names(hospital: SmallHospital, words: str) -> list[str]:
    return [row.name for row in search_items(hospital.session, words, TODAY).rows]


STENT, SYRINGE, COTTON = "冠脉支架", "一次性注射器 10ml", "医用棉球"


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("支架", [STENT]),
        ("gmzj", [STENT]),
        ("GMZJ", [STENT]),
        ("zsq", [SYRINGE]),
        ("注射器10", []),
        ("注射器 10ml", [SYRINGE]),
        ("10ML 注射器", [SYRINGE]),
        ("１０ｍｌ", [SYRINGE]),
        ("xj-18/b", [STENT]),
        ("ＸＪ－１８／Ｂ", [STENT]),
        ("乐普", [STENT]),
        ("国械注准20153460001", [STENT]),
        ("乐普 棉球", []),
        ("WZ000001", [STENT]),
        ("wz00000", [SYRINGE, STENT, COTTON]),
        ("jf000002", [SYRINGE]),
        ("C02040100300003091540000010", [STENT]),
        (STENT_DI, [STENT]),
        (STENT_DI[1:], [STENT]),  # as its EAN is printed
        (SYRINGE_BOX_DI, [SYRINGE]),
        ("%", []),
        ("_", []),
        ("\\", []),
        ("'; DROP TABLE item --", []),
        ("\x00", [SYRINGE, STENT, COTTON]),
        ("", [SYRINGE, STENT, COTTON]),
    ],
)
def test_by_any_of_its_names(hospital: SmallHospital, words: str, found: list[str]):
    assert sorted(names(hospital, words)) == sorted(found)


def test_the_very_code_comes_first_then_what_begins_so(hospital: SmallHospital):
    hospital.session.execute(text("UPDATE item SET name = 'WZ000002 的替代品' WHERE tracking = 'NONE'"))
    assert names(hospital, "WZ000002") == [SYRINGE, "WZ000002 的替代品"]


def test_a_code_that_the_item_had_once_still_leads_to_it(hospital: SmallHospital):
    (old,) = hospital.session.scalars(text("SELECT id FROM code_binding WHERE code = 'JF000002'"))
    retire_bindings(hospital.session, hospital.people["insurance_office"], hospital.clock, [old], why="停用")
    (row,) = search_items(hospital.session, "JF000002", TODAY).rows
    assert (row.name, row.codes.billing) == (SYRINGE, None)


def test_a_name_that_changes_is_read_again(hospital: SmallHospital):
    hospital.session.execute(text("UPDATE item SET name = '重症导管' WHERE tracking = 'NONE'"))
    assert names(hospital, "zzdg") == []
    assert read_names(hospital.session) == 1
    assert names(hospital, "zzdg") == ["重症导管"]
    assert names(hospital, "yymq") == []


@pytest.mark.parametrize(
    ("name", "initials"),
    [
        ("重症监护导管", "zzjhdg"),
        ("重复使用", "cfsy"),  # the same character, read otherwise in another word
        ("３.0mm×18", "30mm18"),
        ("Xience 支架", "xiencezj"),
        ("", ""),
    ],
)
def test_initials(name: str, initials: str):
    assert initials_of(name) == initials


def test_pages(hospital: SmallHospital):
    insert = "INSERT INTO item (name, created_at) SELECT '缝合线 ' || n, now() FROM generate_series(1, 70) n"
    hospital.session.execute(text(insert))
    seen = []
    for page in (1, 2, 3):
        found = search_items(hospital.session, "缝合线", TODAY, page)
        assert (found.items, found.pages) == (70, 3)
        seen += [row.id for row in found.rows]
    assert len(set(seen)) == len(seen) == 70 == PAGE * 2 + 10
