"""Claims in, groups and findings out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from reconcile.codes.claims import NONE, Claims, Numbers, gather
from reconcile.codes.columns import FINDING_COLUMNS, JOINT, SYSTEMS, Status
from reconcile.codes.findings import Finding, find_all
from reconcile.codes.forms import canonical_code, canonical_udi
from reconcile.codes.grouping import Groups, group

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class CodesResult:
    """`found`: every finding, by group, the worst class first; the frames show the same as text."""

    gathered: Claims
    grouped: Groups
    found: list[Finding]

    @cached_property
    def claims(self) -> pd.DataFrame:
        """All rows of all sources: source, row, codes, attributes as given, and `group` (int64, from 1)."""
        return self.gathered.table.assign(group=self.grouped.of_claim + 1)

    @cached_property
    def groups(self) -> pd.DataFrame:
        """group (int64, from 1), status, and the codes of each system, several joined by `|`, none empty."""
        import pandas as pd

        columns: dict[str, Any] = {"group": np.arange(1, self.grouped.count + 1), "status": self._statuses()}
        for place, system in enumerate(SYSTEMS):
            columns[system] = _joined(
                self.grouped.codes_of(place), self.gathered.lexicons[place].shown, self.grouped.count
            )
        return pd.DataFrame(columns)

    @cached_property
    def findings(self) -> pd.DataFrame:
        """group, class, system, field, values, sources (`source:row`, joined by `|`), remove, proved."""
        import pandas as pd

        rows = [finding.as_row(self.gathered) for finding in self.found]
        return pd.DataFrame(rows, columns=list(FINDING_COLUMNS))

    @property
    def summary(self) -> dict[str, int]:
        """Groups by status, each counted once under its worst finding."""
        worst = self._worst()
        counts = np.bincount(worst, minlength=len(Status)).tolist()
        by_status = dict(zip(Status, counts, strict=True))
        order = (Status.OK, Status.MISSING, Status.CONFLICT, Status.MISMATCH, Status.DANGLING)
        return {"groups": self.grouped.count} | {s.value.lower(): by_status[s] for s in order}

    def _worst(self) -> Numbers:
        places = {status: place for place, status in enumerate(Status)}
        worst = np.full(self.grouped.count, places[Status.OK])
        of_group = np.array([finding.group for finding in self.found], dtype="int64")
        severity = np.array([places[finding.status] for finding in self.found], dtype="int64")
        np.minimum.at(worst, of_group, severity)
        return worst

    def _statuses(self) -> Any:
        return np.array([status.value for status in Status], dtype=object)[self._worst()]


def reconcile_codes(
    sources: Mapping[str, pd.DataFrame], *, owners: Mapping[str, str | Iterable[str]] | None = None
) -> CodesResult:
    """Group what the sources claim, and find what is not one-to-one.

    `sources`: the source's name → a frame with any of material, billing, order, insurance, udi, name,
    specification, model, maker, certificate, unit, pack_quantity, price, valid_from (text, empty or null
    where unknown) and `row` (int, else counted from 2). A row claims that its codes belong together; a
    row without a code raises BadInput. `owners`: system → all the codes that it owns, or the name of the
    source that lists them; a code of it that is named elsewhere only is DANGLING. A system is expected
    of each group if any source has its column.
    """
    claims = gather(sources)
    groups = group(claims)
    owned = {
        system: _owned(claims, system, owner)
        for system, owner in sorted((owners or {}).items(), key=lambda item: SYSTEMS.index(item[0]))
    }
    return CodesResult(claims, groups, find_all(claims, groups, owned))


def _owned(claims: Claims, system: str, owner: str | Iterable[str]) -> Numbers:
    """The numbers of the codes that the owner lists; what nobody claims has none."""
    place = SYSTEMS.index(system)
    if isinstance(owner, str):
        numbers = claims.codes[(claims.table["source"] == owner).to_numpy(), place]
        return np.unique(numbers[numbers != NONE])
    form = canonical_udi if system == "udi" else canonical_code
    listed = {form(code) for code in owner}
    forms = [form(str(code)) for code in claims.lexicons[place].shown]
    return np.flatnonzero([code in listed for code in forms])


def _joined(group_of_code: Numbers, shown: Any, count: int) -> Any:
    texts = np.full(count, "", dtype=object)
    order = np.argsort(group_of_code, kind="stable")
    groups, codes = group_of_code[order], shown[order]
    begins = np.flatnonzero(np.diff(groups, prepend=-1))
    texts[groups[begins]] = codes[begins]
    sizes = np.diff(begins, append=len(groups))
    for begin, size in zip(begins[sizes > 1].tolist(), sizes[sizes > 1].tolist(), strict=True):
        texts[groups[begin]] = JOINT.join(codes[begin : begin + size])
    return texts
