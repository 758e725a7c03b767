"""zbar, through pyzbar: a second opinion on linear symbols, if Debian's ``libzbar0`` is installed.

Only on what it reads for certain. Its DataBar reader writes beyond its memory on ordinary noise, its QR
reader on crafted pictures (CVE-2023-40890, CVE-2023-40889: mended in libzbar 0.23.93, and nothing tells
whether a system's older one is), and both gave wrong texts on sound symbols: ``2Q`` for ``21`` in a DataBar,
Chinese in GB 18030 as other Chinese. Its interleaved 2 of 5 reads a part of a symbol as a whole.

pyzbar's own ``decode`` does not say whether a Code 128 began with FNC1, the difference between GS1 and any
text, though libzbar knows it; so this asks for it. A libzbar that cannot tell leaves the identifier open.
ctypes lets other threads run while it looks.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from ctypes import POINTER, c_char_p, c_uint, c_void_p, cast, string_at
from functools import cache
from math import ceil
from typing import Any

from PIL import Image

from scanners.images.code39 import meant_by
from scanners.images.finding import Finding
from scanners.images.place import Point

_LOG = logging.getLogger(__name__)
# What it is asked for, by the names that zxing-cpp gives to them.
FORMATS = frozenset(("Code128", "EAN13", "EAN8", "Code39"))
_LUMINANCE = int.from_bytes(b"Y800", "little")
_FIRST_IS_FNC1 = 1
# Corners of a symbol that was crossed by hundreds of lines: a sample shows its extent.
_MOST_POINTS = 100


@cache
def _library() -> Any | None:
    """pyzbar's functions of libzbar; None, said once in the log, where there is no libzbar."""
    try:
        from pyzbar import wrapper
    except Exception as error:  # ImportError; on some systems OSError or FileNotFoundError
        _LOG.warning("libzbar is not there (%s): linear symbols are read by zxing-cpp alone", error)
        return None
    return wrapper


@cache
def _modifiers() -> Any | None:
    """What libzbar says beside the text; None before its version 0.11."""
    library = _library()
    if library is None:
        return None
    try:
        return library.zbar_function("zbar_symbol_get_modifiers", c_uint, POINTER(library.zbar_symbol))
    except AttributeError:
        return None


def is_available() -> bool:
    """Whether there is a libzbar."""
    return _library() is not None


def find(grey: Image.Image) -> list[Finding]:
    """The linear symbols it sees in a picture of mode L; none without libzbar."""
    zbar = _library()
    if zbar is None:
        return []
    pixels = grey.tobytes()
    scanner = zbar.zbar_image_scanner_create()
    image = zbar.zbar_image_create()
    try:
        _choose(zbar, scanner)
        zbar.zbar_image_set_format(image, _LUMINANCE)
        zbar.zbar_image_set_size(image, *grey.size)
        zbar.zbar_image_set_data(image, cast(c_char_p(pixels), c_void_p), len(pixels), None)
        zbar.zbar_scan_image(scanner, image)
        return [finding for symbol in _symbols(zbar, image) if (finding := _finding(zbar, symbol))]
    finally:
        zbar.zbar_image_destroy(image)
        zbar.zbar_image_scanner_destroy(scanner)


def _choose(zbar: Any, scanner: Any) -> None:
    kinds = zbar.ZBarSymbol
    wanted = (kinds.CODE128, kinds.EAN13, kinds.EAN8, kinds.CODE39)
    for kind in kinds:
        if kind > kinds.PARTIAL:
            zbar.zbar_image_scanner_set_config(scanner, kind, zbar.ZBarConfig.CFG_ENABLE, int(kind in wanted))


def _symbols(zbar: Any, image: Any) -> Iterator[Any]:
    symbol = zbar.zbar_image_first_symbol(image)
    while symbol:
        yield symbol
        symbol = zbar.zbar_symbol_next(symbol)


def _finding(zbar: Any, symbol: Any) -> Finding | None:
    raw = string_at(zbar.zbar_symbol_get_data(symbol), zbar.zbar_symbol_get_data_length(symbol))
    kind = symbol.contents.type
    if not raw or not raw.isascii():
        return None
    text = raw.decode("ascii")
    symbology: str | None
    match kind:
        case zbar.ZBarSymbol.CODE128:
            name, symbology = "Code128", _identifier_of_code128(symbol)
        case zbar.ZBarSymbol.EAN13:
            name, symbology = "EAN13", "]E0"
        case zbar.ZBarSymbol.EAN8:
            name, symbology = "EAN8", "]E4"
        case zbar.ZBarSymbol.CODE39:
            name = "Code39"
            symbology, text = meant_by(text)
        case _:
            return None
    crossed = _crossed(zbar, symbol)
    return Finding(name, symbology, text, text.encode("ascii"), "zbar", _hull(crossed), crossed)


def _identifier_of_code128(symbol: Any) -> str | None:
    modifiers = _modifiers()
    if modifiers is None:
        return None
    said = modifiers(symbol)
    return {0: "]C0", _FIRST_IS_FNC1: "]C1"}.get(said)


def _crossed(zbar: Any, symbol: Any) -> tuple[Point, ...]:
    """Where lines crossed it."""
    count = zbar.zbar_symbol_get_loc_size(symbol)
    return tuple(
        (float(zbar.zbar_symbol_get_loc_x(symbol, at)), float(zbar.zbar_symbol_get_loc_y(symbol, at)))
        for at in range(0, count, ceil(count / _MOST_POINTS))
    )


def _hull(points: tuple[Point, ...]) -> tuple[Point, ...]:
    from pyzbar.locations import convex_hull

    return tuple(convex_hull(points)) or ((0.0, 0.0),)
