"""From the elements of a GS1 message to the answer: contents checked, fields filled.

What survives an error
    *A fault of content* (a date that does not exist, a wrong check digit, a value that its
    component does not allow): the other elements line up with the message's structure, which
    proves them, so their fields are kept and only the faulty element is left out. Unless a lost
    character explains the fault: then it is a structural error.

    *A structural error* (unknown AI, wrong length, foreign character, truncation): a character
    may be missing anywhere before it, and the elements read so far may be shifted: a GTIN that
    lost a digit takes one from the next AI and passes its check digit once in ten. So no field
    is filled, except a GTIN that is bounded by a bracket or a separator and cannot be shifted.

    *One AI with two values*: the field stays empty; which value is right is not for us to say.

    *AIs that may not stand together, or one without another that it needs*
    (:mod:`scanners.gs1.relations`): each element stands for itself, so it is a fault of content.
    Where what is missing is the GTIN, that is the error: ``missing_di``.

``elements`` shows, as evidence, what was read; only the fields are promises.
"""

from __future__ import annotations

from scanners.gs1.dates import NO_DATE, resolve_date
from scanners.gs1.dictionary import ApplicationIdentifier
from scanners.gs1.elements import GS, Element, split_elements
from scanners.gs1.relations import Group, Violation, are_usual, invalid_pair, unmet, unsigned_serial
from scanners.scan import Agency, ErrorCode, Level, ParseError, Scan

NO_DATE_REPAIR = "no_date"

_GTINS = frozenset(("01", "02", "03"))
_FEW = 16  # elements; more are on no device, and too many to look back at each
# Found once: Python looks for a member of an enum as long as it takes to check a date.
_GS1, _PACKAGE, _UNKNOWN = Agency.GS1, Level.PACKAGE, Level.UNKNOWN
_scan = Scan._make  # all fields in their order, in two thirds of the time


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
    refused: list[str] = []
    pairs: list[tuple[str, str]] = []
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
                refused.append(code)
                if content is None:
                    content = ParseError(fault.code, at + fault.offset, f"({code}) {fault.message}")
            continue
        pairs.append((code, value))
        known = values.setdefault(code, value)
        if known != value:
            refused.append(code)
            if content is None:
                content = ParseError(ErrorCode.DUPLICATE, at, f"({code}) is {known!r} and also {value!r}")
    if error is None and content is None and not are_usual(values):
        broken = _broken_relation(values)
        if broken is not None:
            at = next(at for ai, _, at in elements if ai.code == broken.code)
            content = ParseError(ErrorCode.ASSOCIATION, at, broken.message)
    if content is not None and error is None and _may_be_shifted(elements, text):
        error = content
    if error is not None:
        refused += values.keys() - _bounded_keys(elements, text)
    for code in refused:
        values.pop(code, None)

    di = values.get("01") or values.get("03") or values.get("02")
    expiry = values.get("17") or values.get("7003")
    manufactured = values.get("11")
    expiry_day = resolve_date(expiry[:6], this_year) if expiry is not None else None
    made_day = resolve_date(manufactured, this_year) if manufactured is not None else None
    if (expiry_day is None and expiry is not None) or (made_day is None and manufactured is not None):
        # 29 February 2100: the century, and so the leap year, is known only here.
        content = content or _no_such_day(elements, expiry if expiry_day is None else manufactured)
    quantity = values.get("37" if "02" in values else "30")
    error = content or error
    if error is None and di is None:
        error = _nothing_to_identify(elements, text)
    return _scan(
        (
            raw,
            symbology,
            _GS1,
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
            (),
        )
    )


def _level(values: dict[str, str], di: str | None) -> Level:
    if di is None:
        return _PACKAGE if "00" in values else _UNKNOWN
    if "0" < di[0] < "9" or ("02" in values and "01" not in values and "03" not in values):
        return _PACKAGE
    return _UNKNOWN


def _bounded_keys(elements: list[Element], text: str) -> set[str]:
    """The GTINs that cannot have lost or taken a character: something marks where they end."""
    return {
        ai.code
        for ai, value, at in elements
        if ai.code in _GTINS and text[at + len(value) : at + len(value) + 1] in (GS, "(", "|")
    }


def _broken_relation(values: dict[str, str]) -> Violation | None:
    """The rule of standing together that these break, other than by a missing GTIN."""
    has_gtin = not _GTINS.isdisjoint(values)
    lacking = (broken for broken, groups in unmet(values) if has_gtin or not _name_a_gtin(groups))
    return invalid_pair(values) or next(lacking, None) or unsigned_serial(values)


def _name_a_gtin(groups: tuple[Group, ...]) -> bool:
    return any(not _GTINS.isdisjoint(member) for group in groups for member in group)


def _may_be_shifted(elements: list[Element], text: str) -> bool:
    """Whether a lost character explains what is wrong: AIs that are none, but digits of values.

    A value of fixed length that lost a character took the first of what follows. So if what
    follows is sound once that character is given back, that may be what was meant. Sound is what
    passes a check of its own: a lot takes any characters, which proves nothing.
    """
    if len(elements) > _FEW:
        return True
    end = elements[-1][2] + len(elements[-1][1])
    for count, (ai, value, at) in enumerate(elements):
        if ai.predefined_length:
            meant, error = split_elements(text, at + len(value) - 1, end)
            if error is None and _is_sound(elements[:count], ai, meant):
                return True
    return False


def _is_sound(before: list[Element], shifted: ApplicationIdentifier, meant: list[Element]) -> bool:
    if all(ai.check is None for ai, _, _ in meant):
        return False
    whole = before + meant
    if any(ai.check is not None and ai.check(value) is not None for ai, value, _ in whole):
        return False
    return _broken_relation({shifted.code: "", **{ai.code: value for ai, value, _ in whole}}) is None


def _nothing_to_identify(elements: list[Element], text: str) -> ParseError:
    if not elements:
        return ParseError(ErrorCode.EMPTY, len(text), "separators, and nothing between them")
    return ParseError(ErrorCode.MISSING_DI, 0, "a GS1 message without a GTIN: no (01)")


def _no_such_day(elements: list[Element], value: str | None) -> ParseError:
    at, code = next((at, ai.code) for ai, found, at in elements if found == value)
    return ParseError(ErrorCode.DATE, at, f"({code}) no such day: {value}")
