"""Files made to hurt: refused with the reason, quickly, before they fill the memory."""

from __future__ import annotations

import zipfile
from pathlib import Path

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
