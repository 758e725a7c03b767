"""Where the separators of a message may have been that lost all of them.

A value without a fixed length may end before any AI, and digits within a lot look like AIs, so most
messages can be split in many ways. Only where a single split gives a message is it the one that was sent:
the true split is always among those that are found here.
"""

from __future__ import annotations

from scanners.gs1.dictionary import HEADS, IDENTIFIERS
from scanners.gs1.elements import GS

# What stands on a device beside its GTIN.
OF_DEVICES = frozenset(
    ("01", "10", "11", "13", "15", "16", "17", "20", "21", "22", "30", "235", "240", "241", "250")
)
LONGEST = 120  # characters; what device messages have, and few enough to look at every place
_MOST_STEPS = 1500  # a millisecond or two
_MOST_SPLITS = 50


class _TooMany(Exception):
    """There are more places to look at than a scan may take time for."""


def splits(text: str, start: int, end: int) -> list[str] | None:
    """``text[start:end]`` with GS in each choice of places that gives AIs with values to the end.

    Values have the characters, the lengths and the check digits of their AIs. None if there are too many
    places to look at: of some splits nobody knows whether they are all, nor of another way to read the text
    whether it is the only one.
    """
    if end - start > LONGEST or GS in text[start:end]:
        return []
    try:
        found = _continuations(text, end, {}, [0], start)
    except _TooMany:
        return None
    return ["".join(pieces) for pieces in found] if len(found) <= _MOST_SPLITS else None


def _continuations(
    text: str, end: int, known: dict[int, list[list[str]]], steps: list[int], here: int
) -> list[list[str]]:
    """Every way to read on from ``here``, as pieces of text; each ends where the next begins."""
    if here == end:
        return [[]]
    if here in known:
        return known[here]
    found: list[list[str]] = []
    head = HEADS.get(text[here : here + 2])
    ai = IDENTIFIERS.get(text[here : here + head[0]]) if head else None
    if head is not None and ai is not None:
        at = here + head[0]
        if ai.predefined_length:
            stops = range(at + ai.predefined_length, at + ai.predefined_length + 1)
        else:
            stops = range(at + 1, min(at + ai.longest, end) + 1)
        for stop in stops:
            steps[0] += 1
            if steps[0] > _MOST_STEPS:
                raise _TooMany
            if stop > end or ai.pattern.fullmatch(text, at, stop) is None:
                continue
            if ai.check is not None and ai.check(text[at:stop]) is not None:
                continue
            separator = "" if stop == end or ai.predefined_length else GS
            for rest in _continuations(text, end, known, steps, stop):
                steps[0] += 1
                if steps[0] > _MOST_STEPS:
                    raise _TooMany
                found.append([text[here:stop] + separator, *rest])
    known[here] = found
    return found
