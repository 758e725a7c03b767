"""Proposals: what to do about each group of codes that is not in order, ranked by the evidence for it.

folding.py     texts as evidence compares them
lines.py       the rows of a case · evidence.py how much two rows speak for being one item
cases.py       groups that no code ties but that name one article
solving.py     rows → items · deciding.py which code and which value each item has
proposing.py   all of it: `propose`
explaining.py  reasons and differences · words.py in Chinese and English
applying.py    the sources as they will be: to see that nothing is left
"""

from __future__ import annotations

from reconcile.proposals.applying import apply
from reconcile.proposals.proposing import BULK, propose
from reconcile.proposals.records import Change, Difference, Kind, Proposal, Reason

__all__ = ["BULK", "Change", "Difference", "Kind", "Proposal", "Reason", "apply", "propose"]
