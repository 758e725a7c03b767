"""Reconciliation: data frames in, variances with their causes and files out.

Pure: knows no service, no database, no web framework. pandas, Narwhals and the file libraries are loaded on
first use only, because a web worker imports this package long before anybody asks for a report.

    from reconcile import variance
    result = variance(movements, charges, opening=opening, counts=counts, codes=codes)
    result.rows, result.summary, result.unmapped, result.causes

The meaning of every figure is the contract in the domain page (records, formulas, roll-ups); the columns are
listed in `reconcile.columns` and `reconcile.result`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reconcile.daily import variance
    from reconcile.errors import BadCell, BadInput
    from reconcile.result import VarianceResult

__all__ = ["BadCell", "BadInput", "VarianceResult", "variance"]

_HOME = {
    "variance": "reconcile.daily",
    "VarianceResult": "reconcile.result",
    "BadInput": "reconcile.errors",
    "BadCell": "reconcile.errors",
}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
