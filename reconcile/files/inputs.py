"""The files of a variance, checked cell by cell; every finding is reported, nothing is guessed or mended."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from reconcile.columns import CODE_SYSTEMS, HEADINGS
from reconcile.errors import BadCell, BadInput, Reason
from reconcile.files import reasons, values
from reconcile.files.tables import Table, folded, read_table
from reconcile.intake import CHARGES, CODES, COUNTS, MOVEMENTS, OPENING, Spec

if TYPE_CHECKING:
    import pandas as pd

_KNOWN: Final = {
    folded(heading): column for column, chinese in HEADINGS.items() for heading in (column, chinese)
}
_SPECS: Final = {spec.name: spec for spec in (MOVEMENTS, CHARGES, OPENING, COUNTS, CODES)}
_READERS: Final[dict[str, Callable[[Any], Any]]] = {
    "location": values.read_text,
    "kind": values.read_kind,
    "movements.quantity": values.read_movement_quantity,
    "counts.quantity": values.read_counted_quantity,
    "quantity": values.read_units,
    "unit_cost": values.read_price,
    "price": values.read_price,
    "amount": values.read_money,
    "encounter": values.read_text,
    "id": values.read_text,
    "reference": values.read_text,
    "name": values.read_text,
    "category": values.read_text,
    "chargeable": values.read_yes_no,
    "pack_quantity": values.read_pack,
    "business_date": values.read_date,
    "valid_from": values.read_date,
}
_MAY_BE_EMPTY: Final = {("codes", "material")}


def read_inputs(paths: dict[str, Path], *, timezone: str = "Asia/Shanghai") -> dict[str, pd.DataFrame]:
    """Read and check the files (keys: movements, charges, opening, counts, codes) for `reconcile.variance`.

    Records without an `id` of their own are cited by their row number. Raises one BadInput with every finding
    of every file.
    """
    bad: list[BadCell] = []
    frames: dict[str, pd.DataFrame] = {}
    tables: dict[str, Table] = {}
    for name, path in paths.items():
        try:
            tables[name] = read_table(path, _KNOWN)
        except BadInput as error:
            bad.extend(error.cells)
            continue
        frames[name] = _frame(_SPECS[name], tables[name], ZoneInfo(timezone), bad)
    if "charges" in frames:
        _check_charges(frames["charges"], tables["charges"], "codes" in paths, bad)
    if "codes" in frames:
        _check_codes(frames, tables["codes"], bad)
    if bad:
        order = [str(path) for path in paths.values()]
        raise BadInput(sorted(bad, key=lambda cell: (order.index(cell.file), cell.row or 0)))
    return frames


def _frame(spec: Spec, table: Table, zone: ZoneInfo, bad: list[BadCell]) -> pd.DataFrame:
    import pandas as pd

    for column in spec.required:
        if column not in table.cells:
            heading = f"{column} ({HEADINGS[column]})"
            bad.append(BadCell(file=table.name, column=heading, reason=reasons.MISSING_COLUMN))
    columns: dict[str, Any] = {}
    for column in spec.types(list(table.cells)):
        reader = _READERS.get(f"{spec.name}.{column}") or _READERS.get(column, values.read_code)
        if column == "occurred_at":
            reader = partial(values.read_moment, zone=zone)
        required = column in spec.required and (spec.name, column) not in _MAY_BE_EMPTY
        columns[column] = read_column(table, column, reader, required, bad)
    frame = pd.DataFrame(columns, index=pd.RangeIndex(len(table.rows)))
    if "id" in spec.optional:
        numbers = pd.Series(table.rows).astype("str")
        frame["id"] = frame["id"].fillna(numbers) if "id" in frame else numbers
    return frame


def read_column(
    table: Table, column: str, reader: Callable[[Any], Any], required: bool, bad: list[BadCell]
) -> pd.Series[Any]:
    """Read each distinct value once; findings name every row that holds it. Refused cells become None."""
    import numpy as np
    import pandas as pd

    cells = np.array([*table.cells[column], None], dtype=object)[:-1]
    codes, distinct = pd.factorize(cells, use_na_sentinel=False)
    read = np.empty(len(distinct), dtype=object)
    refused: dict[int, Reason] = {}
    for place, value in enumerate(distinct):
        if values.is_empty(value):
            if required:
                refused[place] = reasons.EMPTY
            continue
        try:
            read[place] = reader(value)
        except values.Refused as error:
            refused[place] = error.reason
    if refused:
        for at in np.flatnonzero(np.isin(codes, list(refused))):
            value = distinct[codes[at]]
            bad.append(
                BadCell(
                    file=table.name,
                    row=int(table.rows[at]),
                    column=table.headings[column],
                    value=_shown(value),
                    reason=refused[codes[at]],
                )
            )
    return pd.Series(read.take(codes) if len(distinct) else read, dtype=object)


def _shown(value: Any) -> str | None:
    if values.is_empty(value):
        return None
    is_whole = isinstance(value, float) and value.is_integer()
    return str(int(value) if is_whole else value)


def _check_charges(charges: pd.DataFrame, table: Table, has_codes: bool, bad: list[BadCell]) -> None:
    present = [column for column in ("material", *CODE_SYSTEMS) if column in charges]
    if not present:
        heading = f"material ({HEADINGS['material']})"
        bad.append(BadCell(file=table.name, column=heading, reason=reasons.MISSING_COLUMN))
        return
    # A cell that was refused was not empty: its row has been named for that already.
    empty = ~_filled(table, present)
    bad.extend(
        BadCell(file=table.name, row=int(row), column=present[0], reason=reasons.NO_CODE)
        for row in table.rows[empty]
    )
    if not has_codes and ("material" not in present or (~_filled(table, ["material"]) & ~empty).any()):
        bad.append(BadCell(file=table.name, column="material", reason=reasons.NEEDS_CODES))


def _filled(table: Table, columns: list[str]) -> Any:
    import numpy as np

    per_column = [[not values.is_empty(cell) for cell in table.cells[column]] for column in columns]
    return np.array(per_column, dtype=bool).reshape(len(columns), len(table.rows)).any(axis=0)


def _check_codes(frames: dict[str, pd.DataFrame], table: Table, bad: list[BadCell]) -> None:
    codes = frames["codes"].assign(_row=table.rows)
    since = ["valid_from"] if "valid_from" in codes else []
    charges = frames.get("charges")
    # What no charge is looked up by may be as ambiguous as it likes: that is the five-code report's business.
    asked = [system for system in CODE_SYSTEMS if charges is not None and system in charges]
    if "material" not in codes:
        return
    by_material = charges is not None and "material" in charges and charges["material"].notna().all()
    if asked and not by_material and not any(system in codes for system in asked):
        heading = " / ".join(f"{system} ({HEADINGS[system]})" for system in asked)
        bad.append(BadCell(file=table.name, column=heading, reason=reasons.MISSING_COLUMN))
    for system in (system for system in asked if system in codes):
        bound = codes[codes[system].notna() & codes["material"].notna()]
        first = bound.drop_duplicates([system, *since])
        pairs = bound.merge(
            first[[system, *since, "material", "_row"]], on=[system, *since], suffixes=("", "_1")
        )
        for _, row in pairs[pairs["material"] != pairs["material_1"]].iterrows():
            bad.append(
                BadCell(
                    file=table.name,
                    row=int(row["_row"]),
                    column=table.headings[system],
                    value=str(row[system]),
                    reason=reasons.shared_code(row["material_1"], int(row["_row_1"]), row["material"]),
                )
            )
    if "chargeable" in codes:
        told = codes[codes["chargeable"].notna() & codes["material"].notna()]
        differs = told[
            told.groupby(["material", *since], dropna=False)["chargeable"].transform("nunique") > 1
        ]
        bad.extend(
            BadCell(
                file=table.name,
                row=int(row),
                column=table.headings["chargeable"],
                value=str(material),
                reason=reasons.CHARGEABLE_DIFFERS,
            )
            for row, material in zip(differs["_row"], differs["material"], strict=True)
        )
