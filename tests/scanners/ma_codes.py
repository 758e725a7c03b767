"""MA codes of every form, made for the tests; the check is computed here once more."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.scanners.golden import days

DIGITS = "0123456789"
ALPHANUMERIC = DIGITS + "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
IN_VALUES = ALPHANUMERIC + "-@$,*+%/#!^~"
DI = "MA.156.M0.100204.13351764"

_NUMBERS = {
    **{character: value for value, character in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg")},
    **{character: value for value, character in enumerate("hijklmnopqrstuvwxyz-.@$,*+%/#!^~", start=45)},
}


def check_again(text: str) -> str:
    """The check by the letter of its description: digit by digit from the right."""
    row = "".join(str(_NUMBERS[character]) for character in text)
    total = 0
    for place, digit in enumerate(reversed(row)):
        product = int(digit) * (2 if place % 2 else 1)
        total += product // 10 + product % 10
    return str((10 - total % 10) % 10)


def values(longest: int = 64) -> st.SearchStrategy[str]:
    return st.text(IN_VALUES, min_size=1, max_size=longest)


@st.composite
def identifiers(draw: st.DrawFn) -> str:
    country = draw(st.text(DIGITS, min_size=3, max_size=3))
    registrant = draw(st.text(ALPHANUMERIC, min_size=6, max_size=6))
    product = draw(st.text(ALPHANUMERIC, min_size=7, max_size=13))
    body = f"MA.{country}.M0.{registrant}.{product}"
    return body + check_again(body)


@st.composite
def codes(draw: st.DrawFn) -> tuple[str, dict[str, str]]:
    """A device identifier, and the letter and value of each field in the order of the text."""
    fields: dict[str, str] = {}
    for letter in draw(st.lists(st.sampled_from("SLDYMPEV"), unique=True)):
        if letter in "MP" and {"M", "P"} & set(fields):
            continue
        layout = draw(st.sampled_from(["{:%y%m%d}", "{:%Y%m%d}"]))
        fields[letter] = layout.format(draw(days())) if letter in "MPEV" else draw(values())
    return draw(identifiers()), fields


def written(di: str, fields: dict[str, str]) -> str:
    return di + "".join(f".{letter}{value}" for letter, value in fields.items())
