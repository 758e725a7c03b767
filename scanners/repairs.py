r"""Mending what scanners and keyboards do to a code, by name and only where it is certain.

A repair proposes another text; :func:`scanners.parse` reads both and takes the mended reading
only if that proves itself. Every repair that was taken is named in ``Scan.repairs``.

``whitespace_stripped``  CR, LF, TAB and blanks around the code
``gs_replaced``          a textual stand-in for GS; taken if the message then reads to its end
``fullwidth``            full-width letters, digits and brackets of a Chinese input method; taken
                         if a check digit then proves the reading
``no_date``              a date of six zeros: the maker's "none" (:mod:`scanners.gs1.reading`)

Later repairs (Caps Lock, keyboard layouts, a site's own separator, cut-off prefixes) belong
here as well.
"""

from __future__ import annotations

import re

from scanners.gs1.elements import GS

WHITESPACE_STRIPPED = "whitespace_stripped"
GS_REPLACED = "gs_replaced"
FULLWIDTH = "fullwidth"

WHITESPACE = "\r\n\t "

# What drivers and middleware write where the symbol had a separator. "{", "[", "~" and "\" are
# legal in no value of an AI; "<GS>" would be, letter by letter, but nobody's lot is called so.
STAND_IN = re.compile(r"<(?:GS|FNC1)>|\{(?:GS|FNC1)\}|\[GS\]|\\x1d|\\u001d|\\029|~d029|~1", re.IGNORECASE)

_FULLWIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_FULLWIDTH_FOUND = re.compile("[\uff01-\uff5e\u3000]")


def replace_stand_ins(text: str) -> tuple[str, list[int]]:
    """The text with every stand-in as one GS, and for each place in it (and its end) the original one."""
    pieces: list[str] = []
    origin: list[int] = []
    done = 0
    for found in STAND_IN.finditer(text):
        pieces += (text[done : found.start()], GS)
        origin += range(done, found.start() + 1)
        done = found.end()
    pieces.append(text[done:])
    origin += range(done, len(text) + 1)
    return "".join(pieces), origin


def fold_fullwidth(text: str) -> str | None:
    """The text with full-width forms as ASCII, place by place; None if it holds none."""
    return text.translate(_FULLWIDTH) if _FULLWIDTH_FOUND.search(text) else None
