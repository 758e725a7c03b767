"""An export of any system as claims: which codes it says belong together, checked cell by cell."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from reconcile.codes.columns import ATTRIBUTES, SYSTEMS
from reconcile.columns import HEADINGS
from reconcile.errors import BadCell, BadInput
from reconcile.files import reasons, values
from reconcile.files.inputs import KNOWN, read_column
from reconcile.files.tables import read_table

if TYPE_CHECKING:
    import pandas as pd

_READERS: Final = {
    "name": values.read_text,
    "specification": values.read_text,
    "model": values.read_text,
    "maker": values.read_text,
    "certificate": values.read_text,
    "unit": values.read_text,
    "pack_quantity": values.read_pack,
    "price": values.read_price,
    "valid_from": values.read_date,
}


def read_claims(path: Path) -> pd.DataFrame:
    """The codes and attributes that the file has columns for, as text, and `row` (int64) as a person sees it.

    Raises BadInput with every finding: a cell that cannot be read, a row without a code, no code column.
    """
    import pandas as pd

    table = read_table(path, KNOWN)
    present = [system for system in SYSTEMS if system in table.cells]
    if not present:
        headings = "、".join(f"{system} ({HEADINGS[system]})" for system in SYSTEMS)
        raise BadInput([BadCell(file=table.name, column=headings, reason=reasons.MISSING_COLUMN)])
    bad: list[BadCell] = []
    frame = pd.DataFrame({"row": table.rows})
    for column in (*present, *(attribute for attribute in ATTRIBUTES if attribute in table.cells)):
        read = read_column(table, column, _READERS.get(column, values.read_code), required=False, bad=bad)
        frame[column] = read.map(str, na_action="ignore").astype("str")
    # A cell that was refused was not empty: its row is named for that already.
    refused = {cell.row for cell in bad}
    for row in frame.loc[frame[present].isna().all(axis=1), "row"]:
        if row not in refused:
            bad.append(BadCell(file=table.name, row=int(row), column=present[0], reason=reasons.NO_CLAIM))
    if bad:
        raise BadInput(sorted(bad, key=lambda cell: cell.row or 0))
    return frame
