"""Files made to hurt: refused with the reason, quickly, before they fill the memory."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from reconcile import BadInput
from reconcile.files import read_table
from reconcile.files import xlsx as xlsx_module

KNOWN = {"a": "a", "b": "b"}


def refusal(path: Path) -> str:
    with pytest.raises(BadInput) as refused:
        read_table(path, KNOWN)
    (finding,) = refused.value.cells
    return finding.reason.code


def sheet(path: Path, xml: str) -> Path:
    """A real workbook whose worksheet is replaced."""
    book = openpyxl.Workbook()
    book.save(path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/worksheets/sheet1.xml"] = xml.encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def cells(*references: str) -> str:
    rows = "".join(
        f'<row r="{"".join(filter(str.isdigit, ref))}"><c r="{ref}" t="n"><v>1</v></c></row>'
        for ref in references
    )
    return (
        '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f"<sheetData>{rows}</sheetData></worksheet>"
    )


def test_two_cells_in_opposite_corners_do_not_fill_the_memory(tmp_path: Path) -> None:
    assert refusal(sheet(tmp_path / "m.xlsx", cells("A1", "XFD1048576"))) == "unpacks_too_large"


def test_a_zip_bomb_is_measured_not_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_module, "LIMIT_UNPACKED_BYTES", 3_000_000)
    assert refusal(sheet(tmp_path / "m.xlsx", cells("A1") + " " * 4_000_000)) == "unpacks_too_large"
    assert refusal(sheet(tmp_path / "m.xlsx", " " * 2_990_000 + cells("A1"))) == "unpacks_too_large"


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04rubbish", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600]
)
def test_what_is_no_xlsx_says_so(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "m.xlsx"
    path.write_bytes(content)
    assert refusal(path) == "not_xlsx"


def test_what_is_no_parquet_says_so(tmp_path: Path) -> None:
    path = tmp_path / "m.parquet"
    path.write_bytes(b"PAR1rubbish")
    assert refusal(path) == "not_parquet"


def test_a_broken_sheet_says_so(tmp_path: Path) -> None:
    assert refusal(sheet(tmp_path / "m.xlsx", "<worksheet><sheetData><row><c")) == "not_xlsx"


def test_a_million_columns_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_text("a," * 1_000_000 + "\n")
    assert refusal(path) == "too_many_columns"


def test_a_cell_of_a_megabyte_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_text("a,b\n1," + "x" * 1_000_000 + "\n")
    assert refusal(path) == "broken_csv"


def test_entities_in_a_sheet_reach_no_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    xml = cells("A1").replace(
        '<?xml version="1.0"?>',
        f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file://{secret}">]>',
    )
    path = sheet(tmp_path / "m.xlsx", xml.replace('t="n"><v>1</v>', 't="inlineStr"><is><t>a&e;</t></is>'))
    try:
        table = read_table(path, KNOWN)
    except BadInput:
        return
    assert "secret" not in str(table)


def test_a_printed_finding_is_one_clean_line(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_text('a,a\n"x"\n')
    with pytest.raises(BadInput) as refused:
        read_table(path, KNOWN)
    assert "\n" not in str(refused.value.cells[0])


def workbook(path: Path, *sheets: tuple[str, str, list[list[Any]]], merged: str = "") -> Path:
    """(title, state, rows) for each worksheet; `merged` in the first."""
    book = openpyxl.Workbook()
    for title, state, rows in sheets:
        made = book.create_sheet(title)
        made.sheet_state = state
        for row in rows:
            made.append(row)
    book.remove(book.worksheets[0])
    if merged:
        book.worksheets[0].merge_cells(merged)
    book.active = next(place for place, made in enumerate(sheets) if made[1] == "visible")
    book.save(path)
    return path


def test_a_hidden_sheet_is_not_what_people_see(tmp_path: Path) -> None:
    hidden = ("old", "hidden", [["a"], ["of last year"]])
    path = workbook(tmp_path / "m.xlsx", hidden, ("new", "visible", [["a"], ["seen"]]))
    assert read_table(path, KNOWN).cells["a"] == ["seen"]


def test_a_second_sheet_under_the_same_headings_is_not_lost(tmp_path: Path) -> None:
    first, second = ("1", "visible", [["a", "b"], ["x", "y"]]), ("2", "visible", [["a", "b"], ["z", "w"]])
    assert refusal(workbook(tmp_path / "m.xlsx", first, second)) == "more_sheets"
    note = ("notes", "visible", [["what this is"], ["an export"]])
    assert read_table(workbook(tmp_path / "n.xlsx", first, note), KNOWN).cells["a"] == ["x"]
    empty = ("2", "visible", [["a", "b"]])
    assert read_table(workbook(tmp_path / "o.xlsx", first, empty), KNOWN).cells["a"] == ["x"]


def test_merged_words_stand_for_all_their_rows_and_merged_numbers_for_nobody_knows(tmp_path: Path) -> None:
    rows = [["a", "b"], ["x", "shared"], ["y", ""], ["z", "w"]]
    path = workbook(tmp_path / "m.xlsx", ("1", "visible", rows), merged="B2:B3")
    assert read_table(path, KNOWN).cells["b"] == ["shared", "shared", "w"]
    rows[1][1] = 5
    with pytest.raises(BadInput) as refused:
        read_table(workbook(tmp_path / "n.xlsx", ("1", "visible", rows), merged="B2:B3"), KNOWN)
    (finding,) = refused.value.cells
    assert (finding.reason.code, finding.row, finding.value) == ("merged_number", 2, "5")


def test_a_workbook_of_hidden_sheets_says_so(tmp_path: Path) -> None:
    path = workbook(tmp_path / "m.xlsx", ("1", "visible", [["a"], ["x"]]))
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(b'state="visible"', b'state="hidden"')
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    assert refusal(path) == "not_xlsx"
