"""Proposals: what to do about each group of codes that is not in order, ranked by the evidence for it.

folding.py     texts as evidence compares them
lines.py       the rows of a case · evidence.py how much two rows speak for being one item
cases.py       groups that no code ties but that name one article
solving.py     rows → items · tangles.py in steps, where there are too many rows for that
deciding.py    which code and which value each item has
proposing.py   all of it: `propose`
explaining.py  reasons and differences · words.py in Chinese and English
applying.py    the sources as they will be: to see that nothing is left
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from reconcile.proposals.records import BULK, Change, Difference, Kind, Proposal, Reason

if TYPE_CHECKING:
    from reconcile.proposals.applying import apply
    from reconcile.proposals.proposing import propose

__all__ = ["BULK", "Change", "Difference", "Kind", "Proposal", "Reason", "apply", "propose"]
# Loaded on first use: a web worker imports this package, and leaves the work to its child.
_HOME = {"apply": "reconcile.proposals.applying", "propose": "reconcile.proposals.proposing"}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
