"""The files themselves: PDF, SVG and PNG as others open them."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from scanners import inhouse
from scanners.labels import STOCKS, SYMBOLOGIES, Label, LabelError, LabelFault, fonts, render, symbol_svg
from scanners.labels.faces import Grid
from scanners.labels.layout import lay_out
from scanners.labels.symbols import get_symbology, make_symbol
from tests.scanners.label_readers import Seen, by_dmtx, by_zbar, opened, pdf_pages

UDI = "(01)06901234567892(17)281130(10)LOT42A(21)SN000123"
LABEL = inhouse.make(42)
LINES = ("药物洗脱冠状动脉支架系统", "规格 3.0×18 mm", "批号 A20261121", "效期 2028-11-30")
SVG = "{http://www.w3.org/2000/svg}"


def pdf_text(pdf: bytes, page: int = 0) -> str:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return document[page].get_textpage().get_text_range()
    finally:
        document.close()


def page_size_mm(pdf: bytes) -> tuple[float, float]:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return tuple(points / 72 * 25.4 for points in document[0].get_size())
    finally:
        document.close()


def drawn(svg: str) -> Image.Image:
    """What a browser shows of the rectangles; four pixels a unit."""
    root = ElementTree.fromstring(svg)
    _, _, width, height = map(float, root.get("viewBox").split())
    picture = Image.new("L", (round(width) * 4, round(height) * 4), 255)
    pen = ImageDraw.Draw(picture)
    groups = root.findall(f"{SVG}g") or [root]
    for group in groups:
        dx, dy = map(int, re.findall(r"-?\d+", group.get("transform", "translate(0 0)")))
        for path in group.findall(f"{SVG}path"):
            for x, y, across, down in re.findall(r"M(\d+) (\d+)h(\d+)v(\d+)h-\d+z", path.get("d")):
                left, top = (int(x) + dx) * 4, (int(y) + dy) * 4
                pen.rectangle([left, top, left + int(across) * 4 - 1, top + int(down) * 4 - 1], 0)
    return picture


# --- PDF -------------------------------------------------------------------------------------------------


def test_a_pdf_holds_the_text_as_text_and_the_bars_as_lines():
    pdf = render([Label(LABEL, LINES)], format="pdf", stock="60x40")
    found = pdf_text(pdf).replace("\r\n", "\n")
    for line in (*LINES, LABEL):
        assert line in found
    assert b"/Subtype /Image" not in pdf and b"/Image" not in pdf.replace(b"/ImageB /ImageC /ImageI", b"")
    assert b"STSong-Light" in pdf and b"/FontFile" not in pdf


def test_a_pages_size_is_the_stocks(zbar):
    assert page_size_mm(render([Label(LABEL)], stock="40x30")) == pytest.approx((40, 30), abs=0.02)
    assert page_size_mm(render([Label(LABEL)], stock="L7160")) == pytest.approx((210, 297), abs=0.1)


@pytest.mark.parametrize("stock", STOCKS)
def test_every_position_of_every_stock_can_be_read(stock, zbar):
    labels = [Label(inhouse.make(number), LINES[:1]) for number in range(STOCKS[stock].labels_a_page + 1)]
    first, second = pdf_pages(render(labels, stock=stock), dpi=300)
    assert {one.text for one in by_zbar(first)} == {label.text for label in labels[:-1]}
    assert {one.text for one in by_zbar(second)} == {labels[-1].text}


def test_a_label_is_printed_where_its_sheet_has_one(zbar):
    """The bars of one label lie within its rectangle on the paper, to the tenth of a millimetre."""
    stock = STOCKS["L7651"]
    (page,) = pdf_pages(render([Label(LABEL)], stock="L7651", start=34), dpi=254)
    ink = np.argwhere(np.asarray(page.convert("L")) < 128) / 10  # ten pixels a millimetre
    left, top = stock.corner_mm(33)
    (up, least), (down, most) = ink.min(axis=0), ink.max(axis=0)
    assert left + 2 < least and most < left + stock.width_mm - 2
    assert top + 0.5 < up and down < top + stock.height_mm - 0.5


def test_the_same_labels_are_the_same_bytes():
    for format in ("pdf", "svg", "zpl", "png"):
        once, again = (render([Label(LABEL, ("x",))], format=format, stock="40x30") for _ in range(2))
        assert once == again


def test_bars_are_whole_dots_of_a_thermal_head():
    """Rendered at exactly the printer's dots no pixel is grey, but in the text."""
    (page,) = pdf_pages(render([Label(LABEL)], stock="40x30", format="pdf"), dpi=203.2)
    pixels = np.asarray(page.convert("L"))
    bars = pixels[(pixels == 0).mean(axis=1) > 0.3]
    assert len(bars) > 8 * 8 and set(np.unique(bars)) == {0, 255}


def test_a_font_is_embedded_when_one_is_given(tmp_path):
    path = _true_type()
    pdf = render([Label(LABEL, ("Stent 3.0",))], stock="40x30", font=path)
    assert b"/FontFile2" in pdf and b"STSong" not in pdf
    assert "Stent 3.0" in pdf_text(pdf)


