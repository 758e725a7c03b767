"""However a picture lies, and whatever else is on it: the symbols are found, and where they are."""

from __future__ import annotations

import pytest
from PIL import Image, ImageOps
from zint import Symbology

from scanners.images import Symbol, read
from tests.scanners.pictures import drawn, encoded, sheet

DEVICE = "[01]06901234567892[17]281130[10]LOT42A[21]SN1"
TEXT = "01069012345678921728113010LOT42A\x1d21SN1"
# EXIF's orientation, and what turns an upright picture into the one that is stored.
STORED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def texts(data: bytes) -> list[str]:
    picture = read(data, deadline_seconds=30)
    assert picture.error is None
    return [symbol.text for symbol in picture.symbols]


def middle(symbol: Symbol) -> tuple[float, float]:
    return sum(x for x, _ in symbol.position) / 4, sum(y for _, y in symbol.position) / 4


@pytest.fixture(scope="module")
def datamatrix() -> Image.Image:
    return drawn(Symbology.DATAMATRIX, DEVICE, gs1=True, scale=3)


@pytest.fixture(scope="module")
def gs1_128() -> Image.Image:
    return drawn(Symbology.GS1_128, DEVICE, gs1=True, height=50)


@pytest.mark.parametrize("angle", [0, 7, 20, 33, 45, 60, 90, 117, 180, 200, 270, 315])
def test_a_datamatrix_at_any_angle(datamatrix, angle):
    turned = datamatrix.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    assert texts(encoded(turned)) == [TEXT]


@pytest.mark.parametrize("angle", [0, 5, 10, 45, 90, 95, 135, 180, 185, 225, 270, 315])
def test_a_linear_symbol_at_many_angles(gs1_128, angle):
    turned = gs1_128.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    assert texts(encoded(turned)) == [TEXT]


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", STORED)
def test_the_place_is_that_in_the_picture_as_it_is_shown(gs1_128, orientation, format):
    """The symbol hangs in the upper left of a tall page, the stored picture lies as a phone stores it."""
    page = Image.new("L", (gs1_128.width + 200, gs1_128.height + 1200), 255)
    page.paste(gs1_128, (20, 30))
    stored = page if STORED[orientation] is None else page.transpose(STORED[orientation])
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(stored, format, exif=exif)
    [symbol] = read(data, deadline_seconds=30).symbols

    assert symbol.text == TEXT
    left, top, right, bottom = ImageOps.invert(page).getbbox()
    expected = (left, top), (right, top), (right, bottom), (left, bottom)
    for corner, ink in zip(symbol.position, expected, strict=True):
        assert corner == pytest.approx(ink, abs=8)


def test_a_place_found_in_a_turned_rendering_is_turned_back():
    bars = drawn(Symbology.GS1_128, DEVICE, gs1=True, height=30, scale=1)
    page = Image.new("L", (1000, 1000), 255)
    page.paste(bars.rotate(45, Image.Resampling.BICUBIC, expand=True, fillcolor=255), (250, 40))
    turned = bars.rotate(45, expand=True).size

    [symbol] = read(encoded(page), deadline_seconds=30).symbols

    assert symbol.text == TEXT
    assert middle(symbol) == pytest.approx((250 + turned[0] / 2, 40 + turned[1] / 2), abs=12)


