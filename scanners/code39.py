r"""What a Code 39 reader makes of a HIBC when it is set to full ASCII, and how that is undone.

Code 39 has 43 characters. In its full-ASCII mode the other 85 are written as pairs, one of ``$ % / +``
and a letter (ISO/IEC 16388, annex A): ``+D`` is ``d``. HIBC is written in the plain mode (ANSI/HIBC 2.6,
3.1), and each begins with ``+``: a reader set to full ASCII sends ``d65825032111`` for ``+D65825032111``.

Which pair made a character is certain except for those that Code 39 also has by itself (``/S`` gives
``3``): they are left as they are, and where one did stand for a pair the check character will not hold.
"""

from __future__ import annotations

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# The characters that stand for "$A" to "$Z" and so on, by the pair's first character.
CONVERTED = {
    "$": "".join(map(chr, range(1, 27))),
    "%": "\x1b\x1c\x1d\x1e\x1f;<=>?[\\]^_{|}~\x7f\x00@`",
    "/": "!\"#$%&'()*+,-./0123456789:",
    "+": "abcdefghijklmnopqrstuvwxyz",
}
_NATIVE = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%")
PAIRS = {
    character: shift + letter
    for shift, characters in CONVERTED.items()
    for letter, character in zip(_LETTERS, characters, strict=False)
    if character not in _NATIVE
}

# Line ends and separators come from the scanner, as a rule; only where HIBC has a "$" before a letter,
# after the "+" or "/" that a lot follows, is "\r" a "$M". A bracket begins a symbology identifier, an
# asterisk is Code 39's own start and stop.
_LEFT = frozenset("\r\n\t\x1d\x1e;]*")
_LINE_END_IN_LOT = frozenset("\r\n\t")


def from_full_ascii(text: str) -> tuple[str, list[int]] | None:
    """The text before the conversion, and for each place in it (and its end) the original one.

    None if it holds nothing that a conversion could have made.
    """
    pieces: list[str] = []
    origin: list[int] = []
    for here, character in enumerate(text):
        pair = PAIRS.get(character)
        in_lot = character in _LINE_END_IN_LOT and text[here - 1 : here] in ("+", "/")
        if pair is None or (character in _LEFT and not in_lot):
            pieces.append(character)
            origin.append(here)
        else:
            pieces.append(pair)
            origin += (here, here)
    if len(origin) == len(text):
        return None
    origin.append(len(text))
    return "".join(pieces), origin
