"""Valid codes of every agency, in every form a scanner may send them, with the device they are of.

Check digits and characters are computed here once more: a generator that asked `scanners` for them would
agree with whatever `scanners` does wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from random import Random
from typing import NamedTuple
from urllib.parse import quote

GS, RS, EOT = "\x1d", "\x1e", "\x04"
DIGITS = "0123456789"
CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ALPHANUMERIC = DIGITS + CAPITALS
MIXED = ALPHANUMERIC + CAPITALS.lower()
CSET82 = MIXED + "!\"%&'()*+,-./:;<=>?_"
MOD43 = ALPHANUMERIC + "-. $/+%"
_FIXED = frozenset(("01", "02", "11", "13", "15", "17", "20"))


class Code(NamedTuple):
    """A text as a sound scanner sends it. `di` is None where the code names no device by itself."""

    form: str
    text: str
    di: str | None


def text_of(dice: Random, characters: str, fewest: int, most: int) -> str:
    return "".join(dice.choices(characters, k=dice.randint(fewest, most)))


def day(dice: Random) -> date:
    return date(2015, 1, 1) + timedelta(days=dice.randrange(8000))


# --- GS1 ---------------------------------------------------------------------------------------------------


def check_digit(body: str) -> str:
    """GS1 General Specifications 7.9: weights 3, 1, 3 … from the right."""
    return str(-sum(int(digit) * (3, 1)[place % 2] for place, digit in enumerate(reversed(body))) % 10)


def gtin(dice: Random, length: int = 14) -> str:
    body = text_of(dice, DIGITS, length - 1, length - 1)
    return body + check_digit(body)


def elements(dice: Random) -> list[tuple[str, str]]:
    """A device's: the GTIN, and what else packs carry, now and then in another order."""
    found = [("01", gtin(dice))]
    for identifier, make in (
        ("17", lambda: f"{day(dice):%y%m%d}"),
        ("11", lambda: f"{day(dice):%y%m%d}"),
        ("10", lambda: text_of(dice, dice.choice((ALPHANUMERIC, ALPHANUMERIC, CSET82)), 1, 20)),
        ("21", lambda: text_of(dice, dice.choice((DIGITS, ALPHANUMERIC, CSET82)), 1, 20)),
        ("240", lambda: text_of(dice, ALPHANUMERIC, 1, 30)),
        ("30", lambda: str(dice.randrange(1, 10**8))),
        ("20", lambda: f"{dice.randrange(100):02}"),
    ):
        if dice.random() < 0.45:
            found.append((identifier, make()))
    if dice.random() < 0.2:
        dice.shuffle(found)
    return found


def element_string(found: list[tuple[str, str]]) -> str:
    text = "".join(code + value + ("" if code in _FIXED else GS) for code, value in found)
    return text.removesuffix(GS)


def gs1_symbol(dice: Random) -> Code:
    found = elements(dice)
    head = dice.choice(("]d2", "]C1", "]Q3", "]J1", "]e0", "]z1", GS))
    return Code("GS1 symbol", head + element_string(found), dict(found)["01"])


def gs1_bare(dice: Random) -> Code:
    """Without identifier: the GTIN must come first, and a second value needs its separator."""
    found = elements(dice)
    found.sort(key=lambda element: element[0] != "01")
    return Code("GS1 without identifier", element_string(found), dict(found)["01"])


def gs1_brackets(dice: Random) -> Code:
    found = elements(dice)
    text = "".join(f"({code})" + value.replace("(", "\\(") for code, value in found)
    return Code("GS1 in brackets", text, dict(found)["01"])


def gs1_link(dice: Random) -> Code:
    found = dict(elements(dice))
    number = found["01"]
    path = "".join(f"/{code}/{quote(found[code], safe='')}" for code in ("10", "21") if code in found)
    query = "&".join(f"{code}={found[code]}" for code in ("17", "11", "30") if code in found)
    head = dice.choice(("https://id.gs1.org", "http://example.com/some/stem", "HTTPS://UDI.EXAMPLE.CN"))
    return Code("GS1 Digital Link", f"{head}/01/{number}{path}" + (f"?{query}" if query else ""), number)


