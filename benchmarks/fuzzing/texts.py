"""Texts that are no code: noise, pieces of codes glued together, and what is long."""

from __future__ import annotations

from random import Random

from benchmarks.fuzzing.codes import GS, MIXED, valid_code

# What makes a random text look like a code, so that it gets past the front door.
PIECES = (
    "]d2", "]C1", "]E0", "]E3", "]E4", "]C0", "]A0", "]Q1", "]Q5", "]d4", "]I1", "]e0", "]C4", "]",
    "(01)", "(10)", "(17)", "(", ")", "\\(", "01", "02", "00", "10", "11", "17", "21", "22", "30", "37",
    "240", "3103", "3922", "7003", "8003", "8008", "8020", "8110", "8200", "91", "99", "06901234567892",
    "6901234567892", "281130", "000000", "990231", "LOT", "029", "_", GS, "<GS>", "{GS}", "[GS]", "~1",
    "\\x1d", "{FNC1}", "|", "#", "^", "@", "https://x.example/01/", "http://", "HTTPS://", "/", "?", "&",
    "=", "%", "%1D", "%2", "|]e0", "TR", "0000000042", "TR000000004292", "9", "\r\n", "\t", " ", "０１",
    "（", "）", "。", "……", "\ud800", "\0", "٣", "²", "+", "*+", "*", "+H123ABC01234567890D", "$", "$$",
    "$$3", "$$8", "$+", "/S", "/16D", "/14D", "/Q", "+/", "=/", "=)", "=,", "=>", "=}", "&,1", "&)",
    "=+", "A9999XYZ100T0944", "014032", "=A99971312345600", "MA.", "MA.156.M0.",
    "MA.156.M0.100761.21234561", ".S", ".L", ".E", ".V", ".C", ".M", ".P", "<UDI", "<?xml",
    '<UDI IAC="MA">', "<DI>", "</DI>", "</UDI>", "&amp;", "MF", "*BN", "*SN", "[)>", "\x1e05\x1d",
    "\x1e06\x1d", "\x1e", "\x04", "\x1c", "\x1f", "9N", "8P", "1T", "25S", "\u2028", "\x85", "\u200b",
    "\ufeff", "\U0001f600",
)  # fmt: skip
_NUMERIC = "0123456789()]\x1d"
_ASCII = "".join(map(chr, range(128)))


def random_bytes(dice: Random) -> bytes:
    return dice.randbytes(dice.choice((8, 20, 40, 60, 300)) * dice.randrange(101) // 100)


def random_unicode(dice: Random) -> str:
    """Any code points, lone surrogates too; mostly from the pages where look-alikes stand."""
    tops = (0x80, 0x250, 0x700, 0x3100, 0xD900, 0x10000, 0x110000)
    return "".join(chr(dice.randrange(dice.choice(tops))) for _ in range(dice.randrange(60)))


def random_ascii(dice: Random) -> str:
    return "".join(dice.choices(dice.choice((_NUMERIC, _ASCII, MIXED)), k=dice.randrange(80)))


def glued_pieces(dice: Random) -> str:
    return "".join(dice.choices(PIECES, k=dice.randrange(1, 16)))


def glued_codes(dice: Random) -> str:
    """Halves of two codes, or several codes in one scan."""
    first, second = valid_code(dice).text, valid_code(dice).text
    if dice.random() < 0.5:
        return first[: dice.randrange(len(first) + 1)] + second[dice.randrange(len(second) + 1) :]
    return dice.choice(("", GS, "\r", " ", "|")).join((first, second))


def long_text(dice: Random) -> str:
    """Up to the longest that is read at all, and a little beyond: where a slow pattern shows itself."""
    length = dice.choice((500, 1000, 2000, 4090, 4096, 4096, 4097, 5000))
    kind = dice.randrange(4)
    if kind == 0:
        unit = "".join(dice.choices(PIECES, k=dice.randrange(1, 4)))
        text = glued_pieces(dice) + unit * (length // len(unit) + 1)
    elif kind == 1:
        text = dice.choice(PIECES) + dice.choice(_ASCII) * length
    elif kind == 2:
        text = "".join(dice.choices(PIECES, k=length // 2))
    else:
        code = valid_code(dice).text
        at = dice.randrange(len(code) + 1)
        text = code[:at] + (dice.choice(PIECES) * length)[:length] + code[at:]
    return text[:length]


def huge_text(dice: Random) -> str | bytes:
    """Tens of thousands of characters up to a million, or as many bytes."""
    length = dice.choice((20_000, 100_000, 1_000_000))
    if dice.random() < 0.3:
        return (dice.randbytes(997) * (length // 997 + 1))[:length]
    unit = dice.choice(PIECES)
    return (unit * (length // len(unit) + 1))[:length]
