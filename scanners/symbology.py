"""AIM symbology identifiers (ISO/IEC 15424) and what each says about the data behind it.

A scanner that is told to sends three characters, ``]``, a letter and a modifier, before the
data. They are case-sensitive. Only those below promise GS1 data; behind any other (``]C0``
Code 128, ``]d1`` DataMatrix, ``]Q1`` QR, ``]A0`` Code 39) may stand anything at all.
"""

from __future__ import annotations

import re

IDENTIFIER = re.compile(r"\][A-Za-z][0-9A-Za-z]")

# FNC1 in first place, which every symbology that has it keeps for GS1: the data are GS1 elements,
# separated by GS.
ELEMENT_STRINGS = frozenset(
    (
        "]C1",  # GS1-128
        "]d2",  # GS1 DataMatrix
        "]d5",  # the same with extended channel interpretations
        "]d8",  # GS1 DMRE
        "]dB",  # the same with extended channel interpretations
        "]Q3",  # GS1 QR
        "]Q4",  # the same with extended channel interpretations
        "]J1",  # GS1 DotCode
        "]J4",  # the same with extended channel interpretations
        "]e0",  # GS1 DataBar, GS1 composite
        "]z1",  # GS1 Aztec
        "]z4",  # the same with extended channel interpretations
        "]L3",  # MicroPDF417 in place of a GS1-128
        "]O5",  # Codablock F
    )
)
# Where a reader may put the number of the data's interpretation, a character set, before them.
_ECI_MODIFIERS = {"d": "456ABC", "Q": "246", "J": "345", "z": "345", "L": "1", "e": "3"}
WITH_ECI = frozenset(
    f"]{kind}{modifier}" for kind, modifiers in _ECI_MODIFIERS.items() for modifier in modifiers
)
ECI = re.compile(r"\\[0-9]{6}")

# The data are a GTIN of so many digits. UPC-A and UPC-E arrive as 13 digits with leading zeros.
GTINS = {"]E0": 13, "]E4": 8, "]I0": 14, "]I1": 14}
WITH_ADD_ON = "]E3"  # 13 digits, and the two or five of an add-on symbol
ADD_ONS_ALONE = frozenset(("]E1", "]E2"))
ITF_UNCHECKED = "]I0"  # the scanner checked nothing, so it may be any ITF symbol
CHECK_DIGIT_KEPT = "]I3"  # the scanner checked the last digit and does not send it
# Whatever their data look like, they are a GTIN by their own rules or none.
GTIN_SYMBOLS = frozenset((*GTINS, WITH_ADD_ON, *ADD_ONS_ALONE, CHECK_DIGIT_KEPT))
# How the two-dimensional part of a composite follows an EAN: a message of its own, after "|" with
# scanners that put several messages into one.
COMPOSITE = "]e0"

# Any that a hospital meets, and what Caps Lock makes of them where that is none of them.
_IN_USE = (
    ELEMENT_STRINGS | GTIN_SYMBOLS | {f"]{kind}{modifier}" for kind in "ACEILQdez" for modifier in range(9)}
)
MISTYPED = frozenset(identifier.swapcase() for identifier in _IN_USE) - _IN_USE
# And what a German keyboard makes of them, which has "+" where the US one has "]".
ON_A_GERMAN_KEYBOARD = frozenset(f"+{identifier[1:]}" for identifier in _IN_USE)
