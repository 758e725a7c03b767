"""An import in words, for the command line and for a report that a spreadsheet opens."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from tracer.catalog.codes_file.findings import Finding
from tracer.catalog.importing_codes import ImportReceipt

MOST_LINES: Final = 1_000
REPORT_COLUMNS: Final = ("file", "row", "column", "value", "reason", "message_zh", "message_en")
# A cell that begins so is a formula to a spreadsheet; the report must not carry one from the file.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def receipt_lines(receipt: ImportReceipt) -> Iterator[str]:
    """What was done, in English and in Chinese."""
    r = receipt
    if not r.is_change:
        yield f"{r.source}: {r.rows} rows, all known already; nothing was changed"
        yield f"{r.source}：{r.rows} 行，均已登记，无任何变更"
        return
    yield (
        f"{r.source}: {r.rows} rows. Items: {r.items_new} new, {r.items_changed} changed, "
        f"{r.items_unchanged} unchanged. Codes: {r.bindings_new} new, {r.bindings_ended} ended, "
        f"{r.bindings_unchanged} unchanged. Prices: {r.prices_new} new, {r.prices_ended} ended, "
        f"{r.prices_unchanged} unchanged. Packages: {r.packages_new} new, {r.packages_changed} changed, "
        f"{r.packages_unchanged} unchanged."
    )
    yield (
        f"{r.source}：{r.rows} 行。物资：新增 {r.items_new}，变更 {r.items_changed}，"
        f"未变 {r.items_unchanged}。编码：新增 {r.bindings_new}，停用 {r.bindings_ended}，"
        f"未变 {r.bindings_unchanged}。价格：新增 {r.prices_new}，停用 {r.prices_ended}，"
        f"未变 {r.prices_unchanged}。包装：新增 {r.packages_new}，变更 {r.packages_changed}，"
        f"未变 {r.packages_unchanged}。"
    )
    if r.proposed and (r.bindings_new or r.prices_new or r.certificates_new):
        yield f"{r.source}: its codes, prices and certificates are proposals; they wait (/approvals)"
        yield f"{r.source}：编码、价格与注册证为提议，待审批后生效（/approvals）"


def finding_lines(findings: Sequence[Finding]) -> Iterator[str]:
    """One line for each finding; after the first thousand only how many more there are."""
    for finding in findings[:MOST_LINES]:
        yield str(finding)
    if (more := len(findings) - MOST_LINES) > 0:
        yield f"… and {more} more; --report FILE writes all of them / 另有 {more} 条，用 --report 写出全部"


def tell_receipt(receipt: ImportReceipt) -> None:
    """To standard output."""
    for line in receipt_lines(receipt):
        print(line)


def tell_findings(findings: Sequence[Finding], remarks: Sequence[Finding]) -> None:
    """To standard error: what should be known, then what refuses the file."""
    for line in finding_lines(remarks):
        print(f"warning: {line}", file=sys.stderr)
    for line in finding_lines(findings):
        print(line, file=sys.stderr)


def write_report(path: Path, findings: Sequence[Finding]) -> None:
    """Write every finding to a CSV file that spreadsheets open rightly."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(REPORT_COLUMNS)
        for f in findings:
            cells = (f.file, f.row, f.column, f.value, f.code, f.zh, f.en)
            writer.writerow(f"'{c}" if isinstance(c, str) and c.startswith(_FORMULA) else c for c in cells)
