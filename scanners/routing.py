"""Which reader a text goes to: by its symbology identifier, then by its first characters.

Readers get the whole text and where their part begins and ends, so that errors point into it.
"""

from __future__ import annotations

from collections.abc import Callable

from scanners.ahm import read_ahm
from scanners.gs1.brackets import read_brackets
from scanners.gs1.dictionary import HEADS
from scanners.gs1.digital_link import ADDRESS, split_link
from scanners.gs1.elements import GS, Split, split_elements
from scanners.gs1.gtin_symbols import read_gtin_symbol
from scanners.gs1.plain import read_plain
from scanners.gs1.reading import read_elements
from scanners.hibc import read_hibc
from scanners.iccbba import read_iccbba
from scanners.inhouse import NOBODYS_GTIN, InHouse, read_digits_alone, read_label
from scanners.iso15434 import HEAD, read_iso15434
from scanners.ma import read_ma
from scanners.ma_carriers import XML_BEGINNINGS, read_ma_address, read_ma_xml
from scanners.scan import ErrorCode, ParseError, Scan
from scanners.symbology import ECI, ELEMENT_STRINGS, GTIN_SYMBOLS, IDENTIFIER, WITH_ECI

Reader = Callable[[str, str | None, str, int, int, int, tuple[str, ...]], Scan]

# How the codes of other agencies begin, and who reads them: (raw, symbology, text, start, end,
# this_year, repairs) -> Scan. A reader answers always; what it cannot read is its error.
READERS: dict[str, Reader] = {
    "+": read_hibc,
    "*+": read_hibc,  # between the asterisks of Code 39
    "=": read_iccbba,
    "&": read_iccbba,
    "MA.": read_ma,
    ".": read_ma,  # the production part on a symbol of its own
    **dict.fromkeys(XML_BEGINNINGS, read_ma_xml),
    "MF": read_ahm,
    HEAD: read_iso15434,
}
_FIRST_CHARACTERS = frozenset(beginning[0] for beginning in READERS)


def read(
    raw: str, text: str, start: int, end: int, this_year: int, inhouse: InHouse, repairs: tuple[str, ...]
) -> Scan:
    """Read ``text[start:end]``; ``repairs`` are those already made to it."""
    symbology, has_elements = None, False
    if text[start : start + 1] == "]":
        symbology = text[start : start + 3]
        if symbology in GTIN_SYMBOLS:
            return read_gtin_symbol(raw, symbology, text, start + 3, end, this_year, repairs)
        has_elements = symbology in ELEMENT_STRINGS
        if has_elements or IDENTIFIER.match(text, start, end):
            start += 3
            if symbology in WITH_ECI and (interpretation := ECI.match(text, start, end)):
                start = interpretation.end()
        else:
            symbology = None
    if start >= end:
        nothing = ParseError(ErrorCode.EMPTY, start, "there is nothing to read")
        return Scan(raw, symbology, repairs=repairs, error=nothing)

    first = text[start]
    split: Split | None = None
    if first == "(":
        bracketed = read_brackets(raw, symbology, text, start, end, this_year, repairs)
        if bracketed is not None:
            return bracketed
    if has_elements:
        split = split_elements(text, start, end)
    elif "0" <= first <= "9":  # with a digit begins no code of anybody else
        if text.startswith(NOBODYS_GTIN, start, end):
            label = read_digits_alone(raw, symbology, text, start, end, inhouse, repairs)
            if label is not None:
                return label
        if text.find(GS, start, end - 1) < 0 or text[start : start + 2] not in HEADS:
            return read_plain(raw, symbology, text, start, end, this_year, repairs)
        split = split_elements(text, start, end)
    elif first == GS:
        split = split_elements(text, start, end)
    elif first in "Hh" and ADDRESS.match(text, start, end):
        split = split_link(text, start, end)
        if split is None:
            code = read_ma_address(raw, symbology, text, start, end, this_year, repairs)
            if code is not None:
                return code
    else:
        if first in _FIRST_CHARACTERS:
            for beginning, reader in READERS.items():
                if text.startswith(beginning, start, end):
                    return reader(raw, symbology, text, start, end, this_year, repairs)
        label = read_label(raw, symbology, text, start, end, inhouse, repairs)
        if label is not None:
            return label
    if split is not None:
        elements, error = split
        return read_elements(raw, symbology, text, elements, error, this_year, repairs)
    return read_plain(raw, symbology, text, start, end, this_year, repairs)
