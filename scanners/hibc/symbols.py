"""One HIBC symbol: from its text to its fields, by structure alone.

Primary       ``+`` LIC PCN U/M check                                   (2.1)
Secondary     ``+`` reference data link check                           (2.2)
Concatenated  ``+`` LIC PCN U/M ``/`` reference data check              (2.2.1.1)

In the last two further segments may follow, each after a ``/``: ``S`` serial, ``16D`` made, ``14D``
expiry, ``Q`` quantity, which is the last (2.3.2). What stands after ``+`` tells a primary, a letter,
from a secondary, a digit or ``$`` (2.2.1, note 1).

Also read, as other readers do, since it can mean nothing else: a second reference after a ``/`` (one for
the lot, one for the serial), and a data identifier where a reference is expected, in a symbol of its own
too (``+S4012``, link and check).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from scanners.hibc.dates import FORMS
from scanners.hibc.mod43 import ALPHABET, check_character
from scanners.scan import ErrorCode, ParseError

# Longer than any symbol: 25 characters of primary, and every segment at its longest twice.
LONGEST = 160
_LONGEST_LOT = 18
_LONGEST_LOT_OF_OLD = 13  # after a five-digit date without "$$" (appendix F, note 1)

_PRIMARY = re.compile(r"\+[A-Z][0-9A-Z]{5,22}(?<=[0-9])")
_LOT = re.compile(r"[0-9A-Z.\-]*")  # of a serial, too
_DIGITS = re.compile(r"[0-9]*")
_REFERENCE = re.compile(r"\$\$?\+?")
_OLD_DATE = re.compile(r"[0-9]{5}")
_QUANTITIES = {"8": 2, "9": 5}  # for reading labels in use; new ones have /Q (appendix H)
# Data identifier: field, fewest and most characters.
_SUPPLEMENTS = {
    "S": ("serial", 1, 18),
    "Q": ("quantity", 1, 5),
    "14D": ("expiry", 8, 8),
    "16D": ("manufactured", 8, 8),
}
_SUPPLEMENT = re.compile("S|Q|14D|16D")

# A field's name, its value, and where in the text the value begins. A plain tuple, as in GS1.
Field = tuple[str, str, int]


class Symbol(NamedTuple):
    """The fields of ``text[start:stop]``, and why they are not all, if they are not."""

    start: int
    stop: int
    fields: list[Field]
    is_primary: bool = False
    """LIC, PCN and U/M are in it: a primary or a concatenated symbol."""
    error: ParseError | None = None


def check_holds(text: str, start: int, stop: int) -> bool:
    return stop - start > 1 and check_character(text[start : stop - 1]) == text[stop - 1]


def split_symbol(text: str, start: int, stop: int) -> Symbol:
    """The symbol that ``text[start:stop]`` is, check character included; whether that holds is not asked."""
    fields: list[Field] = []
    check = ("check", text[stop - 1 : stop], stop - 1)
    end = stop - 1
    slash = text.find("/", start, end)
    bound = end if slash < 0 else slash
    if _PRIMARY.fullmatch(text, start, bound):
        fields += (
            ("lic", text[start + 1 : start + 5], start + 1),
            ("pcn", text[start + 5 : bound - 1], start + 5),
            ("unit_of_measure", text[bound - 1], bound - 1),
        )
        error = None if slash < 0 else _split_segments(text, slash + 1, end, fields)
        fields.append(check)
        return Symbol(start, stop, fields, True, error)
    end -= 1
    if end <= start:
        error = ParseError(ErrorCode.TRUNCATED, stop, "a HIBC symbol needs more than its + and check")
        return Symbol(start, stop, fields, False, error)
    if not (text[start + 1] in "$0123456789" or _SUPPLEMENT.match(text, start + 1, end)):
        return Symbol(start, stop, fields, False, _not_a_primary(text, start, bound, stop))
    error = _split_segments(text, start + 1, end, fields)
    if error is None and text[end] not in ALPHABET:
        error = ParseError(ErrorCode.CHARSET, end, f"{text[end]!r} cannot be a link character")
    fields += (("link", text[end], end), check)
    return Symbol(start, stop, fields, False, error)


def _split_segments(text: str, at: int, end: int, fields: list[Field]) -> ParseError | None:
    """The data of a secondary, up to ``end``: segments divided by ``/``."""
    last = ""
    while at <= end:
        stop = text.find("/", at, end)
        if stop < 0:
            stop = end
        if last == "Q":
            return ParseError(ErrorCode.VALUE, at, "the quantity (Q) must be the last of the data")
        supplement = None if text[at] == "$" else _SUPPLEMENT.match(text, at, stop)
        if supplement is None:
            error = _split_reference(text, at, stop, fields)
        else:
            last = supplement.group()
            error = _split_supplement(text, at, stop, last, fields)
        if error is not None:
            return error
        at = stop + 1
    return None


def _split_supplement(
    text: str, at: int, stop: int, identifier: str, fields: list[Field]
) -> ParseError | None:
    name, fewest, most = _SUPPLEMENTS[identifier]
    begin = at + len(identifier)
    members = _LOT if identifier == "S" else _DIGITS
    if members.fullmatch(text, begin, stop) is None:
        return _foreign(text, begin, stop, members, f"{identifier} {name}")
    if not fewest <= stop - begin <= most:
        code = ErrorCode.TRUNCATED if stop - begin < fewest else ErrorCode.LENGTH
        wanted = f"{fewest} to {most}" if fewest < most else f"{most}"
        message = f"{identifier} {name} has {wanted} characters, not {stop - begin}"
        return ParseError(code, min(stop, begin + most), message)
    fields.append((name, text[begin:stop], begin))
    return None


def _split_reference(text: str, at: int, stop: int, fields: list[Field]) -> ParseError | None:
    """``$`` lot, ``$+`` serial, ``$$`` quantity, date and lot, ``$$+`` date and serial, or date and lot."""
    name, most = "lot", _LONGEST_LOT
    reference = _REFERENCE.match(text, at, stop)
    if reference is not None:
        fields.append(("reference", reference.group(), at))
        here: int | ParseError = reference.end()
        if text[reference.end() - 1] == "+":
            name = "serial"
        if text.startswith("$$", at, stop):
            here = _split_quantity_and_date(text, reference.end(), stop, name, fields)
    elif _OLD_DATE.match(text, at, stop):
        most = _LONGEST_LOT_OF_OLD
        fields.append(("expiry_format", "YYJJJ", at))
        here = _take_digits(text, at, stop, 5, "expiry", fields)
    else:
        here = _not_a_segment(text, at, stop)
    if not isinstance(here, int):
        return here

    if _LOT.fullmatch(text, here, stop) is None:
        return _foreign(text, here, stop, _LOT, f"a {name}")
    if stop - here > most:
        message = f"a {name} has at most {most} characters, not {stop - here}"
        return ParseError(ErrorCode.LENGTH, here + most, message)
    if here < stop:
        fields.append((name, text[here:stop], here))
    return None


def _split_quantity_and_date(
    text: str, here: int, stop: int, name: str, fields: list[Field]
) -> int | ParseError:
    """What ``$$`` and ``$$+`` announce; where the lot or serial begins, or why not."""
    digit = text[here : min(here + 1, stop)]
    if digit in _QUANTITIES and name == "lot":
        taken = _take_digits(text, here + 1, stop, _QUANTITIES[digit], "quantity", fields)
        if not isinstance(taken, int) or taken == stop:
            return taken  # a quantity and nothing else is enough
        here = taken
        digit = text[here]
    if digit == "7":
        return here + 1
    if digit not in FORMS:
        return _no_date_form(text, here, stop)
    form, width = FORMS[digit]
    if form != "MMYY":
        here += 1
    fields.append(("expiry_format", form, here))
    return _take_digits(text, here, stop, width, "expiry", fields)


def _take_digits(
    text: str, at: int, stop: int, width: int, name: str, fields: list[Field]
) -> int | ParseError:
    """A field of so many digits; where it ends, or why it is none."""
    end = at + width
    digits = text[at:end]
    if end <= stop and digits.isascii() and digits.isdigit():
        fields.append((name, digits, at))
        return end
    for here in range(at, min(end, stop)):
        if text[here] not in "0123456789":
            return ParseError(ErrorCode.CHARSET, here, f"expected a digit of the {name}, got {text[here]!r}")
    return ParseError(ErrorCode.TRUNCATED, stop, f"the {name} needs {width} digits, not {stop - at}")


def _foreign(text: str, at: int, stop: int, members: re.Pattern[str], what: str) -> ParseError:
    legal = members.match(text, at, stop)
    here = legal.end() if legal else at
    return ParseError(ErrorCode.CHARSET, here, f"{text[here]!r} cannot stand in {what}")


def _no_date_form(text: str, here: int, stop: int) -> ParseError:
    if here == stop:
        return ParseError(ErrorCode.TRUNCATED, here, "nothing says which form the date has")
    return ParseError(ErrorCode.VALUE, here, f"expected the form of the date, 0-7, got {text[here]!r}")


def _not_a_segment(text: str, at: int, stop: int) -> ParseError:
    if _DIGITS.fullmatch(text, at, stop):
        return ParseError(ErrorCode.TRUNCATED, stop, "the data end before they say anything")
    message = f"no data of HIBC begin with {text[at : min(at + 3, stop)]!r}"
    return ParseError(ErrorCode.UNKNOWN_AI, at, message)


def _not_a_primary(text: str, start: int, bound: int, stop: int) -> ParseError:
    """Why ``text[start:bound]``, which begins like a primary, is none."""
    for here in range(start + 1, bound):
        if not (text[here].isascii() and (text[here].isdigit() or text[here].isupper())):
            message = f"a primary has letters and digits only, not {text[here]!r}"
            return ParseError(ErrorCode.CHARSET, here, message)
    if bound - start < 7:
        message = "a primary has four characters of labeler, one or more of product, and the unit"
        return ParseError(ErrorCode.TRUNCATED if bound == stop - 1 else ErrorCode.LENGTH, bound, message)
    if bound - start > 24:
        message = "a product number (PCN) has at most 18 characters"
        return ParseError(ErrorCode.LENGTH, start + 24, message)
    message = f"the unit of measure is a digit, not {text[bound - 1]!r}"
    return ParseError(ErrorCode.VALUE, bound - 1, message)
