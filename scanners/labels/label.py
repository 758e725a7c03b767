"""What a label says, and why one is not printed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from unicodedata import category

# Control, format and line-breaking characters, and half characters. A wide Chinese space is none of them.
_UNPRINTABLE = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))


class LabelFault(StrEnum):
    """Stable names of what can be wrong with a label; the pages translate by them."""

    EMPTY = "empty"
    CHARSET = "charset"  # a character that the symbol, or the line, cannot hold
    TOO_LONG = "too_long"
    NOT_GS1 = "not_gs1"
    WRONG_CODE = "wrong_code"  # it has the looks of a code and is none: a wrong check digit
    READS_OTHERWISE = "reads_otherwise"
    DOES_NOT_FIT = "does_not_fit"
    NO_FONT = "no_font"
    UNKNOWN_NAME = "unknown_name"  # of a symbology, a format, a stock
    TOO_MANY = "too_many"


class LabelError(ValueError):
    """Why nothing was printed. The message is English; people get a text by ``fault`` and ``label``."""

    def __init__(self, fault: LabelFault, message: str, label: str = "") -> None:
        super().__init__(message)
        self.fault = fault
        self.label = label


@dataclass(frozen=True, slots=True)
class Label:
    """``text`` is what the symbol says; it is printed beside the symbol too, for people.

    ``lines`` stand above the symbol or beside it, in their order. Of the first ``names`` of them
    the end may be left out (with an ellipsis) where the label is small: of an article's name, not
    of a lot or a date. Nothing else is ever shortened; what does not fit is not printed.
    """

    text: str
    lines: tuple[str, ...] = ()
    names: int = 1

    def __post_init__(self) -> None:
        for line in self.lines:
            if any(category(character) in _UNPRINTABLE for character in line):
                message = f"a line holds a character that cannot be printed: {line!r}"
                raise LabelError(LabelFault.CHARSET, message, self.text)


def printable(text: str) -> str:
    """The text as it can stand in a line: without what cannot be printed."""
    return "".join(character for character in text if category(character) not in _UNPRINTABLE)


def shown(text: str) -> str:
    """A text as a message quotes it: enough to know which it is."""
    return repr(text if len(text) <= 60 else f"{text[:57]}...")
