"""Five-code reconciliation: what each system's export claims, grouped; what is wrong in each group, and why.

Codes are nodes; a row of an export claims that the codes it holds belong together; a group is a connected
component. Source frames go in, groups and findings come out; nothing depends on the order of files or rows.

    forms.py       the forms in which codes and attributes are compared
    claims.py      frames → codes and attributes, told apart by number
    grouping.py    numbers → connected components, in a stable order
    separating.py  a group with two codes of one system → the fewest claims to give up
    findings.py    groups → findings of every class
    report.py      all of it in one call: `reconcile_codes`
    command.py     `python -m reconcile codes`

NumPy and SciPy are loaded on first use only: a web worker imports this package, and never groups anything.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from reconcile.codes.columns import ATTRIBUTES, COMPARED, SYSTEMS, Status

if TYPE_CHECKING:
    from reconcile.codes.report import CodesResult, reconcile_codes

__all__ = ["ATTRIBUTES", "COMPARED", "SYSTEMS", "CodesResult", "Status", "reconcile_codes"]


def __getattr__(name: str) -> object:
    if name not in ("CodesResult", "reconcile_codes"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("reconcile.codes.report"), name)
