"""`python -m reconcile variance` and `… codes`: plain files in, findings out; no database, no service.

Exit codes: 0 within tolerance, all one-to-one; 3 a breach at hospital level, findings; 2 bad input
(nothing written).
"""

from __future__ import annotations

import argparse
import sys
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from reconcile.codes.command import add_arguments as add_codes
from reconcile.errors import BadInput

WITHIN, BAD_INPUT, BREACHED = 0, 2, 3
_INPUTS = ("movements", "charges", "opening", "counts", "codes")


def main(arguments: list[str] | None = None) -> int:
    given = _parser().parse_args(arguments)
    try:
        return _codes(given) if given.command == "codes" else _variance(given)
    except BadInput as error:
        for cell in error.cells:
            print(cell, file=sys.stderr)
        found = len(error.cells)
        print(
            f"{found} findings; nothing was written / 共 {found} 处问题，未写出任何文件",
            file=sys.stderr,
        )
        return BAD_INPUT
    except OSError as error:
        print(f"{given.out}: cannot be written: {error} / 无法写入", file=sys.stderr)
        return BAD_INPUT


def _variance(given: argparse.Namespace) -> int:
    from reconcile.columns import BREACH
    from reconcile.daily import variance
    from reconcile.files import read_inputs
    from reconcile.output import write_results

    paths = {name: getattr(given, name) for name in _INPUTS if getattr(given, name) is not None}
    frames: dict[str, Any] = read_inputs(paths, timezone=given.timezone)
    result = variance(**frames, tolerance=given.tolerance, timezone=given.timezone)
    written = write_results(result, given.out, language=given.language)
    _tell(result.summary, written)
    return BREACHED if result.summary["status"] == BREACH else WITHIN


def _codes(given: argparse.Namespace) -> int:
    from reconcile.codes.command import run

    result, written = run(given)
    counts = result.summary
    print(", ".join(f"{count} {status}" for status, count in counts.items()))
    for path in written:
        print(path)
    return WITHIN if counts["ok"] == counts["groups"] else BREACHED


def _tell(summary: dict[str, object], written: list[Path]) -> None:
    by_value = summary["gross_rate_value"]
    rate = (
        f"gross rate {by_value} by value" if by_value else f"gross rate {summary['gross_rate']} by quantity"
    )
    print(
        f"{summary['status']}: {summary['rows']} rows, {summary['breaches']} breaches, "
        f"{summary['invalid']} invalid, {summary['unmapped']} unmapped; {rate}, "
        f"tolerance {summary['tolerance']}"
    )
    for path in written:
        print(path)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m reconcile", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    daily = commands.add_parser("variance", help="what stock says was consumed against what was billed")
    for name in _INPUTS:
        daily.add_argument(
            f"--{name}",
            type=Path,
            metavar="F",
            required=name in ("movements", "charges"),
            help="CSV, TSV, XLSX or Parquet; Chinese or English headings",
        )
    daily.add_argument("--tolerance", type=_share, default=Decimal("0.05"), help="0 to 1 (default 0.05)")
    daily.add_argument(
        "--timezone", type=_zone, default="Asia/Shanghai", help="of times that carry an offset"
    )
    daily.add_argument("--language", choices=("zh", "en"), default="zh", help="of the workbook")
    daily.add_argument("--out", type=Path, metavar="DIR", required=True)
    add_codes(commands)
    return parser


def _share(text: str) -> Decimal:
    from reconcile.rows import checked_tolerance

    try:
        share = Decimal(text)
        checked_tolerance(share)
    except (InvalidOperation, ValueError) as error:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a share from 0 to 1 / 应为 0 到 1 的小数"
        ) from error
    return share


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError) as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time zone") from error
    return text


if __name__ == "__main__":
    sys.exit(main())
