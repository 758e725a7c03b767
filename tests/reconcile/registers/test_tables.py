"""Excel and CSV releases, with what spreadsheets and people do to them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from reconcile.registers import DiKind, Register
from reconcile.registers.headings import _NMPA
from tests.reconcile.registers.reading import read, written
from tests.reconcile.registers.releases import numbered, part, real_records, zipped

HEADINGS = {name: headings.partition("|")[0] for name, headings in _NMPA.items()}
INSURANCE = ["医用耗材代码", "流水号", "注册备案证号", "产品名称", "耗材企业", "规格", "型号", "UDI-DI"]


def workbook(*sheets: Sequence[Sequence[Any]], hidden: int | None = None, merged: str = "") -> bytes:
    book = openpyxl.Workbook()
    for number, rows in enumerate(sheets):
        sheet = book.active if number == 0 else book.create_sheet()
        assert sheet is not None
        for row in rows:
            sheet.append(list(row))
        if number == hidden:
            sheet.sheet_state = "hidden"
        if merged and number == 0:
            sheet.merge_cells(merged)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def release(records: list[dict[str, Any]]) -> list[list[Any]]:
    """The rows of the national Excel release."""
    columns = [name for name in HEADINGS if any(name in record for record in records)]
    return [
        [HEADINGS[name] for name in columns],
        *[[str(record[name]) if name in record else None for name in columns] for record in records],
    ]


def as_csv(rows: Sequence[Sequence[Any]], encoding: str = "utf-8", mark: bytes = b"") -> bytes:
    lines = [",".join("" if c is None else f'"{c}"' for c in row) for row in rows]
    return mark + ("\r\n".join(lines) + "\r\n").encode(encoding)


def test_the_excel_release_says_what_the_xml_says(tmp_path: Path) -> None:
    real = real_records()
    from_xml, _ = read(written(tmp_path, part(real), "a.xml"))
    from_xlsx, bad = read(written(tmp_path, zipped({"PART_1.xlsx": workbook(release(real))})))
    assert bad == []
    assert [r._replace(number=0, sheet="") for r in from_xlsx] == [r._replace(number=0) for r in from_xml]
    assert from_xlsx[0].number == 2  # as the spreadsheet shows it


def test_packages_on_a_sheet_of_their_own(tmp_path: Path) -> None:
    records = numbered(3)
    key, di = records[1]["deviceRecordKey"], records[1]["zxxsdycpbs"]
    packing = [
        [
            HEADINGS[name]
            for name in ("deviceRecordKey", "bzcpbs", "cpbzjb", "bznhxyjcpbssl", "bznhxyjbzcpbs")
        ],
        [key, "24000000000007", "盒", 10, di],
        [key, "34000000000004", "箱", 4, "24000000000007"],
    ]
    found, bad = read(written(tmp_path, workbook(release(records), packing), "a.xlsx"))
    assert bad == []
    assert [len(record.identifiers) for record in found] == [1, 3, 1]
    assert {i.di: i.sales_units for i in found[1].identifiers if i.kind is DiKind.PACKAGE} == {
        "24000000000007": 10,
        "34000000000004": 40,
    }


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [("utf-8", b""), ("utf-8", b"\xef\xbb\xbf"), ("gb18030", b""), ("utf-16-le", b"\xff\xfe")],
)
def test_text_files_in_every_encoding(tmp_path: Path, encoding: str, mark: bytes) -> None:
    real = real_records()[:20]
    found, bad = read(written(tmp_path, as_csv(release(real), encoding, mark), "a.csv"))
    assert bad == []
    assert [record.name for record in found] == [each["cpmctymc"] for each in real]


def test_codes_that_a_spreadsheet_broke_are_refused_with_that_reason(tmp_path: Path) -> None:
    rows = release(numbered(4))
    at = rows[0].index(HEADINGS["zxxsdycpbs"])
    key = rows[0].index(HEADINGS["deviceRecordKey"])
    rows[1][at] = 6901234567892.0
    rows[2][at] = "6.90123E+12"
    rows[3][key] = 4.00000000000022023e25
    found, bad = read(written(tmp_path, workbook(rows), "a.xlsx"))
    assert len(found) == 1
    assert [(one.number, one.column, one.reason.code, one.refused) for one in bad] == [
        (2, "zxxsdycpbs", "code_as_number", True),
        (3, "zxxsdycpbs", "scientific_code", True),
        (4, "deviceRecordKey", "code_as_number", True),
    ]


def test_another_code_that_is_lost_costs_only_itself(tmp_path: Path) -> None:
    rows = release([dict(each, ybbm="", sydycpbs="04000000000017") for each in numbered(2)])
    rows[1][rows[0].index(HEADINGS["sydycpbs"])] = "4.00000E+12"
    rows[2][rows[0].index(HEADINGS["ybbm"])] = "C0103010010101609154000001O"
    found, bad = read(written(tmp_path, workbook(rows), "a.xlsx"))
    assert [len(record.identifiers) for record in found] == [1, 2]
    assert [(one.column, one.reason.code, one.refused) for one in bad] == [
        ("sydycpbs", "scientific_code", False),
        ("ybbm", "insurance_shape", False),
    ]


def test_a_title_merged_cells_hidden_sheets_and_dates_as_text(tmp_path: Path) -> None:
    rows = release(numbered(3))
    title = [["国家医疗器械唯一标识数据库"], []]
    at = rows[0].index(HEADINGS["ylqxzcrbarmc"])
    maker = rows[1][at]
    day = rows[0].index(HEADINGS["versionTime"])
    for row, text in zip(rows[1:], ("2026/3/1", "2026年3月1日", "20260301"), strict=True):
        row[day] = text
    column = openpyxl.utils.get_column_letter(at + 1)
    content = workbook([*title, *rows], rows, hidden=1, merged=f"{column}4:{column}6")
    found, bad = read(written(tmp_path, content, "a.xlsx"))
    assert [record.maker for record in found] == [maker] * 3
    assert [record.version_date for record in found] == ["2026-03-01"] * 3
    assert [record.number for record in found] == [4, 5, 6]
    assert [(one.reason.code, one.refused) for one in bad] == [("hidden_sheet", False)]


def test_rows_beside_broken_rows(tmp_path: Path) -> None:
    rows = release(numbered(6))
    lines = as_csv(rows).split(b"\r\n")
    lines[2] = lines[2].replace(b'"MX-000001"', b'"MX-0"00001"')
    lines[4] += b',"one","more"'
    lines[5] = lines[5].replace(b"MX-000004", b"MX-\xff4")
    found, bad = read(written(tmp_path, b"\r\n".join(lines), "a.csv"))
    assert [record.model for record in found] == ["MX-000000", "MX-000002", "MX-000005"]
    assert [(one.number, one.reason.code) for one in bad] == [
        (3, "broken_csv"),
        (5, "too_many_cells"),
        (6, "encoding"),
    ]


def test_a_quote_that_is_never_closed(tmp_path: Path) -> None:
    lines = as_csv(release(numbered(3000))).split(b"\r\n")
    lines[10] = b'"' + lines[10].replace(b'"', b"")
    found, bad = read(written(tmp_path, b"\r\n".join(lines), "a.csv"))
    assert len(found) == 2999
    assert [(one.number, one.reason.code) for one in bad] == [(11, "broken_csv")]


@pytest.mark.parametrize("kind", ["csv", "xlsx", "zip"])
def test_the_insurance_catalogue(tmp_path: Path, kind: str) -> None:
    rows: list[list[Any]] = [
        INSURANCE,
        [
            "C0103010010101609154",
            "0000010",
            "国械注进20223140363",
            "输尿管支架",
            "甲",
            "X",
            "M1",
            "04054585068524",
        ],
        [
            "C0103010010101609154",
            8,
            "国械注进20223140363",
            "输尿管支架",
            "甲",
            "X",
            "M2",
            "04054585041138;04054585041139",
        ],
        ["C0103010010101609154", "", "国械注进20223140363", "输尿管支架", "甲", "", "", ""],
        ["C010301001O101609154", "0000011", "", "错", "甲", "", "", ""],
        ["C0103010010101609154", "00000112", "", "错", "甲", "", "", ""],
        ["C0103010010101609154", "000001Ｏ", "", "错", "甲", "", "", ""],
        ["Ｃ0103010010101609154", "0000012", "", "全角", "甲", "", "", ""],
    ]
    content = as_csv(rows, "gb18030") if kind == "csv" else workbook(rows)
    if kind == "zip":
        content = zipped({"医保.zip": zipped({"C01.xlsx": content})})
    found, bad = read(written(tmp_path, content, f"a.{kind}"))
    assert {record.register for record in found} == {Register.INSURANCE}
    assert [record.key for record in found] == [
        "C01030100101016091540000010",
        "C01030100101016091540000008",
        "C0103010010101609154",
        "C01030100101016091540000012",
    ]
    assert [identifier.di for identifier in found[1].identifiers] == ["04054585041138", "04054585041139"]
    assert found[0].certificates == ("国械注进20223140363",)
    assert [(one.number, one.reason.code) for one in bad] == [
        (5, "insurance_shape"),
        (6, "insurance_serial"),
        (7, "insurance_serial"),
    ]


def test_a_workbook_that_unpacks_to_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reconcile.files.xlsx.LIMIT_UNPACKED_BYTES", 10_000)
    found, bad = read(written(tmp_path, workbook(release(numbered(200))), "a.xlsx"))
    assert found == []
    assert [one.reason.code for one in bad] == ["unpacks_too_large"]
