"""Whose code is it, and whose was it on that day."""

from __future__ import annotations

from datetime import date

import pytest

from tests.catalog.office import BOX, C27, STENT, SYRINGE, TODAY, stent, syringe
from tracer.catalog.queries import Level, find_item_by_code, five_codes_of
from tracer.catalog.rules import CodeSystem, FiveCodes, Tracking

BILLING, UDI = CodeSystem.BILLING, CodeSystem.UDI


@pytest.fixture
def moved(office):
    """J1 was the stent's until February, nobody's in February, and is the syringe's from March on."""
    office.imports(stent(包装标识=BOX, 包装数量=10), syringe(生效日期="2026-01-01"))
    office.imports(stent(计费编码="J9", 生效日期="2026-02-01"))
    office.imports(syringe(计费编码="J1", 生效日期="2026-03-01"))
    return office


def test_the_item_of_a_code_of_each_system(moved, session):
    codes = FiveCodes(material="WZ1", billing="J9", order="Y1", insurance=C27, udi=STENT)
    for system in CodeSystem:
        card = find_item_by_code(session, system, getattr(codes, system), TODAY)
        assert card is not None
        assert (card.name, card.codes, card.level, card.base_units) == ("冠脉支架", codes, Level.UNIT, 1)
        assert five_codes_of(session, card.item_id, TODAY) == codes
    assert (card.tracking, card.chargeable, card.specification) == (Tracking.SERIAL, True, "3.0×18mm")


@pytest.mark.parametrize(
    ("day", "name"),
    [
        ("2025-12-31", None),
        ("2026-01-01", "冠脉支架"),
        ("2026-01-31", "冠脉支架"),
        ("2026-02-01", None),
        ("2026-02-28", None),
        ("2026-03-01", "注射器"),
        ("2030-01-01", "注射器"),
    ],
)
def test_whose_code_was_it_on_that_day(moved, session, day, name):
    card = find_item_by_code(session, BILLING, "J1", date.fromisoformat(day))
    assert (card and card.name) == name


def test_the_five_codes_are_those_of_the_day_that_is_asked_about(moved, session):
    january = find_item_by_code(session, UDI, STENT, date(2026, 1, 15))
    assert january is not None and january.codes.billing == "J1"
    february = find_item_by_code(session, UDI, STENT, date(2026, 2, 1))
    assert february is not None and february.codes.billing == "J9"
    assert five_codes_of(session, february.item_id, date(2026, 2, 1)).billing == "J9"
    before = five_codes_of(session, january.item_id, date(2020, 1, 1))
    assert before == FiveCodes()


def test_history_names_everybody_who_had_the_code(moved, session):
    card = find_item_by_code(session, BILLING, "J1", TODAY)
    assert card is not None
    assert [(h.name, h.material, h.valid_from, h.valid_to, h.status) for h in card.history] == [
        ("注射器", "WZ2", date(2026, 3, 1), None, "approved"),
        ("冠脉支架", "WZ1", date(2026, 1, 1), date(2026, 2, 1), "retired"),
    ]
    assert (card.valid_from, card.valid_to) == (date(2026, 3, 1), None)


def test_a_packages_identifier_stands_for_its_pieces(moved, session):
    card = find_item_by_code(session, UDI, BOX, TODAY)
    assert card is not None
    assert (card.name, card.level, card.base_units, card.valid_from) == ("冠脉支架", Level.PACKAGE, 10, None)
    assert card.codes.udi == STENT
    assert find_item_by_code(session, BILLING, BOX, TODAY) is None


def test_short_gtins_are_the_same_code(moved, session):
    card = find_item_by_code(session, UDI, SYRINGE[1:], TODAY)
    assert card is not None and card.name == "注射器"


@pytest.mark.parametrize("code", ["", "J", "j1", "J1 ", "J1\x00", "\ud800", "%", "'; --", "x" * 5000])
def test_what_is_nobodys(moved, session, code):
    assert find_item_by_code(session, BILLING, code, TODAY) is None


def test_one_statement_for_the_codes_and_two_for_the_card(moved, session, statements):
    with statements() as sent:
        card = find_item_by_code(session, UDI, BOX, TODAY)
    assert card is not None and len(sent) == 2
    with statements() as sent:
        find_item_by_code(session, UDI, "none", TODAY)
    assert len(sent) == 1
    with statements() as sent:
        five_codes_of(session, card.item_id, TODAY)
    assert len(sent) == 1
