"""Cells of a released table as the texts they stand for, or the reason why that is lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Final

from reconcile.errors import Reason
from reconcile.files.values import Refused, read_code, read_date, read_text
from reconcile.registers import reasons

CODES: Final = frozenset(
    {
        *(
            "deviceRecordKey",
            "zxxsdycpbs",
            "sydycpbs",
            "btcpbs",
            "zcbacpbs",
            "ybbm",
            "tyshxydm",
            "ggxh",
            "cphhhbh",
        ),
        *("bzcpbs", "bznhxyjbzcpbs", "zczbhhzbapzbh", "flbm", "yflbm"),
        *("code", "code27", "serial", "udi", "certificate", "model", "specification"),
        *("PrimaryDI", "publicDeviceRecordKey", "deviceId", "containsDINumber", "versionModelNumber"),
        "catalogNumber",
    }
)
DAYS: Final = frozenset(
    {
        "versionTime",
        "cpbsfbrq",
        "tsrq",
        "publicVersionDate",
        "devicePublishDate",
        "deviceCommDistributionEndDate",
    }
)


def texts(content: dict[str, Any], tell: Callable[[str, Any, Reason], None]) -> dict[str, Any]:
    """The same record in texts. A cell that cannot be read is told, and left out."""
    said: dict[str, Any] = {}
    for name, cell in content.items():
        try:
            if isinstance(cell, list):
                said[name] = [texts(entry, tell) for entry in cell]
            elif isinstance(cell, str) and name not in CODES and name not in DAYS:
                said[name] = cell.strip()
            else:
                said[name] = _text(name, cell)
        except Refused as refused:
            tell(name, cell, refused.reason)
        except (ValueError, OverflowError):
            tell(name, cell, reasons.BAD_TABLE)
    return said


def _text(name: str, cell: Any) -> str:
    if name in CODES:
        # A model may be 2.5, and a date as little as any other code.
        if name in ("ggxh", "model", "specification", "versionModelNumber") and isinstance(cell, float):
            return str(int(cell)) if cell == int(cell) and abs(cell) < 1e11 else _model(cell)
        return read_code(cell)
    if name in DAYS:
        return cell.strip() if isinstance(cell, str) else read_date(cell).isoformat()
    if isinstance(cell, (date, datetime)):
        return cell.isoformat()
    return read_text(cell)


def _model(cell: float) -> str:
    return read_code(cell) if abs(cell) >= 1e11 else repr(cell)
