"""Files as hospitals have them: every encoding, every spreadsheet's habits; what cannot be read says why."""

from __future__ import annotations

import codecs
from datetime import date, datetime
from pathlib import Path

import pytest
import xlsxwriter

from tests.catalog.office import BOX, STENT, stent, syringe
from tracer.catalog.errors import ImportRefused
from tracer.catalog.reading_sheets import read_sheet

GOLDEN = Path(__file__).parents[2] / "fixtures/golden/catalog/nmpa_excerpt.csv"
TABLE = [("物资编码", "名称", "备注"), ("WZ1", "支架，冠脉", "a,b"), ("WZ2", '针 5"', "两\n行"), ("", "", "")]


def as_csv(delimiter: str = ",", end: str = "\r\n") -> str:
    def cell(value: str) -> str:
        quoted = value.replace('"', '""')
        return f'"{quoted}"' if set(value) & {",", '"', "\n", "\t", ";"} else value

    return "".join(delimiter.join(map(cell, row)) + end for row in TABLE)


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    "write",
    [
        lambda text: text.encode("utf-8"),
        lambda text: codecs.BOM_UTF8 + text.encode("utf-8"),
        lambda text: codecs.BOM_UTF16_LE + text.encode("utf-16-le"),
        lambda text: codecs.BOM_UTF16_BE + text.encode("utf-16-be"),
        lambda text: text.encode("gb18030"),
    ],
    ids=["utf-8", "utf-8 with mark", "utf-16 le", "utf-16 be", "gb18030"],
)
def test_the_table_is_read_whatever_it_is_written_in(tmp_path, delimiter, end, write):
    path = tmp_path / "codes.csv"
    path.write_bytes(write(as_csv(delimiter, end)))
    sheet = read_sheet(path)
    assert tuple(sheet.headings) == TABLE[0]
    assert [tuple(row) for row in sheet.rows] == TABLE[1:]


def test_a_gb18030_file_is_imported_with_all_its_characters(office, tmp_path):
    path = tmp_path / "五码.csv"
    path.write_bytes("物资编码,名称,生产企业\nWZ1,𠮷氏导管㎜,北京喆医疗\n".encode("gb18030"))
    assert office.imports_sheet(read_sheet(path), path.name).items_new == 1
    assert office.all("SELECT name, maker FROM item") == [("𠮷氏导管㎜", "北京喆医疗")]


@pytest.mark.parametrize(
    ("content", "row"),
    [
        (b"\xff\xfe\x00", None),
        ("物资编码,名称\nWZ1,支架\n".encode("utf-16-le"), None),
        (b"material,name\nWZ1,\xff\xff\n", 2),
        (b'material,name\nWZ1,a\nWZ2,"never closed\nWZ3,b\n', 3),
        (b"PK\x03\x04 not a zip at all", None),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 an old workbook", None),
    ],
    ids=["half utf-16", "utf-16 without mark", "bad byte", "open quote", "broken xlsx", "xls"],
)
def test_what_cannot_be_read_is_one_finding_with_the_row_where_there_is_one(office, tmp_path, content, row):
    path = tmp_path / "codes.csv"
    path.write_bytes(content)
    before = office.everything()
    with pytest.raises(ImportRefused) as refused:
        office.imports_sheet(read_sheet(path), path.name)
    assert office.everything() == before
    (finding,) = refused.value.findings
    assert (finding.file, finding.code) == ("codes.csv", "unreadable_file")
    assert row is None or finding.row == row


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(ImportRefused) as refused:
        read_sheet(tmp_path / "none.csv")
    assert "No such file" in str(refused.value.findings[0])


def test_rows_before_a_broken_one_are_checked_too(office, tmp_path):
    path = tmp_path / "codes.csv"
    path.write_text('material,name,price\nWZ1,a,1.234\nWZ2,"never closed\n')
    with pytest.raises(ImportRefused) as refused:
        office.imports_sheet(read_sheet(path), path.name)
    assert [(f.row, f.code) for f in refused.value.findings] == [
        (2, "price_decimals"),
        (3, "unreadable_file"),
    ]


