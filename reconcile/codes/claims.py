"""Source frames become claims: one row each, codes and attributes in the form in which they are compared.

A code is compared after NFKC and trimming, a GTIN as fourteen digits; an attribute also without case, a
number by its value. Each distinct text is looked at once, then only numbers are handled: millions of rows
hold far fewer texts.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from reconcile.codes.columns import ATTRIBUTES, COMPARED, NUMBERS, SYSTEMS
from reconcile.codes.forms import (
    CODE_LENGTH,
    canonical_code,
    canonical_number,
    canonical_text,
    canonical_udi,
    class_of,
)
from reconcile.errors import BadCell, BadInput
from reconcile.files import reasons

if TYPE_CHECKING:
    import pandas as pd

Numbers = npt.NDArray[np.int64]
NONE: Final = -1


@dataclass(frozen=True)
class Lexicon:
    """The distinct values of one column, in order; `shown[n]` is the text of the value that is called n."""

    shown: npt.NDArray[np.object_]

    def __len__(self) -> int:
        return len(self.shown)


@dataclass(frozen=True)
class Claims:
    """All rows of all sources, in the order of (source, row).

    `table`: source, row (int64), codes and attributes as they were given; missing columns are left out.
    `codes`: int64 (rows, 5): the code's number within its system, or -1. `lexicons`: one per system.
    `attributes`: field → (int64 per row, lexicon), for the fields that are compared.
    `given`: the systems of which any source has the column. `classes`: per row the 20 digits of an insurance
    class, where the claim names no more of it than that while 27-digit codes of the class are claimed too;
    empty elsewhere. A class ties nothing: it is shared by all its models.
    """

    table: pd.DataFrame
    codes: Numbers
    lexicons: tuple[Lexicon, ...]
    attributes: dict[str, tuple[Numbers, Lexicon]]
    given: tuple[str, ...]
    classes: npt.NDArray[np.object_]

    @cached_property
    def _origins(self) -> tuple[npt.NDArray[np.object_], Numbers]:
        return self.table["source"].to_numpy(dtype=object), self.table["row"].to_numpy()

    def labels(self, rows: Numbers) -> list[str]:
        """`source:row` of each of these rows."""
        sources, numbers = self._origins
        return [f"{s}:{n}" for s, n in zip(sources[rows].tolist(), numbers[rows].tolist(), strict=True)]


def gather(sources: Mapping[str, pd.DataFrame]) -> Claims:
    """Raises BadInput for a row that holds no code at all."""
    import pandas as pd

    frames = []
    for name in sorted(sources):
        frame = sources[name]
        kept = frame[[column for column in (*SYSTEMS, *ATTRIBUTES) if column in frame]]
        rows = frame["row"] if "row" in frame else pd.RangeIndex(2, len(frame) + 2)
        kept.insert(0, "row", np.asarray(rows, dtype="int64"))
        kept.insert(0, "source", name)
        frames.append(kept.sort_values("row", kind="stable"))
    table = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame({"source": [], "row": []})
    # A column that nobody has is expected of nobody; one that is there and empty is.
    given = tuple(s for s in SYSTEMS if s in table)
    numbers, lexicons = [], []
    for system in SYSTEMS:
        form = canonical_udi if system == "udi" else canonical_code
        codes, lexicon = (
            _numbered(table[system], form) if system in table else (np.full(len(table), NONE), _NOTHING)
        )
        numbers.append(codes)
        lexicons.append(lexicon)
    classes, numbers[_INSURANCE], lexicons[_INSURANCE] = _without_classes(numbers, lexicons[_INSURANCE])
    codes = np.column_stack(numbers)
    empty = np.flatnonzero((codes == NONE).all(axis=1))
    if len(empty):
        where = table.iloc[empty]
        raise BadInput(
            BadCell(file=str(source), row=int(row), reason=reasons.NO_CLAIM)
            for source, row in zip(where["source"], where["row"], strict=True)
        )
    attributes = {
        field: _numbered(table[field], canonical_number if field in NUMBERS else canonical_text)
        for field in COMPARED
        if field in table
    }
    return Claims(table, codes, tuple(lexicons), attributes, given, classes)


_NOTHING: Final = Lexicon(np.empty(0, dtype=object))
_INSURANCE: Final = SYSTEMS.index("insurance")


def _without_classes(
    numbers: list[Numbers], lexicon: Lexicon
) -> tuple[npt.NDArray[np.object_], Numbers, Lexicon]:
    """Each row's class, and the insurance codes without those that are one; a row that holds nothing else
    keeps it as its code."""
    own = numbers[_INSURANCE]
    classes = np.full(len(own), "", dtype=object)
    known = {class_of(code) for code in lexicon.shown.tolist() if len(code) == CODE_LENGTH}
    is_class = np.array([code in known for code in lexicon.shown.tolist()] + [False])
    if not is_class.any():
        return classes, own, lexicon
    others = [column for place, column in enumerate(numbers) if place != _INSURANCE]
    held = is_class[own] & (np.column_stack(others) != NONE).any(axis=1)
    classes[held] = lexicon.shown[own[held]]
    rest = np.where(held, NONE, own)
    used, renumbered = np.unique(rest[rest != NONE], return_inverse=True)
    rest[rest != NONE] = renumbered
    return classes, rest, Lexicon(lexicon.shown[used])


def _shown(numbers: Numbers, texts: Sequence[str], distinct: pd.Index[str]) -> npt.NDArray[np.object_]:
    """As it was written, where all write it alike; else in the form in which it is compared, or of texts that
    differ in case only, the first of them."""
    shown = np.asarray(distinct, dtype=object)
    ways: dict[int, str] = {}
    for number, text in zip(numbers.tolist(), texts, strict=True):
        known = ways.setdefault(number, text)
        if known != text:
            alike = known.casefold() == text.casefold()
            ways[number] = min(known, text) if alike else str(shown[number])
    for number, text in ways.items():
        if number != NONE:
            shown[number] = text
    return shown


def _numbered(column: pd.Series[Any], form: Callable[[str], str]) -> tuple[Numbers, Lexicon]:
    """Each value's number among the distinct ones, which are in the order of their compared form."""
    import pandas as pd

    places, written = pd.factorize(column, use_na_sentinel=True)
    texts = [unicodedata.normalize("NFKC", str(value)).strip() for value in written]
    forms = pd.Index([form(text) or None for text in texts], dtype="str")
    numbers, distinct = pd.factorize(forms, sort=True, use_na_sentinel=True)
    if np.count_nonzero(numbers != NONE) == len(distinct):
        # Nearly always: each is written in one way, and of millions none is made anew.
        shown = np.empty(len(distinct), dtype=object)
        shown[numbers[numbers != NONE]] = np.array(texts, dtype=object)[numbers != NONE]
    else:
        shown = _shown(numbers, texts, distinct)
    found = np.append(numbers, NONE)[places]
    return found.astype("int64"), Lexicon(shown)
