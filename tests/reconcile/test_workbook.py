"""The workbook opens, says in words what it colours, adds up, and runs nothing."""

from __future__ import annotations

import io
import shutil
import subprocess
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
import python_calamine

from reconcile import VarianceResult, variance
from reconcile.files import read_inputs
from reconcile.workbook import write_variance_xlsx

GOLDEN = Path(__file__).parents[2] / "fixtures" / "golden" / "reconcile"
HEADINGS = [
    "日期",
    "科室",
    "物资编码",
    "名称",
    "期初",
    "入库",
    "调入",
    "调出",
    "使用",
    "报损",
    "账面期末",
    "盘点",
    "实耗",
    "计费",
    "库存差异",
    "计费差异",
    "差异率",
    "差异金额",
    "状态",
    "原因",
]


@pytest.fixture(scope="module")
def result() -> VarianceResult:
    names = ("movements", "charges", "opening", "counts", "codes")
    frames: dict[str, Any] = read_inputs({name: GOLDEN / f"{name}.csv" for name in names})
    return variance(**frames)


def opened(result: VarianceResult, language: str = "zh") -> openpyxl.Workbook:
    buffer = io.BytesIO()
    write_variance_xlsx(result, buffer, language=language)
    return openpyxl.load_workbook(buffer)


def test_the_headings_are_finances_and_in_their_order(result: VarianceResult) -> None:
    book = opened(result)
    assert book.sheetnames == ["差异明细", "汇总", "按科室", "原因证据"]
    assert [cell.value for cell in book.worksheets[0][1]] == HEADINGS


def test_invalid_rows_lead_then_breaches_and_status_is_worded(result: VarianceResult) -> None:
    sheet = opened(result).worksheets[0]
    statuses = [row[18].value for row in sheet.iter_rows(min_row=2, max_row=sheet.max_row - 1)]
    assert statuses == ["无效"] + ["超差"] * 6 + ["正常"] * 4
    colours = {row[18].value: row[18].fill.fgColor.rgb for row in sheet.iter_rows(min_row=2)}
    assert len({colours[word] for word in ("无效", "超差", "正常")}) == 3


def test_every_figure_of_the_sheet_is_that_of_the_row(result: VarianceResult) -> None:
    sheet = opened(result).worksheets[0]
    columns = [*result.rows.columns[:18]]
    for cells, row in zip(sheet.iter_rows(min_row=2), result.rows.to_dict("records"), strict=False):
        for cell, column in zip(cells, columns, strict=False):
            want = None if pd.isna(row[column]) else row[column]
            if column in ("rate", "variance_value") and want is not None:
                want = float(want)
            assert cell.value == want, (cell.coordinate, column)


def test_the_total_row_is_the_sum_of_the_rows_above_it(result: VarianceResult) -> None:
    sheet = opened(result).worksheets[0]
    *rows, total = sheet.iter_rows(min_row=2, values_only=True)
    assert total[0] == "合计"
    for place in range(4, 16):
        assert total[place] == sum(row[place] or 0 for row in rows), HEADINGS[place]
    assert Decimal(str(total[17])) == sum(Decimal(str(row[17])) for row in rows if row[17] is not None)
    assert total[16] is None  # a sum of rates would mean nothing


def test_numbers_have_their_formats_and_the_sheet_can_be_worked_with(result: VarianceResult) -> None:
    sheet = opened(result).worksheets[0]
    formats = {heading: sheet.cell(3, place).number_format for place, heading in enumerate(HEADINGS, 1)}
    assert formats["日期"] == "yyyy-mm-dd"
    assert formats["差异率"] == "0.00%"
    assert formats["差异金额"] == "#,##0.00"
    assert formats["物资编码"] == "@"
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("E2", "A1:T12")
    assert sheet["C2"].value == "000102"


def test_the_summary_says_what_the_json_says(result: VarianceResult) -> None:
    book = opened(result)
    figures = {
        row[0]: row[1] for row in book["汇总"].iter_rows(min_row=2, values_only=True) if row[1] is not None
    }
    assert figures["总体状态"] == "超差"
    assert figures["总差异率（金额）"] == float(result.summary["gross_rate_value"])
    assert (figures["行数"], figures["超差行数"], figures["无效行数"], figures["未匹配计费"]) == (11, 6, 1, 1)
    places = [row[0] for row in book["按科室"].iter_rows(min_row=2, values_only=True)]
    assert places == list(result.summary["by_location"])


def test_causes_are_in_words_in_either_language(result: VarianceResult) -> None:
    chinese, english = opened(result), opened(result, "en")
    assert chinese.worksheets[0]["T4"].value == "包装换算 9"
    assert english.worksheets[0]["T4"].value == "packaging factor 9"
    assert english.sheetnames == ["Variance", "Summary", "By location", "Causes"]
    evidence = {row[3]: row[5] for row in chinese["原因证据"].iter_rows(min_row=2, values_only=True)}
    assert evidence["包装换算"] == '["charges:6", "movements:8"]'


def test_nothing_in_it_is_a_formula_or_a_link(result: VarianceResult) -> None:
    hostile = ["=1+1", "+1", "-1", "@SUM(A1)", "{=1}", "http://x.example", "\x07bell", "x" * 40_000]
    rows = result.rows.assign(name=(hostile * 2)[: len(result.rows)])
    buffer = io.BytesIO()
    write_variance_xlsx(VarianceResult(rows, result.summary, result.unmapped, lambda: result.causes), buffer)
    sheet = openpyxl.load_workbook(buffer).worksheets[0]
    names = [sheet.cell(line, 4) for line in range(2, 10)]
    assert {cell.data_type for cell in names} == {"s"}
    assert [cell.hyperlink for cell in names] == [None] * 8
    assert [cell.value for cell in names[:6]] == hostile[:6]
    assert names[6].value == "bell"
    assert len(names[7].value) == 32_767


def test_a_second_reader_reads_the_same(result: VarianceResult) -> None:
    buffer = io.BytesIO()
    write_variance_xlsx(result, buffer)
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(buffer.getvalue()))
    rows = book.get_sheet_by_index(0).to_python()
    assert rows[0] == HEADINGS
    assert [row[2] for row in rows[1:3]] == ["000102", "000102"]


def test_an_empty_variance_is_a_workbook_too(result: VarianceResult) -> None:
    empty = VarianceResult(
        result.rows.head(0), result.summary, result.unmapped, lambda: result.causes.head(0)
    )
    assert [cell.value for cell in opened(empty).worksheets[0][1]] == HEADINGS


@pytest.mark.skipif(
    shutil.which("soffice") is None, reason="needs LibreOffice (apt install libreoffice-calc)"
)
def test_libreoffice_opens_it(result: VarianceResult, tmp_path: Path) -> None:
    write_variance_xlsx(result, tmp_path / "variance.xlsx")
    utf8 = "csv:Text - txt - csv (StarCalc):44,34,76"
    convert = ["soffice", "--headless", "--convert-to", utf8, "--outdir", str(tmp_path)]
    subprocess.run([*convert, str(tmp_path / "variance.xlsx")], check=True, capture_output=True, timeout=120)
    assert (tmp_path / "variance.csv").read_text("utf-8").startswith("日期,科室,物资编码")
