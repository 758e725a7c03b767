"""What of all the codes in one picture may be meant. Pure: readings in, choices out; it never guesses.

One choice is what one scan would be: mostly one code. Two codes make one where a pack bears its data on
both: a HIBC pair proves by its link character that it is one, two halves in GS1 prove nothing, so that a
person has to say so. A code that says less of the same article than another is no choice beside it: the
GTIN under the bars next to a full UDI.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from scanners import Agency, ErrorCode, InHouse, Scan, parse

GS = b"\x1d"
IDENTIFIER = 3  # bytes of "]C1"


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that may be meant.

    `raw` is what is to be scanned for it. `symbols` are the places of the codes it covers, those it is
    read from first. `proved`: whether codes that were joined are known to belong together.
    """

    raw: bytes
    symbols: tuple[int, ...]
    reading: Scan
    proved: bool = True

    @property
    def device(self) -> bool:
        """Whether it was read without fault; else it is a wristband, or anything."""
        return self.reading.error is None

    @property
    def certain(self) -> bool:
        """Whether it may be taken without asking, where it is the only one."""
        return self.device and self.proved


def choices_among(scanned: Sequence[bytes], today: date, inhouse: InHouse) -> list[Choice]:
    """What may be meant by codes in one picture, in their order; what is no device comes last."""

    def read(raw: bytes) -> Scan:
        return parse(raw, today=today, inhouse=inhouse)

    single = [Choice(raw, (place,), read(raw)) for place, raw in enumerate(scanned)]
    whole = _without_repeats([one for one in single if one.device])
    rest = _without_repeats([one for one in single if not one.device])
    for half in [one for one in rest if _is_half(one.reading)]:
        joined = [(one, both) for one in whole if (both := _joined(one, half, read)) is not None]
        if len(joined) == 1:  # of two that it fits it is not known to which it belongs
            [(one, both)] = joined
            whole[whole.index(one)] = both
            rest.remove(half)
    return _without_lesser(whole) + rest


def _without_repeats(choices: list[Choice]) -> list[Choice]:
    """The same content once, whatever it is printed as: a wristband bears bars and a square."""
    kept: list[Choice] = []
    for one in choices:
        for place, known in enumerate(kept):
            if _content(known.raw) == _content(one.raw) and known.reading.error == one.reading.error:
                kept[place] = replace(known, symbols=known.symbols + one.symbols)
                break
        else:
            kept.append(one)
    return kept


def _without_lesser(choices: list[Choice]) -> list[Choice]:
    kept = list(choices)
    for one in choices:
        over = next((other for other in kept if other is not one and _says_more(other, one)), None)
        if over is not None:
            kept[kept.index(over)] = replace(over, symbols=over.symbols + one.symbols)
            kept.remove(one)
    return kept


def _says_more(one: Choice, other: Choice) -> bool:
    """Whether `one` says all that `other` says of the same article, and something beyond it."""
    mine, theirs = _facts(one.reading), _facts(other.reading)
    same = one.reading.di is not None and one.reading.agency is other.reading.agency
    return same and mine != theirs and all(b is None or a == b for a, b in zip(mine, theirs, strict=True))


def _facts(reading: Scan) -> tuple[object, ...]:
    return reading.di, reading.lot, reading.serial, reading.expiry, reading.manufactured, reading.quantity


def _is_half(reading: Scan) -> bool:
    """Whether it is sound but for the article: the second code of a pack."""
    return reading.error is not None and reading.error.code is ErrorCode.MISSING_DI


def _joined(one: Choice, half: Choice, read: Callable[[bytes], Scan]) -> Choice | None:
    """Both codes of a pack as one scan; None if nothing says that they belong together."""
    if any(fact is not None for fact in _facts(one.reading)[1:]):
        return None  # it has its lot or serial already
    linked = one.reading.agency is not Agency.GS1
    if not linked and one.raw[:IDENTIFIER] != half.raw[:IDENTIFIER]:
        return None
    raw = one.raw + b"\n" + half.raw if linked else one.raw + GS + _content(half.raw)
    both = read(raw)
    if both.error is not None or both.di != one.reading.di or both.agency is not one.reading.agency:
        return None
    return Choice(raw, one.symbols + half.symbols, both, proved=linked)


def _content(raw: bytes) -> bytes:
    return raw[IDENTIFIER:] if raw.startswith(b"]") else raw
