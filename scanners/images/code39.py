"""What the characters of a Code 39 symbol mean, which the symbol does not say.

Pairs such as ``+D`` may stand for a character of full ASCII (``d``). A HIBC never uses them, and begins with
``+``: converted, ``+D65825032111`` would read ``d65825032111``. Anything else is taken for full ASCII if
each ``$ % / +`` in it begins a pair, as readers do.
"""

from __future__ import annotations

from string import ascii_uppercase

from scanners.code39 import CONVERTED
from scanners.hibc import check_character

_PAIRS = {
    shift + letter: character
    for shift, characters in CONVERTED.items()
    for letter, character in zip(ascii_uppercase, characters, strict=False)
}


def meant_by(printed: str) -> tuple[str, str]:
    """The AIM identifier (ISO/IEC 15424: 1 and 5 with a check character that holds) and the text."""
    checked = len(printed) > 1 and check_character(printed[:-1]) == printed[-1]
    if checked and printed[0] == "+":
        return "]A1", printed
    converted = _from_pairs(printed)
    if converted is None or converted == printed:
        return "]A1" if checked else "]A0", printed
    return "]A5" if checked else "]A4", converted


def _from_pairs(printed: str) -> str | None:
    """None where one of the four shift characters begins no pair."""
    pieces = []
    at = 0
    while at < len(printed):
        if printed[at] not in CONVERTED:
            pieces.append(printed[at])
            at += 1
            continue
        character = _PAIRS.get(printed[at : at + 2])
        if character is None:
            return None
        pieces.append(character)
        at += 2
    return "".join(pieces)
