r"""Labels for printers that speak ZPL II.

Code 128 goes out code word by code word (mode N of ``^BC``), so the printer has nothing to
choose and prints the bars that were read back here. Matrices are the printer's own to encode
(``^BX``, ``^BQ``). Rows with characters beyond ASCII are sent as bitmaps, since few printers hold
a Chinese font; ASCII rows in the printer's font 0, with ``^``, ``~`` and the like in hexadecimal.

No Zebra printer was at hand: what is written here follows the manual, and the tests read it by
the manual, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import numpy as np
from barcode.charsets.code128 import CODES

from scanners.gs1.elements import GS
from scanners.labels.faces import Face, Row
from scanners.labels.fonts import PictureFont
from scanners.labels.png import ink_corner
from scanners.labels.symbols import Modules

_ESCAPED = "^~_\\"
_FNC1 = "_1"  # in ^BX, behind the escape character that the command names


def write_zpl(faces: Sequence[Face], font: PictureFont) -> bytes:
    """One format a label; several equal ones behind each other are one format and a quantity."""
    formats = []
    for _, equal in groupby(faces, id):
        same = list(equal)
        formats.append(_format(same[0], len(same), font))
    return "".join(formats).encode()


def _format(face: Face, copies: int, font: PictureFont) -> str:
    fields = [_symbol(face), *(_row(row, font) for row in face.rows)]
    head = f"^XA^CI28^LH0,0^PW{face.width}^LL{face.height}"
    return "\n".join([head, *fields, f"^PQ{copies}^XZ", ""])


# --- symbols -------------------------------------------------------------------------------------


def _symbol(face: Face) -> str:
    symbol, at = face.symbol, f"^FO{face.left},{face.top}"
    name = symbol.symbology.name
    if symbol.symbology.linear:
        data = _code_words(symbol.modules)
        return f"^BY{face.module},3,{face.bars}{at}^BCN,{face.bars},N,N,N,N^FD{data}^FS"
    if name in ("gs1-datamatrix", "datamatrix"):
        data = _matrix_data(symbol.message)
        if symbol.symbology.gs1:
            data = _FNC1 + data.replace(GS, _FNC1)
        return f"{at}^BXN,{face.module},200,,,,_^FH\\^FD{data}^FS"
    if name == "qr" and symbol.text.isascii():
        # Some firmware moves a QR code down by the bar height set before.
        return f"^BY2,3,1{at}^BQN,2,{face.module}^FH\\^FDMA,{_hexadecimal(symbol.text, chr(92))}^FS"
    # ^BQ has no way to say FNC1, and takes what is beyond ASCII for Japanese.
    return at + _bitmap(symbol.modules.repeat(face.module, axis=0).repeat(face.module, axis=1))


def _code_words(modules: Modules) -> str:
    """The symbol's own code words as field data: what the printer would choose cannot differ."""
    bars = "".join("1" if module else "0" for module in modules[0])
    words = [CODES.index(bars[at : at + 11]) for at in range(0, len(bars) - 13, 11)][:-1]
    start, *rest = words
    subset = {103: "A", 104: "B", 105: "C"}[start]
    data = {"A": ">9", "B": ">:", "C": ">;"}[subset]
    for word in rest:
        switch = {99: "C", 100: "B", 101: "A"}.get(word)
        if word == 102:
            data += ">8"
        elif switch is not None and switch != subset:
            data += {"C": ">5", "B": ">6", "A": ">7"}[switch]
            subset = switch
        elif subset == "B":
            data += _IN_SUBSET_B.get(word) or chr(word + 32)
        else:
            data += f"{word:02}"
    return data


_IN_SUBSET_B = {62: "><", 30: ">0", 94: ">="}  # ^ > ~


def _matrix_data(text: str) -> str:
    """Field data of ^BX. Hexadecimals are undone first, then the escapes, whose sign is written twice."""
    return _hexadecimal(text.replace("_", "__"), "\\", keep="_")


def _hexadecimal(text: str, sign: str, keep: str = "") -> str:
    return "".join(
        f"{sign}{ord(character):02X}" if character in _ESCAPED and character not in keep else character
        for character in text
    )


# --- text ----------------------------------------------------------------------------------------


def _row(row: Row, font: PictureFont) -> str:
    if not row.text.isascii():
        ink = font.ink(row.text, row.size)
        left, top = ink_corner(row, ink)
        return f"^FO{max(left, 0)},{max(top, 0)}" + _bitmap(np.asarray(ink) > 0)
    block = f"^FB{round(row.width) + 2},1,0,C" if row.centred and "\\" not in row.text else ""
    return f"^FO{row.left},{row.top}^A0N,{row.size}{block}^FH^FD{_hexadecimal(row.text, '_')}^FS"


def _bitmap(dots: Modules) -> str:
    packed = np.packbits(dots, axis=1)
    return f"^GFA,{packed.size},{packed.size},{packed.shape[1]},{packed.tobytes().hex().upper()}^FS"
