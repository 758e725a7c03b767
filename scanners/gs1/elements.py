"""Element strings: AIs and values one after another, ended by GS where the length is not fixed.

General Specifications 7.8. This module finds where each value begins and ends and that it has
the characters and the length of its AI; what the values mean is :mod:`scanners.gs1.reading`.
Positions are indices of the text given, so that errors can point into the raw scan.
"""

from __future__ import annotations

from scanners.gs1.charsets import MEMBERS, NAMES
from scanners.gs1.dictionary import HEADS, IDENTIFIERS, ApplicationIdentifier
from scanners.scan import ErrorCode, ParseError

GS = "\x1d"

# An AI, its value, and where in the text the value begins. A plain tuple: parsing makes several.
Element = tuple[ApplicationIdentifier, str, int]
Split = tuple[list[Element], ParseError | None]
_BEGINNINGS = frozenset(code[:length] for code in IDENTIFIERS for length in range(len(code)))


def split_elements(text: str, start: int, end: int) -> Split:
    """The elements of ``text[start:end]``, up to the first structural error if there is one.

    Tolerated: one GS in front, any at the end, one after a value of predefined length.
    """
    elements: list[Element] = []
    while end > start and text[end - 1] == GS:
        end -= 1
    here = start
    if here < end and text[here] == GS:
        here += 1
    while here < end:
        head = HEADS.get(text[here : here + 2])
        if head is None:
            return elements, unknown_ai(text, here, end)
        width, length, ai = head
        at = here + width
        if ai is None and (ai := IDENTIFIERS.get(text[here:at])) is None:
            return elements, unknown_ai(text, here, end)
        if length:
            stop = at + length
            value = text[at:stop]
            # Digits are all that a predefined length ever holds; the pattern takes twice as long to say so.
            if stop > end or not (value.isdecimal() and value.isascii()):
                return elements, misfit(ai, text, at, min(stop, end), end)
            elements.append((ai, value, at))
            here = stop + 1 if text[stop : stop + 1] == GS else stop
        else:
            stop = text.find(GS, at, end)
            if stop < 0:
                stop = end
            if ai.pattern.fullmatch(text, at, stop) is None:
                return elements, misfit(ai, text, at, stop, end)
            elements.append((ai, text[at:stop], at))
            here = stop + 1
    return elements, None


def unknown_ai(text: str, here: int, end: int) -> ParseError:
    """Why no AI begins here."""
    head = HEADS.get(text[here : here + 2])
    width = head[0] if head else 4
    if end - here < width and text[here:end] in _BEGINNINGS:
        return ParseError(ErrorCode.TRUNCATED, end, f"the text ends within an AI: {text[here:end]!r}")
    return ParseError(
        ErrorCode.UNKNOWN_AI, here, f"no AI begins with {text[here : min(here + width, end)]!r}"
    )


def misfit(ai: ApplicationIdentifier, text: str, at: int, stop: int, end: int) -> ParseError:
    """Why ``text[at:stop]`` is no value of this AI; ``end`` is where the whole text ends."""
    here = at
    for part in ai.components:
        members = MEMBERS[part.kind]
        for position in range(here, min(here + part.longest, stop)):
            character = text[position]
            if character == GS:  # a value of predefined length, cut short by a separator
                message = f"({ai.code}) ends after {position - at} characters"
                return ParseError(ErrorCode.LENGTH, position, message)
            if character not in members:
                message = f"({ai.code}) expected {NAMES[part.kind]}, got {character!r}"
                return ParseError(ErrorCode.CHARSET, position, message)
        if stop - here < part.shortest:
            code = ErrorCode.TRUNCATED if stop == end else ErrorCode.LENGTH
            message = f"({ai.code}) {ai.title}: {stop - at} characters are too few"
            return ParseError(code, stop, message)
        here = min(here + part.longest, stop)
    message = f"({ai.code}) {ai.title}: at most {ai.longest} characters, got {stop - at}"
    return ParseError(ErrorCode.LENGTH, here, message)
