r"""Bracketed text: ``(01)06901234567892(17)281130(10)LOT42A``, as printed under a symbol.

Brackets are legal inside values, so a value ends at ``(``, two to four digits and ``)`` only
where the digits are a known AI and what stands before is a whole value of its own AI. A value
that holds such a thing itself can write its bracket as ``\(``; a backslash is legal in no value.

Some software brackets only the first AIs and sends the rest as it came. That is read only if
the text holds a GS, which shows that it came from a symbol; then each value ends where an
element string's would. Without a GS a value of the wrong length is an error, never a guess.

Print likes blanks around brackets, and between the digits of long numbers:
``(01) 0 6901234 56789 2 (17) 281130``. A blank is legal in no value, so these can be nothing but
print: they are taken away, and the repair is named. A blank within a lot or serial may be print as
well, or a character that was lost: ``ambiguous``, with the reading that print would give.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from scanners.gs1.dictionary import HEADS, IDENTIFIERS, ApplicationIdentifier
from scanners.gs1.elements import GS, Element, Split, misfit, unknown_ai
from scanners.gs1.reading import read_elements
from scanners.scan import ErrorCode, ParseError, Scan

BRACKETED_AI = re.compile(r"\(([0-9]{2,4})\)")
PRINT_REPAIR = "whitespace_stripped"  # by the same name as blanks around a whole code
_ESCAPED, _BRACKET = "\\(", "("


def read_brackets(
    raw: str, symbology: str | None, text: str, start: int, end: int, this_year: int, repairs: tuple[str, ...]
) -> Scan | None:
    """The scan that bracketed ``text[start:end]`` is; None if its first brackets hold no AI."""
    plain = _split_at_every_bracket(text, start, end)
    if plain is not None:
        return read_elements(raw, symbology, text, plain, None, this_year, repairs)
    if BRACKETED_AI.match(text, start, end) is None:
        return None
    if text.find(" ", start, end) < 0:
        elements, error = _split_with_care(text, start, end)
        return read_elements(raw, symbology, text, elements, error, this_year, repairs)
    names = (*dict.fromkeys((*repairs, PRINT_REPAIR)),)
    meant, origin = _without_print(text, start, end)
    elements, error = split_brackets(meant, 0, len(meant))
    scan = read_elements(raw, symbology, meant, elements, error, this_year, names)
    if scan.error is None:
        return scan
    at = origin[scan.error.at]
    if scan.error is error and text[at : at + 1] == " ":
        closed = meant.replace(" ", "")
        elements, error = split_brackets(closed, 0, len(closed))
        reading = read_elements(raw, symbology, closed, elements, error, this_year, names)
        if reading.error is None:
            doubt = ParseError(
                ErrorCode.AMBIGUOUS, at, "the blank may be print, or a character that was lost"
            )
            return scan._replace(error=doubt, readings=(reading,))
    return scan._replace(error=scan.error._replace(at=at))


def _without_print(text: str, start: int, end: int) -> tuple[str, list[int]]:
    """The text without the blanks of print, and for each place in it (and its end) the original one."""
    kept: list[int] = []
    ai: ApplicationIdentifier | None = None
    here = start
    for bracket in (*BRACKETED_AI.finditer(text, start, end), None):
        if bracket is not None and bracket[1] not in IDENTIFIERS and not (ai and ai.predefined_length):
            continue  # a bracket in a value
        stop = end if bracket is None else bracket.start()
        kept += _printed(ai, text, here, stop)
        if bracket is not None:
            ai = IDENTIFIERS.get(bracket[1])
            here = bracket.end()
            kept += range(stop, here)
    return "".join(text[place] for place in kept), [*kept, end]


def _printed(ai: ApplicationIdentifier | None, text: str, here: int, stop: int) -> Iterable[int]:
    """The places of a value without the blanks around it, and those in a number of fixed length."""
    digits = text[here:stop].replace(" ", "")
    if ai is not None and len(digits) == ai.predefined_length and digits.isdecimal():
        return [place for place in range(here, stop) if text[place] != " "]
    while here < stop and text[here] == " ":
        here += 1
    while here < stop and text[stop - 1] == " ":
        stop -= 1
    return range(here, stop)


def split_brackets(text: str, start: int, end: int) -> Split:
    """The elements of bracketed ``text[start:end]``, up to the first structural error."""
    plain = _split_at_every_bracket(text, start, end)
    return (plain, None) if plain is not None else _split_with_care(text, start, end)


def _split_at_every_bracket(text: str, start: int, end: int) -> list[Element] | None:
    """The elements, if every bracket opens an AI and every value fits its own: nearly always."""
    elements: list[Element] = []
    at = start + 1
    for piece in text[at:end].split("("):
        code, _, value = piece.partition(")")
        ai = IDENTIFIERS.get(code)
        if ai is None or ai.pattern.fullmatch(value) is None:
            return None
        elements.append((ai, value, at + len(code) + 1))
        at += len(piece) + 1
    return elements


def _split_with_care(text: str, start: int, end: int) -> Split:
    """With brackets in values, AIs without brackets behind a GS, and all that may be wrong."""
    elements: list[Element] = []
    while end > start and text[end - 1] == GS:
        end -= 1
    from_symbol = GS in text[start : end + 1]
    here = start
    while here < end:
        bracket = BRACKETED_AI.match(text, here, end)
        if bracket is not None:
            ai, at = IDENTIFIERS.get(bracket[1]), bracket.end()
            if ai is None:
                message = f"no AI {bracket[1]}"
                return elements, ParseError(ErrorCode.UNKNOWN_AI, here + 1, message)
        elif from_symbol and text[here : here + 2] in HEADS:
            at = here + HEADS[text[here : here + 2]][0]
            ai = IDENTIFIERS.get(text[here:at])
            if ai is None:
                return elements, unknown_ai(text, here, end)
        else:
            message = f"expected an AI in brackets, got {text[here : here + 4]!r}"
            return elements, ParseError(ErrorCode.UNKNOWN_AI, here, message)
        stop = _value_end(ai, text, at, end, from_symbol)
        value = text[at:stop].replace(_ESCAPED, _BRACKET)
        if ai.pattern.fullmatch(value) is None:
            return elements, misfit(ai, text, at, stop, end)
        elements.append((ai, value, at))
        here = stop + 1 if text[stop : stop + 1] == GS else stop
    return elements, None


def _value_end(ai: ApplicationIdentifier, text: str, at: int, end: int, from_symbol: bool) -> int:
    """Where the value that begins at ``at`` ends: at a bracketed AI, a GS, or the end of the text."""
    limit = text.find(GS, at, end)
    if limit < 0:
        limit = end
    # No value reaches further than this, so neither need the search (escapes take two places).
    reach = min(limit, at + 2 * ai.longest + len("(9999)"))
    fallback = limit
    for bracket in BRACKETED_AI.finditer(text, at, reach):
        stop = bracket.start()
        if text[stop - 1 : stop] == "\\":
            continue
        # A value of digits alone ends at any bracket; what the bracket holds is the next question.
        if bracket[1] not in IDENTIFIERS and not ai.predefined_length:
            continue
        if stop == at or ai.pattern.fullmatch(text[at:stop].replace(_ESCAPED, _BRACKET)):
            return stop
        fallback = min(fallback, stop)
    fixed = at + ai.predefined_length
    if from_symbol and ai.predefined_length and ai.pattern.fullmatch(text, at, min(fixed, limit)):
        return fixed
    if ai.pattern.fullmatch(text[at:limit].replace(_ESCAPED, _BRACKET)):
        return limit
    return fallback  # it fits nothing: report it up to the next AI