def test_every_symbol_of_a_page_from_top_to_bottom():
    """What lies on a bench: packs by several makers, each with symbols of its own kind."""
    ean = drawn(Symbology.EANX, "690123456789")
    c128 = drawn(Symbology.CODE128, "TR000000004292", height=40)
    c39 = drawn(Symbology.CODE39, "+A123BJC5D6E71G", height=40)
    qr = drawn(Symbology.QRCODE, "MA.156.M0.100204.13351764", scale=3)
    dm = drawn(Symbology.DATAMATRIX, DEVICE, gs1=True, scale=3)
    itf = drawn(Symbology.ITF14, "1690123456789", height=40)
    databar = drawn(Symbology.DBAR_EXP, "[01]06901234567892[10]AB", gs1=True)
    page = sheet((ean,), (dm, qr), (c128,), (c39,), (itf,), (databar,))

    picture = read(encoded(page), deadline_seconds=30)

    assert [(symbol.symbology, symbol.text) for symbol in picture.symbols if symbol.format == "EAN13"] == [
        ("]E0", "6901234567892")
    ]
    assert {symbol.scanned for symbol in picture.symbols} == {
        "]E06901234567892",
        "]d2" + TEXT,
        "]Q1MA.156.M0.100204.13351764",
        "]C0TR000000004292",
        "]A1+A123BJC5D6E71G",
        "]I116901234567899",
        "]e0010690123456789210AB",
    }
    heights = [min(y for _, y in symbol.position) for symbol in picture.symbols]
    assert heights == sorted(heights)


def test_a_secondary_symbol_right_below_the_primary_is_another_symbol():
    """As on a HIBC pack; the two do not overrule each other."""
    primary = drawn(Symbology.CODE128, "+A123BJC5D6E71G", height=25, whitespace_height=3)
    secondary = drawn(Symbology.CODE128, "+$$3280331LOT42AGK", height=25, whitespace_height=3)
    assert texts(encoded(sheet((primary,), (secondary,), gap=0))) == ["+A123BJC5D6E71G", "+$$3280331LOT42AGK"]


def test_the_same_label_side_by_side_is_there_twice():
    """Right above each other their bars run on, and both engines take them for one tall symbol."""
    label = drawn(Symbology.CODE128, "TR000000004292", height=40)
    picture = read(encoded(sheet((label, label))), deadline_seconds=30)
    assert [symbol.text for symbol in picture.symbols] == ["TR000000004292"] * 2
    one, other = sorted(middle(symbol)[0] for symbol in picture.symbols)
    assert other - one == pytest.approx(label.width + 40, abs=5)


@pytest.mark.parametrize("digits", [12, 7])
def test_bars_side_by_side_do_not_overrule_each_other(digits):
    """zbar says of an EAN that it ends in the next one."""
    numbers = [f"{69012345678900 + number:0{digits}}"[-digits:] for number in range(12)]
    bars = [drawn(Symbology.EANX, number, height=12, scale=1) for number in numbers]
    page = sheet(*[tuple(bars[first : first + 3]) for first in range(0, 12, 3)], gap=20)
    assert sorted(text[:-1] for text in texts(encoded(page))) == numbers


@pytest.mark.parametrize("labels", [2, 4])
def test_the_same_label_all_over_a_large_page_is_there_as_often_as_it_is(labels):
    """To zbar they are one symbol, which reaches from the first to the last."""
    label = drawn(Symbology.CODE128, "TR000000004292", height=40)
    picture = read(encoded(sheet(*[(label,)] * labels, gap=500)), deadline_seconds=30)
    assert [symbol.text for symbol in picture.symbols] == ["TR000000004292"] * labels


def test_a_matrix_between_two_labels_of_one_text_does_not_hide_them():
    """They are too small for any look but those at every pixel."""
    label = drawn(Symbology.CODE128, "TR000000004292", height=40)
    matrix = drawn(Symbology.DATAMATRIX, DEVICE, gs1=True, scale=3)
    picture = read(encoded(sheet((label,), (matrix,), (label,), gap=800)), deadline_seconds=30)
    assert [symbol.text for symbol in picture.symbols] == ["TR000000004292", TEXT, "TR000000004292"]


def test_a_blank_page_shows_nothing():
    assert read(encoded(Image.new("L", (600, 400), 255))) == ((), None)


def test_the_same_picture_gives_the_same_answer(datamatrix, gs1_128):
    data = encoded(sheet((datamatrix,), (gs1_128,)).rotate(8, expand=True, fillcolor=255), "JPEG", quality=60)
    first = read(data, deadline_seconds=30)
    assert len(first.symbols) == 2
    assert all(read(data, deadline_seconds=30) == first for _ in range(5))
