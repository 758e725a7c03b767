"""Plant small bugs in `scanners`, one at a time, and list those that no test sees.

    python tools/mutate.py [--sample 40] [--seconds 600] [--seed 1] [scanners/mending.py …]

Each mutant changes one comparison, condition, number, operator or returned value in a copy of the tree, and
the tests about that module run on it in a process forked from one that has pytest loaded already. Random
tests run few examples, the same ones each time. A survivor is a line that could be wrong unseen, or a change
without a difference (a limit a little higher); which of the two, a person decides: docs/mutants.md.

``--sample``: so many mutants of each module, drawn at random. Then ``--seconds`` says when to stop.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import importlib.util
import os
import random
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
COPIED = ("scanners", "tests", "fixtures", "tracer", "benchmarks", "pyproject.toml")
TESTS = Path("tests/scanners")
# Seconds of the processor, so that a busy machine changes nothing. A mutant that never ends counts as seen.
LONGEST_RUN, LONGEST_RUN_OF_LABELS = 60, 240
FEW_EXAMPLES = 12
# Third parties that tests about labels need: loaded before the fork, for speed.
SLOW_TO_LOAD = ("numpy", "PIL.Image", "reportlab.pdfgen.canvas", "zxingcpp", "pypdfium2", "sqlalchemy.orm")

SWAPPED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
LABELS = ["labels_layout", "labels_zpl", "labels_symbols", "labels_files"]
# Which tests are about a module; all of those named for GS1 for what lies in `gs1`.
ABOUT = {
    "mending": ["repairs", "plain", "fresh_vectors", "damage"],
    "repairs": ["repairs", "fresh_vectors", "damage"],
    "keyboards": ["repairs", "fresh_vectors", "damage"],
    "cli": ["cli", "fresh_vectors"],
    "symbology": ["gs1_symbols", "gs1_messages", "repairs"],
    "label_command": ["labels_cli"],
    "read_command": ["images_cli"],
    "parsing": ["repairs", "plain", "scan", "hibc", "ahm", "fresh_vectors", "damage"],
    "routing": ["gs1_messages", "gs1_symbols", "hibc", "iccbba", "ma", "ma_carriers", "ahm", "iso15434",
                "inhouse", "plain", "fresh_vectors"],
    "inhouse": ["inhouse", "damage"],
    "isbt128": ["iccbba"],
    "ma_carriers": ["ma_carriers", "ma"],
    "data_identifiers": ["iso15434"],
    "hibc": ["hibc", "hibc_sequences", "hibc_vectors"],
    "lost_separators": ["lost_separators", "damage"],
    "gs1": ["gs1_messages", "gs1_symbols", "gs1_relations", "plain", "digital_link", "dates", "gtin",
            "dictionary", "gs1_brackets", "gs1_vectors", "real_scans", "beside_biip"],
    "labels": LABELS,
}  # fmt: skip

Change = Callable[[ast.AST], None]


class Mutant(NamedTuple):
    """A change of a module: what is told of it (line, code and kind), which node, which of its changes."""

    told: str
    place: int
    count: int


def main() -> None:
    """Run, and print a line for each survivor and one for each module."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("modules", nargs="*")
    parser.add_argument("--sample", type=int, help="of each module so many mutants, not all")
    parser.add_argument("--seconds", type=float, default=3600.0, help="stop after so long")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    place = Path(tempfile.mkdtemp(prefix="tracer-mutants-"))
    try:
        for name in COPIED:
            source = ROOT / name
            (shutil.copytree if source.is_dir() else shutil.copy)(source, place / name)
        _run(place, options.modules or _all_modules(), options.sample, options.seconds, options.seed)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _all_modules() -> list[str]:
    found = (path.relative_to(ROOT) for path in (ROOT / "scanners").rglob("*.py"))
    left_out = {"images", "labels"}  # their tests read pictures, which takes many seconds
    return sorted(str(path) for path in found if not left_out & set(path.parts) and path.stem[:2] != "__")


def _run(place: Path, modules: list[str], sample: int | None, seconds: float, seed: int) -> None:
    os.chdir(place)
    sys.path[0] = str(place)
    _load_pytest()
    wanted: list[tuple[str, Mutant]] = []
    as_it_is: dict[str, bool] = {}  # by the tests: several modules have the same
    for module in modules:
        tests = " ".join(_tests_about(module))
        if tests not in as_it_is:
            as_it_is[tests] = _passes(module)
        if not as_it_is[tests]:
            print(f"{module}: left out, its tests fail as it is", flush=True)
            continue
        possible = [(module, one) for one in _mutants(Path(module).read_text(encoding="utf-8"))]
        wanted += possible if sample is None else _drawn(possible, sample, f"{seed} {module}")
    random.Random(seed).shuffle(wanted)
    began, seen, planted = time.monotonic(), dict.fromkeys(modules, 0), dict.fromkeys(modules, 0)
    for module, mutant in wanted:
        if time.monotonic() - began > seconds:
            break
        path = Path(module)
        sound = path.read_text(encoding="utf-8")
        path.write_text(_planted(sound, mutant), encoding="utf-8")
        planted[module] += 1
        if _passes(module):
            print(f"SURVIVED {module}:{mutant.told}", flush=True)
        else:
            seen[module] += 1
        path.write_text(sound, encoding="utf-8")
    for module in modules:
        print(f"{module}: {seen[module]} of {planted[module]} seen")
    print(f"{sum(seen.values())} of {sum(planted.values())} seen; {len(wanted)} were drawn")


