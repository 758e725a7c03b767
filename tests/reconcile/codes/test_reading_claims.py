"""An export is read in parts: what is wrong in it is told as if it had been read at once."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from reconcile.errors import BadInput
from reconcile.files import tables
from reconcile.files.claims import read_claim_parts, read_good_claims
from reconcile.files.text import BLOCK, encoding_of

HEAD = "物资编码,名称,医保编码,价格\n"


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_rows_keep_their_numbers_over_parts_and_bad_ones_are_named(
    encoding: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "PART_ROWS", 3)
    rows = [f"M{n},导管{n},,{n}.50" for n in range(10)]
    rows[4] = "M4,导管4,6.90123E+12,4.50"  # row 6
    rows[6] = ""  # row 8, blank
    rows[8] = "M8,导管8,,8.50,什么"  # row 10, a cell too many
    rows[9] = ",导管9,,9.50"  # row 11, no code
    frame, bad = read_good_claims(write(tmp_path / "a.csv", HEAD + "\n".join(rows), encoding))
    assert frame["row"].tolist() == [2, 3, 4, 5, 7, 9]
    assert frame["name"].tolist() == [f"导管{n}" for n in (0, 1, 2, 3, 5, 7)]
    assert [(cell.row, cell.reason.code) for cell in bad] == [
        (6, "scientific_code"),
        (10, "too_many_cells"),
        (11, "no_code"),
    ]


def test_a_quote_that_is_never_closed_refuses_all_of_it_also_in_a_later_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "PART_ROWS", 2)
    path = write(tmp_path / "a.csv", HEAD + 'M1,a,,1\nM2,b,,1\nM3,c,,1\nM4,"d,,1\nM5,e,,1\n')
    with pytest.raises(BadInput) as refused:
        read_good_claims(path)
    (cell,) = refused.value.cells
    assert (cell.row, cell.reason.code) == (5, "broken_csv")


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_character_on_the_border_of_two_blocks_is_one_character(encoding: str) -> None:
    for before in (BLOCK - 3, BLOCK - 2, BLOCK - 1):
        data = b"a" * before + "编码\n".encode(encoding)
        assert encoding_of(data, "a.csv") == encoding


def test_the_line_of_a_damaged_byte_is_told_beyond_the_first_block() -> None:
    lines = "编码,名称\n" * (BLOCK // 8)
    data = lines.encode() + b"\xff\n" + lines.encode()
    with pytest.raises(BadInput) as refused:
        encoding_of(data, "a.csv")
    assert refused.value.cells[0].row == BLOCK // 8 + 1


def test_a_line_break_in_a_cell_is_a_blank_and_a_zero_character_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", HEAD + 'M1,"导管\n大号",,1\nM2,a\0b,,1\n', "utf-16")
    frame, bad = read_good_claims(path)
    assert frame["name"].tolist() == ["导管 大号"]
    assert [(cell.row, cell.reason.code) for cell in bad] == [(3, "not_storable")]


def test_ten_times_the_rows_do_not_take_ten_times_the_memory(tmp_path: Path) -> None:
    def peak(rows: int) -> int:
        path = write(tmp_path / f"{rows}.csv", HEAD + "".join(f"M{n},导管,C{n},1\n" for n in range(rows)))
        _, parts = read_claim_parts(path)
        tracemalloc.start()
        assert sum(len(part.good) for part in parts) == rows
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(tables, "PART_ROWS", 2_000)
        assert peak(40_000) < 2 * peak(4_000)
