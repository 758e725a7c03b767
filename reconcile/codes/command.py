"""`python -m reconcile codes`: exports in; groups.csv, findings.csv and summary.json out.

Exit codes: 0 all one-to-one, 3 findings, 2 bad input (nothing written).
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from reconcile.codes.columns import SYSTEMS
from reconcile.errors import BadCell, BadInput, refuse

if TYPE_CHECKING:
    import pandas as pd

    from reconcile.codes.report import CodesResult

FILES: Final = ("groups.csv", "findings.csv", "summary.json")


def add_arguments(commands: Any) -> None:
    codes = commands.add_parser("codes", help="whether five systems' codes are one-to-one, and where not")
    codes.add_argument(
        "files", nargs="+", type=Path, metavar="F", help="one export per system: CSV, TSV, XLSX, Parquet"
    )
    codes.add_argument(
        "--owner", action="append", default=[], type=_owner, metavar="SYSTEM=F",
        help=f"the export that lists all codes of a system ({', '.join(SYSTEMS)})",
    )  # fmt: skip
    codes.add_argument("--out", type=Path, metavar="DIR", required=True)


def run(given: argparse.Namespace) -> tuple[CodesResult, list[Path]]:
    """Raises BadInput with every finding of every file, and OSError where the folder cannot be written."""
    from reconcile.codes.report import reconcile_codes

    sources, owners = _read(given.files, given.owner)
    result = reconcile_codes(sources, owners=owners)
    return result, write(result, given.out)


def write(result: CodesResult, folder: Path) -> list[Path]:
    """All three files or none; what an earlier run left is replaced. Raises OSError."""
    from reconcile.output import write_csv, written_together

    with written_together(folder, FILES) as beside:
        write_csv(result.groups, beside / "groups.csv")
        write_csv(result.findings, beside / "findings.csv")
        summary = json.dumps(result.summary, indent=2)
        (beside / "summary.json").write_text(summary + "\n", encoding="utf-8")
    return [folder / name for name in FILES]


def _read(
    files: Sequence[Path], owned: Sequence[tuple[str, Path]]
) -> tuple[dict[str, pd.DataFrame], dict[str, str | list[str]]]:
    from reconcile.files.claims import read_claims

    names = _names(files)
    bad: list[BadCell] = []
    sources: dict[str, pd.DataFrame] = {}
    lists: dict[str, str | list[str]] = {}
    for path, name in names.items():
        try:
            sources[name] = read_claims(path)
        except BadInput as error:
            bad.extend(error.cells)
    for system, path in owned:
        if system in lists:
            bad.extend(_two_owners(system).cells)
        elif path.resolve() in {known.resolve() for known in names}:
            lists[system] = next(n for known, n in names.items() if known.resolve() == path.resolve())
        else:
            try:
                listed = read_claims(path)
            except BadInput as error:
                bad.extend(error.cells)
                continue
            lists[system] = listed[system].dropna().tolist() if system in listed else []
    for system, path in owned:
        of = lists.get(system)
        has_none = not of or (isinstance(of, str) and of in sources and system not in sources[of])
        if has_none and system in lists:
            bad.extend(_owns_nothing(system, path).cells)
    if bad:
        raise BadInput(bad)
    return sources, lists


def _names(files: Sequence[Path]) -> dict[Path, str]:
    """A source is called by its file's name without the ending."""
    names: dict[Path, str] = {}
    for path in files:
        if path.stem in names.values():
            raise refuse(
                str(path),
                "source_twice",
                f"two sources are called {path.stem!r}; each needs a file name of its own",
                f"有两个来源都叫“{path.stem}”；每个来源的文件名必须不同",
            )
        names[path] = path.stem
    return names


def _two_owners(system: str) -> BadInput:
    return refuse("--owner", "two_owners", f"{system} has two owners", f"{system} 有两个所属来源")


def _owns_nothing(system: str, path: Path) -> BadInput:
    en = f"lists no {system} code, and so cannot own them"
    return refuse(str(path), "owns_nothing", en, f"没有任何 {system} 编码，不能作为其所属来源")


def _owner(text: str) -> tuple[str, Path]:
    system, equals, path = text.partition("=")
    if not equals or not path or system not in SYSTEMS:
        raise argparse.ArgumentTypeError(
            f"{text!r}: expected SYSTEM=FILE with one of {', '.join(SYSTEMS)} / 应为 编码系统=文件"
        )
    return system, Path(path)
