"""From the symbols of a text to the answer: which reading is certain, and its fields.

Elements are named as the standard names its fields: ``lic``, ``pcn``, ``unit_of_measure``, ``reference``
(``$``, ``$+``, ``$$``, ``$$+``), ``quantity``, ``expiry_format`` (``MMYY`` … of the digits that follow;
none for ``14D``, which is YYYYMMDD), ``expiry``, ``lot``, ``serial``, ``manufactured``, ``link``,
``check``; each as the symbol carries it, in the symbol's order, the primary's first.

What survives an error: no field, except of a secondary, which is right but for the primary it needs. One
damaged text in 43 passes the check, swapped characters always do (:mod:`scanners.hibc.mod43`), and a day
that does not exist or a field with two values says that this may be one of them. ``elements`` shows, as
evidence, what was read.
"""

from __future__ import annotations

from datetime import date

from scanners.hibc.dates import find_day
from scanners.hibc.faults import find_fault
from scanners.hibc.sequences import Sequence, find_sequences
from scanners.hibc.symbols import LONGEST, Field, check_holds, split_symbol
from scanners.repairs import PREFIX_STRIPPED, WHITESPACE, WHITESPACE_STRIPPED
from scanners.scan import Agency, ErrorCode, Level, ParseError, Scan

_MOST_SHOWN = 4
# Unit of measure 0 "is always a single unit" (table 1). 1 to 8 are the labeler's own levels, and many
# begin at 1 or 3 with a single piece; 9 is any quantity.
_SINGLE = "0"
# What a pack has one of, however many of its symbols say it.
_ONCE = frozenset(("lot", "serial", "quantity"))


def read_hibc(
    raw: str,
    symbology: str | None,
    text: str,
    start: int,
    end: int,
    this_year: int,
    repairs: tuple[str, ...],
) -> Scan:
    """Read ``text[start:end]`` and, where they are its check character, the blanks right after it."""
    # The usual case, one symbol. It cannot be cut into several as well: what stands in it before any
    # further "+" is no symbol. But a blank after it may belong to it.
    usual = text[start] == "+" and end - start <= LONGEST and not text.startswith(" ", end)
    if usual and check_holds(text, start, end):
        symbol = split_symbol(text, start, end)
        if symbol.error is None:
            return _read_symbols(raw, symbology, (symbol,), this_year, repairs)
    return _read_any(raw, symbology, text, start, end, this_year, repairs)


def is_primary_alone(scan: Scan) -> bool:
    """Whether the scan is a HIBC primary on its own; lot and expiry may stand on a second symbol."""
    return scan.agency is Agency.HIBC and scan.error is None and len(scan.elements) == 4


def is_secondary(scan: Scan) -> bool:
    """Whether the scan is one or more HIBC secondaries without their primary."""
    return (
        scan.agency is Agency.HIBC
        and scan.error is not None
        and scan.error.code is ErrorCode.MISSING_DI
        and bool(scan.elements)
    )


def _read_any(
    raw: str,
    symbology: str | None,
    text: str,
    start: int,
    end: int,
    this_year: int,
    repairs: tuple[str, ...],
) -> Scan:
    """Every way to read the text; the one there is, or why there is none."""
    found: dict[tuple[object, ...], Scan] = {}
    fault: ParseError | None = None
    for sequence in find_sequences(text, start, end):
        mismatch = _find_mismatch(sequence)
        if mismatch is not None:
            fault = fault or mismatch
            continue
        named = _name_repairs(text, start, end, sequence, repairs)
        scan = _read_symbols(raw, symbology, sequence, this_year, named)
        meaning = (scan.di, scan.lot, scan.serial, scan.expiry, scan.manufactured, scan.quantity)
        found.setdefault(meaning, scan)
    whole = [scan for scan in found.values() if scan.error is None or is_secondary(scan)]
    readings = whole or list(found.values())
    if len(readings) == 1:
        return readings[0]
    if readings:
        message = f"this text can be read in {len(readings)} ways"
        fault = ParseError(ErrorCode.AMBIGUOUS, start, message)
        shown = tuple(readings[:_MOST_SHOWN])
        return Scan(raw, symbology, Agency.HIBC, repairs=repairs, error=fault, readings=shown)
    if fault is None:
        fault = find_fault(text, start, end)
    agency = Agency.UNKNOWN if fault.code is ErrorCode.NOT_A_UDI else Agency.HIBC
    return Scan(raw, symbology, agency, repairs=repairs, error=fault)


