"""The check character of HIBC: the sum of all characters' values modulo 43 (ANSI/HIBC 2.6, appendix B).

What it proves, and what it cannot. A wrong character anywhere changes the sum and is always seen, and so
is one that swapped places with the check character itself. Two swapped characters further in are *never*
seen: a sum has no order. Of texts that lost, gained or changed several characters, one in 43 passes; the
structure of :mod:`scanners.hibc.symbols` refuses some of these, not all. So a primary that was cut
short can read as another, shorter one: about one cut in 300 does, of product numbers that are all digits
one in 40. No reader can see that.

The same sum is Code 39's own check character; a Code 39 reader that checks and removes "its" check
character removes this one.
"""

from __future__ import annotations

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%"

# Any other character counts 0; that it is not one of HIBC's is for the structure to see.
_VALUES = bytes(max(ALPHABET.find(chr(code)), 0) for code in range(256))


def check_character(text: str) -> str:
    """What completes ``text``, the leading ``+`` included and any asterisks not."""
    return ALPHABET[sum(text.encode("ascii", "replace").translate(_VALUES)) % 43]