def test_a_font_that_cannot_be_embedded_is_named(tmp_path, cjk_font):
    broken = tmp_path / "broken.ttf"
    broken.write_bytes(b"no font")
    collection = tmp_path / "broken.ttc"
    collection.write_bytes(b"ttcf and nothing else")
    for path in (str(broken), str(collection), str(tmp_path / "missing.ttf")):
        for format in ("pdf", "png", "zpl"):
            with pytest.raises(LabelError, match=re.escape(path)) as refused:
                render([Label(LABEL, ("药",))], format=format, font=path)
            assert refused.value.fault is LabelFault.NO_FONT


def _true_type() -> str:
    """A TrueType font that comes with a library of ours."""
    from importlib.resources import files

    return str(files("reportlab") / "fonts" / "Vera.ttf")


# --- SVG -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("symbology", SYMBOLOGIES)
def test_an_svg_can_be_read(symbology, zbar, dmtx):
    text = UDI if symbology.startswith("gs1") else LABEL
    svg = render([Label(text)], symbology=symbology, format="svg").decode()
    (seen,) = (by_dmtx if "matrix" in symbology else by_zbar)(drawn(svg))
    assert seen.gs1 == symbology.startswith("gs1")


@pytest.mark.parametrize("symbology", SYMBOLOGIES)
def test_a_bare_symbol_for_a_page_can_be_read(symbology, zbar, dmtx):
    text = UDI if symbology.startswith("gs1") else LABEL
    svg = symbol_svg(text, symbology, module_mm=0.4)
    root = ElementTree.fromstring(svg)
    units = float(root.get("viewBox").split()[2])
    assert root.get("width") == f"{units * 0.4:.3f}mm"
    assert "style" not in svg and "<?xml" not in svg  # a page's policy allows no styles in elements
    (seen,) = (by_dmtx if "matrix" in symbology else by_zbar)(drawn(svg))
    assert seen.gs1 == symbology.startswith("gs1")


def test_text_in_an_svg_is_text_whatever_it_holds():
    line = "<b>&\"药'"
    root = ElementTree.fromstring(render([Label("A<&>\"'", (line,))], format="svg", stock="60x40"))
    assert [text.text for text in root.iter(f"{SVG}text")] == [line, "A<&>\"'"]
    bare = ElementTree.fromstring(symbol_svg("A<&>\"'"))
    assert bare.get("aria-label") == "A<&>\"'"


def test_an_empty_line_leaves_its_room_and_no_text():
    svg = render([Label("A", ("", "x"))], format="svg", stock="60x40")
    assert [text.text for text in ElementTree.fromstring(svg).iter(f"{SVG}text")] == ["x", "A"]


def test_labels_in_an_svg_are_one_below_the_other(zbar):
    svg = render([Label("A1"), Label("B2")], format="svg", stock="40x30").decode()
    assert {seen.text for seen in by_zbar(drawn(svg))} == {"A1", "B2"}


# --- PNG -------------------------------------------------------------------------------------------------


def test_a_picture_is_black_and_white_and_knows_its_size():
    picture = opened(render([Label(LABEL)], format="png", stock="40x30"))
    assert (picture.mode, picture.size) == ("1", (320, 240))
    assert picture.info["dpi"] == pytest.approx((203.2, 203.2), abs=0.1)


def test_text_is_drawn_in_its_row(cjk_font):
    """All ink but the symbol's lies within the rows of the layout, and each row has some at its left end."""
    stock, font = STOCKS["60x40"], fonts.PictureFont(cjk_font)
    grid = Grid(8.0, (480, 320))
    label = Label(LABEL, LINES)
    face = lay_out(make_symbol(LABEL, get_symbology("code128")), label, grid, font)
    ink = ~np.asarray(opened(render([label], format="png", stock=stock, font=cjk_font)))
    ink[face.top : face.top + face.bars, :] = False
    for row in face.rows:
        reach = row.size // 8
        top, bottom = row.top - reach, row.top + row.size + reach
        left, right = row.left - 1, row.left + int(row.width) + 2
        assert ink[top:bottom, left : left + row.size].any()
        assert ink[top:bottom, right - row.size : right].any()
        ink[top:bottom, left:right] = False
    assert not ink.any()


def test_chinese_is_drawn_with_chinese_glyphs(cjk_font):
    """Every character has ink of its own: no boxes for want of a glyph."""
    pictures = {
        render([Label("A", (character,))], format="png", stock="60x40", font=cjk_font)
        for character in "药物洗脱冠状动脉支架"
    }
    assert len(pictures) == 10


def test_a_picture_is_drawn_in_the_font_that_is_named():
    named = render([Label("Stent")], format="png", stock="40x30", font=_true_type())
    assert named != render([Label("Stent")], format="png", stock="40x30")


