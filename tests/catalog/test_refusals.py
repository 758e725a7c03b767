"""Every kind of bad input: what is wrong, where, with which value — and nothing written."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import text

from tests.catalog.office import BOX, STENT, SYRINGE, stent, syringe
from tracer.access.rules import Actor, Grant, Role
from tracer.catalog.codes_file.findings import REASONS, Finding
from tracer.catalog.codes_file.rows import Sheet
from tracer.catalog.errors import ImportRefused
from tracer.shared.errors import Forbidden


@pytest.mark.parametrize(
    ("cells", "finding"),
    [
        ({"收费价": "700.005"}, (2, "收费价", "700.005", "price_decimals")),
        ({"收费价": "1,700.00"}, (2, "收费价", "1,700.00", "price_separator")),
        ({"采购价": "7E+02"}, (2, "采购价", "7E+02", "price_scientific")),
        ({"采购价": "-1"}, (2, "采购价", "-1", "price_negative")),
        ({"生效日期": "2026-02-30"}, (2, "生效日期", "2026-02-30", "no_such_day")),
        ({"生效日期": "30.2.2026"}, (2, "生效日期", "30.2.2026", "not_a_date")),
        ({"失效日期": "2026-01-01"}, (2, "失效日期", "2026-01-01", "validity_order")),
        ({"物资编码": ""}, (2, "物资编码", "", "required")),
        ({"物资编码": "6.90123E+12"}, (2, "物资编码", "6.90123E+12", "spreadsheet_number")),
        ({"名称": " "}, (2, "名称", "", "name_for_new_item")),
        ({"计费编码": "J\t1"}, (2, "计费编码", "J\t1", "control_character")),
        ({"计费编码": "J" * 101}, (2, "计费编码", "J" * 101, "too_long")),
        ({"医保编码": "C1"}, (2, "医保编码", "C1", "insurance_shape")),
        ({"UDI-DI": "690123456789"[:11]}, (2, "UDI-DI", "69012345678", "udi_length")),
        ({"UDI-DI": "MA.156 M0"}, (2, "UDI-DI", "MA.156 M0", "udi_space")),
        ({"追踪方式": "有时"}, (2, "追踪方式", "有时", "not_a_tracking")),
        ({"可收费": "也许"}, (2, "可收费", "也许", "not_a_flag")),
        ({"包装标识": BOX}, (2, "包装数量", "", "package_needs_quantity")),
        ({"包装标识": BOX, "包装数量": "0"}, (2, "包装数量", "0", "not_a_quantity")),
        ({"包装标识": BOX, "包装数量": "2.5"}, (2, "包装数量", "2.5", "not_a_quantity")),
        ({"包装标识": STENT, "包装数量": "10"}, (2, "包装标识", STENT, "package_is_unit")),
    ],
)
def test_a_bad_cell_is_told_by_row_column_value_and_reason(office, cells, finding):
    assert office.refusal(stent(**cells), syringe()) == [finding]


def test_all_bad_rows_are_told_at_once_in_the_order_of_the_file(office):
    found = office.refusal(
        stent(收费价="1.234", 生效日期="2026-02-30"),
        syringe(),
        syringe(物资编码=None, 计费编码="J3", **{"UDI-DI": None}),
        stent(物资编码="WZ4", 计费编码="J2", 医嘱编码=None, 医保编码="C2", **{"UDI-DI": None}, 生效日期=None),
    )
    assert found == [
        (2, "收费价", "1.234", "price_decimals"),
        (2, "生效日期", "2026-02-30", "no_such_day"),
        (4, "物资编码", "", "required"),
        (5, "医保编码", "C2", "insurance_shape"),
        (5, "计费编码", "J2", "code_of_two_items"),
    ]


def test_one_bad_row_among_many_good_ones_keeps_all_of_them_out(office):
    rows = [{"物资编码": f"M{n}", "名称": "棉签", "计费编码": f"B{n}"} for n in range(300)]
    rows[298]["计费编码"] = "B7"
    assert office.refusal(*rows) == [(300, "计费编码", "B7", "code_of_two_items")]


class TestColumns:
    def test_a_missing_column_is_asked_for_by_both_its_names(self, office):
        (finding,) = office.findings({"名称": "支架", "计费编码": "J1"})
        assert (finding.row, finding.column, finding.code) == (1, "物资编码", "missing_column")
        assert "material" in finding.en and "物资编码" in finding.zh

    def test_two_columns_of_one_meaning(self, office):
        sheet = Sheet(("material", "名称", "物资编码"), [("WZ1", "支架", "WZ1")])
        with pytest.raises(ImportRefused) as refused:
            office.imports_sheet(sheet)
        (finding,) = refused.value.findings
        assert (finding.row, finding.column, finding.code) == (1, "物资编码", "duplicate_column")
        assert "column 1" in finding.en

    def test_headings_in_chinese_and_english_full_width_or_spaced_are_known(self, office):
        sheet = Sheet((" Material ", "ＮＡＭＥ", "计费 编码", "udi_di"), [("WZ1", "支架", "J1", STENT)])
        receipt = office.imports_sheet(sheet)
        assert (receipt.bindings_new, receipt.remarks) == (3, ())

    def test_an_unknown_heading_is_remarked_not_passed_over(self, office):
        receipt = office.imports(syringe(备注="x"))
        assert [(f.row, f.column, f.code) for f in receipt.remarks] == [(1, "备注", "unknown_column")]

    def test_a_value_beyond_the_headings(self, office):
        with pytest.raises(ImportRefused) as refused:
            office.imports_sheet(Sheet(("物资编码", "名称"), [("WZ1", "支架"), ("WZ2", "针", "", "7")]))
        assert [(f.row, f.value, f.code) for f in refused.value.findings] == [(3, "7", "surplus_cell")]

    @pytest.mark.parametrize("sheet", [Sheet((), []), Sheet(("物资编码", "名称"), [(None, "")])])
    def test_an_empty_file(self, office, sheet):
        with pytest.raises(ImportRefused) as refused:
            office.imports_sheet(sheet)
        assert [f.code for f in refused.value.findings] == ["empty_file"]


class TestWithinAFile:
    def test_a_code_of_each_system_given_to_two_items(self, office):
        second = stent(物资编码="WZ9", 名称="另一支架")
        found = office.findings(stent(), second)
        assert [(f.row, f.column) for f in found] == [
            (3, column) for column in ("计费编码", "医嘱编码", "医保编码", "UDI-DI")
        ]
        assert {f.code for f in found} == {"code_of_two_items"}
        assert "row 2" in found[0].en and "WZ1" in found[0].en and "第 2 行" in found[0].zh

    def test_one_udi_written_with_13_and_with_14_digits_is_one_code(self, office):
        found = office.refusal(stent(), syringe(**{"UDI-DI": STENT[1:]}))
        assert found == [(3, "UDI-DI", STENT[1:], "code_of_two_items")]

    def test_two_codes_of_one_system_for_an_item(self, office):
        found = office.findings(syringe(), syringe(计费编码="J3"))
        assert [(f.row, f.column, f.value, f.code) for f in found] == [
            (3, "计费编码", "J3", "two_values_of_item")
        ]
        assert '"J2"' in found[0].en

    def test_overlapping_validity(self, office):
        first = syringe(生效日期="2025-01-01", 失效日期="2026-01-02")
        found = office.refusal(first, syringe(计费编码="J3", 生效日期="2026-01-01"))
        assert found == [(3, "计费编码", "J3", "two_values_of_item")]

    def test_two_prices_at_a_time(self, office):
        assert office.refusal(syringe(收费价="1"), syringe(收费价="2")) == [
            (3, "收费价", "2.00", "two_values_of_item")
        ]

    def test_rows_of_one_item_that_describe_it_differently(self, office):
        found = office.findings(syringe(包装标识=BOX, 包装数量=10), syringe(名称="针筒"))
        assert [(f.row, f.column, f.value, f.code) for f in found] == [
            (3, "名称", "针筒", "attribute_differs")
        ]
        assert "注射器" in found[0].en

    def test_a_package_of_two_items_or_of_two_sizes(self, office):
        found = office.refusal(
            stent(包装标识=BOX, 包装数量=10),
            syringe(包装标识=BOX, 包装数量=10),
            stent(包装标识=BOX, 包装数量=12),
        )
        assert found == [
            (3, "包装标识", BOX, "package_of_two_items"),
            (4, "包装数量", "12", "package_quantity_differs"),
        ]

    def test_a_package_that_is_the_udi_of_another_item(self, office):
        found = office.refusal(stent(包装标识=SYRINGE, 包装数量=10), syringe())
        assert found == [(2, "包装标识", SYRINGE, "package_is_unit")]


class TestAgainstTheCatalogue:
    def test_a_code_of_another_item_says_whose_it_is_and_since_when(self, office):
        office.imports(stent())
        (finding,) = office.findings(syringe(计费编码="J1"))
        assert (finding.row, finding.column, finding.value, finding.code) == (
            *(2, "计费编码", "J1"),
            "code_of_other_item",
        )
        assert "WZ1" in finding.en and "冠脉支架" in finding.zh and "2026-01-01" in finding.en

    def test_a_code_that_was_another_items_at_the_time(self, office):
        office.imports(stent(生效日期="2025-01-01"))
        office.imports(stent(计费编码="J9", 生效日期="2026-02-01"))
        found = office.refusal(syringe(计费编码="J1", 生效日期="2026-01-31"))
        assert found == [(2, "计费编码", "J1", "code_of_other_item")]

    def test_a_code_of_an_item_that_once_had_the_same_material_code(self, office):
        office.imports(stent(生效日期="2024-01-01", 失效日期="2025-01-01"))
        office.session.execute(
            text(
                "INSERT INTO code_binding (item_id, system, code, valid_from, status, created_at, taken_over)"
                " SELECT item_id, system, code, valid_to, 'approved', now(), true"
                "   FROM code_binding WHERE code = 'J1'"
            )
        )
        office.session.execute(text("INSERT INTO item (name, created_at) VALUES ('另一支架', now())"))
        office.session.execute(
            text(
                "INSERT INTO code_binding (item_id, system, code, valid_from, status, created_at, taken_over)"
                " SELECT max(id), 'material', 'WZ1', '2026-01-01', 'approved', now(), true FROM item"
            )
        )
        (finding,) = office.findings({"物资编码": "WZ1", "计费编码": "J1"})
        assert (finding.column, finding.value, finding.code) == ("计费编码", "J1", "code_of_other_item")
        assert "冠脉支架" in finding.en

    @pytest.mark.parametrize("since", ["2026-01-01", "2025-12-31"])
    def test_a_change_of_code_must_be_later_than_the_code_it_ends(self, office, since):
        office.imports(stent())
        found = office.refusal(stent(计费编码="J9", 生效日期=since))
        assert (2, "计费编码", "J9", "change_not_later") in found

    def test_a_recorded_start_is_not_moved(self, office):
        office.imports(syringe(生效日期="2026-01-01"))
        found = office.refusal(syringe(生效日期="2025-06-01"))
        assert {code for *_, code in found} == {"begins_later"}

    def test_a_recorded_end_is_not_taken_back(self, office):
        office.imports(syringe(生效日期="2025-01-01", 失效日期="2026-01-01"))
        found = office.refusal(syringe(生效日期="2025-06-01"))
        assert {code for *_, code in found} == {"ends_otherwise"}

    def test_a_package_of_another_item(self, office):
        office.imports(stent(包装标识=BOX, 包装数量=10))
        assert office.refusal(syringe(包装标识=BOX, 包装数量=10)) == [
            (2, "包装标识", BOX, "package_of_other_item")
        ]

    def test_a_package_that_is_somebodys_udi_and_a_udi_that_is_somebodys_package(self, office):
        office.imports(stent(包装标识=BOX, 包装数量=10))
        found = office.findings(syringe(**{"UDI-DI": BOX}, 包装标识=STENT, 包装数量=5))
        assert [(f.column, f.value, f.code) for f in found] == [
            ("UDI-DI", BOX, "unit_is_package"),
            ("包装标识", STENT, "package_is_unit"),
        ]
        assert "WZ1" in found[0].en and "WZ1" in found[1].en


class TestRemarks:
    def test_a_wrong_check_digit_is_told_and_does_not_refuse(self, office):
        receipt = office.imports(syringe(**{"UDI-DI": "6901234567890"}))
        (remark,) = receipt.remarks
        assert (remark.row, remark.column, remark.value, remark.code) == (
            *(2, "UDI-DI", "6901234567890"),
            "check_digit",
        )
        assert "2 is expected, not 0" in remark.en
        assert receipt.bindings_new == 3

    def test_full_width_characters_in_a_code_are_folded_and_told(self, office):
        receipt = office.imports(syringe(计费编码="Ｊ２"))
        assert [(f.row, f.column, f.value, f.code) for f in receipt.remarks] == [
            (2, "计费编码", "Ｊ２", "folded")
        ]
        assert office.bindings("billing")[0][0] == "J2"

    def test_a_pack_quantity_without_an_identifier_is_told_once(self, office):
        receipt = office.imports(syringe(包装数量=10), stent(包装数量=5))
        assert [(f.code, f.data) for f in receipt.remarks] == [("pack_without_identifier", {"rows": 2})]
        assert receipt.packages_new == 0


def test_only_who_may_import_for_the_whole_hospital_imports(office):
    for grant in (Grant(Role.NURSE), Grant(Role.PROCUREMENT, "/HOSP/CARD/"), Grant(Role.AUDITOR)):
        office.actor = Actor(1, "x", "x", (grant,))
        with pytest.raises(Forbidden):
            office.imports(stent())
    office.actor = Actor(1, "x", "x", (Grant(Role.PROCUREMENT),))
    assert office.imports(stent()).items_new == 1


def test_what_was_written_past_the_check_is_refused_by_the_constraint(office, monkeypatch):
    # A script that takes no lock of imports binds the code between our reading and our writing.
    from tracer.catalog import importing_codes

    load = importing_codes.load_known

    def load_and_let_another_write(session, rows, **how):
        known = load(session, rows, **how)
        session.execute(text("INSERT INTO item (name, created_at) VALUES ('x', now())"))
        session.execute(
            text(
                "INSERT INTO code_binding (item_id, system, code, valid_from, status, created_at, taken_over)"
                " SELECT max(id), 'billing', 'J1', :day, 'approved', now(), true FROM item"
            ),
            {"day": date(2025, 1, 1)},
        )
        return known

    monkeypatch.setattr(importing_codes, "load_known", load_and_let_another_write)
    (finding,) = office.findings(stent())
    assert finding.code == "taken_meanwhile"
    assert finding.data == {"constraint": "ex_code_binding_one_item_per_code"}


def test_every_reason_has_words_in_both_languages():
    for zh, en in REASONS.values():
        assert any("\u4e00" <= c <= "\u9fff" for c in zh) and en and zh != en


def test_a_finding_is_one_printable_line_whatever_the_cell_holds():
    data = {"at": 2, "character": "U+000A"}
    finding = Finding(
        file="a.csv",
        row=7,
        column="计费\n编码",
        value="J\n\x1b[31m" + "x" * 500,
        code="control_character",
        data=data,
    )
    line = str(finding)
    assert line.isprintable() and line.startswith("a.csv:7 计费�编码 ") and len(line) < 400
