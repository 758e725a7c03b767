"""MA codes as telephones meet them: within a web address, and as XML. Both become the plain code.

*Address*: the code stands behind ``=``, ``/`` or ``?`` and ends at ``&``, ``#``, ``?`` or the end of the
text; one ``/`` at the very end is the address's own. Escapes are undone; ``+`` stays, for no code
holds a blank. Two codes in one address are one too many.

*XML*: ``<UDI IAC="MA"><DI>..</DI><SN>..</SN><MFG/><LOT/><EXP/><VAL/></UDI>``, elements in any order.
This shape is read, by hand, and nothing else of XML: no other element, no entity, no declaration
of a type, nothing that could grow or name a file. What another agency would write here is not
published anywhere, so its codes are not read in this form.
"""

from __future__ import annotations

import re

from scanners.gs1.digital_link import find_another_address
from scanners.ma import read_ma
from scanners.scan import Agency, ErrorCode, ParseError, Scan

XML_BEGINNINGS = ("<UDI", "<?xml")

_IN_ADDRESS = re.compile("[=/?](?=MA(?:[.]|%2[Ee]))")
_ADDRESS_END = re.compile("[&#?]")
_ESCAPE = re.compile("%([0-9A-Fa-f]{2})?")

_B = "[ \t\r\n]*"
_HEAD = re.compile(rf"(?:<\?xml[^<>]*>)?{_B}<UDI[ \t\r\n]+IAC{_B}={_B}(?:\"([^\"<>&]*)\"|'([^'<>&]*)'){_B}>")
_ELEMENT = re.compile(rf"{_B}<([A-Z]+)(?:{_B}/>|>{_B}([^<>& \t\r\n]*){_B}</\1{_B}>)")
_TAIL = re.compile(rf"{_B}</UDI{_B}>{_B}")
_LETTERS = {"DI": "", "SN": ".S", "MFG": ".M", "LOT": ".L", "EXP": ".E", "VAL": ".V"}


def read_ma_address(
    raw: str,
    symbology: str | None,
    text: str,
    start: int,
    end: int,
    this_year: int,
    repairs: tuple[str, ...],
) -> Scan | None:
    """The MA code in the address ``text[start:end]``; None if it holds none."""
    codes = _IN_ADDRESS.finditer(text, start, end)
    first = next(codes, None)
    if first is None:
        return None
    if (second := next(codes, None)) is not None:
        message = "two MA codes in one address"
        error = ParseError(ErrorCode.AMBIGUOUS, second.end(), message)
        return Scan(raw, symbology, Agency.MA, repairs=repairs, error=error)
    another = find_another_address(text, start, end)
    if another is not None:
        return Scan(raw, symbology, Agency.MA, repairs=repairs, error=another)
    begin = first.end()
    limit = _ADDRESS_END.search(text, begin, end)
    stop = limit.start() if limit is not None else end
    if text[stop - 1] == "/":
        stop -= 1
    if text.find("%", begin, stop) < 0:
        return read_ma(raw, symbology, text, begin, stop, this_year, repairs)
    plain: list[str] = []
    origin: list[int] = []
    here = begin
    for escape in _ESCAPE.finditer(text, begin, stop):
        if escape[1] is None:
            error = ParseError(ErrorCode.CHARSET, escape.start(), "% not followed by two hexadecimal digits")
            return Scan(raw, symbology, Agency.MA, repairs=repairs, error=error)
        plain += (text[here : escape.start()], chr(int(escape[1], 16)))
        origin += range(here, escape.start() + 1)
        here = escape.end()
    plain.append(text[here:stop])
    origin += range(here, stop + 1)
    return _read_plain(raw, symbology, "".join(plain), origin, this_year, repairs)


def read_ma_xml(
    raw: str,
    symbology: str | None,
    text: str,
    start: int,
    end: int,
    this_year: int,
    repairs: tuple[str, ...],
) -> Scan:
    """The MA code in XML that ``text[start:end]`` is, if it has that one shape."""
    head = _HEAD.match(text, start, end)
    if head is None or (head[1] or head[2]) != "MA":
        refusal = ParseError(ErrorCode.NOT_A_UDI, start, 'XML, but not of the shape <UDI IAC="MA">')
        return Scan(raw, symbology, repairs=repairs, error=refusal)
    elements, fault = _split_elements(text, head.end(), end)
    if fault is not None:
        return Scan(raw, symbology, Agency.MA, repairs=repairs, error=fault)
    plain: list[str] = []
    origin: list[int] = []
    for name, value, at in sorted(elements, key=lambda element: element[0] != "DI"):
        letter = _LETTERS[name]
        plain += (letter, value)
        origin += (*(at for _ in letter), *range(at, at + len(value)))
    origin.append(end)
    return _read_plain(raw, symbology, "".join(plain), origin, this_year, repairs)


def _split_elements(text: str, here: int, end: int) -> tuple[list[tuple[str, str, int]], ParseError | None]:
    """Name, content and its place of each element that is not empty, up to the first fault."""
    elements: list[tuple[str, str, int]] = []
    has_di = False
    while (element := _ELEMENT.match(text, here, end)) is not None:
        name, value, at = element[1], element[2] or "", element.start(2)
        if name not in _LETTERS:
            fault = ParseError(ErrorCode.UNKNOWN_AI, element.start(1), f"no element <{name}> is known")
            return elements, fault
        points = value.count(".")
        if name == "DI" and (has_di or points > 4):
            message = "a second <DI>" if has_di else "<DI> holds more than a device identifier"
            return elements, ParseError(ErrorCode.DUPLICATE if has_di else ErrorCode.LENGTH, at, message)
        if name != "DI" and points:
            return elements, ParseError(ErrorCode.CHARSET, at + value.index("."), f"<{name}> holds a point")
        if value:
            elements.append((name, value, at))
            has_di = has_di or name == "DI"
        here = element.end()
    if _TAIL.fullmatch(text, here, end) is None:
        if text.find("</UDI", here, end) < 0:
            return elements, ParseError(ErrorCode.TRUNCATED, end, "expected </UDI>")
        return elements, ParseError(
            ErrorCode.NOT_A_UDI, here, "expected an element without entities, or </UDI>"
        )
    if not has_di:
        return elements, ParseError(ErrorCode.MISSING_DI, here, "no <DI>")
    return elements, None


def _read_plain(
    raw: str, symbology: str | None, plain: str, origin: list[int], this_year: int, repairs: tuple[str, ...]
) -> Scan:
    """The plain code, an error pointed to where in the text it came from."""
    scan = read_ma(raw, symbology, plain, 0, len(plain), this_year, repairs)
    if scan.error is None:
        return scan
    return scan._replace(error=scan.error._replace(at=origin[scan.error.at]))
