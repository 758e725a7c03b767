r"""Bracketed text: ``(01)06901234567892(17)281130(10)LOT42A``, as printed under a symbol.

Brackets are legal inside values, so a value ends at ``(``, two to four digits and ``)`` only
where the digits are a known AI and what stands before is a whole value of its own AI. A value
that holds such a thing itself can write its bracket as ``\(``; a backslash is legal in no value.

Some software brackets only the first AIs and sends the rest as it came. That is read only if
the text holds a GS, which shows that it came from a symbol; then each value ends where an
element string's would. Without a GS a value of the wrong length is an error, never a guess.
"""

from __future__ import annotations

import re

from scanners.gs1.dictionary import HEADS, IDENTIFIERS, ApplicationIdentifier
from scanners.gs1.elements import GS, Element, Split, misfit, unknown_ai
from scanners.scan import ErrorCode, ParseError

BRACKETED_AI = re.compile(r"\(([0-9]{2,4})\)")
_ESCAPED, _BRACKET = "\\(", "("


def split_brackets(text: str, start: int, end: int) -> Split:
    """The elements of bracketed ``text[start:end]``, up to the first structural error."""
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
