"""From the elements of a GS1 message to the answer: contents checked, fields filled.

What survives an error
    *A fault of content* (a date that does not exist, a wrong check digit, a value that its
    component does not allow): the other elements line up with the message's structure, which
    proves them, so their fields are kept and only the faulty element is left out.

    *A structural error* (unknown AI, wrong length, foreign character, truncation): a character
    may be missing anywhere before it, and the elements read so far may be shifted: a GTIN that
    lost a digit takes one from the next AI and passes its check digit once in ten. So no field
    is filled, except a GTIN that is bounded by a bracket or a separator and cannot be shifted.

    *One AI with two values*: the field stays empty; which value is right is not for us to say.

``elements`` shows, as evidence, what was read; only the fields are promises.
"""

from __future__ import annotations

from scanners.gs1.dates import NO_DATE, resolve_date
from scanners.gs1.elements import GS, Element
from scanners.scan import Agency, ErrorCode, Level, ParseError, Scan

NO_DATE_REPAIR = "no_date"

_PACKAGE_INDICATORS = frozenset("12345678")


def read_elements(
    raw: str,
    symbology: str | None,
    text: str,
    elements: list[Element],
    error: ParseError | None,
    this_year: int,
    repairs: tuple[str, ...] = (),
) -> Scan:
    """The scan that these elements of ``text`` are; ``error`` is the structural one, if any."""
    values: dict[str, str] = {}
    refused: set[str] = set()
    pairs: list[tuple[str, str]] = []
    structural = error
    content: ParseError | None = None
    for ai, value, at in elements:
        code = ai.code
        check = ai.check
        if check is not None and (fault := check(value)) is not None:
            if value == NO_DATE and fault.code is ErrorCode.DATE:
                if NO_DATE_REPAIR not in repairs:
                    repairs = (*repairs, NO_DATE_REPAIR)
                pairs.append((code, value))
            else:
                refused.add(code)
                if content is None:
                    content = ParseError(fault.code, at + fault.offset, f"({code}) {fault.message}")
            continue
        pairs.append((code, value))
        known = values.setdefault(code, value)
        if known != value:
            refused.add(code)
            if content is None:
                content = ParseError(ErrorCode.DUPLICATE, at, f"({code}) is {known!r} and also {value!r}")
    if structural is not None:
        bounded = _bounded_keys(elements, text)
        refused.update(code for code in values if code not in bounded)
    for code in refused:
        values.pop(code, None)

    di = values.get("01") or values.get("03") or values.get("02")
    expiry = values.get("17") or values.get("7003")
    manufactured = values.get("11")
    expiry_day = made_day = None
    if expiry is not None:
        expiry_day = resolve_date(expiry[:6], this_year)
    if manufactured is not None:
        made_day = resolve_date(manufactured, this_year)
    if (expiry_day is None and expiry is not None) or (made_day is None and manufactured is not None):
        # 29 February 2100: the century, and so the leap year, is known only here.
        content = content or _no_such_day(elements, expiry if expiry_day is None else manufactured)
    quantity = values.get("37" if "02" in values else "30")
    error = content or structural
    if error is None and di is None:
        error = _nothing_to_identify(elements, text)
    return Scan(
        raw,
        symbology,
        Agency.GS1,
        di,
        _level(values, di),
        values.get("10"),
        values.get("21"),
        expiry_day,
        made_day,
        int(quantity) if quantity is not None else None,
        tuple(pairs),
        repairs,
        error,
    )


def _level(values: dict[str, str], di: str | None) -> Level:
    if di is None:
        return Level.PACKAGE if "00" in values else Level.UNKNOWN
    if di[0] in _PACKAGE_INDICATORS or ("02" in values and "01" not in values and "03" not in values):
        return Level.PACKAGE
    return Level.UNKNOWN


def _bounded_keys(elements: list[Element], text: str) -> set[str]:
    """The GTINs that cannot have lost or taken a character: something marks where they end."""
    return {
        ai.code
        for ai, value, at in elements
        if ai.code in ("01", "02", "03") and text[at + len(value) : at + len(value) + 1] in (GS, "(", "|")
    }


def _nothing_to_identify(elements: list[Element], text: str) -> ParseError:
    if not elements:
        return ParseError(ErrorCode.EMPTY, len(text), "separators, and nothing between them")
    return ParseError(ErrorCode.MISSING_DI, 0, "a GS1 message without a GTIN: no (01)")


def _no_such_day(elements: list[Element], value: str | None) -> ParseError:
    at, code = next((at, ai.code) for ai, found, at in elements if found == value)
    return ParseError(ErrorCode.DATE, at, f"({code}) no such day: {value}")
