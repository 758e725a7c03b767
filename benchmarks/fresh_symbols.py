"""Symbols that no reader was ever tuned on: random contents, drawn when they are asked for.

Whole labels by ``scanners.labels``, with text beside the symbol, at the resolutions of label printers; what
it does not print by zint, bare.
"""

from __future__ import annotations

import io
import random
from collections.abc import Iterator
from typing import NamedTuple

from PIL import Image
from zint import Symbology

from scanners import gtin, inhouse
from scanners.hibc import check_character
from scanners.labels import Label, render
from tests.scanners.pictures import drawn

_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"
_GS = "\x1d"


class Drawn(NamedTuple):
    """A picture in shades of grey, what it is, and what it says."""

    kind: str
    picture: Image.Image
    text: str


def fresh_symbols(rounds: int, seed: str) -> Iterator[Drawn]:
    """So many of each kind."""
    random_ = random.Random(seed)
    for _ in range(rounds):
        yield from _labels(random_)
        yield from _bare(random_)


def _labels(random_: random.Random) -> Iterator[Drawn]:
    gs1 = [("01", _number(random_, 14)), ("17", f"{random_.randrange(26, 40)}1130"), ("10", _word(random_))]
    more = [*gs1, ("21", _word(random_))]
    ma = f"MA.156.M0.{random_.randrange(10**6):06}.{random_.randrange(10**8):08}.L{_word(random_)}"
    for symbology, text, said in (
        ("code128", in_house := inhouse.make(random_.randrange(10**10)), in_house),
        ("gs1-128", _bracketed(gs1), _element_string(gs1)),
        ("gs1-datamatrix", _bracketed(more), _element_string(more)),
        ("gs1-qr", _bracketed(more), _element_string(more)),
        ("datamatrix", ma, ma),
        ("qr", ma, ma),
    ):
        label = Label(text, ("Drug-eluting stent", f"REF {_word(random_)}"))
        file = render([label], symbology=symbology, format="png", dpi=random_.choice((150, 203, 300)))
        yield Drawn(symbology, Image.open(io.BytesIO(file)).convert("L"), said)


def _bare(random_: random.Random) -> Iterator[Drawn]:
    hibc = f"+H{random_.randrange(10**3):03}{_word(random_)}1"
    hibc += check_character(hibc)
    ean13, ean8, upc, itf = (_number(random_, length) for length in (13, 8, 12, 14))
    databar = f"01{_number(random_, 14)}"
    word = _word(random_)
    for symbology, payload, said in (
        (Symbology.EANX, ean13[:-1], ean13),
        (Symbology.EANX, ean8[:-1], ean8),
        (Symbology.UPCA, upc[:-1], "0" + upc),
        (Symbology.ITF14, itf[:-1], itf),
        (Symbology.CODE39, hibc, hibc),
        (Symbology.CODE128, hibc, hibc),
        (Symbology.CODE93, word, word),
        (Symbology.DBAR_OMN, databar[2:-1], databar),
        (Symbology.PDF417, hibc, hibc),
        (Symbology.AZTEC, hibc, hibc),
    ):
        # A pixel and a half, two or three to a module: what is left of a symbol in a photo.
        scale = random_.choice((0.75, 1.0, 1.5))
        yield Drawn(symbology.name, drawn(symbology, payload, scale=scale), said)


def _number(random_: random.Random, length: int) -> str:
    body = f"{random_.randrange(10 ** (length - 1)):0{length - 1}}"
    return body + gtin.check_digit(body)


def _word(random_: random.Random) -> str:
    return "".join(random_.choices(_LETTERS, k=random_.randrange(5, 10)))


def _bracketed(elements: list[tuple[str, str]]) -> str:
    return "".join(f"({ai}){value}" for ai, value in elements)


def _element_string(elements: list[tuple[str, str]]) -> str:
    """A lot that is not the last needs a separator."""
    text = "".join(f"{ai}{value}{_GS if ai == '10' else ''}" for ai, value in elements)
    return text.removesuffix(_GS)
