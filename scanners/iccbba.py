"""ICCBBA: device identifiers of ISBT 128, the standard of blood, cells and tissue.

FDA's table of issuing agencies, and ISBT 128 ST-001 and ST-011:

``=/`` device identifier (16), ``=,`` serial (6), ``=`` donation (15), ``=>`` expiry and ``=}`` made
(YYYJJJ), ``&,1`` lot (18); for blood bags ``=)`` device identifier (10) and ``&)`` lot (10). In any
order; bare, as two symbols which a scanner joined (``]C4``), or as a compound message ``=+aabbb``
that counts the structures behind it.

A lot keeps the zeros that fill it: they are what the symbol carries. A serial counts the pieces of
one donation only: two pieces of a device are the same one if the *donation* and the serial agree.

No device, and said so: a message without ``=/`` or ``=)``. What belongs to devices and products
alike (donation, serial, dates, lot) lacks its DI, anything else (blood groups, product codes,
test results, wristbands) is no UDI at all.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from functools import lru_cache

from scanners.isbt128 import Found, donation_check, split_structures
from scanners.scan import Agency, ErrorCode, Level, ParseError, Scan

_PRODUCTION = frozenset(("donation_id", "serial", "expiry", "manufactured", "lot", "compound_message"))
_DATES = frozenset(("expiry", "manufactured"))
_DAY = 6  # characters of a date; a time of day may follow
_CARTON = "z"  # the first character of a blood bag's DI: a carton that holds many sets


def read_iccbba(
    raw: str,
    symbology: str | None,
    text: str,
    start: int,
    end: int,
    this_year: int,
    repairs: tuple[str, ...],
) -> Scan:
    """The ISBT 128 message that ``text[start:end]`` is.

    After a structural error a field stays only if the next structure begins right behind it.
    """
    found, structural = split_structures(text, start, end)
    if not found and structural is not None and structural.code is ErrorCode.UNKNOWN_AI:
        refusal = ParseError(ErrorCode.NOT_A_UDI, start, "no code of any agency begins like this")
        return Scan(raw, symbology, repairs=repairs, error=refusal)
    if structural is None and text.find("=+", start, end) >= 0:
        structural = _miscounted(found, end)

    values: dict[str, str] = {}
    refused: set[str] = set()
    content: ParseError | None = None
    for structure, value, at in found:
        name = structure.name
        known = values.setdefault(name, value)
        if known != value and not (name in _DATES and known[:_DAY] == value[:_DAY]):
            message = f"{name} is {known!r} and also {value!r}"
            fault: ParseError | None = ParseError(ErrorCode.DUPLICATE, 0, message)
        else:
            fault = _fault(name, value, this_year)
        if fault is not None:
            refused.add(name)
            content = content or fault._replace(at=at + fault.at)
    if structural is not None and found:
        (structure, value, at) = found[-1]
        if text[at + len(value) : at + len(value) + 1] not in ("=", "&"):
            refused.add(structure.name)
    for name in refused:
        values.pop(name, None)

    di = values.get("di")
    error = content or structural
    if error is None and di is None:
        error = _no_device(found, start)
    return Scan(
        raw,
        symbology,
        Agency.ICCBBA,
        di,
        Level.PACKAGE if di is not None and len(di) == 10 and di[0] == _CARTON else Level.UNKNOWN,
        values.get("lot"),
        values.get("serial"),
        _expiry(values, this_year),
        resolve_ordinal(values["manufactured"][:_DAY], this_year) if "manufactured" in values else None,
        None,
        tuple([(structure.name, value) for structure, value, _ in found if not structure.private]),
        repairs,
        error,
    )


def _miscounted(found: list[Found], end: int) -> ParseError | None:
    """A compound message begins with the number of its structures; it stands nowhere else."""
    for place, (structure, value, at) in enumerate(found):
        if structure.name != "compound_message":
            continue
        if place:
            return ParseError(ErrorCode.LENGTH, at, "a second message within the first")
        counted, got = int(value[:2]), len(found) - 1
        if got < counted:
            return ParseError(ErrorCode.TRUNCATED, end, f"{got} of {counted} structures")
        if got > counted:
            return ParseError(ErrorCode.LENGTH, found[counted + 1][2], f"{got} structures, not {counted}")
    return None


def _fault(name: str, value: str, this_year: int) -> ParseError | None:
    """What is wrong with a content of the right shape; ``at`` counts from where it begins."""
    if name in _DATES:
        if resolve_ordinal(value[:_DAY], this_year) is None:
            return ParseError(ErrorCode.DATE, 3, f"{name}: {value[:_DAY]} has no day {value[3:_DAY]}")
        if not value[_DAY : _DAY + 2] < "24" or not value[_DAY + 2 :] < "60":
            return ParseError(ErrorCode.DATE, _DAY, f"{name}: no such time of day: {value[_DAY:]}")
    elif name == "expiry_month":
        if _month_end(value) is None:
            return ParseError(ErrorCode.DATE, 0, f"{name}: no such month: {value}")
    elif name == "donation_id" and value[13:].isdigit() and "60" <= value[13:] <= "96":
        expected = 60 + donation_check(value[:13])
        if int(value[13:]) != expected:
            message = f"check of donation {value[:13]}: expected {expected}, got {value[13:]}"
            return ParseError(ErrorCode.CHECK_DIGIT, 13, message)
    return None


def _expiry(values: dict[str, str], this_year: int) -> date | None:
    if "expiry" in values:
        return resolve_ordinal(values["expiry"][:_DAY], this_year)
    return _month_end(values["expiry_month"]) if "expiry_month" in values else None


def _month_end(yyyymm: str) -> date | None:
    """What expires in a month is good until its last day."""
    year, month = int(yyyymm[:4]), int(yyyymm[4:])
    if not (1900 <= year <= 2199 and 1 <= month <= 12):
        return None
    return date(year, month, monthrange(year, month)[1])


def _no_device(found: list[Found], start: int) -> ParseError:
    names = {structure.name for structure, *_ in found}
    if names <= _PRODUCTION and names != {"compound_message"}:
        message = "ISBT 128 without a device identifier: a production part, or a donation alone"
        return ParseError(ErrorCode.MISSING_DI, start, message)
    return ParseError(ErrorCode.NOT_A_UDI, start, f"ISBT 128, but of no device: {', '.join(sorted(names))}")


@lru_cache(maxsize=8192)
def resolve_ordinal(yyyjjj: str, this_year: int) -> date | None:
    """The day that YYYJJJ means: three digits of the year, the day's number in it; None if none.

    The thousand is the one that brings the year closest to this one.
    """
    year, day = int(yyyjjj[:3]) + this_year // 1000 * 1000, int(yyyjjj[3:])
    if year >= this_year + 500:
        year -= 1000
    elif year <= this_year - 500:
        year += 1000
    try:
        found = date(year, 1, 1) + timedelta(days=day - 1)
    except (ValueError, OverflowError):
        return None
    return found if found.year == year else None
