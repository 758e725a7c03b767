"""ZPL, read by the manual. No printer was at hand: these tests are all the evidence there is."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from barcode.charsets.code128 import CODES
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from scanners import inhouse, parse
from scanners.labels import Label, LabelError, render
from scanners.labels.fonts import PictureFont
from tests.scanners.golden import element_string, udis
from tests.scanners.label_readers import Seen, by_zbar
from tests.scanners.zpl_printer import WIDTHS, Matrix, print_zpl

UDI = "(01)06901234567892(17)281130(10)LOT42A(21)SN000123"
LABEL = inhouse.make(42)
NAME = "药物洗脱支架（雷帕霉素）3.0×18"
few = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
PRINTABLE = st.text("".join(map(chr, range(0x20, 0x7F))), min_size=1, max_size=30)


def printed(text, symbology="code128", lines=(), **how):
    return print_zpl(render([Label(text, lines)], symbology=symbology, format="zpl", **{"dpi": 203} | how))


def test_two_tables_of_code_128_agree():
    ours = ["".join(str(int(width)) for width in widths) for widths in WIDTHS[:106]]
    theirs = [
        "".join(map(str, map(len, code.replace("10", "1 0").replace("01", "0 1").split()))) for code in CODES
    ]
    assert ours == theirs


@few
@given(PRINTABLE)
def test_code_128_says_any_printable_ascii(zbar, text):
    """``^``, ``~`` and ``>``, which mean something to the printer, among them."""
    try:
        (one,) = printed(text)
    except LabelError:
        return  # it looks like a wrong code; told elsewhere
    assert by_zbar(one.picture) == [Seen(text, gs1=False)]


@few
@given(udis())
def test_gs1_128_says_fnc1_where_it_belongs(zbar, elements):
    try:
        (one,) = printed(element_string(elements), "gs1-128")
    except LabelError:
        return  # too long for a GS1-128
    assert by_zbar(one.picture) == [Seen(element_string(elements), gs1=True)]


@few
@given(udis())
def test_a_gs1_datamatrix_is_told_with_fnc1(elements):
    (one,) = printed(element_string(elements), "gs1-datamatrix")
    (matrix,) = one.matrices
    assert matrix.gs1 and parse("]d2" + matrix.text).elements == tuple(elements)


@few
@given(PRINTABLE, st.sampled_from(["datamatrix", "qr"]))
def test_a_matrix_is_told_any_printable_ascii(text, symbology):
    try:
        (one,) = printed(text, symbology)
    except LabelError:
        return
    (matrix,) = one.matrices
    assert (matrix.kind, matrix.text, matrix.gs1) == (symbology, text, False)


@few
@given(PRINTABLE)
def test_a_line_of_ascii_is_told_whole(line):
    (one,) = printed("A", lines=(line,))
    assert [text.text for text in one.texts][-1] == "A"
    assert "".join(text.text for text in one.texts[:-1]).replace(" ", "") == line.replace(" ", "")


@pytest.mark.parametrize(("text", "symbology", "gs1"), [(UDI, "gs1-qr", True), ("药物洗脱支架", "qr", False)])
def test_what_the_printer_cannot_be_told_is_drawn(zbar, cjk_font, text, symbology, gs1):
    """FNC1 in a QR code, and Chinese in one."""
    (one,) = printed(text, symbology, font=cjk_font)
    assert not one.matrices
    (seen,) = by_zbar(one.picture)
    assert seen.gs1 == gs1 and (gs1 or seen.text == text)


def test_a_chinese_line_is_the_bitmap_that_the_font_draws(cjk_font):
    (one,) = printed(LABEL, lines=(NAME,), stock="60x40", font=cjk_font)
    ((left, top, bitmap), *rest) = one.bitmaps
    assert not rest and [text.text for text in one.texts] == [LABEL]
    ink = np.asarray(bitmap) == 0
    size = next(size for size in range(14, 40) if size + 2 * (size // 8) == bitmap.height)
    alone = Image.new("1", bitmap.size, 1)
    pen = ImageDraw.Draw(alone)
    pen.text((1, bitmap.height / 2), NAME, 0, PictureFont(cjk_font).at(size), anchor="lm")
    assert (ink == ~np.asarray(alone)).all() and 0.05 < ink.mean() < 0.5
    assert left >= 0 and left + bitmap.width <= one.picture.width + 8 and top >= 0


def test_nothing_lies_on_anything_else_nor_off_the_label(cjk_font):
    for symbology, text in (("code128", LABEL), ("gs1-datamatrix", UDI), ("qr", LABEL)):
        (one,) = printed(text, symbology, (NAME, "批号 A1", "LOT A1"), stock="50x30", font=cjk_font)
        assert one.picture.size == (400, 240)
        rows = [(y, y + bitmap.height, x, x + bitmap.width) for x, y, bitmap in one.bitmaps]
        rows += [(text.top, text.top + text.height, text.left, text.left) for text in one.texts]
        rows.sort()
        for above, below in itertools.pairwise(rows):
            assert above[1] <= below[1] and above[0] + 14 <= below[0]  # of a row's height, 14 dots at least
        assert all(
            top >= 0 and bottom <= 240 and left >= 0 and right <= 400 for top, bottom, left, right in rows
        )


def test_equal_labels_are_one_format_and_a_quantity():
    labels = [Label("A")] * 3 + [Label("B")] + [Label("A")] * 2
    found = print_zpl(render(labels, format="zpl", stock="40x30"))
    assert [one.copies for one in found] == [3, 1, 2]


def test_the_label_is_as_large_as_its_stock_at_either_resolution():
    for dpi, size in ((203, (320, 240)), (300, (472, 354))):
        (one,) = printed("A", stock="40x30", dpi=dpi)
        assert one.picture.size == size


def test_the_printer_is_told_where_a_matrix_stands(cjk_font):
    (one,) = printed(LABEL, "datamatrix", (NAME,), stock="40x30", font=cjk_font)
    (matrix,) = one.matrices
    assert isinstance(matrix, Matrix) and matrix.module >= 2
    assert matrix.left > 0 and matrix.left + 14 * matrix.module < one.bitmaps[0][0]


def test_what_a_symbol_says_is_centred_but_for_a_backslash():
    """Within a block of text the printer takes a backslash for a command."""

    def zpl(text: str) -> str:
        return render([Label(text, ("Stent",))], symbology="code128", format="zpl", dpi=203).decode("ascii")

    assert "^FB35,1,0,C^FH^FDA/B^FS" in zpl("A/B")
    assert zpl("A/B").count("^FB") == 1  # the name begins at the left
    assert "^FB" not in zpl("A\\B")
