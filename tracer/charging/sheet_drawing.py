"""The symbols of the test sheet as pictures. Imported only when the sheet is asked for: it takes numpy."""

from __future__ import annotations

import re

import numpy as np
import zxingcpp
from barcode.ean import EuropeanArticleNumber13

from scanners.labels import symbol_svg
from scanners.labels.svg import bare_symbol
from scanners.labels.symbols import Symbol, Symbology
from tracer.charging.sheet import SheetSymbol

_EAN13 = Symbology("ean13", zxingcpp.BarcodeFormat.EAN13, ("]E0",), 11, linear=True)
_WIDTH = re.compile(r'width="([0-9.]+)mm"')
_BAR_MM, _SQUARE_MM = 0.33, 0.5  # a module's width: what an ordinary scanner reads at arm's length


def draw(symbol: SheetSymbol) -> tuple[str, float]:
    """The symbol as SVG, with its quiet space, and its width in mm."""
    svg = _svg(symbol)
    width = _WIDTH.search(svg)
    assert width is not None
    return svg, float(width[1])


def _svg(symbol: SheetSymbol) -> str:
    if symbol.symbology == "ean13":
        (pattern,) = EuropeanArticleNumber13(symbol.text).build()
        bars = np.frombuffer(pattern.encode("ascii"), np.uint8) == ord("1")
        drawn = Symbol(_EAN13, symbol.text, symbol.message, (symbol.text,), bars.reshape(1, -1))
        return bare_symbol(drawn, _BAR_MM)
    return symbol_svg(symbol.text, symbol.symbology, module_mm=_SQUARE_MM if symbol.is_square else _BAR_MM)
