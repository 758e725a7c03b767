"""How texts of a register are made findable: folded, and cut into short pieces that an index can hold.

The embedded server has no pg_trgm, and Chinese has no spaces: so pairs of Chinese characters and threes of
all others are what is indexed, and what a search is made of.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

_CHINESE: Final = r"\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUNS: Final = re.compile(rf"([{_CHINESE}]+)|((?:(?![{_CHINESE}])[^\W_])+)")
_HAN: Final = 2
_OTHER: Final = 3
# In nearly every record of the register: such a piece is looked up for nothing.
_COMMON: Final = frozenset(
    {
        *("有限", "限公", "公司", "医疗", "疗器", "器械", "械有", "疗科", "科技", "技有", "责任", "股份"),
        *("一次", "次性", "性使", "使用", "用无", "无菌", "国械", "械注", "注准", "注进", "械备"),
    }
)
LONGEST_CODE: Final = 80
LONGEST_PIECE: Final = 200


def folded(text: str) -> str:
    """Without width, case and surrounding blanks."""
    return unicodedata.normalize("NFKC", text).casefold().strip()


def grams(text: str) -> list[str]:
    """The pieces of a folded text, each once, in order of appearance.

    A text that contains another has all the other's pieces, except those of runs that are shorter than a
    piece: these count as a piece of their own only where they stand alone.
    """
    found: dict[str, None] = {}
    for han, other in _RUNS.findall(text):
        run, size = (han, _HAN) if han else (other, _OTHER)
        for at in range(max(len(run) - size + 1, 1)):
            found[run[at : at + size]] = None
    return list(found)


def indexed_pieces(*texts: str) -> list[str]:
    """What an index of these texts holds: their grams, and each text whole, where that needs no quotes."""
    found = dict.fromkeys(grams(" ".join(map(folded, texts))))
    for text in texts:
        for whole in (text, *text.split()):
            if (piece := whole_piece(whole)) is not None:
                found[piece] = None
    return list(found)


def whole_piece(text: str) -> str | None:
    """A text as one piece: its letters and digits; None if it is no longer than any other piece."""
    letters = "".join(han or other for han, other in _RUNS.findall(folded(text)))
    return f"={letters}"[:LONGEST_PIECE] if len(letters) > _OTHER else None


def searched_grams(text: str) -> list[str]:
    """The pieces a text must have to contain this one: whole pieces only."""
    return [
        piece
        for piece in grams(text)
        if len(piece) >= (_HAN if _RUNS.fullmatch(piece)[1] else _OTHER)  # type: ignore[index]
    ]


def rare_grams(pieces: Iterable[str]) -> list[str]:
    """The pieces that tell products apart, where there are any; what is found is read once more anyway."""
    each = list(dict.fromkeys(pieces))
    rare = [piece for piece in each if piece not in _COMMON]
    return rare or each


def folded_code(text: str) -> str:
    """A model or a reference as it is indexed: upper case, no width, no blanks."""
    return "".join(unicodedata.normalize("NFKC", text).upper().split())[:LONGEST_CODE]


def code_endings(code: str) -> Iterable[str]:
    """What a person may know of a model: all of it, or from one of its separators on."""
    yield code
    for count, found in enumerate(re.finditer(r"[-/.,*×_:()+](?=[0-9A-Z])", code)):
        if count == 3:
            return
        ending = code[found.end() :]
        if len(ending) >= 4:
            yield ending
