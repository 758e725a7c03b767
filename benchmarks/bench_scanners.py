"""Parses a second, beside biip on the same strings.

    python -m benchmarks.bench_scanners

biip is the yardstick for GS1: the only other strict, well-kept GS1 parser in Python. Every
string is different, so no cache of either side helps. Timings alternate between the two, and
the best of several rounds counts, so that a busy machine slows both alike.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from time import perf_counter

import biip

from scanners import gtin, inhouse, parse
from scanners.hibc import check_character

_ROUNDS = 5
_STRINGS = 2000


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


def _rate(read: Callable[[str], object], strings: list[str]) -> float:
    start = perf_counter()
    for text in strings:
        read(text)
    return len(strings) / (perf_counter() - start)


def main() -> None:
    """Print a table: what, parses a second, biip's, ratio."""
    random_ = random.Random(20260101)
    udis = [_udi(random_) for _ in range(_STRINGS)]
    samples: dict[str, list[str]] = {
        "GS1 DataMatrix, ]d2": ["]d2" + "".join(elements) for elements in udis],
        "GS1-128, ]C1": ["]C1" + "".join(elements) for elements in udis],
        "EAN-13, ]E0": ["]E0" + elements[0][3:] for elements in udis if elements[0][2] == "0"],
    }
    ours_only: dict[str, list[str]] = {
        "GS1 without identifier": ["".join(elements) for elements in udis],
        "GS1 bracketed": [
            "".join(f"({e[:2]}){e[2:].rstrip(chr(29))}" for e in elements) for elements in udis
        ],
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
    print(f"{'scanners.parse':<26}{'parses/s':>12}{'biip.parse':>12}{'ratio':>8}")
    for name, strings in samples.items():
        rates = [(_rate(parse, strings), _rate(biip.parse, strings)) for _ in range(_ROUNDS)]
        ours, theirs = max(rate for rate, _ in rates), max(rate for _, rate in rates)
        print(f"{name:<26}{ours:>12,.0f}{theirs:>12,.0f}{ours / theirs:>8.1f}")
    for name, strings in ours_only.items():
        print(f"{name:<26}{max(_rate(parse, strings) for _ in range(_ROUNDS)):>12,.0f}")


if __name__ == "__main__":
    main()
