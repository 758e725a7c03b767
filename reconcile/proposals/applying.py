"""What the exports will say once proposals are carried out in every system: to see that nothing is left."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from reconcile.codes import COMPARED, SYSTEMS
from reconcile.proposals.records import Change, Proposal

if TYPE_CHECKING:
    import pandas as pd

SETTLED = "settled"


def apply(
    sources: Mapping[str, pd.DataFrame],
    proposals: Iterable[Proposal],
    *,
    owners: Mapping[str, str | Iterable[str]] | None = None,
) -> dict[str, pd.DataFrame]:
    """The sources with the accepted proposals in them, each row's `row` kept.

    Overruled cells get what is right, dropped rows go, and a source `settled` states the codes of each item;
    a code that its owner does not list yet is added to the owner's source, as the other system will once it
    has heard of it.
    """
    import pandas as pd

    cells: dict[str, dict[int, dict[str, str]]] = {}
    dropped: dict[str, set[int]] = {}
    bound: list[dict[str, str]] = []
    new: dict[str, list[dict[str, str]]] = {}
    for proposal in proposals:
        for label in proposal.dropped:
            source, row = label.rsplit(":", 1)
            dropped.setdefault(source, set()).add(int(row))
        for change in proposal.changes:
            bound.append(dict(change.codes))
            right = dict(change.codes) | dict(change.values)
            for cell in change.overruled:
                source, row, column = cell.rsplit(":", 2)
                cells.setdefault(source, {}).setdefault(int(row), {})[column] = right.get(column, "")
            for owner, added in _for_owners(change, owners or {}).items():
                new.setdefault(owner, []).append(added)
    made = {}
    for source, frame in sources.items():
        rows = frame["row"] if "row" in frame else pd.Series(range(2, len(frame) + 2), index=frame.index)
        frame = frame.assign(row=rows).astype({"row": "int64"})
        if source in dropped:
            frame = frame[~frame["row"].isin(dropped[source])]
        frame = _corrected(frame.reset_index(drop=True), cells.get(source, {}))
        if source in new:
            first = int(rows.max()) + 1 if len(rows) else 2
            more = pd.DataFrame(new[source], dtype="str").assign(row=range(first, first + len(new[source])))
            frame = pd.concat([frame, more], ignore_index=True).fillna("")
        codes = [system for system in SYSTEMS if system in frame]
        made[source] = frame[(frame[codes].fillna("") != "").any(axis=1)]
    if bound:
        made[SETTLED] = pd.DataFrame(bound, columns=list(SYSTEMS), dtype="str").fillna("")
    return made


def _for_owners(change: Change, owners: Mapping[str, str | Iterable[str]]) -> dict[str, dict[str, str]]:
    """What each owner has to add: the new code beside the other codes that it knows of this item."""
    by_owner: dict[str, dict[str, str]] = {}
    for system in change.new:
        owner = owners.get(system)
        if isinstance(owner, str):
            by_owner.setdefault(owner, {})[system] = change.code(system)
    return by_owner


def _corrected(frame: pd.DataFrame, cells: dict[int, dict[str, str]]) -> pd.DataFrame:
    if not cells:
        return frame
    places = dict(zip(frame["row"].tolist(), range(len(frame)), strict=True))
    columns = {column: frame[column].tolist() for column in (*SYSTEMS, *COMPARED) if column in frame}
    for row, values in cells.items():
        for column, value in values.items():
            if row in places and column in columns:
                columns[column][places[row]] = value
    return frame.assign(**columns)
