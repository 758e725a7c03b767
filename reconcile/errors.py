"""What can be wrong with an input, said so that a person can mend it.

BadInput(ValueError)        one or more findings; nothing was computed, nothing was written
  .cells: tuple[BadCell]    each names the input, the row, the column, the value and the reason
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a value was refused, in both languages; `code` is stable for programs."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BadCell:
    """One finding. `row` is the row number a person sees in the spreadsheet (headings are row 1).

    Row or column is None where the finding is about the whole file or the whole row.
    """

    file: str
    reason: Reason
    row: int | None = None
    column: str | None = None
    value: str | None = None

    def __str__(self) -> str:
        where = ", ".join([self.file, *self._where(_ENGLISH)])
        return f"{where}: {self.reason.en} / {self.reason.zh}"

    def said(self, language: str) -> str:
        """Where in the file, and why, in one language ("zh", "en")."""
        if language.startswith("en"):
            return ": ".join([*filter(None, [", ".join(self._where(_ENGLISH))]), self.reason.en])
        return "：".join([*filter(None, ["，".join(self._where(_CHINESE))]), self.reason.zh])

    def _where(self, words: tuple[str, str, str]) -> list[str]:
        value = None if self.value is None else _shortened(self.value)
        given = zip(words, (self.row, self.column, value), strict=True)
        return [word.format(what) for word, what in given if what is not None]


class BadInput(ValueError):
    """The input cannot be trusted; `cells` holds every finding, not the first one only."""

    def __init__(self, cells: Iterable[BadCell]) -> None:
        self.cells = tuple(cells)
        shown = "\n".join(str(cell) for cell in self.cells[:20])
        more = len(self.cells) - 20
        super().__init__(shown + (f"\n… and {more} more" if more > 0 else ""))


_ENGLISH = ("row {}", "column {}", 'value "{}"')
_CHINESE = ("第 {} 行", "列“{}”", "值“{}”")


def refuse(file: str, code: str, en: str, zh: str, **where: object) -> BadInput:
    """One finding about a whole input, as an exception ready to be raised."""
    return BadInput([BadCell(file=file, reason=Reason(code, zh, en), **where)])  # type: ignore[arg-type]


def _shortened(value: str) -> str:
    # A finding is one printed line: a cell holding a page of text, or control characters, must not spoil it.
    clean = "".join(c if c.isprintable() else "�" for c in value)
    return clean if len(clean) <= 80 else clean[:79] + "…"
