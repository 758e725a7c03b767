"""What an import writes, and that a second one writes nothing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tests.catalog.office import BOX, C27, STENT, TODAY, stent, syringe
from tracer.catalog import importing_codes
from tracer.catalog.codes_file.rows import Sheet

SPRING = date(2026, 1, 1)


def test_a_new_item_with_everything(office):
    receipt = office.imports(
        stent(单位="根", 高值="是", 无菌=1, 可收费="是", 类别="支架", 包装标识=BOX, 包装数量="10")
    )
    assert (receipt.items_new, receipt.bindings_new, receipt.prices_new, receipt.packages_new) == (1, 5, 2, 1)
    assert office.all(
        "SELECT name, specification, base_unit, category, tracking, chargeable, high_value, sterile FROM item"
    ) == [("冠脉支架", "3.0×18mm", "根", "支架", "SERIAL", True, True, True)]
    assert office.all(
        "SELECT system, code, valid_from, valid_to, status FROM code_binding ORDER BY system"
    ) == [
        ("billing", "J1", SPRING, None, "approved"),
        ("insurance", C27, SPRING, None, "approved"),
        ("material", "WZ1", SPRING, None, "approved"),
        ("order", "Y1", SPRING, None, "approved"),
        ("udi", STENT, SPRING, None, "approved"),
    ]
    assert office.all("SELECT kind, amount, valid_from, valid_to FROM price ORDER BY kind") == [
        ("charge", Decimal("700.00"), SPRING, None),
        ("purchase", Decimal("590.00"), SPRING, None),
    ]
    assert office.all("SELECT di, base_units FROM packaging") == [(BOX, 10)]


def test_without_a_start_a_row_holds_from_today_in_the_hospitals_zone(office):
    office.clock.move_to(office.clock.now().replace(hour=0, minute=30))  # still yesterday in UTC
    office.imports(syringe())
    assert office.bindings("billing") == [("J2", TODAY, None, "approved")]


FILES = {
    "everything": [stent(包装标识=BOX, 包装数量=10), syringe(收费价="0.80")],
    "no dates": [stent(生效日期=None), syringe()],
    "an end": [stent(失效日期="2026-12-31"), syringe(失效日期="2026-03-11")],
    "history": [
        stent(生效日期="2024-01-01", 失效日期="2025-01-01", 收费价="800"),
        stent(计费编码="J9", 生效日期="2025-01-01"),
    ],
    "a code moves on": [
        stent(生效日期="2024-01-01", 失效日期="2025-01-01"),
        syringe(计费编码="J1", 生效日期="2025-01-01"),
    ],
    "packages": [syringe(包装标识=BOX, 包装数量=10), syringe(包装标识="26901234567902", 包装数量=100)],
    "a gap": [syringe(生效日期="2024-01-01", 失效日期="2024-06-01"), syringe(生效日期="2025-01-01")],
    "the future": [syringe(生效日期="2027-01-01")],
}


@pytest.mark.parametrize("records", FILES.values(), ids=FILES)
@pytest.mark.parametrize("days_later", [0, 1, 500])
def test_the_same_file_again_changes_nothing(office, records, days_later):
    assert office.imports(*records).is_change
    before = office.everything()
    office.clock.move_to(office.clock.now().replace(year=2026 + days_later // 365, day=10 + days_later % 2))
    receipt = office.imports(*records)
    assert not receipt.is_change
    assert office.everything() == before
    assert receipt.items_unchanged == len({r["物资编码"] for r in records})


class TestChanges:
    def test_a_new_code_ends_the_old_one_on_its_first_day(self, office):
        office.imports(stent())
        receipt = office.imports(stent(计费编码="J9", 生效日期="2026-03-01"))
        assert (receipt.items_changed, receipt.bindings_new, receipt.bindings_ended) == (1, 1, 1)
        assert (receipt.bindings_unchanged, receipt.prices_unchanged) == (4, 2)
        change = date(2026, 3, 1)
        assert office.bindings("billing") == [
            ("J1", SPRING, change, "retired"),
            ("J9", change, None, "approved"),
        ]

    def test_until_a_future_change_the_old_code_stays_approved(self, office):
        office.imports(stent())
        office.imports(stent(计费编码="J9", 生效日期="2026-04-01"))
        assert office.bindings("billing")[0] == ("J1", SPRING, date(2026, 4, 1), "approved")

    def test_a_freed_code_may_go_to_another_item_even_in_the_same_file(self, office):
        office.imports(stent(), syringe(生效日期="2026-01-01"))
        change = {"生效日期": "2026-03-01"}
        office.imports(stent(计费编码="J2", **change), syringe(计费编码="J1", **change))  # they swap
        day = date(2026, 3, 1)
        assert office.bindings("billing") == [
            ("J1", SPRING, day, "retired"),
            ("J2", SPRING, day, "retired"),
            ("J1", day, None, "approved"),
            ("J2", day, None, "approved"),
        ]

    def test_a_code_that_went_away_may_come_back(self, office):
        office.imports(stent())
        office.imports(stent(计费编码="J9", 生效日期="2026-02-01"))
        office.imports(stent(生效日期="2026-03-01"))
        assert [code for code, *_ in office.bindings("billing")] == ["J1", "J9", "J1"]

    def test_a_new_price_ends_the_old_one_and_codes_stay(self, office):
        office.imports(stent())
        receipt = office.imports(stent(收费价="650.00", 生效日期="2026-03-01"))
        assert (receipt.prices_new, receipt.prices_ended, receipt.bindings_unchanged) == (1, 1, 5)
        assert office.all(
            "SELECT amount, valid_from, valid_to FROM price WHERE kind = 'charge' ORDER BY valid_from"
        ) == [
            (Decimal("700.00"), SPRING, date(2026, 3, 1)),
            (Decimal("650.00"), date(2026, 3, 1), None),
        ]

    def test_an_end_is_set_to_what_was_open(self, office):
        office.imports(syringe(生效日期="2026-01-01"))
        receipt = office.imports(syringe(失效日期="2026-06-01"))
        assert (receipt.bindings_ended, receipt.bindings_new) == (3, 0)
        assert office.bindings("billing") == [("J2", SPRING, date(2026, 6, 1), "approved")]

    def test_empty_cells_and_missing_columns_change_nothing(self, office):
        office.imports(stent())
        before = office.everything()
        assert not office.imports({"物资编码": "WZ1", "规格": "", "计费编码": None}).is_change
        assert office.everything() == before

    def test_rows_of_an_item_that_repeat_a_code_over_two_periods_do_not_cut_it(self, office):
        office.imports(*FILES["history"])
        assert office.bindings("order") == [("Y1", date(2024, 1, 1), None, "approved")]

    def test_a_package_found_to_hold_another_number(self, office):
        office.imports(syringe(包装标识=BOX, 包装数量=10))
        receipt = office.imports(syringe(包装标识=BOX, 包装数量=12))
        assert (receipt.packages_changed, receipt.packages_new) == (1, 0)
        assert office.all("SELECT di, base_units FROM packaging") == [(BOX, 12)]

    def test_another_way_of_tracking_is_done_and_remarked(self, office):
        office.imports(stent())
        receipt = office.imports(stent(追踪方式="LOT"))
        assert [f.code for f in receipt.remarks] == ["tracking_changed"]
        assert office.all("SELECT tracking FROM item") == [("LOT",)]


class TestAudit:
    def test_an_import_has_one_entry_and_each_changed_item_has_its_own(self, office):
        office.imports(stent(), syringe(生效日期="2026-01-01"), source="first.csv")
        office.imports(
            stent(计费编码="J9", 型号="B2", 收费价="650", 生效日期="2026-03-01"), source="second.csv"
        )
        first, second, change = office.all(
            "SELECT action, subject, subject_id, before, after, why FROM audit_entry ORDER BY id"
        )
        assert first[:3] == ("import_codes", "codes_file", "first.csv")
        assert (first[4]["items_new"], second[4]["items_changed"]) == (2, 1)
        ((item,),) = office.all("SELECT item_id FROM code_binding WHERE code = 'J9'")
        assert change == (
            *("change_item", "item", str(item)),
            {"model": "", "billing": "J1", "charge": "700.00"},
            {
                "model": "B2",
                "billing": {"value": "J9", "since": "2026-03-01"},
                "charge": {"value": "650.00", "since": "2026-03-01"},
            },
            "second.csv",
        )

    def test_beyond_a_limit_several_items_share_an_entry(self, office, monkeypatch):
        monkeypatch.setattr(importing_codes, "MOST_AUDIT_ENTRIES", 4)
        rows = [{"物资编码": f"M{n}", "名称": "棉签"} for n in range(10)]
        office.imports(*rows)
        office.imports(*({**row, "型号": "X"} for row in rows))
        entries = office.all("SELECT before, after FROM audit_entry WHERE subject = 'items' ORDER BY id")
        assert len(entries) == 4
        items = {item for before, _ in entries for item in before}
        assert items == {str(id_) for (id_,) in office.all("SELECT id FROM item")}
        assert all(change == {"model": "X"} for _, after in entries for change in after.values())


def test_more_rows_than_one_copy_takes(office, monkeypatch):
    monkeypatch.setattr("tracer.catalog.codes_file.writing.CHUNK", 7)
    sheet = Sheet(("物资编码", "名称", "价格"), [(f"M{n}", "棉签", n) for n in range(50)])
    receipt = office.imports_sheet(sheet)
    assert (receipt.items_new, receipt.bindings_new, receipt.prices_new) == (50, 50, 50)
    assert office.all("SELECT count(*), min(amount), max(amount) FROM price") == [
        (50, Decimal("0.00"), Decimal("49.00"))
    ]


def test_the_number_of_statements_does_not_grow_with_the_rows(office, statements):
    few = [{"物资编码": f"M{n}", "名称": "棉签", "计费编码": f"B{n}"} for n in range(3)]
    many = [{"物资编码": f"N{n}", "名称": "棉签", "计费编码": f"C{n}"} for n in range(300)]
    with statements() as for_few:
        office.imports(*few)
    with statements() as for_many:
        office.imports(*many)
    with statements() as again:
        office.imports(*many)
    assert len(for_few) == len(for_many) <= 12
    assert len(again) <= 10
