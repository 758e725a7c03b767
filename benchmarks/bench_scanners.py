"""Parses a second, beside biip on the same strings.

    python -m benchmarks.bench_scanners

biip is the yardstick for GS1: the only other strict, well-kept GS1 parser in Python. Every
string is different, so no cache of either side helps. The two take turns on short pieces of the
list, in seconds of the processor, and of each piece the best of many rounds counts, so that a busy
machine slows both alike. The last column says how often both read the same elements.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from time import thread_time

import biip
from biip.gs1_messages import GS1Message

from benchmarks.beside_biip.asking import ask
from scanners import gtin, inhouse, parse
from scanners.hibc import check_character

_ROUNDS = 10
_STRINGS = 2000
_PIECE = 100

Read = Callable[[str], object]


def _udi(random_: random.Random) -> list[str]:
    """GTIN, expiry, lot, and for every other one a serial, as elements."""
    body = f"{random_.randrange(10**13):013}"
    elements = [f"01{body}{gtin.check_digit(body)}"]
    elements.append(
        f"17{random_.randrange(26, 35)}{random_.randrange(1, 13):02}{random_.randrange(1, 29):02}"
    )
    lot = "".join(random_.choices("ABCDEFGHJKLMNPRSTUVWXYZ0123456789", k=random_.randrange(4, 12)))
    if random_.random() < 0.5:
        return [*elements, f"10{lot}"]
    return [*elements, f"10{lot}\x1d", f"21{random_.randrange(10**9)}"]


def _hibc(body: str) -> str:
    return body + check_character(body)


def _rates(strings: list[str], *readers: Read) -> list[float]:
    """Strings a second of each reader."""
    pieces = [strings[first : first + _PIECE] for first in range(0, len(strings), _PIECE)]
    best = [[float("inf")] * len(pieces) for _ in readers]
    for _ in range(_ROUNDS):
        for number, piece in enumerate(pieces):
            for reader, seconds in zip(readers, best, strict=True):
                start = thread_time()
                for text in piece:
                    reader(text)
                seconds[number] = min(seconds[number], thread_time() - start)
    return [len(strings) / sum(seconds) for seconds in best]


def _alike(strings: list[str]) -> int:
    """Of so many both read the same elements, or the same number where biip offers more readings."""
    count = 0
    for text in strings:
        ours, theirs = parse(text).elements, ask(text)
        said = [reading.elements for reading in theirs.readings]
        count += ours in said or ours == (("01", theirs.gtin),)
    return count


def _numbers(random_: random.Random, length: int, before: str) -> list[str]:
    """Different numbers of that length with their check digits."""
    bodies = [f"{random_.randrange(10 ** (length - 1)):0{length - 1}}" for _ in range(_STRINGS)]
    return [before + body + gtin.check_digit(body) for body in bodies]


def _link(elements: Sequence[str]) -> str:
    number, expiry, *rest = (element.rstrip("\x1d") for element in elements)
    path = "".join(f"/{element[:2]}/{element[2:]}" for element in rest)
    return f"https://id.gs1.org/01/{number[2:]}{path}?17={expiry[2:]}"


def _bracketed(elements: Sequence[str]) -> str:
    return "".join(f"({element[:2]}){element[2:]}".rstrip("\x1d") for element in elements)


def main() -> None:
    """Print a table: what, parses a second, biip's, ratio."""
    random_ = random.Random(20260101)
    udis = [_udi(random_) for _ in range(_STRINGS)]
    samples: dict[str, tuple[list[str], Read]] = {
        "GS1 DataMatrix, ]d2": (["]d2" + "".join(elements) for elements in udis], biip.parse),
        "GS1-128, ]C1": (["]C1" + "".join(elements) for elements in udis], biip.parse),
        "GS1 DataBar, ]e0": (_numbers(random_, 14, "]e001"), biip.parse),
        "EAN-13, ]E0": (_numbers(random_, 13, "]E0"), biip.parse),
        "UPC-A, ]E0": (_numbers(random_, 12, "]E00"), biip.parse),
        "EAN-8, ]E4": (_numbers(random_, 8, "]E4"), biip.parse),
        "ITF-14, ]I1": (_numbers(random_, 14, "]I1"), biip.parse),
        "SSCC, ]C1": (_numbers(random_, 18, "]C100"), biip.parse),
        "GS1 without identifier": (["".join(elements) for elements in udis], biip.parse),
        "EAN-13 alone": (_numbers(random_, 13, ""), biip.parse),
        "GS1 Digital Link": ([_link(elements) for elements in udis], biip.parse),
        "GS1 bracketed": ([_bracketed(elements) for elements in udis], GS1Message.parse_hri),
    }
    ours_only: dict[str, list[str]] = {
        "HIBC primary": [_hibc(f"+H373{number:07}3") for number in range(_STRINGS)],
        "HIBC secondary": [_hibc(f"+$$3{e[1][2:]}{e[2][2:].rstrip(chr(29))}G") for e in udis],
        "HIBC concatenated": [_hibc(f"+H{e[0][-9:]}/$$3{e[1][2:]}{e[2][2:].rstrip(chr(29))}") for e in udis],
        "ICCBBA": [
            f"=/A9999XYZ100T0944=,{n:06}=A9997{n:08}00=>0{26 + n % 9}{n % 365 + 1:03}&,1{n:018}"
            for n in range(_STRINGS)
        ],
        "MA": [
            f"MA.156.M0.100350.1{n:06}7.S{e[0][4:]}.M{e[1][2:]}.L{e[2][2:].rstrip(chr(29))}.E{e[1][2:]}.C3"
            for n, e in enumerate(udis)
        ],
        "AHM": [f"MF{e[0][2:12]}*BA{e[2][2:].rstrip(chr(29))}*SN{e[0][4:]}*MD{e[1][2:]}" for e in udis],
        "ISO 15434, 05 and 06": [
            f"[)>\x1e05\x1d{e[0]}\x1e06\x1d1T{e[2][2:].rstrip(chr(29))}\x1dD{e[1][2:]}\x1e\x04" for e in udis
        ],
        "in-house label": [inhouse.make(number) for number in range(_STRINGS)],
        "not a UDI": [f"HRP-{number:06}" for number in range(_STRINGS)],
    }
    print(f"{'scanners.parse':<26}{'parses/s':>12}{'biip':>12}{'ratio':>8}{'alike':>12}")
    for name, (strings, reader) in samples.items():
        ours, theirs = _rates(strings, parse, reader)
        alike = f"{_alike(strings):,}/{len(strings):,}"
        print(f"{name:<26}{ours:>12,.0f}{theirs:>12,.0f}{ours / theirs:>8.1f}{alike:>12}")
    for name, strings in ours_only.items():
        print(f"{name:<26}{_rates(strings, parse)[0]:>12,.0f}")


if __name__ == "__main__":
    main()
