"""An export of any system as claims: which codes it says belong together, checked cell by cell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from reconcile.codes.columns import ATTRIBUTES, SYSTEMS
from reconcile.columns import HEADINGS
from reconcile.errors import BadCell, BadInput
from reconcile.files import reasons, values
from reconcile.files.inputs import read_column
from reconcile.files.tables import Table, folded, read_parts

if TYPE_CHECKING:
    import pandas as pd

# What hospitals' systems, suppliers' platforms and the national registers call these columns, the most exact
# first: of two columns of one meaning the first in this list is read.
OTHER_HEADINGS: Final[dict[str, tuple[str, ...]]] = {
    "material": ("物料编码", "耗材编码", "院内编码", "物资代码"),
    "billing": ("收费编码", "收费项目编码", "计费项目编码", "收费代码"),
    "order": ("医嘱项目编码", "诊疗项目编码", "医嘱代码"),
    "insurance": (
        "27位医保编码", "医保编码(27位)", "国家医保编码", "医保耗材编码", "医保代码",
        "医用耗材代码", "医保编码(20位)", "20位医保编码",
    ),
    "udi": (
        "UDI-DI", "最小销售单元产品标识", "产品标识", "产品标识DI", "DI", "医疗器械唯一标识",
        "zxxsdycpbs", "primary_di",
    ),
    "name": ("物资名称", "产品名称", "项目名称", "耗材名称", "品名", "cpmctymc"),
    "specification": ("规格", "产品规格"),
    "model": ("产品型号", "规格型号", "ggxh"),
    "maker": ("生产厂家", "生产厂商", "厂家", "耗材企业", "注册人名称", "注册人", "企业名称", "ylqxzcrbarmc"),
    "certificate": ("注册证编号", "注册备案号", "注册备案证号", "注册证", "批准文号", "zczbhhzbapzbh"),
    "unit": ("计量单位", "最小单位", "计价单位"),
    "pack_quantity": ("包装数", "包装系数", "装箱数量"),
    "price": ("单价", "收费价", "收费价格", "采购价", "采购价格", "合同价", "挂网价"),
    "valid_from": ("启用日期", "开始日期"),
}  # fmt: skip
_KNOWN: Final = {
    folded(heading): (column if rank == 0 else f"{column} {rank}")
    for column in (*SYSTEMS, *ATTRIBUTES)
    for rank, names in enumerate(
        [(column, HEADINGS[column]), *[(h,) for h in OTHER_HEADINGS.get(column, ())]]
    )
    for heading in names
}
_READERS: Final = {
    "insurance": values.read_insurance,
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


MOST_BYTES: Final = 4 * 1024 * 1024 * 1024
"""Of one export: it is gone through in parts."""


@dataclass(frozen=True)
class ClaimPart:
    """Some rows of an export: those in which everything can be read, and what is wrong in others.

    `good`: the codes and attributes that the file has columns for, as text, and `row` (int64) as a person
    sees it. `read_bytes`: of the file, up to here.
    """

    good: pd.DataFrame
    bad: list[BadCell]
    read_bytes: int


def read_claims(path: Path) -> pd.DataFrame:
    """All rows of a file, as `ClaimPart.good`.

    Raises BadInput with every finding: a cell that cannot be read, a row without a code, no code column.
    """
    frame, bad = read_good_claims(path)
    if bad:
        raise BadInput(bad)
    return frame


def read_good_claims(path: Path) -> tuple[pd.DataFrame, list[BadCell]]:
    """The rows in which everything can be read, as `read_claims` gives them, and what is wrong in others.

    Raises BadInput for a file that cannot be read at all, or has no code column.
    """
    import pandas as pd

    columns, parts = read_claim_parts(path)
    frames = [pd.DataFrame({"row": pd.Series(dtype="int64"), **{c: pd.Series(dtype="str") for c in columns}})]
    bad: list[BadCell] = []
    for part in parts:
        frames.append(part.good)
        bad += part.bad
    return pd.concat(frames, ignore_index=True), bad


def read_claim_parts(path: Path) -> tuple[tuple[str, ...], Iterator[ClaimPart]]:
    """The columns that the export has, and its rows in parts, of which only one is held at a time.

    Raises BadInput as `read_good_claims` does; for a quote that is never closed while the parts are read.
    """
    name = str(path)
    headings, parts = read_parts(path, _KNOWN, most_bytes=MOST_BYTES)
    places = _first_of_each(headings)
    present: list[str] = [system for system in SYSTEMS if system in places]
    if not present:
        expected = "、".join(f"{system} ({HEADINGS[system]})" for system in SYSTEMS)
        raise BadInput([BadCell(file=name, column=expected, reason=reasons.MISSING_COLUMN)])
    columns: tuple[str, ...] = (*present, *(attribute for attribute in ATTRIBUTES if attribute in places))
    named = {column: headings[places[column]] for column in columns}
    shown = {column: text.replace(f"({places[column]})", f"({column})") for column, text in named.items()}

    def read() -> Iterator[ClaimPart]:
        for part in parts:
            cells = {column: part.cells[places[column]] for column in columns}
            good, bad = _checked(Table(name, shown, cells, part.rows), present)
            yield ClaimPart(good, sorted(part.bad + bad, key=lambda cell: cell.row or 0), part.read_bytes)

    return columns, read()


def _checked(table: Table, present: list[str]) -> tuple[pd.DataFrame, list[BadCell]]:
    import pandas as pd

    bad: list[BadCell] = []
    frame = pd.DataFrame({"row": table.rows})
    for column in table.cells:
        read = read_column(table, column, _READERS.get(column, values.read_code), required=False, bad=bad)
        frame[column] = read.map(str, na_action="ignore").astype("str")
    # A cell that was refused was not empty: its row is named for that already.
    refused = {cell.row for cell in bad}
    for row in frame.loc[frame[present].isna().all(axis=1), "row"]:
        if row not in refused:
            bad.append(BadCell(file=table.name, row=int(row), column=present[0], reason=reasons.NO_CLAIM))
    return frame[~frame["row"].isin({cell.row for cell in bad})].reset_index(drop=True), bad


def _first_of_each(headings: Iterable[str]) -> dict[str, str]:
    """Of several columns of one meaning the one with the most exact heading: column → its place."""
    best: dict[str, str] = {}
    for place in headings:
        column, _, rank = place.partition(" ")
        if column not in best or int(rank or 0) < int(best[column].partition(" ")[2] or 0):
            best[column] = place
    return best