def workbook(path: Path, *sheets: tuple[str, list[list[object]]]) -> Path:
    with xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"}) as book:
        for name, rows in sheets:
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return path


def test_a_workbook_with_numbers_dates_and_text(office, tmp_path):
    head = ["物资编码", "名称", "UDI-DI", "计费编码", "收费价", "包装标识", "包装数量", "高值", "生效日期"]
    rows = [
        head,
        [100123, "支架", 6901234567892, "0012", 12.5, BOX, 10, True, date(2026, 1, 1)],
        ["WZ2", 5, "", "0013", 0.1 + 0.2, "", "", 0, datetime(2026, 2, 1)],
    ]
    path = workbook(tmp_path / "codes.xlsx", ("五码", rows), ("说明", [["x"]]))
    receipt = office.imports_sheet(read_sheet(path), path.name)
    assert [(f.code, f.data["unread"]) for f in receipt.remarks] == [("other_sheets", "说明")]
    assert office.all("SELECT system, code, valid_from FROM code_binding ORDER BY system, code") == [
        ("billing", "0012", date(2026, 1, 1)),
        ("billing", "0013", date(2026, 2, 1)),
        ("material", "100123", date(2026, 1, 1)),
        ("material", "WZ2", date(2026, 2, 1)),
        ("udi", STENT, date(2026, 1, 1)),
    ]
    assert [str(amount) for (amount,) in office.all("SELECT amount FROM price ORDER BY 1")] == [
        "0.30",
        "12.50",
    ]
    assert office.all("SELECT name, high_value FROM item ORDER BY name") == [("5", False), ("支架", True)]
    assert not office.imports_sheet(read_sheet(path), path.name).is_change


def test_bad_cells_of_a_workbook_are_told_as_the_spreadsheet_shows_them(office, tmp_path):
    rows = [
        ["物资编码", "名称", "计费编码", "收费价", "生效日期"],
        ["WZ1", "支架", 6.9012345678921e15, 12.345, "2026-02-30"],
        [],
        ["WZ2", "针", date(2026, 3, 1), "=1+1", 12],
    ]
    path = workbook(tmp_path / "codes.xlsx", ("五码", rows))
    with pytest.raises(ImportRefused) as refused:
        office.imports_sheet(read_sheet(path), path.name)
    found = [(f.row, f.column, f.code) for f in refused.value.findings]
    assert found[:3] == [
        (2, "计费编码", "spreadsheet_number"),
        (2, "收费价", "price_decimals"),
        (2, "生效日期", "no_such_day"),
    ]
    assert (4, "计费编码", "spreadsheet_date") in found and (4, "生效日期", "not_a_date") in found
    assert refused.value.findings[1].value == "12.345"


def test_real_records_of_the_national_database(office):
    sheet = read_sheet(GOLDEN)
    rows = [("M" + row[0], *row) for row in sheet.rows]
    receipt = office.imports_sheet(type(sheet)(("物资编码", *sheet.headings), rows), GOLDEN.name)
    assert (receipt.items_new, receipt.bindings_new, receipt.remarks) == (24, 72, ())
    # One generic code of 20 characters stands for many models: the binding is by the 27.
    generic = [row[-1][:20] for row in rows]
    assert len(set(generic)) < len(generic)
    headings = ("物资编码", *sheet.headings)
    with pytest.raises(ImportRefused) as refused:
        office.imports_sheet(
            type(sheet)(headings, [("N" + r[0][1:], "", *r[2:-1], r[-1][:20]) for r in rows]), "20"
        )
    clashing = [f for f in refused.value.findings if f.code == "code_of_two_items"]
    assert len(clashing) == len(generic) - len(set(generic))


def test_the_helpers_of_these_tests_are_rows_that_can_be_imported(office):
    assert office.imports(stent(), syringe()).items_new == 2
