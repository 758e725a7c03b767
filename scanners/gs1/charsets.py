"""The character sets of GS1 data, as regular-expression classes. ASCII only, always.

Python's ``\\d`` and ``str.isdigit`` accept the digits of every script; these do not.
"""

from __future__ import annotations

# In the order of General Specifications figure 7.11-1, which gives a check pair its weights.
CSET82 = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
CSET39 = "#-/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# File-safe base 64; its padding "=" is a matter of the cset64 check, not of the class.
CSET64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_="
DIGITS = "0123456789"

MEMBERS = {
    "N": frozenset(DIGITS),
    "X": frozenset(CSET82),
    "Y": frozenset(CSET39),
    "Z": frozenset(CSET64),
}
PATTERNS = {
    "N": "[0-9]",
    "X": r"""[!"%-?A-Z_a-z]""",
    "Y": "[#\\-/0-9A-Z]",
    "Z": "[A-Za-z0-9\\-_=]",
}
NAMES = {
    "N": "a digit",
    "X": "one of the 82 characters GS1 allows",
    "Y": "one of # - / 0-9 A-Z",
    "Z": "a base 64 character",
}
