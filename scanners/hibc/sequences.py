"""Several HIBC symbols in one text: how it may be cut into them.

A pack carries its primary and its secondary as two symbols, or three, and many scanners send one right
after the other. Between them may stand line ends, TAB, GS, RS, ``;``, blanks or nothing, and before each
a symbology identifier. Each symbol may stand between the asterisks with which Code 39 begins and ends.

The next ``+`` does not end a symbol: ``+`` is also in ``$+`` and may be a check or link character. Nor
does a blank, which may be one as well. So every cut is tried, and those count in which every piece is a
symbol whose check character holds.
"""

from __future__ import annotations

import re

from scanners.hibc.symbols import LONGEST, Symbol, check_holds, split_symbol
from scanners.symbology import IDENTIFIER

MOST_SYMBOLS = 4
# Where a text is divided for certain: no symbol of HIBC holds one of these. Of thousands in a row, the
# last few: each place is looked at once.
DIVIDED = re.compile(r"[\r\n\t\x1d\x1e;][\r\n\t\x1d\x1e; ]{0,16}(?:\][A-Za-z][0-9A-Za-z])?(?=\*?\+)")

_SEPARATORS = "\r\n\t\x1d\x1e; "
_SHORTEST = 4  # "+$", link and check
# After its first, a symbol holds the "+" of two references and may end in two: the fifth begins another.
_MOST_PLUSES = 5

Sequence = tuple[Symbol, ...]


def find_sequences(text: str, start: int, end: int) -> list[Sequence]:
    """Every way to cut ``text[start:end]``, and the blanks right after it, into symbols that hold."""
    if end - start > LONGEST * MOST_SYMBOLS:
        return []
    return _cut(text, start, end, MOST_SYMBOLS, {})


def _cut(
    text: str, at: int, end: int, most: int, known: dict[tuple[int, int], list[Sequence]]
) -> list[Sequence]:
    if most == 0:
        return []
    found = known.get((at, most))
    if found is None:
        found = known[at, most] = []
        for symbol, after in _symbols_at(text, at, end):
            if after >= end:
                found.append((symbol,))
            else:
                found += ((symbol, *rest) for rest in _cut(text, after, end, most - 1, known))
    return found


def _symbols_at(text: str, at: int, end: int) -> list[tuple[Symbol, int]]:
    """The symbols that may begin at ``at``, each with where the next one does (the end for the last)."""
    if text.startswith("*", at, end):
        at += 1
        stop = text.find("*", at, end)
        ends = [] if stop < 0 else [(stop, _skip_separators(text, stop + 1, end))]
    else:
        ends = _ends(text, at, end)
    if not text.startswith("+", at, end):
        return []
    return [
        (symbol, after)
        for stop, after in ends
        if _SHORTEST <= stop - at <= LONGEST and check_holds(text, at, stop)
        if (symbol := split_symbol(text, at, stop)).error is None
    ]


def _ends(text: str, at: int, end: int) -> list[tuple[int, int]]:
    """Where the symbol at ``at`` may end, and where what follows begins."""
    ends = [(stop, end) for stop in _with_blanks(text, end, len(text))]
    plus = at
    for _ in range(_MOST_PLUSES):
        plus = text.find("+", plus + 1, end)
        if plus < 0:
            break
        begin = plus
        if text[begin - 1] == "*":
            begin -= 1
        bound = begin
        if IDENTIFIER.match(text, begin - 3, begin):
            bound -= 3
        while bound > at and text[bound - 1] in _SEPARATORS:
            bound -= 1
        ends += ((stop, begin) for stop in _with_blanks(text, bound, begin))
    return ends


def _with_blanks(text: str, stop: int, end: int) -> list[int]:
    """``stop``, and after the one or two blanks that follow: check, or link and check, of the symbol."""
    stops = [stop]
    while len(stops) < 3 and text.startswith(" ", stops[-1], end):
        stops.append(stops[-1] + 1)
    return stops


def _skip_separators(text: str, at: int, end: int) -> int:
    while at < end and text[at] in _SEPARATORS:
        at += 1
    if IDENTIFIER.match(text, at, end):
        at += 3
    return at
