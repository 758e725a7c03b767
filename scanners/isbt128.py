"""ISBT 128: data structures one after another, each with its identifier and a length of its own.

ISBT 128 Standard Technical Specification (ST-001, version 6.2.2), 2.1-2.4 and table RT003. Every
structure begins with ``=`` or ``&``, which no content holds, so a message needs no separators and
a lost character cannot shift what follows unseen.

All structures of the table are here, not only those of devices: a compound message may carry
others behind them, and a blood label must be told from a device with a broken code.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from scanners.scan import ErrorCode, ParseError

# The letters of a layout: which characters stand there.
_CHARACTERS = {
    "N": "0-9",
    "A": "A-Z0-9",
    "X": "A-Za-z0-9",
    "F": "A-NP-Z0-9",  # of a facility: no letter O
    "L": "A-NP-Z1-9",  # ... its first character, which tells a donation from all other structures
    "G": "A-HJ-NPR-Y0-9",  # flags
    "C": "C",
    "H": "H",
}
_MEMBER = {letter: re.compile(f"[{characters}]") for letter, characters in _CHARACTERS.items()}
_PART = re.compile("([A-Z])([0-9]+)")


class Structure(NamedTuple):
    """A data structure. ``counted`` (first digit, digits, size): how many more characters follow.

    A private one names a person; what it says is nobody's business here.
    """

    name: str
    layout: str
    pattern: re.Pattern[str]
    length: int
    private: bool
    counted: tuple[int, int, int] | None


Found = tuple[Structure, str, int]  # a structure, its content, and where in the text that begins


def _structure(
    name: str, layout: str, *, private: bool = False, counted: tuple[int, int, int] | None = None
) -> Structure:
    parts = [(letter, int(count)) for letter, count in _PART.findall(layout)]
    pattern = "".join(f"[{_CHARACTERS[letter]}]{{{count}}}" for letter, count in parts)
    spelt = "".join(letter * count for letter, count in parts)
    return Structure(name, spelt, re.compile(pattern), len(spelt), private, counted)


STRUCTURES: dict[str, Structure] = {
    "=/": _structure("di", "F5A11"),
    "=)": _structure("di", "X1A2X7"),
    "=,": _structure("serial", "A6"),
    "&,1": _structure("lot", "A18"),
    "&)": _structure("lot", "X10"),
    "=>": _structure("expiry", "N6"),
    "&>": _structure("expiry", "N10"),
    "=]": _structure("expiry_month", "N6"),
    "=}": _structure("manufactured", "N6"),
    "&}": _structure("manufactured", "N10"),
    "=+": _structure("compound_message", "N5"),
    "=*": _structure("collected", "N6"),
    "&*": _structure("collected", "N10"),
    "=(": _structure("date_and_time", "N16"),
    "=%": _structure("blood_group", "X2A2"),
    "=<": _structure("product_code", "A5X1A1X1"),
    "=-": _structure("item_catalogue_number", "A2X8"),
    "&-": _structure("item_lot", "X10"),
    "&+": _structure("processing_facility", "F5A6"),
    "&,2": _structure("supplemental_id", "A18"),
    "&,4": _structure("single_european_code", "X40"),
    "=$": _structure("consignment", "L1F2N13"),
    "&$": _structure("dimensions", "N2", counted=(0, 2, 14)),
    "&(": _structure("special_testing", "A5"),
    "={": _structure("red_cell_antigens", "N18"),
    "=\\": _structure("red_cell_antigens", "N18"),
    "&\\": _structure("red_cell_antigens", "N18"),
    "&%": _structure("red_cell_antigens", "N3", counted=(0, 3, 10)),
    "&{": _structure("platelet_antigens", "X18"),
    "=[": _structure("hla_alleles", "X18"),
    '="': _structure("hla_alleles", "X18"),
    '&"': _structure("infection_markers", "N18"),
    "=;": _structure("donor_id", "L1F2N18", private=True),
    "&,3": _structure("donor_registration", "N4A15", private=True),
    "&:": _structure("donor_registration", "N4A13N2", private=True),
    "&/": _structure("chain_of_identity", "C1H1L1F2N4A6", private=True),
    "='": _structure("staff_id", "L1F2N2A6", private=True),
    "=#": _structure("patient_birth", "N10", private=True),
    "&#": _structure("patient_id", "N4", private=True, counted=(2, 2, 1)),
}
# The second character of its identifier is the first one of a donation's content.
_DONATION = _structure("donation_id", "L1F2N10G2")
_BEGINS_DONATION = frozenset("=" + letter for letter in "ABCDEFGHIJKLMNPQRSTUVWXYZ123456789")
_REPEATED = re.compile("[A-Za-z0-9]*")


def split_structures(text: str, start: int, end: int) -> tuple[list[Found], ParseError | None]:
    """The structures of ``text[start:end]``, up to the first that cannot be read."""
    found: list[Found] = []
    here = start
    while here < end:
        head = text[here : here + 2]
        at = here + 2
        structure = STRUCTURES.get(head)
        if structure is None:
            if head in _BEGINS_DONATION:
                structure, at = _DONATION, here + 1
            else:
                structure, at = STRUCTURES.get(text[here : here + 3]), here + 3
                if structure is None:
                    return found, _unknown(text, here, end)
        stop = at + structure.length
        if stop > end or structure.pattern.fullmatch(text, at, stop) is None:
            return found, _misfit(structure, text, at, end)
        if structure.counted is not None:
            first, digits, size = structure.counted
            repeated = int(text[at + first : at + first + digits]) * size
            if stop + repeated > end or _REPEATED.fullmatch(text, stop, stop + repeated) is None:
                return found, ParseError(ErrorCode.TRUNCATED, end, f"{structure.name} is cut off")
            stop += repeated
        found.append((structure, text[at:stop], at))
        here = stop
    return found, None


def _unknown(text: str, here: int, end: int) -> ParseError:
    left = text[here:end]
    if left in ("=", "&", "&,"):
        return ParseError(ErrorCode.TRUNCATED, end, f"the text ends within an identifier: {left!r}")
    return ParseError(ErrorCode.UNKNOWN_AI, here, f"no ISBT 128 structure begins with {left[:3]!r}")


def _misfit(structure: Structure, text: str, at: int, end: int) -> ParseError:
    """Why no such content stands at ``at``: a foreign character, else the end of the text."""
    for place, letter in zip(range(at, end), structure.layout, strict=False):
        if _MEMBER[letter].match(text, place) is None:
            expected = _CHARACTERS[letter]
            message = f"{structure.name}: expected one of {expected}, got {text[place]!r}"
            return ParseError(ErrorCode.CHARSET, place, message)
    message = f"{structure.name} has {structure.length} characters, not {end - at}"
    return ParseError(ErrorCode.TRUNCATED, end, message)


_VALUES = {character: value for value, character in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")}


def donation_check(number: str) -> int:
    """ISO 7064 MOD 37-2 over the thirteen characters of a donation number (ST-001, appendix A).

    Not in the content, but for donations flagged 60-96: those flags are this value plus 60.
    """
    product = 0
    for character in number:
        product = (product + _VALUES[character]) * 2 % 37
    return (1 - product) % 37
