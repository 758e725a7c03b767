"""The rows that a case is made of: canonical codes, fields as given and as evidence compares them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from reconcile.codes import COMPARED, SYSTEMS, CodesResult
from reconcile.codes.forms import canonical_code, canonical_udi
from reconcile.proposals.folding import FOLDS, clean, fold_number

if TYPE_CHECKING:
    import pandas as pd

FIELDS: Final = ("name", *COMPARED)
MATERIAL, BILLING, ORDER, INSURANCE, UDI = range(5)


@dataclass(eq=False, slots=True)
class Line:
    """A claim. `codes`: of the five systems, empty where it holds none. `fields`: clean, filled ones only;
    `folded`: the same as they are compared. `group`: as the result counts. `class_`: of insurance codes,
    where the claim says no more of its own."""

    number: int
    label: str
    source: str
    group: int
    codes: tuple[str, ...]
    fields: dict[str, str]
    folded: dict[str, str]
    since: str
    class_: str = ""


@dataclass(frozen=True)
class Package:
    udi: str
    pieces: str


@dataclass(frozen=True)
class Known:
    """What is known beside the claims. `owned`: for each system the codes its owner lists, None if nobody
    owns it; `owner`: the source that does, or an empty text. `packages`: package identifier → the piece's."""

    owned: tuple[frozenset[str] | None, ...]
    owner: tuple[str, ...]
    packages: Mapping[str, Package]
    expected: tuple[int, ...]

    @property
    def has_catalogue(self) -> bool:
        """Whether somebody lists what is on the market: the insurance codes, or the UDIs."""
        return self.owned[INSURANCE] is not None or self.owned[UDI] is not None

    def is_owned(self, system: int, code: str) -> bool:
        listed = self.owned[system]
        return listed is None or code in listed


def read_known(
    result: CodesResult, owners: Mapping[str, str | Iterable[str]], facts: pd.DataFrame | None
) -> Known:
    claims = result.gathered
    sources = claims.table["source"].to_numpy()
    owned: list[frozenset[str] | None] = []
    named: list[str] = []
    for place, system in enumerate(SYSTEMS):
        owner = owners.get(system)
        shown = canonical(place, claims.lexicons[place].shown)
        if owner is None:
            owned.append(None)
        elif isinstance(owner, str):
            numbers = claims.codes[sources == owner, place]
            owned.append(frozenset(shown[number] for number in np.unique(numbers[numbers >= 0]).tolist()))
        else:
            form = canonical_udi if place == UDI else canonical_code
            owned.append(frozenset(form(code) for code in owner))
        named.append(owner if isinstance(owner, str) else "")
    packages = {}
    if facts is not None:
        for udi, package, pieces in zip(facts["udi"], facts["package"], facts["pieces"], strict=True):
            packages[canonical_udi(package)] = Package(canonical_udi(udi), fold_number(str(pieces)))
    expected = tuple(SYSTEMS.index(system) for system in claims.given)
    return Known(tuple(owned), tuple(named), packages, expected)


def canonical(place: int, shown: Iterable[object]) -> list[str]:
    """A lexicon shows a code as it was written, cleaned; here all that are one must be one text."""
    form = canonical_udi if place == UDI else canonical_code
    return [form(str(code)) for code in shown]


def read_lines(result: CodesResult, wanted: np.ndarray) -> list[Line]:
    """The lines of the claims with these numbers."""
    claims = result.gathered
    # Shown as written; only an identifier can be written in ways that are not one text.
    shown = [[*lexicon.shown.tolist(), ""] for lexicon in claims.lexicons]
    shown[UDI] = [*canonical(UDI, claims.lexicons[UDI].shown), ""]
    table = claims.table.iloc[wanted]
    present = [field for field in FIELDS if field in table]
    columns = [table[field].tolist() for field in present]
    since = table["valid_from"].tolist() if "valid_from" in table else [""] * len(table)
    codes = claims.codes[wanted].tolist()
    groups = (result.grouped.of_claim[wanted] + 1).tolist()
    classes = claims.classes[wanted].tolist()
    sources, rows = table["source"].tolist(), table["row"].tolist()
    lines = []
    for place, number in enumerate(wanted.tolist()):
        fields, folded = {}, {}
        for field, column in zip(present, columns, strict=True):
            value = column[place]
            if isinstance(value, str) and (text := clean(value)):
                fields[field], folded[field] = text, FOLDS[field](text)
        lines.append(
            Line(
                number,
                f"{sources[place]}:{rows[place]}",
                sources[place],
                groups[place],
                tuple(shown[system][code] for system, code in enumerate(codes[place])),
                fields,
                folded,
                since[place].strip() if isinstance(since[place], str) else "",
                classes[place],
            )
        )
    return lines
