"""The files of a variance, all or none: written beside their place first, then moved into it."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

from reconcile.columns import VARIANCE_COLUMNS
from reconcile.result import VarianceResult
from reconcile.workbook import write_variance_xlsx

FILES: Final = ("variance.csv", "variance.xlsx", "summary.json", "unmapped.csv")


def write_results(result: VarianceResult, folder: Path, *, language: str = "zh") -> list[Path]:
    """Write variance.csv, variance.xlsx, summary.json and, if any charge maps to no item, unmapped.csv.

    A failure leaves the folder as it was. Files of an earlier run are replaced (a stale unmapped.csv goes),
    everything else in the folder stays. `result` must hold pandas frames. Raises OSError.
    """
    with written_together(folder, FILES) as beside:
        write_csv(result.rows[list(VARIANCE_COLUMNS)], beside / "variance.csv")
        write_variance_xlsx(result, beside / "variance.xlsx", language=language)
        summary = json.dumps(result.summary, ensure_ascii=False, indent=2)
        (beside / "summary.json").write_text(summary + "\n", encoding="utf-8")
        if result.summary["unmapped"]:
            write_csv(result.unmapped, beside / "unmapped.csv")
    return [folder.absolute() / name for name in FILES if (folder / name).exists()]


@contextmanager
def written_together(folder: Path, names: Sequence[str]) -> Iterator[Path]:
    """A place to write files of these names; at the end all of them move into the folder, or none does.

    What the folder holds under a name that was not written goes. Raises OSError.
    """
    folder = folder.absolute()
    folder.parent.mkdir(parents=True, exist_ok=True)
    written = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        yield written
        _move(written, folder, names)
    finally:
        shutil.rmtree(written, ignore_errors=True)


def write_csv(frame: Any, path: Path | IO[bytes]) -> None:
    """UTF-8 without mark, ISO days, empty where null.

    Text that a spreadsheet would run as a formula gets a leading apostrophe, as OWASP advises; numbers,
    rates and amounts, negative ones included, stay as they are, and so does a lone code such as -5.
    """
    text = frame.select_dtypes(include=["str", "object"]).columns.difference(["rate", "variance_value"])
    frame = frame.assign(**{column: _defused(frame[column]) for column in text})
    frame.to_csv(path, index=False, date_format="%Y-%m-%d", lineterminator="\n", encoding="utf-8")


def _defused(values: Any) -> Any:
    starts = values.astype("str").str.match(r"[=+\-@\t\r]", na=False)
    number = values.astype("str").str.fullmatch(r"[+-]?\d+(\.\d+)?", na=False)
    return values.where(~(starts & ~number), "'" + values.astype("str"))


def _move(written: Path, folder: Path, names: Sequence[str]) -> None:
    folder.mkdir(exist_ok=True)
    if any((folder / name).is_dir() for name in names):
        raise IsADirectoryError(f"{folder} holds a folder named like a result")
    for name in names:
        if (written / name).exists():
            os.replace(written / name, folder / name)
        else:
            (folder / name).unlink(missing_ok=True)
