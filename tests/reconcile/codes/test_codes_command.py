"""`python -m reconcile codes` as somebody types it."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pandas as pd
import pytest

from reconcile.__main__ import main


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_text(text, encoding=encoding)
    return path


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def hrp(tmp_path: Path) -> Path:
    return write(tmp_path / "hrp.csv", "物资编码,计费编码,生产企业\nM1,B1,甲\nM2,B2,乙\n", "gb18030")


def test_one_to_one(hrp: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pd.DataFrame({"order": ["O1", "O2"], "计费编码": ["B1", "B2"]}).to_excel(
        tmp_path / "his.xlsx", index=False
    )
    out = tmp_path / "out"
    assert main(["codes", str(hrp), str(tmp_path / "his.xlsx"), "--out", str(out)]) == 0
    assert sorted(path.name for path in out.iterdir()) == ["findings.csv", "groups.csv", "summary.json"]
    assert json.loads((out / "summary.json").read_text())["ok"] == 2
    assert rows(out / "groups.csv")[1] == {
        "group": "2", "status": "OK", "material": "M2", "billing": "B2", "order": "O2",
        "insurance": "", "udi": "",
    }  # fmt: skip
    assert rows(out / "findings.csv") == []
    assert "2 ok" in capsys.readouterr().out


def test_findings_and_an_owner(hrp: Path, tmp_path: Path) -> None:
    his = write(tmp_path / "his.tsv", "order\tbilling\nO1\tB1\nO2\tB2\nO3\tB9\n")
    out = tmp_path / "out"
    arguments = ["codes", str(his), str(hrp), "--owner", f"billing={hrp}", "--out", str(out)]
    assert main(arguments) == 3
    first = {path.name: path.read_bytes() for path in out.iterdir()}
    dangling = next(row for row in rows(out / "findings.csv") if row["class"] == "DANGLING")
    assert (dangling["values"], dangling["sources"]) == ("B9", "his:4")
    assert main(["codes", str(hrp), str(his), *arguments[3:]]) == 3
    assert {path.name: path.read_bytes() for path in out.iterdir()} == first


def test_an_owner_may_be_a_list_that_claims_nothing_else(hrp: Path, tmp_path: Path) -> None:
    tariff = write(tmp_path / "tariff.csv", "billing\nB1\n")
    out = tmp_path / "out"
    assert main(["codes", str(hrp), "--owner", f"billing={tariff}", "--out", str(out)]) == 3
    assert json.loads((out / "summary.json").read_text())["dangling"] == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("udi,maker\n6.90123E+12,甲\n", "row 2, column udi"),
        ("maker,price\n甲,1\n", "this column is missing"),
        ("material,price\nM1,-1\n,2\n", "row 3, column material"),
        ("material,pack_quantity\nM1,0\n", "column pack_quantity"),
        ("", "the first row must hold"),
    ],
)
def test_bad_rows_are_all_named_and_nothing_is_written(
    hrp: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, said: str
) -> None:
    bad = write(tmp_path / "bad.csv", text)
    assert main(["codes", str(hrp), str(bad), "--out", str(tmp_path / "out")]) == 2
    told = capsys.readouterr().err
    assert said in told and str(bad) in told
    assert not (tmp_path / "out").exists()


def test_owners_and_names_that_cannot_be(
    hrp: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "other").mkdir()
    twin = write(tmp_path / "other" / "hrp.csv", "material\nM1\n")
    out = ["--out", str(tmp_path / "out")]
    assert main(["codes", str(hrp), str(twin), *out]) == 2
    assert "two sources are called" in capsys.readouterr().err
    assert main(["codes", str(hrp), "--owner", f"udi={hrp}", *out]) == 2
    assert "lists no udi code" in capsys.readouterr().err
    assert main(["codes", str(hrp), "--owner", f"billing={hrp}", "--owner", f"billing={twin}", *out]) == 2
    assert "two owners" in capsys.readouterr().err
    for wrong in ("billing", "nothing=x", "billing="):
        with pytest.raises(SystemExit) as caught:
            main(["codes", str(hrp), "--owner", wrong, *out])
        assert caught.value.code == 2


def test_a_national_insurance_code_with_a_letter_in_it_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    short, long = "C09010203001000023450"[:20], "C" + "0201020300100002345" + "0000001"
    good = f"物资编码,医保编码\nM1,{long}\nM2,{short}\nM3,LOCAL-77\n"
    assert main(["codes", str(write(tmp_path / "a.csv", good)), "--out", str(tmp_path / "out")]) == 0
    for wrong in (long.replace("2345", "234O"), short.replace("2345", "2 45"), long[:-1] + "x"):
        bad = write(tmp_path / "b.csv", f"物资编码,医保编码\nM1,{wrong}\n")
        assert main(["codes", str(bad), "--out", str(tmp_path / "no")]) == 2
        said = capsys.readouterr().err
        assert f'row 2, column 医保编码 (insurance), value "{wrong}"' in said
        assert "19 or 26 digits" in said


def test_a_small_c_and_wide_digits_are_the_same_insurance_code(tmp_path: Path) -> None:
    code = "C0201020300100002345"
    wide = "".join(chr(ord(one) + 0xFEE0) for one in code)
    text = f"material,insurance\nM1,{code}\nM1,{code.lower()}\nM1,{wide}\n"
    assert main(["codes", str(write(tmp_path / "a.csv", text)), "--out", str(tmp_path / "out")]) == 0
    assert [row["insurance"] for row in rows(tmp_path / "out" / "groups.csv")] == [code]
