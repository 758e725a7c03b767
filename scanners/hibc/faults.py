"""Why a text that begins like HIBC is none: the first thing that is wrong, and where."""

from __future__ import annotations

from scanners.hibc.mod43 import ALPHABET
from scanners.hibc.sequences import DIVIDED, MOST_SYMBOLS
from scanners.hibc.symbols import LONGEST, check_holds, split_symbol
from scanners.scan import ErrorCode, ParseError

_CHARACTERS = frozenset(ALPHABET)
_SHORTEST = 4


def find_fault(text: str, start: int, end: int) -> ParseError:
    """For a text that cannot be read in any way; of several symbols, the first faulty one's."""
    begin = start
    fault = None
    # No further than a pack's symbols reach: a place between two takes time to find.
    for divided in DIVIDED.finditer(text, start, min(end, start + LONGEST * MOST_SYMBOLS)):
        fault = fault or _fault_of(text, begin, divided.start())
        begin = divided.end()
    # If each piece is right by itself, there are too many of them.
    return fault or _fault_of(text, begin, end) or _too_many(text, start, end)


def _fault_of(text: str, start: int, end: int) -> ParseError | None:
    if text.startswith("*", start, end):
        start += 1
        end -= text[end - 1] == "*"
    first = text[start + 1 : min(start + 2, end)]
    if first == "/":
        message = "HIBC data of patients and records (+/): no device"
        return ParseError(ErrorCode.NOT_A_UDI, start, message)
    if not (first.isascii() and (first.isalnum() or first == "$")):
        return ParseError(ErrorCode.NOT_A_UDI, start, "no HIBC data begin like this")
    for here in range(start, min(end, start + LONGEST)):
        if text[here] not in _CHARACTERS:
            return ParseError(ErrorCode.CHARSET, here, f"{text[here]!r} is none of the characters of HIBC")
    if end - start > LONGEST:
        message = f"{end - start} characters; no HIBC symbol has more than {LONGEST}"
        return ParseError(ErrorCode.LENGTH, start + LONGEST, message)
    if end - start < _SHORTEST:
        return ParseError(ErrorCode.TRUNCATED, end, "too short for a HIBC symbol")
    if not check_holds(text, start, end):
        return ParseError(ErrorCode.CHECK_DIGIT, end - 1, "the check character does not fit")
    return split_symbol(text, start, end).error


def _too_many(text: str, start: int, end: int) -> ParseError:
    message = "more symbols in one text than one pack has"
    return ParseError(ErrorCode.LENGTH, start, message)
