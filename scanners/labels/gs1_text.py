"""What a GS1 symbol is to say, checked by the same parser that will read it."""

from __future__ import annotations

from scanners.gs1.dictionary import IDENTIFIERS
from scanners.gs1.elements import GS
from scanners.labels.label import LabelError, LabelFault
from scanners.parsing import parse
from scanners.scan import ErrorCode
from scanners.symbology import ELEMENT_STRINGS

Elements = tuple[tuple[str, str], ...]

_AS_GS1 = "]C1"
# The writer in zxing-cpp believes that AIs which begin with 23 need no separator; the one there is
# does need it. Elements may stand in any order, and the last needs none.
_UNSEPARATED = "235"


def gs1_elements(text: str) -> Elements:
    """The elements of bracketed text, or of an element string with its separators.

    A message without a GTIN is one: an SSCC, or the second of two symbols. Anything that could be
    read only with a repair is refused: what is printed must say what it means. (235) comes last,
    see `_UNSEPARATED`. Raises LabelError.
    """
    said = text.strip(" \t\r\n")
    if said[:3] in ELEMENT_STRINGS:
        said = said[3:]
    scan = parse(_AS_GS1 + said)
    error = scan.error
    if error is not None and error.code is not ErrorCode.MISSING_DI:
        at = max(error.at - len(_AS_GS1), 0)
        raise LabelError(LabelFault.NOT_GS1, f"not a GS1 message: {error.message} (character {at})", text)
    if scan.repairs or not scan.elements:
        message = f"not a GS1 message as it stands; it would be read by: {', '.join(scan.repairs)}"
        raise LabelError(LabelFault.NOT_GS1, message, text)
    return tuple(sorted(scan.elements, key=lambda element: element[0] == _UNSEPARATED))


def bracketed(elements: Elements) -> tuple[str, ...]:
    """Each element as it is printed for people."""
    return tuple(f"({code}){value}" for code, value in elements)


def element_string(elements: Elements) -> str:
    """As a scanner sends it: a separator behind what has no predefined length, but not at the end."""
    parts = [code + value + ("" if IDENTIFIERS[code].predefined_length else GS) for code, value in elements]
    return "".join(parts).removesuffix(GS)
