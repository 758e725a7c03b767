"""AIM symbology identifiers (ISO/IEC 15424) and what each says about the data behind it.

A scanner that is told to sends three characters, ``]``, a letter and a modifier, before the
data. They are case-sensitive. Only those below promise GS1 data; behind any other (``]C0``
Code 128, ``]d1`` DataMatrix, ``]Q1`` QR, ``]A0`` Code 39) may stand anything at all.
"""

from __future__ import annotations

import re

IDENTIFIER = re.compile(r"\][A-Za-z][0-9A-Za-z]")

# FNC1 in first place: the data are GS1 elements, separated by GS.
ELEMENT_STRINGS = frozenset(
    (
        "]C1",  # GS1-128
        "]d2",  # GS1 DataMatrix
        "]d5",  # GS1 DataMatrix with extended channel interpretations
        "]d8",  # GS1 DMRE
        "]Q3",  # GS1 QR
        "]Q4",  # GS1 QR with extended channel interpretations
        "]J1",  # GS1 DotCode
        "]e0",  # GS1 DataBar, GS1 composite
        "]z1",  # GS1 Aztec
    )
)
# The data are a GTIN of so many digits. UPC-A and UPC-E arrive as 13 digits with leading zeros.
GTINS = {"]E0": 13, "]E4": 8, "]I1": 14}
# How the two-dimensional part of a composite follows an EAN.
COMPOSITE = "|]e0"

# Any that a hospital meets, and what Caps Lock makes of them where that is none of them.
_IN_USE = (
    ELEMENT_STRINGS | GTINS.keys() | {f"]{kind}{modifier}" for kind in "ACEILQdez" for modifier in range(9)}
)
MISTYPED = frozenset(identifier.swapcase() for identifier in _IN_USE) - _IN_USE
