"""Rows of the national insurance catalogue: one specification each, with the UDI-DI it is sold under."""

from __future__ import annotations

import re
from typing import Any, Final

from reconcile.errors import Reason
from reconcile.registers import reasons
from reconcile.registers.insurance_codes import LONG, SHORT, is_insurance_code, read_insurance_codes
from reconcile.registers.records import Bad, DiKind, Identifier, Record, Register

_BETWEEN: Final = re.compile(r"[,，;；、\s]+")
_SERIAL_DIGITS: Final = LONG - SHORT


def insurance_record(
    part: str, number: int, offset: int | None, said: dict[str, Any]
) -> tuple[Record | None, list[Bad]]:
    """A record from its cells; what is wrong with it. None if its code is none."""
    code, wrong = _code(said)
    if wrong is not None:
        reason, column, value = wrong
        return None, [Bad(part, reason, number, offset, column, value)]
    dis = [di for di in _BETWEEN.split(said.get("udi", "")) if di]
    names = [said.get(name, "") for name in ("name", "registered_name")]
    return Record(
        Register.INSURANCE,
        code,
        number,
        dis[0] if dis else "",
        names[0] or names[1],
        said,
        tuple(Identifier(DiKind.SALES_UNIT, di) for di in dict.fromkeys(dis)),
        brand=names[1] if names[0] else "",
        specification=said.get("specification", ""),
        model=said.get("model", ""),
        maker=said.get("maker", "") or said.get("registrant", ""),
        certificates=tuple(filter(None, (said.get("certificate", ""),))),
        insurance_codes=(code,),
    ), []


def _code(said: dict[str, Any]) -> tuple[str, tuple[Reason, str, str] | None]:
    column = "code27" if said.get("code27") else "code"
    written = said.get(column, "")
    codes, wrong = read_insurance_codes(written)
    if len(codes) != 1 or wrong:
        return "", (reasons.INSURANCE_SHAPE, column, written)
    (code,) = codes
    serial = said.get("serial", "").strip()
    if len(code) == LONG or not serial:
        return code, None
    # A spreadsheet takes the zeros before it away; of how many digits there are is known.
    if not (serial.isascii() and serial.isdigit()) or len(serial) > _SERIAL_DIGITS:
        return "", (reasons.INSURANCE_SERIAL, "serial", serial)
    whole = code + serial.zfill(_SERIAL_DIGITS)
    assert is_insurance_code(whole)
    return whole, None