def gs1_number(dice: Random) -> Code:
    head, length = dice.choice((("]E0", 13), ("]E4", 8), ("]I1", 14), ("", 13), ("", 14)))
    number = gtin(dice, length)
    return Code("GTIN alone", head + number, number.zfill(14))


def gs1_composite(dice: Random) -> Code:
    number = gtin(dice, 13)
    rest = element_string([element for element in elements(dice) if element[0] != "01"])
    return Code("EAN composite", f"]E0{number}" + (f"|]e0{rest}" if rest else ""), number.zfill(14))


# --- HIBC --------------------------------------------------------------------------------------------------


def checked(text: str) -> str:
    """The text and its check character: ANSI/HIBC 2.6, modulo 43."""
    return text + MOD43[sum(MOD43.index(character) for character in text) % 43]


def hibc_di(dice: Random) -> str:
    lic = dice.choice(CAPITALS) + text_of(dice, ALPHANUMERIC, 3, 3)
    return lic + text_of(dice, ALPHANUMERIC, 1, 18) + dice.choice(DIGITS)


def hibc_secondary(dice: Random) -> str:
    lot = text_of(dice, ALPHANUMERIC, 1, 13)
    made = day(dice)
    text = dice.choice(
        (
            f"${lot}", f"$+{lot}", f"$${made:%m%y}{lot}", f"$$2{made:%m%d%y}{lot}", f"$$3{made:%y%m%d}{lot}",
            f"$$4{made:%y%m%d}08{lot}", f"$$5{made:%y%j}{lot}", f"$$7{lot}", f"$$+{made:%m%y}{lot}",
            f"$$8{dice.randrange(100):02}{made:%m%y}{lot}", f"{made:%y%j}{lot}",
        )
    )  # fmt: skip
    if "+" not in text and dice.random() < 0.25:
        text += f"/S{text_of(dice, ALPHANUMERIC, 1, 18)}"
    if dice.random() < 0.25:
        text += f"/16D{made:%Y%m%d}"
    if text.startswith(("$+", "$$7", f"${lot}")) and dice.random() < 0.25:
        text += f"/14D{made:%Y%m%d}"
    return text


def hibc_concatenated(dice: Random) -> Code:
    di = hibc_di(dice)
    text = checked(f"+{di}/{hibc_secondary(dice)}")
    return Code("HIBC concatenated", dice.choice(("", "", "]C0", "]d1", "]Q1")) + text, di)


def hibc_primary(dice: Random) -> Code:
    di = hibc_di(dice)
    return Code("HIBC primary", dice.choice(("", "]A0", "]C0")) + checked(f"+{di}"), di)


def hibc_pair(dice: Random) -> Code:
    di = hibc_di(dice)
    primary = checked(f"+{di}")
    secondary = checked(f"+{hibc_secondary(dice)}{primary[-1]}")
    return Code("HIBC pair", primary + dice.choice(("\r", "\n", "\r\n", "\t")) + secondary, di)


def hibc_secondary_alone(dice: Random) -> Code:
    return Code("HIBC secondary", checked(f"+{hibc_secondary(dice)}{dice.choice(MOD43)}"), None)


# --- ICCBBA ------------------------------------------------------------------------------------------------


def iccbba_device(dice: Random) -> Code:
    facility = CAPITALS.replace("O", "") + DIGITS
    di = text_of(dice, facility, 5, 5) + text_of(dice, ALPHANUMERIC, 11, 11)
    text = f"=/{di}"
    made = day(dice)
    for piece in (
        f"=,{text_of(dice, ALPHANUMERIC, 6, 6)}",
        "=" + dice.choice("ABCDEFGH") + text_of(dice, facility, 2, 2) + text_of(dice, DIGITS, 10, 10) + "00",
        f"=>0{made:%y%j}",
        f"=}}0{made:%y%j}",
        f"&,1{text_of(dice, ALPHANUMERIC, 18, 18)}",
    ):
        if dice.random() < 0.5:
            text += piece
    return Code("ICCBBA device", dice.choice(("", "]C0", "]d1")) + text, di)


