"""Values of any AI, made from the parts that the dictionary says it has."""

from __future__ import annotations

import random
from collections.abc import Callable

from scanners import gtin
from scanners.gs1.charsets import CSET39, CSET82, DIGITS
from scanners.gs1.checksums import check_pair
from scanners.gs1.code_lists import code_list
from scanners.gs1.dictionary import IDENTIFIERS, ApplicationIdentifier, Component

Maker = Callable[[random.Random, int], str]

_BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_ALPHABETS = {"N": DIGITS, "X": CSET82, "Y": CSET39, "Z": _BASE64}
# What most lots and serials are made of; the rest of CSET 82 comes now and then.
_USUAL = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-/."


def text(random_: random.Random, length: int, kind: str = "X") -> str:
    alphabet = _USUAL if kind == "X" and random_.random() < 0.8 else _ALPHABETS[kind]
    return "".join(random_.choices(alphabet, k=length))


def day(random_: random.Random, *, end_of_month: bool = True) -> str:
    """YYMMDD, now and then with day 00."""
    last = 0 if end_of_month and random_.random() < 0.1 else random_.randrange(1, 29)
    return f"{random_.randrange(100):02}{random_.randrange(1, 13):02}{last:02}"


def _with_check_digit(random_: random.Random, length: int) -> str:
    body = text(random_, length - 1, "N")
    return body + gtin.check_digit(body)


def _with_check_pair(random_: random.Random, length: int) -> str:
    body = text(random_, 5, "N") + text(random_, max(length, 8) - 7)
    return body + check_pair(body)


def _one_of(name: str) -> Maker:
    codes = sorted(code_list(name))
    return lambda random_, length: random_.choice(codes)


# What a check asks for; None of the others need more than the right characters.
_MAKERS: dict[str, Maker] = {
    "csum": _with_check_digit,
    "csumalpha": _with_check_pair,
    "yymmdd": lambda random_, length: day(random_, end_of_month=False),
    "yymmd0": lambda random_, length: day(random_),
    "yyyymmdd": lambda random_, length: f"20{day(random_, end_of_month=False)}",
    "hhmi": lambda random_, length: f"{random_.randrange(24):02}{random_.randrange(60):02}",
    "hh": lambda random_, length: f"{random_.randrange(24):02}",
    "mi": lambda random_, length: f"{random_.randrange(60):02}",
    "ss": lambda random_, length: f"{random_.randrange(60):02}",
    "zero": lambda random_, length: "0" * length,
    "nonzero": lambda random_, length: "1" + text(random_, length - 1, "N"),
    "nozeroprefix": lambda random_, length: "1" + text(random_, length - 1, "N"),
    "hyphen": lambda random_, length: "-",
    "pcenc": lambda random_, length: text(random_, length, "N"),
    "pieceoftotal": lambda random_, length: "0102",
    "posinseqslash": lambda random_, length: "1/3",
    "hasnondigit": _with_check_pair,
    "latitude": lambda random_, length: f"{random_.randrange(18 * 10**8):010}",
    "longitude": lambda random_, length: f"{random_.randrange(36 * 10**8):010}",
    "iban": lambda random_, length: "DE89370400440532013000",
    "couponcode": lambda random_, length: "012345612345611110123",
    "couponposoffer": lambda random_, length: "0012345612345611234567",
    **{
        name: _one_of(name)
        for name in ("iso3166", "iso3166alpha2", "iso4217", "iso5218", "mediatype", "packagetype")
    },
    **{name: _one_of(name) for name in ("importeridx", "winding", "yesno")},
    "iso3166999": _one_of("iso3166"),
}


def value(random_: random.Random, code: str) -> str:
    """A value that the AI may have."""
    return "".join(_part(random_, part) for part in _present(random_, IDENTIFIERS[code]))


def _present(random_: random.Random, ai: ApplicationIdentifier) -> list[Component]:
    """Its components, of the optional ones as many as chance says."""
    parts = [part for part in ai.components if not part.optional]
    for part in ai.components[len(parts) :]:
        if random_.random() < 0.5:
            break
        parts.append(part)
    return parts


def _part(random_: random.Random, part: Component) -> str:
    length = random_.randrange(part.shortest, part.longest + 1)
    for name in part.checks:
        if name in _MAKERS:
            return _MAKERS[name](random_, length)
    if "gcppos1" in part.checks:  # begins with a company prefix
        return text(random_, 6, "N") + text(random_, max(length - 6, 0), part.kind)
    return text(random_, length, part.kind)
