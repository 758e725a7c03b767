"""Vectors and generators that several tests of the scanners share."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from scanners import gtin
from scanners.gs1.charsets import CSET82

FOLDER = Path(__file__).parents[2] / "fixtures" / "golden" / "scanners"
TODAY = date(2026, 1, 15)
GS = "\x1d"


def golden(name: str) -> Any:
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


@st.composite
def gtins(draw: st.DrawFn) -> str:
    body = draw(st.text("0123456789", min_size=13, max_size=13))
    return body + gtin.check_digit(body)


def values(longest: int) -> st.SearchStrategy[str]:
    """Any value an X AI of that length may hold, brackets included."""
    return st.text(CSET82, min_size=1, max_size=longest)


@st.composite
def days(draw: st.DrawFn) -> date:
    """Days whose two-digit year means the same year on TODAY."""
    return draw(st.dates(date(1977, 1, 1), date(2076, 12, 31)))


@st.composite
def udis(draw: st.DrawFn) -> list[tuple[str, str]]:
    """The elements of a device's message in any order, the GTIN among them."""
    elements = [("01", draw(gtins()))]
    for code, strategy in (
        ("11", days().map("{:%y%m%d}".format)),
        ("17", days().map("{:%y%m%d}".format)),
        ("10", values(20)),
        ("21", values(20)),
        ("240", values(30)),
        ("30", st.integers(0, 99999999).map(str)),
    ):
        if draw(st.booleans()):
            elements.append((code, draw(strategy)))
    return draw(st.permutations(elements))


def element_string(elements: list[tuple[str, str]]) -> str:
    """As a scanner sends it: GS after what has no predefined length, but not at the end."""
    fixed = {"01", "11", "17"}
    text = "".join(code + value + ("" if code in fixed else GS) for code, value in elements)
    return text.removesuffix(GS)
