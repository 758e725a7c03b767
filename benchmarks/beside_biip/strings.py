"""What the two parsers are asked: messages of every kind, whole and with one thing wrong."""

from __future__ import annotations

import random
from collections.abc import Callable

from benchmarks.beside_biip.values import day, text, value
from scanners import gtin
from scanners.gs1.dictionary import IDENTIFIERS
from scanners.gs1.relations import RELATIONS

GS = "\x1d"

Elements = list[tuple[str, str]]

_ALL = sorted(IDENTIFIERS)
_DEVICE = (
    "10",
    "11",
    "17",
    "21",
    "240",
    "30",
    "20",
    "22",
    "241",
    "8012",
    "91",
    "715",
    "15",
    "13",
    "422",
    "7003",
)
_IDENTIFIERS = ("]C1",) * 12 + ("]d2",) * 16 + ("]Q3",) * 6 + ("]e0",) * 5 + ("]J1",)


def gtin_14(random_: random.Random) -> str:
    body = text(random_, 13, "N")
    return body + gtin.check_digit(body)


def device(random_: random.Random) -> Elements:
    """A GTIN and what makers put beside it, now and then in another order."""
    codes = random_.sample(_DEVICE, k=random_.randrange(0, 5))
    elements = [("01", gtin_14(random_)), *((code, value(random_, code)) for code in codes)]
    if random_.random() < 0.3:
        random_.shuffle(elements)
    return elements


def any_ais(random_: random.Random) -> Elements:
    """Any AIs, half of the time with what they need beside them."""
    codes = random_.sample(_ALL, k=random_.randrange(1, 4))
    if random_.random() < 0.6:
        codes.insert(0, "01")
    if random_.random() < 0.5:
        for code in tuple(codes):
            for groups in RELATIONS[code].required:
                codes += (random_.choice(sorted(member)) for member in random_.choice(groups))
    return [(code, value(random_, code)) for code in dict.fromkeys(codes)]


def logistic_unit(random_: random.Random) -> Elements:
    elements = [("00", value(random_, "00"))]
    if random_.random() < 0.5:
        elements += [("02", gtin_14(random_)), ("37", value(random_, "37"))]
    return elements


def element_string(random_: random.Random, elements: Elements) -> str:
    """As a scanner sends it, with an identifier or without."""
    ends = [GS if not IDENTIFIERS[code].predefined_length else "" for code, _ in elements]
    ends[-1] = ""
    identifier = random_.choice(_IDENTIFIERS) if random_.random() < 0.8 else ""
    return identifier + "".join(code + found + end for (code, found), end in zip(elements, ends, strict=True))


def bracketed(elements: Elements) -> str:
    return "".join(f"({code}){found}" for code, found in elements)


def link(random_: random.Random, elements: Elements) -> str:
    """A Digital Link, its qualifiers in whatever order they come."""
    path, query = "", []
    for code, found in elements:
        escaped = "".join(
            character if character.isalnum() or character in "-._" else f"%{ord(character):02X}"
            for character in found
        )
        if code in ("01", "10", "21", "22"):
            path = f"/01/{escaped}{path}" if code == "01" else f"{path}/{code}/{escaped}"
        else:
            query.append(f"{code}={escaped}")
    stem = random_.choice(("https://id.gs1.org", "https://example.com/a/b", "http://x.example"))
    return stem + path + ("?" + "&".join(query) if query else "")


# --- one thing wrong ---------------------------------------------------------------------------------------


def _somewhere(random_: random.Random, whole: str) -> int:
    return random_.randrange(len(whole))


def lost_character(random_: random.Random, whole: str) -> str:
    place = _somewhere(random_, whole)
    return whole[:place] + whole[place + 1 :]


def other_digit(random_: random.Random, whole: str) -> str:
    place = _somewhere(random_, whole)
    return whole[:place] + random_.choice("0123456789") + whole[place + 1 :]


def foreign_character(random_: random.Random, whole: str) -> str:
    place = _somewhere(random_, whole)
    return whole[:place] + random_.choice("#^ ~$@é٣\x1e{|`") + whole[place + 1 :]


def cut_off(random_: random.Random, whole: str) -> str:
    return whole[: _somewhere(random_, whole)]


def lost_separators(random_: random.Random, whole: str) -> str:
    return whole.replace(GS, "", random_.choice((1, -1)))


def more_separators(random_: random.Random, whole: str) -> str:
    place = _somewhere(random_, whole)
    return random_.choice((whole + GS, whole.replace(GS, GS + GS), whole[:place] + GS + whole[place:]))


def something_added(random_: random.Random, whole: str) -> str:
    added = text(random_, random_.randrange(1, 30), random_.choice("NX"))
    return random_.choice((whole + added, whole + GS + added, added + whole))


def blanks_around(random_: random.Random, whole: str) -> str:
    return random_.choice((" ", "\r\n", "\t", "")) + whole + random_.choice(("\r", "\n", "  ", "\t"))


def no_day(random_: random.Random, whole: str) -> str:
    """A date that is none, behind the message."""
    date = random_.choice(("000000", day(random_)[:2] + "1340", "270230", "270229", "281100"))
    return f"{whole}{GS}{random_.choice(('11', '17', '13', '15'))}{date}"


def the_same_ai_again(random_: random.Random, whole: str) -> str:
    code = random_.choice(("10", "21", "01", "17"))
    return f"{whole}{GS}{code}{value(random_, code)}"


_FAULTS: tuple[Callable[[random.Random, str], str], ...] = (
    lost_character,
    other_digit,
    foreign_character,
    cut_off,
    lost_separators,
    more_separators,
    something_added,
    blanks_around,
    no_day,
    the_same_ai_again,
)


# --- symbols that hold a number ----------------------------------------------------------------------------


def number(random_: random.Random) -> str:
    """An EAN, UPC, ITF-14 or SSCC, or its digits alone, with any length and sometimes a wrong digit."""
    length = random_.choice((8, 12, 13, 13, 13, 14, 14, 18, 6, 7, 10, 15))
    body = text(random_, length - 1, "N")
    if random_.random() < 0.3:
        zeros = random_.randrange(length)
        body = "0" * zeros + body[zeros:]
    digits = body + (gtin.check_digit(body) if random_.random() < 0.85 else random_.choice("0123456789"))
    identifier = random_.choice(
        ("]E0", "]E4", "]I1", "", "", "]E3", "]E1", "]E2", "]I0", "]I3", "]C0", "]e0")
    )
    add_on = (
        text(random_, random_.choice((2, 5)), "N") if identifier == "]E3" and random_.random() < 0.7 else ""
    )
    composite = "|]e010" + text(random_, 6) if random_.random() < 0.05 else ""
    return identifier + digits + add_on + composite


def noise(random_: random.Random) -> str:
    return text(random_, random_.randrange(0, 30), random_.choice("NX"))


def string(random_: random.Random) -> tuple[str, Elements | None]:
    """One text to ask both about; and what was written into it, if it was written whole and says so."""
    kind = random_.random()
    if kind < 0.14:
        return number(random_), None
    if kind < 0.17:
        return noise(random_), None
    make = random_.choices((device, any_ais, logistic_unit), weights=(6, 4, 1))[0]
    elements = make(random_)
    if kind < 0.27:
        whole = link(random_, elements)
    elif kind < 0.35:
        whole = bracketed(elements)
    else:
        whole = element_string(random_, elements)
    if random_.random() < 0.45:
        # Digits alone may be somebody else's number as well, which is no fault of a reader.
        return whole, None if whole.isdecimal() else elements
    return random_.choice(_FAULTS)(random_, whole), None
