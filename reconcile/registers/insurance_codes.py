"""National insurance consumable codes: 20 characters for a kind of product, 27 for one specification."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

SHORT, LONG = 20, 27
_CODE: Final = re.compile(r"C(\d{19}|\d{26})", re.ASCII)
_BETWEEN: Final = re.compile(r"[,，;；、|/\s]+")


def is_insurance_code(text: str) -> bool:
    return _CODE.fullmatch(text) is not None


def read_insurance_codes(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(the codes written there, what is written there and is none).

    Full-width characters and a small c are the same code otherwise written.
    """
    if _CODE.fullmatch(text):
        return (text,), ()
    codes: dict[str, None] = {}
    wrong: dict[str, None] = {}
    for piece in _BETWEEN.split(unicodedata.normalize("NFKC", text).strip()):
        code = piece.upper()
        if _CODE.fullmatch(code):
            codes[code] = None
        elif piece:
            wrong[piece] = None
    return tuple(codes), tuple(wrong)
