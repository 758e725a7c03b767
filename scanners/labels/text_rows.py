"""Lines of text, broken into rows that fit: between Chinese characters anywhere, else where a part ends."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scanners.labels.faces import Typeface

_ENDS_A_PART = frozenset(" ,;)/?&")


def width_of(text: str, size: int, typeface: Typeface) -> float:
    """How long a row is, in dots."""
    return sum(typeface.advance(character, size) for character in text)


@lru_cache(maxsize=4096)  # the labels of a delivery have all lines in common but one
def wrap(text: str, size: int, width: float, typeface: Typeface) -> tuple[str, ...]:
    """The rows of a line: at least one; a word longer than a row is broken within."""
    rows: list[str] = []
    row, used, may_end = "", 0.0, 0
    for place, character in enumerate(text):
        advance = typeface.advance(character, size)
        if row and used + advance > width:
            end = may_end or len(row)
            rows.append(row[:end].rstrip())
            row = row[end:].lstrip()
            used, may_end = width_of(row, size, typeface), 0
        if character == " " and rows and not row:
            continue  # a row that goes on does not begin with a space
        row += character
        used += advance
        following = text[place + 1 : place + 2]
        if character in _ENDS_A_PART or not (character.isascii() and following.isascii()):
            may_end = len(row)
    return (*rows, row)


def pack(pieces: Sequence[str], size: int, width: float, typeface: Typeface) -> tuple[str, ...] | None:
    """As many pieces on a row as fit; None if one of them is longer than a row."""
    rows: list[str] = []
    for piece in pieces:
        if width_of(piece, size, typeface) > width:
            return None
        if rows and width_of(rows[-1] + piece, size, typeface) <= width:
            rows[-1] += piece
        else:
            rows.append(piece)
    return tuple(rows)


def cut(rows: Sequence[str], most: int, size: int, width: float, typeface: Typeface) -> Sequence[str]:
    """The first ``most`` rows, and an ellipsis where something was left out."""
    if len(rows) <= most:
        return rows
    last = rows[most - 1]
    # Three full stops where all is ASCII: a printer that has no Chinese font has no ellipsis either.
    ellipsis = "..." if "".join(rows).isascii() else "…"
    while last and width_of(last + ellipsis, size, typeface) > width:
        last = last[:-1]
    return [*rows[: most - 1], last.rstrip() + ellipsis]
