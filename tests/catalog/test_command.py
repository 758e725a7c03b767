"""`tracer import codes FILE…`"""

from __future__ import annotations

import csv

import pytest
from sqlalchemy import Engine, text

from tracer import cli
from tracer.catalog import telling_imports

GOOD = "物资编码,名称,计费编码,UDI-DI\nWZ1,支架,J1,6901234567890\nWZ2,针,J2,\n"
BAD = "物资编码,名称,计费编码,收费价\nWZ3,管,J1,1.234\nWZ4,=1+1,J4,1\nWZ5,,J5,1\n"


@pytest.fixture
def run(fresh_database: Engine, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("TRACER_DATABASE_URL", fresh_database.url.render_as_string(hide_password=False))
    monkeypatch.setenv("TRACER_DATA", str(tmp_path / "var"))
    monkeypatch.chdir(tmp_path)

    def command(*files: str, report: str | None = None) -> tuple[int, str, str]:
        more = ["--report", report] if report else []
        status = cli.main(["import", "codes", *files, *more])
        return status, *capsys.readouterr()

    return command


def count(engine: Engine, table: str) -> int:
    with engine.connect() as connection:
        found: int = connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
        return found


def test_a_good_file_is_imported_once_with_a_receipt_in_words(run, fresh_database, tmp_path):
    (tmp_path / "codes.csv").write_bytes(GOOD.encode("gb18030"))
    status, out, err = run("codes.csv")
    assert status == 0
    assert "Items: 2 new, 0 changed" in out and "物资：新增 2" in out
    assert err.startswith('warning: codes.csv:2 UDI-DI "6901234567890": wrong check digit: 2 is expected')
    with fresh_database.connect() as connection:
        who = connection.execute(
            text("SELECT p.username, e.origin FROM audit_entry e JOIN person p ON p.id = person_id")
        )
        assert who.all() == [("operator", "cli")]
    entries = count(fresh_database, "audit_entry")
    status, out, err = run("codes.csv")
    assert (status, "nothing was changed" in out, "无任何变更" in out) == (0, True, True)
    assert count(fresh_database, "audit_entry") == entries


def test_a_bad_file_names_every_bad_row_and_changes_nothing(run, fresh_database, tmp_path):
    (tmp_path / "good.csv").write_text(GOOD)
    (tmp_path / "bad.csv").write_text(BAD)
    status, out, err = run("good.csv", "bad.csv", report="report.csv")
    assert (status, out) == (2, "")
    lines = err.splitlines()
    assert [line.partition(": ")[0] for line in lines] == [
        'bad.csv:2 收费价 "1.234"',
        'bad.csv:2 计费编码 "J1"',
        'bad.csv:4 名称 ""',
        "tracer",
    ]
    assert "at most two decimals" in lines[0] and "最多两位小数" in lines[0]
    assert "nothing was written" in lines[-1]
    assert count(fresh_database, "item") == 0  # the good file before it neither
    with (tmp_path / "report.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["row"], row["column"], row["reason"]) for row in rows] == [
        ("2", "收费价", "price_decimals"),
        ("2", "计费编码", "code_of_other_item"),
        ("4", "名称", "name_for_new_item"),
    ]
    assert sorted(p.name for p in tmp_path.iterdir()) in (
        ["bad.csv", "good.csv", "report.csv"],
        ["bad.csv", "good.csv", "report.csv", "var"],
    )


def test_after_a_thousand_lines_only_their_number(run, tmp_path, monkeypatch):
    monkeypatch.setattr(telling_imports, "MOST_LINES", 3)
    (tmp_path / "bad.csv").write_text("material,name,price\n" + "".join(f"M{n},x,-1\n" for n in range(10)))
    status, _, err = run("bad.csv", report="all.csv")
    assert status == 2
    lines = err.splitlines()
    assert len(lines) == 5 and "and 7 more" in lines[3]
    assert len((tmp_path / "all.csv").read_text(encoding="utf-8-sig").splitlines()) == 11


def test_a_report_carries_no_formula_into_a_spreadsheet(run, tmp_path):
    (tmp_path / "bad.csv").write_text("material,name,price\nM1,x,=HYPERLINK(1)\nM2,x,-1\n")
    run("bad.csv", report="all.csv")
    with (tmp_path / "all.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row["value"] for row in csv.DictReader(file)] == ["'=HYPERLINK(1)", "'-1"]


@pytest.mark.parametrize("name", ["none.csv", "."])
def test_a_file_that_cannot_be_opened(run, name):
    status, _, err = run(name)
    assert status == 2 and "cannot be read" in err and "Traceback" not in err