def _find_mismatch(sequence: Sequence) -> ParseError | None:
    """Why these symbols, each right in itself, do not belong to one pack."""
    primaries = [symbol for symbol in sequence if symbol.is_primary]
    if len(primaries) > 1 or (primaries and len(primaries[0].fields) > 4 and len(sequence) > 1):
        message = "two symbols of which each is complete in itself; one pack at a time"
        return ParseError(ErrorCode.DUPLICATE, sequence[1].start, message)
    links = [symbol.fields[-2] for symbol in sequence if not symbol.is_primary]
    expected = primaries[0].fields[-1][1] if primaries else links[0][1]
    for _, link, at in links:
        if link != expected:
            message = f"the symbols are not of one pack: link character {link!r}, expected {expected!r}"
            return ParseError(ErrorCode.VALUE, at, message)
    return None


def _name_repairs(
    text: str, start: int, end: int, sequence: Sequence, repairs: tuple[str, ...]
) -> tuple[str, ...]:
    """The repairs that were: blanks that are part of a symbol were not stripped, asterisks were."""
    stop = max(symbol.stop for symbol in sequence)
    if stop > end and stop == len(text) and text[0] not in WHITESPACE:
        repairs = tuple(name for name in repairs if name != WHITESPACE_STRIPPED)
    if text[start] == "*" or any(text[symbol.start - 1] == "*" for symbol in sequence[1:]):
        repairs = (*repairs, PREFIX_STRIPPED)
    return repairs


def _read_symbols(
    raw: str, symbology: str | None, symbols: Sequence, this_year: int, repairs: tuple[str, ...]
) -> Scan:
    """The scan that these symbols of one pack are."""
    fields = symbols[0].fields if len(symbols) == 1 else _primary_first(symbols)
    values: dict[str, str] = {}
    days: dict[str, date] = {}
    error = _evaluate(fields, this_year, values, days)
    elements = tuple([(name, value) for name, value, _ in fields])
    if error is not None:
        return Scan(raw, symbology, Agency.HIBC, elements=elements, repairs=repairs, error=error)
    di = None
    level = Level.UNKNOWN
    if "lic" in values:
        unit = values["unit_of_measure"]
        di = values["lic"] + values["pcn"] + unit
        if unit == _SINGLE:
            level = Level.UNIT
    else:
        error = ParseError(ErrorCode.MISSING_DI, 0, "a HIBC secondary; what it is of stands on the primary")
    quantity = values.get("quantity")
    return Scan(
        raw,
        symbology,
        Agency.HIBC,
        di,
        level,
        values.get("lot"),
        values.get("serial"),
        days.get("expiry"),
        days.get("manufactured"),
        int(quantity) if quantity is not None else None,
        elements,
        repairs,
        error,
    )


def _evaluate(
    fields: list[Field], this_year: int, values: dict[str, str], days: dict[str, date]
) -> ParseError | None:
    """Fill ``values`` and ``days`` from the fields; the first fault of content, if there is one."""
    form = ""
    for name, value, at in fields:
        if name == "expiry_format":
            form = value
        elif name == "expiry" or name == "manufactured":
            day = find_day(form or "YYYYMMDD", value, this_year)
            form = ""
            if day is None:
                return ParseError(ErrorCode.DATE, at, f"{name}: no such day: {value}")
            known_day = days.setdefault(name, day)
            if known_day != day:
                return _two_values(name, at, str(known_day), str(day))
        else:
            known = values.setdefault(name, value)
            if known != value and name in _ONCE and not (name == "quantity" and int(known) == int(value)):
                return _two_values(name, at, known, value)
    return None


def _primary_first(symbols: Sequence) -> list[Field]:
    return [
        field
        for symbol in sorted(symbols, key=lambda symbol: not symbol.is_primary)
        for field in symbol.fields
    ]


def _two_values(name: str, at: int, known: str, value: str) -> ParseError:
    return ParseError(ErrorCode.DUPLICATE, at, f"{name} is {known!r} and also {value!r}")
