"""The component checks that the GS1 syntax dictionary names ("linters").

Each is a pure function from a component's value to a Fault, or None when the value is good.
They are called after the character class and the length have been verified, but must stand
alone: the official test vectors call them with anything. :func:`linter` finds one by name.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from scanners.gs1 import charsets, checksums
from scanners.gs1.code_lists import code_list
from scanners.gs1.faults import Fault
from scanners.scan import ErrorCode

Linter = Callable[[str], Fault | None]

_REGISTRY: dict[str, Linter] = {}
_NON_DIGIT = re.compile("[^0-9]")
_GCP_MIN_LENGTH = 4  # the shortest company prefix in use


def named(name: str) -> Callable[[Linter], Linter]:
    """Enter a check into the registry under the dictionary's name for it."""

    def enter(check: Linter) -> Linter:
        _REGISTRY[name] = check
        return check

    return enter


def linter(name: str) -> Linter:
    """The check of that name; raises KeyError for a name this release does not know."""
    return _REGISTRY[name]


def linter_names() -> frozenset[str]:
    return frozenset(_REGISTRY)


def bad(offset: int, message: str, code: ErrorCode = ErrorCode.VALUE) -> Fault:
    return Fault(code, offset, message)


def not_digits(value: str) -> Fault | None:
    """A fault at the first character that is not an ASCII digit."""
    found = _NON_DIGIT.search(value)
    if found is None:
        return None
    return bad(found.start(), f"expected a digit, got {found.group()!r}", ErrorCode.CHARSET)


def _cset(kind: str) -> Linter:
    foreign = re.compile(charsets.PATTERNS[kind].replace("[", "[^", 1))

    def check(value: str) -> Fault | None:
        found = foreign.search(value)
        if found is None:
            return None
        message = f"expected {charsets.NAMES[kind]}, got {found.group()!r}"
        return bad(found.start(), message, ErrorCode.CHARSET)

    return check


named("csetnumeric")(not_digits)
named("cset82")(_cset("X"))
named("cset39")(_cset("Y"))
_cset64 = _cset("Z")


@named("cset64")
def cset64(value: str) -> Fault | None:
    """Base 64 for file names; padding ("=", "==") only at the end of a multiple of three."""
    body = value.rstrip("=")
    padding = len(value) - len(body)
    fault = _cset64(body)
    if fault is None and "=" in body:
        fault = bad(body.index("="), "padding before the end", ErrorCode.CHARSET)
    if fault is None and padding and (padding > 2 or len(value) % 3):
        fault = bad(len(body), "wrong base 64 padding", ErrorCode.CHARSET)
    return fault


@named("csum")
def csum(value: str) -> Fault | None:
    """The last digit is the check digit of the others."""
    if value.isdigit() and value.isascii() and checksums.check_digit_holds(value):
        return None
    if not value:
        return bad(0, "too short for a check digit", ErrorCode.LENGTH)
    fault = not_digits(value)
    if fault is None:
        expected = checksums.check_digit(value[:-1])
        message = f"check digit of {value}: expected {expected}, got {value[-1]}"
        fault = bad(len(value) - 1, message, ErrorCode.CHECK_DIGIT)
    return fault


def csum_of_digits(value: str) -> Fault | None:
    """csum of what is known to be ASCII digits: nearly every message holds one, and it is right."""
    return None if checksums.check_digit_holds(value) else csum(value)


@named("csumalpha")
def csumalpha(value: str) -> Fault | None:
    """The last two characters are the check pair of the others."""
    if len(value) not in checksums.CHECK_PAIR_LENGTHS:
        return bad(0, f"no check pair in {len(value)} characters", ErrorCode.LENGTH)
    body, got = value[:-2], value[-2:]
    fault = linter("cset82")(body)
    if fault is None and (expected := checksums.check_pair(body)) != got:
        message = f"check pair of {value}: expected {expected}, got {got}"
        fault = bad(len(body), message, ErrorCode.CHECK_DIGIT)
    return fault


@named("gcppos1")
def gcppos1(value: str) -> Fault | None:
    """Begins with a GS1 company prefix. Who owns it is for a register to say, not for a parser."""
    if len(value) < _GCP_MIN_LENGTH:
        return bad(len(value), "too short for a GS1 company prefix", ErrorCode.LENGTH)
    return not_digits(value[:_GCP_MIN_LENGTH])


@named("gcppos2")
def gcppos2(value: str) -> Fault | None:
    """A GS1 company prefix from the second character on."""
    fault = gcppos1(value[1:])
    return fault and fault._replace(offset=fault.offset + 1)


