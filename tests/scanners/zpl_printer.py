"""What a ZPL printer does with a label, by the programming guide: our own reading, for want of a printer.

Only the commands that labels use; any other is a mistake. Code 128 is drawn from its field data, bar by
bar, after the guide's table of invocation characters; bitmaps as they are; matrices are told, not drawn.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np
from PIL import Image

# Code 128, ISO/IEC 15417 table 1: widths of bars and spaces for the values 0 to 105, and the stop.
_WIDTHS = """
212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231
113222 123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211
212123 212321 232121 111323 131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 132131
113123 113321 133121 313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111
314111 221411 431111 111224 111422 121124 121421 141122 141221 112214 112412 122114 122411 142112 142211
241211 221114 413111 241112 134111 111242 121142 121241 114212 124112 124211 411212 421112 421211 212141
214121 412121 111143 111341 131141 114113 114311 411113 411311 113141 114131 311141 411131 211412 211214
211232 2331112
"""
WIDTHS = _WIDTHS.split()
_START = {">9": ("A", 103), ">:": ("B", 104), ">;": ("C", 105)}
_SWITCH = {">5": ("C", 99), ">6": ("B", 100), ">7": ("A", 101)}
_CHARACTER = {"><": 62, ">0": 30, ">=": 94}
_FNC1 = 102


@dataclass
class Matrix:
    """A DataMatrix or QR code that the printer is to encode; ``gs1``: behind FNC1."""

    kind: str
    left: int
    top: int
    module: int
    text: str
    gs1: bool


@dataclass
class Text:
    left: int
    top: int
    height: int
    text: str


@dataclass
class Printed:
    """One format: the bitmap with bars and graphics on it, and what the printer draws itself."""

    picture: Image.Image
    copies: int = 0
    matrices: list[Matrix] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)
    bitmaps: list[tuple[int, int, Image.Image]] = field(default_factory=list)


def print_zpl(zpl: bytes) -> list[Printed]:
    """The labels of a file, in order."""
    text = zpl.decode("utf-8")
    assert text.startswith("^XA") and text.endswith("^XZ\n")
    return [_format(body) for body in re.findall(r"\^XA(.*?)\^XZ\n", text, re.DOTALL)]


def _format(body: str) -> Printed:
    assert "~" not in body
    printed = Printed(Image.new("L", (1, 1), 255))
    width = at = None
    state: dict[str, str] = {}
    commands = re.findall(r"\^([A-Z][A-Z0-9])([^^]*)", body)
    assert "".join(f"^{name}{rest}" for name, rest in commands) == body
    for name, rest in commands:
        rest = rest.removesuffix("\n")
        if name in ("CI", "LH"):
            assert (name, rest) in (("CI", "28"), ("LH", "0,0"))  # UTF-8; origin in the corner
        elif name == "PW":
            width = int(rest)
        elif name == "LL":
            printed.picture = Image.new("L", (width, int(rest)), 255)
        elif name == "PQ":
            printed.copies = int(rest)
        elif name == "FO":
            at = tuple(map(int, rest.split(",")))
        elif name == "FD":
            _field(printed, at, state, _unhexed(rest, state.get("FH")))
        elif name == "GF":
            _graphic(printed, at, rest)
        elif name == "FS":
            state = {kept: state[kept] for kept in ("BY",) if kept in state}
        else:
            assert name in ("BY", "BC", "BX", "BQ", "A0", "FB", "FH"), f"^{name}"
            state[name] = rest
    return printed


def _unhexed(data: str, sign: str | None) -> str:
    if sign is None:
        return data
    sign = sign or "_"  # the default indicator
    return re.sub(re.escape(sign) + "([0-9A-F]{2})", lambda match: chr(int(match[1], 16)), data)


def _field(printed: Printed, at: tuple[int, int], state: dict[str, str], data: str) -> None:
    if "BC" in state:
        _bars(printed, at, state, data)
    elif "BX" in state:
        orientation, module, quality, *_, escape = state["BX"].split(",")
        assert (orientation, quality, len(escape)) == ("N", "200", 1)
        text = _matrix_text(data, escape)
        printed.matrices.append(
            Matrix("datamatrix", *at, int(module), text.removeprefix("\x1d"), text.startswith("\x1d"))
        )
    elif "BQ" in state:
        orientation, model, module = state["BQ"].split(",")
        assert (orientation, model) == ("N", "2")
        level, mode, comma = data[:3]
        assert level in "HQML" and (mode, comma) == ("A", ",")
        printed.matrices.append(Matrix("qr", *at, int(module), data[3:], gs1=False))
    else:
        orientation, height = state["A0"].split(",")
        assert orientation == "N"
        printed.texts.append(Text(*at, int(height), data))


def _matrix_text(data: str, escape: str) -> str:
    """FNC1 as GS. After the escape character stand 1 for FNC1, or the character itself."""
    meant = {"1": "\x1d", escape: escape}
    return re.sub(re.escape(escape) + "(.)", lambda match: meant[match[1]], data)


def _bars(printed: Printed, at: tuple[int, int], state: dict[str, str], data: str) -> None:
    orientation, height, interpretation, above, ucc, mode = state["BC"].split(",")
    assert (orientation, interpretation, above, ucc, mode) == ("N", "N", "N", "N", "N")
    module = int(state["BY"].split(",")[0])
    values = code_words(data)
    check = (values[0] + sum(place * value for place, value in enumerate(values[1:], 1))) % 103
    widths = "".join(WIDTHS[value] for value in (*values, check, 106))
    row = np.concatenate(
        [
            np.full(int(each) * module, 0 if place % 2 == 0 else 255, np.uint8)
            for place, each in enumerate(widths)
        ]
    )
    printed.picture.paste(Image.fromarray(np.tile(row, (int(height), 1))), at)


def code_words(data: str) -> list[int]:
    """The values that field data of ^BC in mode N stand for, the start character first."""
    subset, start = _START[data[:2]]
    values, here = [start], 2
    while here < len(data):
        two = data[here : here + 2]
        here += 2
        if two == ">8":
            values.append(_FNC1)
        elif two in _SWITCH:
            subset, value = _SWITCH[two]
            values.append(value)
        elif subset == "C":
            assert len(two) == 2 and two.isdigit(), f"an unpaired digit is ignored: {two!r}"
            values.append(int(two))
        elif two in _CHARACTER:
            values.append(_CHARACTER[two])
        else:
            assert subset == "B" and two[0] not in ">^~"
            values.append(ord(two[0]) - 32)
            here -= 1
    return values


def _graphic(printed: Printed, at: tuple[int, int], rest: str) -> None:
    kind, sent, total, across, data = rest.split(",")
    assert kind == "A" and sent == total and len(data) == 2 * int(total)
    rows = np.frombuffer(bytes.fromhex(data), np.uint8).reshape(-1, int(across))
    dots = np.where(np.unpackbits(rows, axis=1), 0, 255).astype(np.uint8)
    bitmap = Image.fromarray(dots)
    printed.bitmaps.append((*at, bitmap))
    printed.picture.paste(bitmap, at, Image.fromarray(255 - dots))  # ink on ink stays ink
