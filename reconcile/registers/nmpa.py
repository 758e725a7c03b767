"""Records of the national UDI database, whichever way they came.

Element names of its XML (the initials of the Chinese words) are the names in `said`; the Excel release is
turned into them first.
"""

from __future__ import annotations

import re
from typing import Any, Final

from reconcile.errors import Reason
from reconcile.registers import reasons
from reconcile.registers.dates import iso_day
from reconcile.registers.insurance_codes import read_insurance_codes
from reconcile.registers.packaging import Level, resolve
from reconcile.registers.records import Bad, DiKind, Identifier, Record, Register

LISTS: Final = {
    "packingList": "packing",
    "storageList": "storage",
    "clinicalList": "clinical",
    "contactList": "contact",
}
_YES_NO: Final = {"是": True, "否": False, "1": True, "0": False, "true": True, "false": False}
_BETWEEN_CERTIFICATES: Final = re.compile(r"[,，;；、|\r\n\t]+")


def nmpa_record(
    part: str, number: int, offset: int | None, said: dict[str, Any]
) -> tuple[Record | None, list[Bad]]:
    """A record from its elements; what is wrong with it beside that. None if it cannot be kept at all."""
    bad: list[Bad] = []

    def tell(reason: Reason, column: str, value: str, refused: bool = False) -> None:
        bad.append(Bad(part, reason, number, offset, column, value, refused))

    get = said.get
    di = get("zxxsdycpbs", "").strip()
    key = get("deviceRecordKey", "").strip() or di
    if not key:
        tell(reasons.NO_KEY, "deviceRecordKey", "", refused=True)
        return None, bad
    agency = get("cpbsbmtxmc", "")
    pieces, wrong = _quantity(get("zxxsdyzsydydsl", ""))
    if wrong is not None:
        tell(wrong, "zxxsdyzsydydsl", get("zxxsdyzsydydsl", ""))
    elif pieces is None:
        pieces = 1  # nothing said: the sales unit is the piece that is used
    identifiers = []
    if di:
        identifiers.append(Identifier(DiKind.SALES_UNIT, di, agency, 1, pieces))
    if use := get("sydycpbs", "").strip():
        identifiers.append(Identifier(DiKind.USE_UNIT, use, agency, None, 1))
    if mark := get("btcpbs", "").strip():
        identifiers.append(Identifier(DiKind.DIRECT_MARK, mark, agency, None, 1))
    if packing := get("packingList"):
        levels = []
        for package in packing:
            if package_di := package.get("bzcpbs", "").strip():
                quantity, _ = _quantity(package.get("bznhxyjcpbssl", ""))
                contains = package.get("bznhxyjbzcpbs", "").strip()
                levels.append(Level(package_di, contains, quantity, package.get("cpbzjb", ""), agency))
        packages, troubles = resolve(di, pieces, levels)
        identifiers += packages
        for trouble in troubles:
            tell(trouble.reason, "packingList", trouble.di)
    codes: tuple[str, ...] = ()
    if written := get("ybbm"):
        codes, unread = read_insurance_codes(written)
        for piece in unread:
            tell(reasons.INSURANCE_SHAPE, "ybbm", piece)
    certificates = get("zczbhhzbapzbh", "")
    record = Record(
        Register.NMPA,
        key,
        number,
        di,
        get("cpmctymc", "").strip(),
        said,
        tuple(identifiers),
        _whole(get("versionNumber", "")),
        iso_day(get("versionTime", "")),
        _whole(get("correctionNumber", "")),
        get("versionStauts", ""),
        agency,
        get("spmc", "").strip(),
        "",
        get("ggxh", "").strip(),
        get("cphhhbh", "").strip(),
        get("ylqxzcrbarmc", "").strip(),
        get("ylqxzcrbarywmc", "").strip(),
        tuple(filter(None, map(str.strip, _BETWEEN_CERTIFICATES.split(certificates))))
        if certificates
        else (),
        codes,
        _YES_NO.get(get("scbssfbhph", "")),
        _YES_NO.get(get("scbssfbhxlh", "")),
        _YES_NO.get(get("scbssfbhscrq", "")),
        _YES_NO.get(get("scbssfbhsxrq", "")),
        iso_day(get("tsrq", "")) or get("tsrq", "").strip(),
    )
    return record, bad


def _quantity(text: str) -> tuple[int | None, Reason | None]:
    """(number, what is wrong with it); nothing written is neither."""
    text = text.strip()
    if not text:
        return None, None
    if not (text.isascii() and text.isdigit()) or len(text) > 12:
        return None, reasons.NOT_A_QUANTITY
    number = int(text)
    return (number, None) if number else (0, reasons.ZERO_PACKAGE)


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