@named("hasnondigit")
def hasnondigit(value: str) -> Fault | None:
    return None if not_digits(value) else bad(0, f"{value!r} must hold a character that is not a digit")


@named("zero")
def zero(value: str) -> Fault | None:
    return None if value and not value.strip("0") else bad(0, f"expected zero, got {value!r}")


@named("nonzero")
def nonzero(value: str) -> Fault | None:
    return not_digits(value) or (None if value.strip("0") else bad(0, "zero is not allowed here"))


@named("nozeroprefix")
def nozeroprefix(value: str) -> Fault | None:
    return not_digits(value) or (bad(0, "must not begin with 0") if value.startswith("0") else None)


@named("hyphen")
def hyphen(value: str) -> Fault | None:
    return None if value and not value.strip("-") else bad(0, f"expected a minus sign, got {value!r}")


@named("pcenc")
def pcenc(value: str) -> Fault | None:
    """Every ``%`` begins an escape of two hexadecimal digits."""
    broken = re.search("%(?![0-9A-Fa-f]{2})", value)
    return bad(broken.start(), "% not followed by two hexadecimal digits") if broken else None


@named("pieceoftotal")
def pieceoftotal(value: str) -> Fault | None:
    """Piece number and total, half of the digits each: neither zero, the piece within the total."""
    fault = not_digits(value)
    if fault is not None:
        return fault
    half, odd = divmod(len(value), 2)
    if not half or odd:
        return bad(0, "piece and total need the same number of digits", ErrorCode.LENGTH)
    piece, total = int(value[:half]), int(value[half:])
    if not piece or not total:
        return bad(0 if not piece else half, "piece and total start at 1")
    return bad(0, f"piece {piece} of only {total}") if piece > total else None


@named("posinseqslash")
def posinseqslash(value: str) -> Fault | None:
    """``position/end``, neither with leading zeros, the position within the end."""
    shape = re.fullmatch("([0-9]+)/([0-9]+)", value)
    if shape is None:
        return bad(0, f"expected position/end, got {value!r}")
    position, end = shape.groups()
    if position.startswith("0") or end.startswith("0"):
        return bad(0 if position.startswith("0") else len(position) + 1, "must not begin with 0")
    # Compared as text of equal length: the numbers may be longer than int() is willing to read.
    if (len(position), position) > (len(end), end):
        return bad(0, f"position {position} of only {end}")
    return None


def _angle(name: str, limit: int) -> Linter:
    def check(value: str) -> Fault | None:
        fault = not_digits(value)
        if fault is not None:
            return fault
        if len(value) != 10:
            return bad(0, f"a {name} has 10 digits, not {len(value)}", ErrorCode.LENGTH)
        return bad(0, f"{value} is beyond the range of a {name}") if int(value) > limit else None

    return check


# Degrees times 10^7, shifted so that they are never negative.
named("latitude")(_angle("latitude", 180 * 10**7))
named("longitude")(_angle("longitude", 360 * 10**7))


@named("iban")
def iban(value: str) -> Fault | None:
    """ISO 13616: country, two check digits, account; the rearranged number is 1 modulo 97."""
    if not 5 <= len(value) <= 34:
        return bad(0, f"an IBAN has 5 to 34 characters, not {len(value)}", ErrorCode.LENGTH)
    foreign = re.search("[^0-9A-Z]", value)
    if foreign:
        return bad(foreign.start(), "an IBAN holds 0-9 and A-Z only", ErrorCode.CHARSET)
    if value[:2] not in code_list("iso3166alpha2"):
        return bad(0, f"no country {value[:2]}")
    number = int("".join(str(int(character, 36)) for character in value[4:] + value[:4]))
    return bad(2, "IBAN check digits do not fit", ErrorCode.CHECK_DIGIT) if number % 97 != 1 else None


def _member(name: str, meaning: str) -> Linter:
    def check(value: str) -> Fault | None:
        return None if value in code_list(name) else bad(0, f"{value!r} is not {meaning}")

    return check


for _name, _meaning in {
    "iso3166": "a country number of ISO 3166",
    "iso3166alpha2": "a country of ISO 3166",
    "iso4217": "a currency number of ISO 4217",
    "iso5218": "a sex code of ISO 5218",
    "mediatype": "an AIDC media type",
    "packagetype": "a package type of UN/ECE recommendation 21",
    "importeridx": "an importer index",
    "winding": "a winding direction (0, 1, 9)",
    "yesno": "0 or 1",
}.items():
    named(_name)(_member(_name, _meaning))


@named("iso3166999")
def iso3166999(value: str) -> Fault | None:
    """A country number, or 999 for several countries."""
    return None if value == "999" else linter("iso3166")(value)