def _drawn(possible: list[tuple[str, Mutant]], sample: int, seed: str) -> list[tuple[str, Mutant]]:
    """A random sample: the same ones of a module, whichever others are looked at."""
    return random.Random(seed).sample(possible, min(sample, len(possible)))


def _load_pytest() -> None:
    import hypothesis
    import pytest  # noqa: F401 — loaded before the fork, for speed

    for name in SLOW_TO_LOAD:
        importlib.import_module(name)
    plain = hypothesis.settings.__init__

    def with_few_examples(self: hypothesis.settings, *args: object, **given: object) -> None:
        given["max_examples"] = FEW_EXAMPLES
        given["derandomize"] = True
        # Once it fails it is seen: no smaller example is looked for.
        given["phases"] = (hypothesis.Phase.explicit, hypothesis.Phase.generate)
        given["database"] = None
        plain(self, *args, **given)  # type: ignore[arg-type]

    hypothesis.settings.__init__ = with_few_examples  # type: ignore[method-assign, assignment]


def _tests_about(module: str) -> list[str]:
    path = Path(module)
    return ABOUT.get(path.stem) or ABOUT.get(path.parent.name) or [path.stem]


def _passes(module: str) -> bool:
    """Whether the tests about a module pass, in a process of their own."""
    names = _tests_about(module)
    # Python tells what it compiled by size and second of writing: two mutants can have both in common.
    Path(importlib.util.cache_from_source(module)).unlink(missing_ok=True)
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    of_labels = names[0].startswith("labels")
    longest = LONGEST_RUN_OF_LABELS if of_labels else LONGEST_RUN
    resource.setrlimit(resource.RLIMIT_CPU, (longest, longest))
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    import pytest

    tests = [str(TESTS / f"test_{name}.py") for name in names]
    try:
        # Hypothesis is loaded already, to be told how few examples are wanted.
        tolerated = ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
        plain = [] if of_labels else ["--noconftest"]  # where the libraries that read labels are asked for
        code = int(pytest.main(["-q", "-x", "--no-header", *plain, *tolerated, *tests]))
    except BaseException:
        code = 1
    os._exit(code)


def _mutants(text: str) -> Iterator[Mutant]:
    nodes = list(ast.walk(ast.parse(text)))
    silent = {id(part) for node in nodes for part in _without_effect(node)}
    for place, node in enumerate(nodes):
        if id(node) in silent:
            continue
        for count, (kind, _) in enumerate(_changes(node)):
            line: int = node.lineno  # type: ignore[attr-defined]
            yield Mutant(f"{line} {_shown(node)}: {kind}", place, count)


def _planted(text: str, mutant: Mutant) -> str:
    """The text with that change."""
    tree = ast.parse(text)
    node = list(ast.walk(tree))[mutant.place]
    _, change = list(_changes(node))[mutant.count]
    change(node)
    return ast.unparse(ast.fix_missing_locations(tree))


def _shown(node: ast.AST) -> str:
    """The code that is changed, a condition without what hangs on it."""
    if isinstance(node, ast.If | ast.IfExp):
        node = node.test
    return " ".join(ast.unparse(node).split())[:70]


def _without_effect(node: ast.AST) -> Iterator[ast.AST]:
    """Docstrings, annotations, and messages, whose words no test should care for."""
    parts: list[ast.AST | None] = []
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        parts = [node.value]
    elif isinstance(node, ast.JoinedStr):
        parts = [node]
    elif isinstance(node, ast.AnnAssign):
        parts = [node.annotation]
    elif isinstance(node, ast.FunctionDef):
        parts = [node.returns, *(argument.annotation for argument in node.args.args)]
    for part in parts:
        if part is not None:
            yield from ast.walk(part)


def _changes(node: ast.AST) -> Iterator[tuple[str, Change]]:
    match node:
        case ast.Compare(ops=[operator]) if type(operator) in SWAPPED:
            other = SWAPPED[type(operator)]
            yield f"{type(operator).__name__} → {other.__name__}", lambda n: setattr(n, "ops", [other()])
        case ast.BoolOp():
            junction = ast.Or if isinstance(node.op, ast.And) else ast.And
            yield f"→ {junction.__name__}", lambda n: setattr(n, "op", junction())
        case ast.BinOp(op=ast.Add() | ast.Sub()):
            sign = ast.Sub if isinstance(node.op, ast.Add) else ast.Add
            yield f"→ {sign.__name__}", lambda n: setattr(n, "op", sign())
        case ast.Constant(value=bool() as flag):
            yield f"{flag} → {not flag}", lambda n: setattr(n, "value", not flag)
        case ast.Constant(value=int() as number):
            yield f"{number} → {number + 1}", lambda n: setattr(n, "value", number + 1)
        case ast.If() | ast.IfExp():
            yield "condition → True", lambda n: setattr(n, "test", ast.Constant(True))
            yield "condition → False", lambda n: setattr(n, "test", ast.Constant(False))
        case ast.Return(value=ast.expr() as value) if not isinstance(value, ast.Constant):
            yield "returns None", lambda n: setattr(n, "value", ast.Constant(None))


if __name__ == "__main__":
    main()
