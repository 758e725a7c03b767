"""`python -m reconcile variance`: files in, files out, exit codes, and everything a file can have wrong."""

from __future__ import annotations

import csv
import datetime as dt
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from reconcile.__main__ import main
from reconcile.columns import VARIANCE_COLUMNS

GOLDEN = Path(__file__).parents[2] / "fixtures" / "golden" / "reconcile"
MOVEMENTS = "业务日期,科室,物资编码,类型,数量\n2026-03-01,W1,007,入库,10\n2026-03-01,W1,007,使用,2\n"
BROKEN_UTF8 = MOVEMENTS.encode() + b"2026-03-01,\xd0\xc4,007,use,2\n" + 9 * MOVEMENTS.encode()
CHARGES = "business_date,location,material,quantity\n2026-03-01,W1,007,2\n"


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, list[str]]]:
    """Run on texts or paths; gives the exit code and the lines of standard error without the folder."""

    def run_with(*more: str, **files: str | bytes | Path) -> tuple[int, list[str]]:
        given = {"movements": MOVEMENTS, "charges": CHARGES, **files}
        arguments = ["variance", "--out", str(tmp_path / "out"), *more]
        for name, content in given.items():
            path = content if isinstance(content, Path) else tmp_path / f"{name}.csv"
            if not isinstance(content, Path):
                path.write_bytes(content.encode() if isinstance(content, str) else content)
            arguments += [f"--{name}", str(path)]
        code = main(arguments)
        return code, capsys.readouterr().err.replace(f"{tmp_path}/", "").splitlines()

    return run_with


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def written(tmp_path: Path) -> set[str]:
    return {path.name for path in tmp_path.rglob("*") if "out" in path.parts[len(tmp_path.parts)]}


# -- what comes out ---------------------------------------------------------------------------------


def test_a_small_hospital_gives_the_files_worked_out_by_hand(tmp_path: Path) -> None:
    inputs = [
        f
        for name in ("movements", "charges", "opening", "counts", "codes")
        for f in (f"--{name}", str(GOLDEN / f"{name}.csv"))
    ]
    ran = subprocess.run(
        [sys.executable, "-m", "reconcile", "variance", *inputs, "--out", str(tmp_path / "out")],
        capture_output=True,
        text=True,
        cwd=GOLDEN.parents[2],
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (3, "")
    for name in ("variance.csv", "unmapped.csv"):
        assert (tmp_path / "out" / name).read_text("utf-8") == (GOLDEN / "expected" / name).read_text("utf-8")
    expected = json.loads((GOLDEN / "expected" / "summary.json").read_text("utf-8"))
    assert json.loads((tmp_path / "out" / "summary.json").read_text("utf-8")) == expected
    assert (tmp_path / "out" / "variance.xlsx").read_bytes()[:2] == b"PK"


def test_within_tolerance_exits_0_and_leading_zeros_survive(
    run: Callable[..., tuple[int, list[str]]], tmp_path: Path
) -> None:
    assert run() == (0, [])
    (row,) = read(tmp_path / "out" / "variance.csv")
    assert tuple(row) == VARIANCE_COLUMNS
    assert (row["material"], row["received"], row["billed"], row["counted"]) == ("007", "10", "2", "")
    assert written(tmp_path) == {"out", "variance.csv", "variance.xlsx", "summary.json"}


def test_a_second_run_replaces_its_files_and_nothing_else(
    run: Callable[..., tuple[int, list[str]]], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "unmapped.csv").write_text("of yesterday")
    (out / "notes.txt").write_text("mine")
    assert run()[0] == 0
    assert written(tmp_path) == {"out", "notes.txt", "variance.csv", "variance.xlsx", "summary.json"}


def test_what_cannot_be_written_is_said_and_leaves_nothing_behind(
    run: Callable[..., tuple[int, list[str]]], tmp_path: Path
) -> None:
    (tmp_path / "out").write_text("a file where the folder should be")
    code, said = run()
    assert code == 2
    assert "cannot be written" in said[0]
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_text_that_looks_like_a_formula_stays_text(
    run: Callable[..., tuple[int, list[str]]], tmp_path: Path
) -> None:
    name = '=HYPERLINK("http://x")'
    codes = 'material,name\n007,"=HYPERLINK(""http://x"")"\n'
    moved = (
        "business_date,location,material,kind,quantity\n2026-03-01,+W1,007,use,2\n2026-03-01,@x,-5,use,1\n"
    )
    assert run(codes=codes, movements=moved)[0] == 3
    rows = read(tmp_path / "out" / "variance.csv")
    assert {row["location"] for row in rows} == {"W1", "'+W1", "'@x"}
    assert {row["name"] for row in rows} == {"", f"'{name}"}
    assert {row["material"] for row in rows} == {"007", "-5"}
    assert "-2" in {row["charge_variance"] for row in rows}
    sheet = openpyxl.load_workbook(tmp_path / "out" / "variance.xlsx").worksheets[0]
    types = {cell.value: cell.data_type for row in sheet.iter_rows() for cell in row}
    assert types[name] == types["+W1"] == types["@x"] == "s"


def test_a_charge_that_maps_to_no_item_is_listed(
    run: Callable[..., tuple[int, list[str]]], tmp_path: Path
) -> None:
    charges = (
        "业务日期,科室,计费编码,数量,金额,就诊号\n2026-03-01,W1,B1,2,8.00,E1\n2026-03-01,W1,B9,1,4.00,E2\n"
    )
    assert run(charges=charges, codes="物资编码,计费编码\n007,B1\n")[0] == 0
    (lost,) = read(tmp_path / "out" / "unmapped.csv")
    assert list(lost) == ["business_date", "location", "billing", "quantity", "amount", "encounter", "id"]
    assert list(lost.values()) == ["2026-03-01", "W1", "B9", "1", "4.00", "E2", "3"]
    assert json.loads((tmp_path / "out" / "summary.json").read_text("utf-8"))["unmapped"] == 1


def test_evidence_without_ids_is_the_row_in_the_file(
    run: Callable[..., tuple[int, list[str]]], tmp_path: Path
) -> None:
    run(charges="business_date,location,material,quantity\n")
    sheet = openpyxl.load_workbook(tmp_path / "out" / "variance.xlsx")["原因证据"]
    assert [cell.value for cell in sheet[2]][3:] == ["已用未计费", 2, '["movements:3"]']


# -- encodings and formats ---------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_the_encodings_hospitals_export_are_read(
    encoding: str, run: Callable[..., tuple[int, list[str]]], tmp_path: Path
) -> None:
    charges = CHARGES.replace("W1", "心内科").encode(encoding)
    assert run(movements=MOVEMENTS.replace("W1", "心内科").encode(encoding), charges=charges)[0] == 0
    assert read(tmp_path / "out" / "variance.csv")[0]["location"] == "心内科"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (BROKEN_UTF8, "row 4: line 4 is not valid utf-8"),
        (MOVEMENTS.encode("utf-16-le"), "not a text file"),
        (b"\x81\xff\x81\xff\n", "row 1: line 1 is not valid gb18030"),
        (b"\xff\xfe" + "业务".encode("utf-16-le") + b"x", "not valid utf-16"),
    ],
)
def test_broken_encodings_are_refused_by_line(
    content: bytes, said: str, run: Callable[..., tuple[int, list[str]]], tmp_path: Path
) -> None:
    code, lines = run(movements=content)
    assert code == 2
    assert said in lines[0]
    assert written(tmp_path) == set()


