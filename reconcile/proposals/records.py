"""What a proposal is: plain frozen records, so that it can be stored, shown and approved as it is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from reconcile.proposals.words import REASONS, TERMS

BULK: Final = 0.9
"""The score above which proposals may be accepted in bulk; what that takes is measured in the benchmark."""


class Kind(StrEnum):
    """`MERGE`: one item had two codes of a system. `SPLIT`: a code held several items together. `NEW_CODE`:
    a smallest specification needs a code of its own. `RETIRE`: codes that belong to nothing any more.
    `RE_POINT`: a claim names a code that is not, or no longer, this item's. `CORRECT`: the codes are right,
    a field is not. `FILL`: two halves that nothing ties belong together."""

    MERGE = "merge"
    SPLIT = "split"
    NEW_CODE = "new_code"
    RETIRE = "retire"
    RE_POINT = "re_point"
    CORRECT = "correct"
    FILL = "fill"


@dataclass(frozen=True, slots=True)
class Reason:
    """A fact that speaks for the proposal, or (`supports` false) against it. `data` fills the words."""

    code: str
    data: tuple[tuple[str, str], ...] = ()
    supports: bool = True

    @property
    def zh(self) -> str:
        return self._said(0)

    @property
    def en(self) -> str:
        return self._said(1)

    def _said(self, language: int) -> str:
        data = {
            key: TERMS[value][language] if key in ("system", "field") else value for key, value in self.data
        }
        return REASONS[self.code][language].format_map(data)


@dataclass(frozen=True, slots=True)
class Difference:
    """What each claim of an item says of one field: (`source:row`, text as it was given). `item`: which of
    the proposal's changes. `agrees`: one value once width, signs, units and legal forms are folded.
    `is_same_text`: the plain texts are one too, so nobody needs to change anything."""

    item: int
    field: str
    values: tuple[tuple[str, str], ...]
    agrees: bool
    is_same_text: bool


@dataclass(frozen=True, slots=True)
class Change:
    """One item as it shall be.

    `codes`: (system, code), at most one each. `new`: the systems whose code is proposed and has to be made.
    `claims`: the rows that speak of this item, `source:row`. `overruled`: their cells that do not hold any
    more, `source:row:column`, codes and fields alike. `values`: (field, what is right) for fields in which
    the rows differ.
    """

    codes: tuple[tuple[str, str], ...]
    new: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()
    overruled: tuple[str, ...] = ()
    values: tuple[tuple[str, str], ...] = ()

    def code(self, system: str) -> str:
        return dict(self.codes).get(system, "")


@dataclass(frozen=True, slots=True)
class Proposal:
    """What should be done about a group, or several that belong together.

    `group`: the first of `groups`, counted as in the result. `score`: 0 to 1, how often such a proposal is
    right. `retired`: (system, code) that shall belong to no item. `dropped`: rows that speak of no item any
    more, `source:row`. `is_complete`: with it the groups have no finding left.
    """

    group: int
    groups: tuple[int, ...]
    kind: Kind
    score: float
    changes: tuple[Change, ...]
    retired: tuple[tuple[str, str], ...]
    dropped: tuple[str, ...]
    reasons: tuple[Reason, ...]
    differences: tuple[Difference, ...]
    is_complete: bool
