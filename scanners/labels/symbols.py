"""Symbols: a text in, black and white modules out, each read back before it is handed on.

Code 128 is encoded by python-barcode; what carries FNC1 and what has two dimensions by the
writer in zxing-cpp. Both are read back by zxing-cpp's reader, which is neither's code: a symbol
that says anything but its text is not printed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import zxingcpp
from barcode.codex import Code128
from numpy.typing import NDArray
from zxingcpp import BarcodeFormat

from scanners.inhouse import InHouse
from scanners.labels.gs1_text import bracketed, element_string, gs1_elements
from scanners.labels.label import LabelError, LabelFault, shown
from scanners.parsing import parse
from scanners.scan import Agency, ErrorCode

Modules = NDArray[np.bool_]  # rows and columns; True is black

# More would be wider than any label, and than many scanners see. GS1 itself sets 48 (5.4.1).
LONGEST_CODE128 = 80
LONGEST_GS1_128 = 48
_CLAIMED = frozenset((Agency.INHOUSE, Agency.HIBC, Agency.ICCBBA, Agency.MA, Agency.AHM))


@dataclass(frozen=True, slots=True)
class Symbology:
    """A kind of symbol. ``quiet`` is the blank space around it, in modules."""

    name: str
    format: BarcodeFormat
    identifiers: tuple[str, ...]  # what a reader must call it
    quiet: int
    gs1: bool = False
    linear: bool = False


SYMBOLOGIES = {
    one.name: one
    for one in (
        Symbology("code128", BarcodeFormat.Code128, ("]C0",), 10, linear=True),
        Symbology("gs1-128", BarcodeFormat.Code128, ("]C1",), 10, gs1=True, linear=True),
        Symbology("gs1-datamatrix", BarcodeFormat.DataMatrix, ("]d2",), 1, gs1=True),
        Symbology("gs1-qr", BarcodeFormat.QRCode, ("]Q3",), 4, gs1=True),
        Symbology("datamatrix", BarcodeFormat.DataMatrix, ("]d1",), 1),
        Symbology("qr", BarcodeFormat.QRCode, ("]Q1", "]Q2"), 4),
    )
}


@dataclass(frozen=True, slots=True, eq=False)
class Symbol:
    """A symbol without its quiet zone: one row of modules if it is linear.

    ``message`` is what a scanner sends for it, ``said`` what people read beside it.
    """

    symbology: Symbology
    text: str
    message: str
    said: tuple[str, ...]
    modules: Modules

    @property
    def rows(self) -> int:
        return int(self.modules.shape[0])

    @property
    def columns(self) -> int:
        return int(self.modules.shape[1])


def get_symbology(name: str) -> Symbology:
    """Raises LabelError if there is no such symbology."""
    try:
        return SYMBOLOGIES[name]
    except KeyError:
        message = f"no symbology {name!r}; there are: {', '.join(SYMBOLOGIES)}"
        raise LabelError(LabelFault.UNKNOWN_NAME, message) from None


def make_symbol(text: str, symbology: Symbology, inhouse: InHouse | None = None) -> Symbol:
    """The symbol that says this text and nothing else. Raises LabelError."""
    if not text:
        raise LabelError(LabelFault.EMPTY, "a symbol says something; the text is empty", text)
    if symbology.gs1:
        return _gs1_symbol(text, symbology)
    _check_plain(text, symbology, inhouse)
    if symbology.linear:
        modules = _code128(text)
    else:
        modules = _created(text, text, symbology, forceSquare=True, eci=None if text.isascii() else "UTF-8")
    _read_back(modules, symbology, text, lambda read: read == text)
    return Symbol(symbology, text, text, (text,), modules)


def _gs1_symbol(text: str, symbology: Symbology) -> Symbol:
    elements = gs1_elements(text)
    if symbology.linear:
        length = sum(len(code) + len(value) for code, value in elements)
        if length > LONGEST_GS1_128:
            message = f"{length} characters; a GS1-128 has at most {LONGEST_GS1_128}: take a GS1 DataMatrix"
            raise LabelError(LabelFault.TOO_LONG, message, text)
    # Round brackets are legal in values, square ones are not: so this cannot be misunderstood.
    content = "".join(f"[{code}]{value}" for code, value in elements)
    modules = _created(content, text, symbology, gs1=True, forceSquare=True)
    _read_back(modules, symbology, text, lambda read: gs1_elements(read) == elements)
    return Symbol(symbology, text, element_string(elements), bracketed(elements), modules)


def _check_plain(text: str, symbology: Symbology, inhouse: InHouse | None) -> None:
    """Raises LabelError for what this symbology cannot carry, or what reads as a wrong code."""
    if not all(character.isprintable() for character in text):
        raise LabelError(LabelFault.CHARSET, f"a character that cannot be printed: {shown(text)}", text)
    if not text.isascii() and symbology.name != "qr":
        message = f"{symbology.name} carries ASCII only, got {shown(text)}; a QR code carries any text"
        raise LabelError(LabelFault.CHARSET, message, text)
    if symbology.linear and len(text) > LONGEST_CODE128:
        message = f"{len(text)} characters; a Code 128 of more than {LONGEST_CODE128} fits no label"
        raise LabelError(LabelFault.TOO_LONG, message, text)
    scan = parse(text, inhouse=inhouse)
    error = scan.error
    if scan.agency in _CLAIMED and error is not None and error.code is not ErrorCode.MISSING_DI:
        message = f"{shown(text)} looks like a code of {scan.agency}, but {error.message}"
        raise LabelError(LabelFault.WRONG_CODE, message, text)


class _Code128(Code128):  # type: ignore[misc]  # python-barcode publishes no types
    """python-barcode takes a first pair of digits 99 for a change of character set, and leaves it out."""

    def _try_to_optimize(self, encoded: list[int]) -> list[int]:
        if self.code.startswith("99"):
            return encoded
        optimized: list[int] = super()._try_to_optimize(encoded)
        return optimized


def _code128(text: str) -> Modules:
    (pattern,) = _Code128(text).build()
    modules: Modules = np.frombuffer(pattern.encode("ascii"), np.uint8) == ord("1")
    return modules.reshape(1, -1)


def _created(content: str, text: str, symbology: Symbology, **options: object) -> Modules:
    given = {name: value for name, value in options.items() if value is not None}
    if symbology.format is BarcodeFormat.QRCode:
        given["ec_level"] = "M"
    try:
        barcode = zxingcpp.create_barcode(content, symbology.format, **given)
    except ValueError as error:
        raise LabelError(LabelFault.TOO_LONG, f"no {symbology.name} can carry this: {error}", text) from error
    modules: Modules = np.asarray(barcode.to_image(scale=1, add_quiet_zones=False)) == 0
    return modules[:1] if symbology.linear else modules


def _read_back(modules: Modules, symbology: Symbology, text: str, is_right: Callable[[str], bool]) -> None:
    quiet = symbology.quiet
    rows = np.repeat(modules, 4, axis=0) if symbology.linear else modules
    picture = np.where(np.pad(rows, quiet), 0, 255).astype(np.uint8)
    formats = zxingcpp.BarcodeFormats(symbology.format)
    found = zxingcpp.read_barcodes(picture, formats, is_pure=True, text_mode=zxingcpp.TextMode.Plain)
    if len(found) != 1 or found[0].symbology_identifier not in symbology.identifiers:
        message = f"the {symbology.name} of {shown(text)} cannot be read back"
        raise LabelError(LabelFault.READS_OTHERWISE, message, text)
    if not is_right(found[0].text):
        message = f"the {symbology.name} of {shown(text)} reads back as {shown(found[0].text)}"
        raise LabelError(LabelFault.READS_OTHERWISE, message, text)