def workbook(path: Path, rows: list[list[Any]]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def test_a_spreadsheet_may_mix_numbers_dates_and_text(
    run: Callable[..., tuple[int, list[str]]], tmp_path: Path
) -> None:
    rows = [
        ["业务日期 ", "科室", "物资编码", "类型", "数量", "采购价", "无关"],
        [dt.date(2026, 3, 1), 7, 17, "入库", 10, 1.1, "x"],
        [None] * 7,
        ["2026/3/1", "7", "17", " 使用", "2", "1.10", None],
        [20260301, 7.0, 17.0, "使用", 3.0, None, True],
        [dt.datetime(2026, 3, 1), "7", "'17".strip("'"), "USE", "1,000.00", "￥1.1", ""],
    ]
    assert run(movements=workbook(tmp_path / "m.xlsx", rows))[0] == 3
    (row, _) = sorted(read(tmp_path / "out" / "variance.csv"), key=lambda row: row["location"])
    assert (row["location"], row["material"], row["used"], row["received"]) == ("7", "17", "1005", "10")
    assert row["variance_value"] == "-1105.50"


def test_what_a_spreadsheet_spoilt_is_refused_cell_by_cell(
    run: Callable[..., tuple[int, list[str]]], tmp_path: Path
) -> None:
    rows = [
        ["业务日期", "科室", "物资编码", "类型", "数量", "发生时间"],
        [46082, "W1", "M1", "使用", 1, None],
        ["2026-03-01", "W1", 6901234567892, "使用", dt.date(2026, 3, 1), None],
        ["2026-03-01", "W1", dt.date(2026, 3, 1), "使用", True, None],
        ["2026-03-01", "#N/A", 1.5, "使用", "1e3", "soon"],
        ["2026-03-01", "W1", "6.90123E+12", "使用", 2.5, dt.datetime(2026, 3, 1, 9)],
    ]
    code, lines = run(movements=workbook(tmp_path / "m.xlsx", rows))
    assert code == 2
    date, item, n = "业务日期 (business_date)", "物资编码 (material)", "数量 (quantity)"
    expected = [
        (2, f'{date}, value "46082"', "a number, not a date"),
        (3, f'{item}, value "6901234567892"', "a long code stored as a number (shown as 6.90123E+12)"),
        (3, f'{n}, value "2026-03-01"', "not a number"),
        (4, f'{item}, value "2026-03-01"', "a spreadsheet turned this code into a date"),
        (4, f'{n}, value "TRUE"', "not a number"),
        (5, "科室 (location)", "is empty"),  # the reader gives formula errors as empty cells
        (5, f'{item}, value "1.5"', "a code is never a fraction"),
        (5, f'{n}, value "1e3"', "not a number"),
        (5, '发生时间 (occurred_at), value "soon"', "not a date"),
        (6, f'{item}, value "6.90123E+12"', "a spreadsheet turned this code into scientific notation"),
        (6, f'{n}, value "2.5"', "expected a whole number"),
    ]
    assert len(lines) == len(expected) + 1
    for line, (row, where, reason) in zip(lines, expected, strict=False):
        assert line.startswith(f"m.xlsx, row {row}, column {where}: {reason}")


def test_parquet_and_tab_separated_files_are_read(
    run: Callable[..., tuple[int, list[str]]], tmp_path: Path
) -> None:
    parquet = pd.DataFrame(
        {
            "business_date": [dt.date(2026, 3, 1)],
            "location": ["W1"],
            "material": ["007"],
            "kind": ["use"],
            "quantity": [2],
            "occurred_at": pd.to_datetime(["2026-03-01T01:00:00Z"]),
        }
    )
    parquet.to_parquet(tmp_path / "m.parquet")
    (tmp_path / "c.tsv").write_text(CHARGES.replace(",", "\t"))
    assert run(movements=tmp_path / "m.parquet", charges=tmp_path / "c.tsv") == (0, [])


def test_exports_that_protect_codes_are_understood(
    run: Callable[..., tuple[int, list[str]]], tmp_path: Path
) -> None:
    charges = 'business_date;location;material;quantity\n2026-03-01;W1;"=""007""";2\n2026-03-01;W1;007\t;0\n'
    assert run(charges=charges) == (0, [])
    assert [row["material"] for row in read(tmp_path / "out" / "variance.csv")] == ["007"]


# -- what is refused ---------------------------------------------------------------------------------


def test_every_bad_row_is_named_with_file_row_column_value_and_reason(
    run: Callable[..., tuple[int, list[str]]], tmp_path: Path
) -> None:
    movements = """business_date,location,material,kind,quantity,unit_cost
2026-02-30,W1,M1,use,1,1
2026-03-01,W1,M1,use,-1,1

2026-03-01,"W
1",M1,use,1.5,-2
2026-03-01,,M1,borrow,0,
03/01/2026,W1,6.90123E+12,use,two,free
1900-01-05,W1,M1,use,999999999,1
2026-03-01,W1,M1,use,1,1
"""
    code, lines = run(
        movements=movements,
        charges="business_date,location,material,quantity\n2026-03-01,W1,,1\n2026-03-01,W1,M1,1.0\n",
        opening="location,material,quantity\nW1,M1,-3\nW1,M1,x\n",
        counts="business_date,location,material,quantity\n2026-03-01,W1,M1,-1\n",
    )
    assert code == 2
    expected = [
        ("movements.csv, row 2, column business_date", "2026-02-30", "this date does not exist"),
        ("movements.csv, row 3, column quantity", "-1", "expected a whole number of 1 or more"),
        ("movements.csv, row 5, column quantity", "1.5", "expected a whole number"),
        ("movements.csv, row 5, column unit_cost", "-2", "a price cannot be below zero"),
        ("movements.csv, row 6, column location", None, "is empty"),
        ("movements.csv, row 6, column kind", "borrow", "unknown kind; expected one of receipt"),
        ("movements.csv, row 6, column quantity", "0", "expected a whole number of 1 or more"),
        ("movements.csv, row 7, column business_date", "03/01/2026", "not a date"),
        ("movements.csv, row 7, column material", "6.90123E+12", "a spreadsheet turned this code"),
        ("movements.csv, row 7, column quantity", "two", "not a number"),
        ("movements.csv, row 7, column unit_cost", "free", "not a number"),
        ("movements.csv, row 8, column business_date", "1900-01-05", "expected a date between"),
        ("movements.csv, row 8, column quantity", "999999999", "beyond what any one record"),
        ("charges.csv, row 2, column material", None, "no code at all"),
        ("opening.csv, row 3, column quantity", "x", "not a number"),
        ("counts.csv, row 2, column quantity", "-1", "a count cannot be below zero"),
    ]
    assert len(lines) == len(expected) + 1
    for line, (where, value, reason) in zip(lines, expected, strict=False):
        shown = where if value is None else f'{where}, value "{value}"'
        assert line.startswith(f"{shown}: {reason}"), line
        assert " / " in line
    assert lines[-1].startswith("16 findings; nothing was written")
    assert written(tmp_path) == set()


BY_BILLING = "业务日期,科室,计费编码,数量\n2026-03-01,W1,B1,1\n"
MUDDLED_CODES = """物资编码,计费编码,可收费,包装数量
007,B1,是,0
008,B1,1,1
009,B2,maybe,1
010,B3,1,1
010,B3,0,1
"""
REFUSED: list[tuple[dict[str, Any], list[str]]] = [
    ({"movements": ""}, ["movements.csv, row 1: empty"]),
    (
        {"movements": "location,kind\nW1,use\n"},
        [
            "movements.csv, column business_date (业务日期): this column is missing",
            "movements.csv, column material (物资编码): this column is missing",
            "movements.csv, column quantity (数量): this column is missing",
        ],
    ),
    (
        {"movements": MOVEMENTS.replace("科室", "数量")},
        ["movements.csv, row 1, column 数量: this column is there twice"],
    ),
    ({"movements": MOVEMENTS + "2026-03-01,W1,007,使用,2,more\n"}, ["movements.csv, row 4: more cells than"]),
    ({"movements": MOVEMENTS + '2026-03-01,"W1,007,使用,2\n'}, ["movements.csv, row 4: broken CSV"]),
    (
        {"movements": MOVEMENTS + "2026-03-01,W1\n"},
        [
            "movements.csv, row 4, column 物资编码 (material): is empty",
            "movements.csv, row 4, column 类型 (kind): is empty",
            "movements.csv, row 4, column 数量 (quantity): is empty",
        ],
    ),
    (
        {"movements": MOVEMENTS.replace("W1", "#REF!", 1)},
        ['movements.csv, row 2, column 科室 (location), value "#REF!": the cell holds a formula error'],
    ),
    ({"charges": BY_BILLING}, ["charges.csv, column material: charges without a material code need"]),
    (
        {"charges": "业务日期,科室,数量\n2026-03-01,W1,1\n"},
        ["charges.csv, column material (物资编码): this column is missing"],
    ),
    (
        {"charges": BY_BILLING, "codes": "物资编码,名称\n007,x\n"},
        ["codes.csv, column billing (计费编码): this column is missing"],
    ),
    (
        {"charges": BY_BILLING, "codes": MUDDLED_CODES},
        [
            'codes.csv, row 2, column 包装数量 (pack_quantity), value "0": expected a whole number',
            'codes.csv, row 3, column 计费编码 (billing), value "B1": the code belongs to two items',
            'codes.csv, row 4, column 可收费 (chargeable), value "maybe": expected 1 or 0',
            'codes.csv, row 5, column 可收费 (chargeable), value "010": the same item is chargeable',
            'codes.csv, row 6, column 可收费 (chargeable), value "010": the same item is chargeable',
        ],
    ),
    ({"movements": Path("nowhere.csv")}, ["nowhere.csv: cannot be opened"]),
    ({"movements": Path("old.xls")}, ["old.xls: cannot read .xls"]),
]


@pytest.mark.parametrize(("files", "said"), REFUSED)
def test_files_that_cannot_be_trusted_are_refused(
    files: dict[str, Any], said: list[str], run: Callable[..., tuple[int, list[str]]], tmp_path: Path
) -> None:
    code, lines = run(**files)
    assert code == 2
    assert len(lines) == len(said) + 1, lines
    for line, start in zip(lines, said, strict=False):
        assert line.startswith(start)
    assert written(tmp_path) == set()


@pytest.mark.parametrize("tolerance", ["5", "-0.1", "five", "nan", "0.0000001"])
def test_an_impossible_tolerance_exits_2(tolerance: str, run: Callable[..., Any]) -> None:
    with pytest.raises(SystemExit) as stopped:
        run("--tolerance", tolerance)
    assert stopped.value.code == 2


def test_a_tolerance_of_one_lets_everything_pass(run: Callable[..., tuple[int, list[str]]]) -> None:
    moved = MOVEMENTS.replace("使用,2", "使用,4")
    assert run(movements=moved)[0] == 3
    assert run("--tolerance", "0.5", movements=moved)[0] == 0
