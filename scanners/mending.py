"""Which mended text is taken for what the symbol says: the rule of proof.

A text that reads as it came is left alone, unless the same text can be read in another way that a known
kind of damage explains. Where it does not read, the proposals of :mod:`scanners.repairs` are read in its
place, in every combination of typing, noise and separators, and

* a reading counts only if it is whole (no error) and identifies something: a check digit, a check
  character or the closed structure of its agency has then passed on the mended text;
* all that count must say the same, else the answer is ``ambiguous`` and shows them;
* what was undone is named in ``Scan.repairs``.

So a repair is never the likelier of two guesses. Damage that none of this explains stays an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date
from itertools import chain, islice

from scanners import keyboards, repairs
from scanners.gs1 import lost_separators
from scanners.gs1.dictionary import IDENTIFIERS
from scanners.gs1.elements import GS
from scanners.hibc import is_secondary
from scanners.ma import UNVERIFIED_DI
from scanners.scan import Agency, ErrorCode, ParseError, Scan
from scanners.symbology import ELEMENT_STRINGS, GTIN_SYMBOLS, MISTYPED

Read = Callable[[str], Scan]
Only = Callable[[Scan, str], bool]
Proposals = Iterable[tuple[str, tuple[str, ...]]]

_KEY_FIRST = re.compile(r"\s*(?:\][A-Za-z][0-9])?0[12][0-9]{14}")

# Mends that make other characters of what was there. An MA code has little that could prove them wrong, so
# there its check, which is no reason to refuse a sound code, must fit.
_REWRITTEN = frozenset((repairs.CASE_FLIPPED, repairs.KEYBOARD_LAYOUT, repairs.SHIFT_FAULT))

# Longer texts are read as they came: no UDI is near this, and each proposal takes time to read.
LONGEST = 300
_OF_GS1 = ELEMENT_STRINGS | GTIN_SYMBOLS
_EAN_FLIPPED = "]e0"
_BEGINNING = 6  # characters of a message by which it is known again
_MOST_PROPOSALS = 64
_MOST_SHOWN = 4
# How a value shows that the next one ran into it.
_RUN_TOGETHER = (ErrorCode.AMBIGUOUS, ErrorCode.LENGTH, ErrorCode.TRUNCATED)
# Years: what is on a shelf was not made longer ago, and is not good for longer.
_LONGEST_EXPIRED, _LONGEST_GOOD = 5, 15
_PLUS_FOR_BRACKET = [layout for layout in keyboards.LAYOUTS if layout.undo.get(ord("+")) == "]"]


def mend(scan: Scan, text: str, read: Read, separators: tuple[str, ...]) -> Scan:
    """The one reading that explains a text which cannot be read as ``scan`` tried; else ``scan``."""
    if len(text) > LONGEST:
        return scan
    halves: dict[tuple[object, ...], Scan] = {}
    found = _proved(_with_own_separators(text, separators), read)
    found = found or _proved(islice(_proposals(text, read, separators), _MOST_PROPOSALS), read, halves=halves)
    if found:
        return _verdict(scan, found)
    if len(halves) == 1:
        # The second symbol of a pack: right by its own check, and nothing is booked on it alone.
        return next(iter(halves.values()))
    found, is_all = _with_lost_separators(scan, text, read)
    # A message must begin with its key, so that no choice of places makes another key of it.
    if is_all and _KEY_FIRST.match(text) and (len(found) > 1 or (found and _is_of_a_device(found[0]))):
        return _verdict(scan, found)
    if scan.error is not None and scan.error.code is ErrorCode.AMBIGUOUS:
        # It does not begin as a message must: shown as what it could be, and taken for none.
        return scan._replace(readings=tuple(found[:_MOST_SHOWN]) or scan.readings)
    return scan


def doubt(scan: Scan, text: str, read: Read, separators: tuple[str, ...], this_year: int) -> Scan:
    """A text that reads as it came, and may all the same be a damaged one: ``scan``, or what is truer."""
    if len(text) > LONGEST:
        return scan
    if (once := repairs.sent_once(text)) is not None:
        # Its own key again within its last value, digit by digit: that is no lot.
        found = _proved([(once, (repairs.DOUBLE_SENT,))], read)
        if found:
            return _with_name(repairs.DOUBLE_SENT, doubt(found[0], once, read, separators, this_year))
    if text.startswith("HTTP"):
        if text.isupper():
            return scan  # from a symbol that has no small letters
        # Small letters beside them are a value's, or Caps Lock was on.
        found = _proved([(text, ()), (text.swapcase(), (repairs.CASE_FLIPPED,))], read)
        return _verdict(scan, found)
    if scan.agency is Agency.HIBC:
        # A German keyboard has "+" where the US one has "]": "+C1" and 43 chances to one of no check.
        undone = ((layout.undone(text), (repairs.KEYBOARD_LAYOUT,)) for layout in _PLUS_FOR_BRACKET)
        found = _proved(((meant, names) for meant, names in undone if meant is not None), read)
        return _verdict(scan, [scan, *found]) if found else scan
    if scan.agency is not Agency.GS1 or GS in text or "(0" in text:
        return scan  # what kept a GS, or is bracketed text, stands for itself
    if found := _proved(_with_own_separators(text, separators), read):
        return _verdict(scan, found)
    if separators:
        return scan
    found = _proved(repairs.with_hidden_separators(text), read, only=_needs_each_separator)
    found += _with_hidden_dates(scan, text, read, this_year)
    return _verdict(scan, [scan, *found]) if found else scan


def _with_hidden_dates(scan: Scan, text: str, read: Read, this_year: int) -> list[Scan]:
    """The readings in which a lost GS hides a day in the last value that the message does not have otherwise.

    Nobody is to use what expired because its day was taken for the end of a lot. Of random lots of digits,
    nine and more, one in ten thousand looks so; a house that knows its scanners has none doubted.
    """
    found = _proved(repairs.with_hidden_dates(text, scan.elements[-1][1]), read, only=_needs_each_separator)
    return [
        reading
        for reading in found
        if _is_of_a_device(reading)
        and _may_be(scan.expiry, reading.expiry, this_year - _LONGEST_EXPIRED, this_year + _LONGEST_GOOD)
        and _may_be(scan.manufactured, reading.manufactured, this_year - _LONGEST_GOOD, this_year)
    ]


def _may_be(known: date | None, hidden: date | None, first_year: int, last_year: int) -> bool:
    """Whether a day is the one that was known, or a likely one where none was."""
    if known is not None or hidden is None:
        return known == hidden
    return first_year <= hidden.year <= last_year


def _with_own_separators(text: str, separators: tuple[str, ...]) -> Proposals:
    """The site has said what its scanners send for GS: that goes before anything we could think of."""
    return [(text.replace(sign, GS), (repairs.GS_REPLACED,)) for sign in separators if sign in text]


def _proposals(text: str, read: Read, separators: tuple[str, ...]) -> Proposals:
    seen = {text}
    for typed, how_typed in repairs.as_typed(text):
        for bare, noise in repairs.without_noise(typed):
            if bare != text and _counts(read(bare)):
                variants: Proposals = chain([(bare, ())], repairs.with_hidden_separators(bare))
            else:
                variants = repairs.with_separators(bare, separators)
            for whole, stood_in in variants:
                if whole not in seen:
                    seen.add(whole)
                    yield whole, (*how_typed, *noise, *stood_in)


def _with_lost_separators(scan: Scan, text: str, read: Read) -> tuple[list[Scan], bool]:
    """The readings of what may be a GS1 message but for its separators, and whether these are all.

    That they were lost, and that something stood in for them which a value could hold, are two ways to
    explain the same text, in which a value is too long for its AI.
    """
    error = scan.error
    if error is None or error.code not in (*_RUN_TOGETHER, ErrorCode.CHARSET):
        return [], True
    bare = text.strip(repairs.WHITESPACE)
    head = len(scan.symbology or "")
    stood_in = repairs.with_possible_separators(bare)
    came_twice = bare.find(bare[head : head + _BEGINNING], head + 1) > 0  # and either may be the key
    # A "_" among digits is no digit. But a GS that is missing there may have become one.
    if error.code is ErrorCode.CHARSET or came_twice:
        return _proved(stood_in, read, only=_needs_each_separator), True
    splits = lost_separators.splits(bare, head, len(bare))
    restored = ((bare[:head] + whole, (repairs.GS_RESTORED,)) for whole in splits or ())
    return _proved(chain(stood_in, restored), read, only=_needs_each_separator), splits is not None


def _needs_each_separator(scan: Scan, text: str) -> bool:
    """Whether it is a GS1 message, and every GS in the text ends a value that could go on."""
    if scan.agency is not Agency.GS1:
        return False
    ends = sum(not IDENTIFIERS[code].predefined_length for code, _ in scan.elements[:-1])
    return text.count(GS) == ends


def _begins_by_chance(scan: Scan, text: str, names: tuple[str, ...]) -> bool:
    """Whether only its check digit says that a GS1 message begins where it begins.

    "]C4" behind what was taken away says nothing of GS1; "]E0" is an EAN's, not only "]e0" under Caps Lock.
    """
    if scan.agency is not Agency.GS1:
        return False
    if scan.symbology == _EAN_FLIPPED:
        return repairs.CASE_FLIPPED in names
    if repairs.PREFIX_STRIPPED not in names or scan.symbology in _OF_GS1:
        return False
    return text.lstrip().removeprefix(scan.symbology or "")[:1].isdecimal()


def _is_of_a_device(scan: Scan) -> bool:
    """Whether nothing but a device's usual AIs is in it: a character that was lost as well shifts the rest,
    and among 541 AIs there is one for most of what comes out."""
    is_gtin_alone = len(scan.elements) == 1 and scan.symbology is not None and scan.symbology not in _OF_GS1
    return not is_gtin_alone and lost_separators.OF_DEVICES.issuperset(code for code, _ in scan.elements)


def _proved(
    proposals: Proposals,
    read: Read,
    only: Only | None = None,
    halves: dict[tuple[object, ...], Scan] | None = None,
) -> list[Scan]:
    """The readings that count, each with the names of what was undone, the fewest for each.

    No more than can be shown and one: that is as ambiguous as all of them. ``halves`` is filled with the
    HIBC secondaries among the others.
    """
    found: dict[tuple[object, ...], Scan] = {}
    for text, names in proposals:
        reading = read(text)
        if halves is not None and is_secondary(reading):
            named = reading._replace(repairs=(*dict.fromkeys((*names, *reading.repairs)),))
            halves.setdefault(_meaning(reading), named)
        if not _counts(reading) or (_REWRITTEN.intersection(names) and UNVERIFIED_DI in reading.elements):
            continue
        if _begins_by_chance(reading, text, names) and not _is_of_a_device(reading):
            continue
        if only is not None and not only(reading, text):
            continue
        named = reading._replace(repairs=(*dict.fromkeys((*names, *reading.repairs)),))
        known = found.setdefault(_meaning(reading), named)
        if _effort(named) < _effort(known):
            found[_meaning(reading)] = named
        if len(found) > _MOST_SHOWN:
            break
    return list(found.values())


def _counts(scan: Scan) -> bool:
    """Whether it is whole and says what it is of; and not behind an identifier that Caps Lock made."""
    if scan.error is not None or scan.symbology in MISTYPED:
        return False
    return scan.di is not None or scan.agency is Agency.INHOUSE


def _meaning(scan: Scan) -> tuple[object, ...]:
    """What it says; an element that stands there twice says no more."""
    elements = tuple(dict.fromkeys(scan.elements))
    return (scan.agency, scan.di, elements, scan.expiry, scan.manufactured, scan.quantity)


def _effort(scan: Scan) -> tuple[int, int]:
    return len(scan.elements), len(scan.repairs)


def _with_name(name: str, scan: Scan) -> Scan:
    """The scan, and the readings it shows, with what was undone before them named first."""
    readings = tuple(_with_name(name, reading) for reading in scan.readings)
    return scan._replace(repairs=(*dict.fromkeys((name, *scan.repairs)),), readings=readings)


def _verdict(scan: Scan, found: list[Scan]) -> Scan:
    if len(found) == 1:
        return found[0]
    told = "; or ".join(" ".join(f"({name}){value}" for name, value in one.elements) for one in found[:2])
    message = f"this text can be read in {len(found)} ways: {told}"
    return Scan(
        scan.raw,
        scan.symbology,
        found[0].agency if len({one.agency for one in found}) == 1 else Agency.UNKNOWN,
        error=ParseError(ErrorCode.AMBIGUOUS, 0, message),
        readings=tuple(found[:_MOST_SHOWN]),
    )
