"""The printed sheet of test symbols: what stands on it, and what a scanner that is set up well sends for it.

The number 952 in front of the GTIN is GS1's own, for demonstrations; LIC A123 is the HIBC standard's
example, MA registrant 999999 nobody's, and the in-house label has the last number there is: none of them
is a piece anybody could book.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _

from scanners import InHouse, parse
from scanners.hibc import check_character
from scanners.inhouse import make

GS = "\x1d"
GTIN = "09521234543213"
EAN = GTIN[1:]
LINK = f"https://example.com/01/{GTIN}/10/Lot7?17=281130"
MA = "MA.156.M0.999999.12345678.S0042.LLot8.E281130"
HIBC = "+A123BJC5D6E71/$$3281130LOT42"
SQUARE = ("gs1-datamatrix", "datamatrix", "qr")


@dataclass(frozen=True, slots=True)
class SheetSymbol:
    """One symbol: `text` is what is printed, `message` what a scanner sends behind the identifier."""

    id: str
    title: str
    shows: str
    symbology: str
    identifiers: tuple[str, ...]
    text: str
    message: str

    @property
    def is_square(self) -> bool:
        return self.symbology in SQUARE

    def as_data(self, today: date, inhouse: InHouse) -> dict[str, Any]:
        """For the test page's script: what must come, and what must be read from it."""
        scan = parse(self.identifiers[0] + self.message, today=today, inhouse=inhouse)
        read = scan.as_dict() | {"error": str(scan.error.code) if scan.error else None}
        return {
            "id": self.id,
            "title": self.title,
            "message": self.message,
            "identifiers": self.identifiers,
            "reads": {name: read[name] for name in ("agency", "di", "lot", "serial", "expiry", "error")},
        }


def sheet_symbols(inhouse: InHouse) -> tuple[SheetSymbol, ...]:
    """The symbols in the order of the sheet, in the reader's language; the in-house label is this house's."""
    label = make(10**inhouse.digits - 1, inhouse)
    return (
        SheetSymbol(
            "datamatrix",
            "GS1 DataMatrix",
            _("最常见的 UDI：分隔符 GS、标识符、大小写"),
            "gs1-datamatrix",
            ("]d2",),
            f"(01){GTIN}(17)281130(10)LotA7-b(21)SN00123",
            f"01{GTIN}17281130" + f"10LotA7-b{GS}21SN00123",
        ),
        _same("ma", _("MA 码（IDcode）"), _("点号与大小写"), "datamatrix", ("]d1",), MA),
        _same("link", "GS1 Digital Link", _("网址形式的二维码"), "qr", ("]Q1", "]Q2"), LINK),
        SheetSymbol(
            "gs1-128",
            "GS1-128",
            _("一维 UDI：一维码里的分隔符 GS"),
            "gs1-128",
            ("]C1",),
            f"(01){GTIN}(10)AB-7z(21)0042",
            f"01{GTIN}" + f"10AB-7z{GS}210042",
        ),
        _same("ean13", "EAN-13", _("商品条码：13 位全部发送，含校验位"), "ean13", ("]E0",), EAN),
        _code128("letters", _("字母"), _("大小写、键盘布局"), "AaBbMmQqWwYyZz-Test"),
        _code128("digits", _("数字与符号"), _("数字行与 Shift 键"), "0123456789!\"#$%&'()*+,-./"),
        _code128("hibc", "HIBC", _("加号、斜杠与校验符"), HIBC + check_character(HIBC)),
        _code128("marks", _("更多符号"), _("括号、引号一类"), ":;<=>?@[\\]^_`{|}~"),
        _code128("inhouse", _("院内条码"), _("本院自己打印的标签"), label),
    )


def _same(
    id: str, title: str, shows: str, symbology: str, identifiers: tuple[str, ...], text: str
) -> SheetSymbol:
    return SheetSymbol(id, title, shows, symbology, identifiers, text, text)


def _code128(id: str, title: str, shows: str, text: str) -> SheetSymbol:
    return _same(id, title, shows, "code128", ("]C0",), text)
