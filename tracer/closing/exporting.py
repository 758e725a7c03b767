"""The report as a file: the same rows and figures as on the page, written by `reconcile`."""

from __future__ import annotations

import json
from dataclasses import asdict
from io import BytesIO
from typing import TYPE_CHECKING

from reconcile.columns import VARIANCE_COLUMNS
from tracer.closing.queries import Report

if TYPE_CHECKING:
    import pandas as pd

CAUSE_COLUMNS = ("business_date", "location", "material", "cause", "units", "evidence")


def variance_xlsx(report: Report, language: str) -> bytes:
    """The workbook for finance; places are given with their names, in the reader's language."""
    from reconcile.result import VarianceResult
    from reconcile.workbook import write_variance_xlsx

    named = {
        row.location: f"{row.location} {row.location_name_en if language == 'en' else row.location_name}"
        for row in report.rows
    }
    rows, causes = _rows(report), _causes(report)
    rows["location"] = rows["location"].map(named)
    causes["location"] = causes["location"].map(named)
    target = BytesIO()
    write_variance_xlsx(
        VarianceResult(rows, report.summary, rows.iloc[:0], lambda: causes), target, language=language
    )
    return target.getvalue()


def variance_csv(report: Report) -> bytes:
    """`variance.csv`: UTF-8, English column names, codes only."""
    from reconcile.output import write_csv

    target = BytesIO()
    write_csv(_rows(report)[list(VARIANCE_COLUMNS)], target)
    return target.getvalue()


def _rows(report: Report) -> pd.DataFrame:
    import pandas as pd

    frame = pd.DataFrame([asdict(row) for row in report.rows], columns=[*VARIANCE_COLUMNS])
    numbers = VARIANCE_COLUMNS[VARIANCE_COLUMNS.index("opening") : VARIANCE_COLUMNS.index("rate")]
    frame["business_date"] = pd.to_datetime(frame["business_date"])
    frame["rate"] = frame["rate"].map(lambda rate: None if rate is None else f"{rate:.6f}")
    frame["variance_value"] = frame["variance_value"].map(
        lambda yuan: None if yuan is None else f"{yuan:.2f}"
    )
    return frame.astype(dict.fromkeys(numbers, "Int64"))


def _causes(report: Report) -> pd.DataFrame:
    import pandas as pd

    causes = [
        (row.business_date, row.location, row.material, one.cause, one.units, json.dumps(one.evidence))
        for row in report.rows
        for one in row.causes
    ]
    frame = pd.DataFrame(causes, columns=[*CAUSE_COLUMNS])
    frame["business_date"] = pd.to_datetime(frame["business_date"])
    return frame
