"""Codes that claims tie together, directly or through others: connected components."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reconcile.codes.claims import NONE, Claims, Numbers


@dataclass(frozen=True)
class Groups:
    """`of_code`: each code's group, the systems one after the other (`first[s]` begins system s).

    `of_claim`: each row's. Groups count from 0, in the order of their first code.
    """

    count: int
    first: Numbers
    of_code: Numbers
    of_claim: Numbers

    def codes_of(self, system: int) -> Numbers:
        """The group of each code of a system."""
        return self.of_code[self.first[system] : self.first[system + 1]]


def group(claims: Claims) -> Groups:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    first = np.concatenate([[0], np.cumsum([len(lexicon) for lexicon in claims.lexicons])]).astype("int64")
    codes = np.where(claims.codes == NONE, NONE, claims.codes + first[:-1])
    total = int(first[-1])
    anchor = codes[np.arange(len(codes)), (codes != NONE).argmax(axis=1)]
    ties = [
        (anchor[held], column[held]) for column in codes.T for held in [(column != NONE) & (column != anchor)]
    ]
    begin = np.concatenate([a for a, _ in ties])
    end = np.concatenate([b for _, b in ties])
    graph = coo_array((np.ones(len(begin), dtype="int8"), (begin, end)), shape=(total, total)).tocsr()
    _, labels = connected_components(graph, directed=False)
    _, at, label_place = np.unique(labels, return_index=True, return_inverse=True)
    # Numbered by their first code: it does not change when rows or files change places.
    rank = np.empty(len(at), dtype="int64")
    rank[np.argsort(at)] = np.arange(len(at))
    of_code = rank[label_place].astype("int64")
    return Groups(len(at), first, of_code, of_code[anchor] if len(anchor) else anchor)