def test_rows_that_were_drawn_are_kept_but_not_for_ever(monkeypatch, cjk_font):
    font = fonts.PictureFont(cjk_font)
    assert font.ink("A1", 20) is font.ink("A1", 20)
    monkeypatch.setattr(fonts, "_MOST_ROWS", 3)
    for number in range(20):
        font.ink(f"B{number}", 20)
    assert len(font._rows) <= 3


def test_a_pillow_that_cannot_draw_letters_says_so(monkeypatch):
    monkeypatch.setattr(fonts, "find_chinese_font", lambda: None)
    monkeypatch.setattr(fonts.ImageFont, "load_default", lambda size: object())
    with pytest.raises(LabelError, match="FreeType") as refused:
        fonts.PictureFont().advance("A", 20)
    assert refused.value.fault is LabelFault.NO_FONT


def test_the_machines_own_font_is_found(cjk_font):
    assert fonts.find_chinese_font()
    assert render([Label(LABEL, LINES)], format="png", stock="40x30")


def test_without_a_chinese_font_ascii_is_printed_and_chinese_refused_with_the_remedy(monkeypatch, zbar):
    monkeypatch.setattr(fonts, "find_chinese_font", lambda: None)
    monkeypatch.setattr(fonts, "picture_font", fonts.PictureFont)
    picture = opened(render([Label(LABEL, ("Stent 3.0",))], format="png", stock="40x30"))
    assert by_zbar(picture) == [Seen(LABEL, gs1=False)]
    for format in ("png", "zpl"):
        with pytest.raises(LabelError, match="fonts-noto-cjk") as refused:
            render([Label(LABEL, LINES)], format=format, stock="40x30")
        assert refused.value.fault is LabelFault.NO_FONT
    assert render([Label(LABEL, LINES)], format="pdf", stock="40x30")  # which needs no file


def test_a_machine_without_fontconfig_has_the_usual_places_only(monkeypatch):
    monkeypatch.setattr(fonts, "_PLACES", ("/no/such/place.ttc",))
    monkeypatch.setattr(fonts.shutil, "which", lambda name: None)
    fonts.find_chinese_font.cache_clear()
    try:
        assert fonts.find_chinese_font() is None
    finally:
        fonts.find_chinese_font.cache_clear()


@pytest.mark.parametrize("program", ["exit 1", "sleep 60", "echo"])
def test_a_fontconfig_that_does_not_answer_is_no_answer(monkeypatch, tmp_path, program):
    asking = tmp_path / "fc-list"
    asking.write_text(f"#!/bin/sh\n{program}\n", encoding="utf-8")
    asking.chmod(0o755)
    monkeypatch.setattr(fonts, "_PLACES", ())
    monkeypatch.setattr(fonts, "PATIENCE", 0.5)
    monkeypatch.setattr(fonts.shutil, "which", lambda name: str(asking))
    fonts.find_chinese_font.cache_clear()
    try:
        assert fonts.find_chinese_font() is None
    finally:
        fonts.find_chinese_font.cache_clear()


# --- anything at all ---------------------------------------------------------------------------------------


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60), st.lists(st.text(max_size=30), max_size=3), st.sampled_from(list(SYMBOLOGIES)))
def test_whatever_is_asked_for_is_printed_or_refused(text, lines, symbology):
    for format, stock in (("pdf", "40x30"), ("svg", None), ("zpl", "100x70"), ("png", None)):
        try:
            made = render([Label(text, tuple(lines))], symbology=symbology, format=format, stock=stock)
        except LabelError as error:
            assert error.fault in LabelFault and str(error).isprintable()
        else:
            assert made


@pytest.mark.parametrize("symbology", SYMBOLOGIES)
@pytest.mark.parametrize("kind", ["a megabyte", "brackets", "control", "half", "turned"])
def test_what_is_far_too_much_or_no_text_is_refused_at_once(symbology, kind):
    text = {
        "a megabyte": "A" * 1_000_000,
        "brackets": "(01)" * 250_000,
        "control": "\x00" * 1000,
        "half": "\ud800",
        "turned": "\u202e",
    }[kind]
    with pytest.raises(LabelError) as refused:
        render([Label(text)], symbology=symbology)
    assert len(str(refused.value)) < 500


def test_rare_characters_do_not_break_a_file():
    for format in ("pdf", "svg", "png"):
        assert render([Label("A", ("𠮷野家 😀 䶮 Φ3.0 ≥ ℃ µ",))], format=format, stock="60x40")


@pytest.mark.parametrize(("told", "path"), [("/x/Song.ttc: \n/y/Hei.ttf: \n", "/x/Song.ttc"), ("", None)])
def test_a_font_elsewhere_is_asked_for(monkeypatch, tmp_path, told, path):
    program = tmp_path / "fc-list"
    (tmp_path / "told").write_text(told)
    program.write_text(f"#!/bin/sh\ncat '{tmp_path / 'told'}'\n")
    program.chmod(0o755)
    monkeypatch.setattr(fonts, "_PLACES", ())
    monkeypatch.setattr(fonts.shutil, "which", lambda name: str(program))
    assert fonts.find_chinese_font.__wrapped__() == path
