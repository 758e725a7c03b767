"""AHM: the codes of Ali Health. Recognised and taken apart; not read for more than is certain.

``MF`` + maker and product, then fields divided by ``*``, each begun by its mnemonic: ``BA`` or ``BN``
lot, ``SN`` serial, ``MD`` made, ``BD`` best before, ``ED`` valid until, ``PL`` level of packaging.

That is all that is known, from two sources which contradict each other on the lot; no rule says how
long the device identifier is, and no code from a pack has been seen. So ``elements`` shows the
fields under their mnemonics, and what an answer promises stays empty: no DI, hence the error
``missing_di``. The service books nothing on it, keeps the scan with its raw text as unresolved, and
a person who holds the pack decides what it was.
"""

from __future__ import annotations

import re

from scanners.scan import Agency, ErrorCode, ParseError, Scan

_SHAPE = re.compile("MF[0-9A-Za-z][!-~]*")
_MNEMONICS = frozenset(("BA", "BN", "SN", "MD", "BD", "ED", "PL"))
OTHER = "other"  # a field that begins with none of them


def read_ahm(
    raw: str,
    symbology: str | None,
    text: str,
    start: int,
    end: int,
    this_year: int,
    repairs: tuple[str, ...],
) -> Scan:
    """What can be said of ``text[start:end]``: whose code it is, and its parts."""
    if _SHAPE.fullmatch(text, start, end) is None:
        refusal = ParseError(ErrorCode.NOT_A_UDI, start, "no code of any agency begins like this")
        return Scan(raw, symbology, repairs=repairs, error=refusal)
    first, *rest = text[start:end].split("*")
    elements = [("MF", first[2:])]
    for field in rest:
        mnemonic = field[:2]
        if mnemonic in _MNEMONICS:
            elements.append((mnemonic, field[2:]))
        elif field:
            elements.append((OTHER, field))
    missing = ParseError(ErrorCode.MISSING_DI, start, "an AHM code: nobody says where its DI ends")
    return Scan(raw, symbology, Agency.AHM, elements=tuple(elements), repairs=repairs, error=missing)