def iccbba_blood_bag(dice: Random) -> Code:
    di = dice.choice(MIXED) + text_of(dice, ALPHANUMERIC, 2, 2) + text_of(dice, MIXED, 7, 7)
    return Code("ICCBBA blood bag", f"=){di}&){text_of(dice, MIXED, 10, 10)}", di)


# --- China's agencies --------------------------------------------------------------------------------------


def _ma(dice: Random) -> tuple[str, str]:
    di = f"MA.156.M0.{text_of(dice, DIGITS, 6, 6)}.{text_of(dice, MIXED, 8, 12)}"
    made = f"{day(dice):%y%m%d}" if dice.random() < 0.5 else f"{day(dice):%Y%m%d}"
    text = di
    for letter, value in (
        ("S", text_of(dice, MIXED, 1, 12)), (dice.choice("MP"), made), ("L", text_of(dice, MIXED, 1, 12)),
        ("D", text_of(dice, MIXED, 1, 8)), ("E", made), ("V", made), ("C", dice.choice(DIGITS)),
    ):  # fmt: skip
        if dice.random() < 0.5:
            text += f".{letter}{value}"
    return di, text


def ma_code(dice: Random) -> Code:
    di, text = _ma(dice)
    return Code("MA", dice.choice(("", "", "]Q1", "]d1")) + text, di)


def ma_address(dice: Random) -> Code:
    di, text = _ma(dice)
    head = dice.choice(
        ("http://s.idcode.org.cn/?code=", "https://www.example.cn/udi/", "https://x.cn/q?a=1&m=")
    )
    return Code("MA in an address", head + text, di)


def ma_xml(dice: Random) -> Code:
    di = f"MA.156.M0.{text_of(dice, DIGITS, 6, 6)}.{text_of(dice, MIXED, 8, 12)}"
    lot, made = text_of(dice, MIXED, 1, 12), f"{day(dice):%y%m%d}"
    text = f'<UDI IAC="MA"><DI>{di}</DI><LOT>{lot}</LOT><EXP>{made}</EXP></UDI>'
    return Code("MA in XML", text, di)


def ahm_code(dice: Random) -> Code:
    text = (
        f"MF{text_of(dice, ALPHANUMERIC, 10, 20)}*BN{text_of(dice, ALPHANUMERIC, 1, 10)}*ED{day(dice):%y%m%d}"
    )
    return Code("AHM", text, None)


# --- envelopes and labels ----------------------------------------------------------------------------------


def envelope_05(dice: Random) -> Code:
    found = elements(dice)
    head = dice.choice(("", "]d1", "]Q1"))
    return Code("ISO 15434, 05", f"{head}[)>{RS}05{GS}{element_string(found)}{RS}{EOT}", dict(found)["01"])


def envelope_06(dice: Random) -> Code:
    number = gtin(dice)
    fields = [f"8P{number}"]
    for field in (f"1T{text_of(dice, ALPHANUMERIC, 1, 12)}", f"S{text_of(dice, ALPHANUMERIC, 1, 12)}"):
        if dice.random() < 0.6:
            fields.append(field)
    return Code("ISO 15434, 06", f"[)>{RS}06{GS}{GS.join(fields)}{RS}{EOT}", number)


def inhouse_label(dice: Random) -> Code:
    """ISO 7064 MOD 97-10, letters counting as 10 to 35. Its serial is what it names."""
    body = f"TR{dice.randrange(10**10):010}"
    number = int("".join(str(int(character, 36)) for character in body) + "00")
    return Code("in-house label", f"{body}{98 - number % 97:02}", None)


FORMS: tuple[Callable[[Random], Code], ...] = (
    gs1_symbol, gs1_symbol, gs1_symbol, gs1_bare, gs1_bare, gs1_brackets, gs1_link, gs1_number, gs1_composite,
    hibc_concatenated, hibc_concatenated, hibc_primary, hibc_pair, hibc_secondary_alone, iccbba_device,
    iccbba_blood_bag, ma_code, ma_code, ma_address, ma_xml, ahm_code, envelope_05, envelope_06, inhouse_label,
)  # fmt: skip


def valid_code(dice: Random) -> Code:
    return dice.choice(FORMS)(dice)
