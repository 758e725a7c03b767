"""zxing-cpp: every symbol that a pack carries, in one library without anything else.

Text mode Plain keeps each separating FNC1 as GS; the default, HRI, would write ``(01)...`` instead.
Other threads run on while it looks (measured: the longest any waited during a call of 170 ms was 5 ms).
"""

from __future__ import annotations

from collections.abc import Collection

import zxingcpp
from PIL import Image, ImageOps, ImageStat

from scanners.images.code39 import meant_by
from scanners.images.finding import Finding

_FORMAT = zxingcpp.BarcodeFormat
# Not Codabar, Telepen and film edges, which have no check and say nothing here. Code 39 as it is printed,
# since a HIBC must not be taken for full ASCII: see `code39`.
_KINDS = (
    _FORMAT.DataMatrix,
    _FORMAT.QRCode,
    _FORMAT.MicroQRCode,
    _FORMAT.RMQRCode,
    _FORMAT.Aztec,
    _FORMAT.PDF417,
    _FORMAT.Code128,
    _FORMAT.Code39Std,
    _FORMAT.Code93,
    _FORMAT.DataBar,
    _FORMAT.EANUPC,
    _FORMAT.ITF,
)
_ALL = zxingcpp.BarcodeFormats(_KINDS)
# An interleaved 2 of 5 has no check, begins and ends with almost nothing, and reads as a shorter one when a
# line leaves it halfway. Two digits are found in any texture.
_SHORTEST_ITF = 6
# A few of these are another number in the negative: of 600 that were white on black, 9 were misread.
_READ_BOTH_WAYS = frozenset(("DataBarOmni", "DataBarStk"))


def find(grey: Image.Image, *, like: Collection[str] = (), thorough: bool = True) -> list[Finding]:
    """Every symbol it sees in a picture of mode L; ``thorough``: smaller and inverted, too.

    ``like``: only symbols of the kinds of these formats.
    """
    found = zxingcpp.read_barcodes(
        grey,
        formats=_kinds_of(like) if like else _ALL,
        text_mode=zxingcpp.TextMode.Plain,
        try_downscale=thorough,
        try_invert=thorough,
    )
    findings = [_finding(barcode) for barcode in found if not _is_nothing(barcode)]
    if any(finding.format in _READ_BOTH_WAYS for finding in findings):
        other_way = {barcode.text for barcode in _databars(ImageOps.invert(grey)) if barcode.valid}
        findings = [
            each
            for each in findings
            if each.format not in _READ_BOTH_WAYS
            or not other_way - {each.text}
            or _is_dark_on_light(each, grey)
        ]
    return findings


def _is_dark_on_light(finding: Finding, grey: Image.Image) -> bool:
    """Whether what is around a symbol is brighter than it."""
    across, down = [x for x, _ in finding.outline], [y for _, y in finding.outline]
    left, top, right, bottom = int(min(across)), int(min(down)), int(max(across)) + 1, int(max(down)) + 1
    more = (right - left + bottom - top) // 8
    wide = grey.crop(
        (
            max(0, left - more),
            max(0, top - more),
            min(grey.width, right + more),
            min(grey.height, bottom + more),
        )
    )
    within, around = (ImageStat.Stat(part) for part in (grey.crop((left, top, right, bottom)), wide))
    rest = around.sum[0] - within.sum[0]
    return rest > within.mean[0] * (around.count[0] - within.count[0])


def _databars(grey: Image.Image) -> list[zxingcpp.Barcode]:
    formats = zxingcpp.BarcodeFormats([_FORMAT.DataBar])
    plain = zxingcpp.TextMode.Plain
    return zxingcpp.read_barcodes(
        grey, formats=formats, text_mode=plain, try_downscale=False, try_invert=False
    )


def _kinds_of(formats: Collection[str]) -> zxingcpp.BarcodeFormats:
    kinds = {getattr(_FORMAT, name).symbology for name in formats}
    return zxingcpp.BarcodeFormats([_FORMAT.Code39Std if kind == _FORMAT.Code39 else kind for kind in kinds])


def _is_nothing(barcode: zxingcpp.Barcode) -> bool:
    least = _SHORTEST_ITF if barcode.symbology == _FORMAT.ITF else 1
    return not barcode.valid or len(barcode.text) < least


def _finding(barcode: zxingcpp.Barcode) -> Finding:
    place = barcode.position
    corners = (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
    outline = tuple((float(corner.x), float(corner.y)) for corner in corners)
    text, raw, symbology = barcode.text, barcode.bytes, barcode.symbology_identifier or None
    name = barcode.format.name
    if barcode.symbology == _FORMAT.Code39:
        name = "Code39"
        symbology, text = meant_by(text)
        raw = text.encode("ascii")
    return Finding(name, symbology, text, raw, "zxing", outline)
