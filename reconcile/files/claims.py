"""An export of any system as claims: which codes it says belong together, checked cell by cell."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from reconcile.codes.columns import ATTRIBUTES, SYSTEMS
from reconcile.columns import HEADINGS
from reconcile.errors import BadCell, BadInput
from reconcile.files import reasons, values
from reconcile.files.inputs import read_column
from reconcile.files.tables import Table, folded, read_table

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
    frame, bad = read_good_claims(path)
    if bad:
        raise BadInput(bad)
    return frame


def read_good_claims(path: Path) -> tuple[pd.DataFrame, list[BadCell]]:
    """The rows in which everything can be read, as `read_claims` gives them, and what is wrong in others.

    Raises BadInput for a file that cannot be read at all, or has no code column.
    """
    import pandas as pd

    table = _first_of_each(read_table(path, _KNOWN))
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
    good = frame[~frame["row"].isin({cell.row for cell in bad})].reset_index(drop=True)
    return good, sorted(bad, key=lambda cell: cell.row or 0)


def _first_of_each(table: Table) -> Table:
    """Of several columns of one meaning the one with the most exact heading, under the column's own name."""
    best: dict[str, str] = {}
    for place in table.cells:
        column, _, rank = place.partition(" ")
        if column not in best or int(rank or 0) < int(best[column].partition(" ")[2] or 0):
            best[column] = place
    headings = {
        column: table.headings[place].replace(f"({place})", f"({column})") for column, place in best.items()
    }
    return Table(
        table.name, headings, {column: table.cells[place] for column, place in best.items()}, table.rows
    )
