"""Where things stand on a label: quiet space kept, modules whole dots, nothing lost or on top."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanners import inhouse
from scanners.labels import STOCKS, Label, LabelError, LabelFault, Stock, printable, render
from scanners.labels.faces import TOLERANCE, Face, Grid
from scanners.labels.layout import FINEST_BAR, FINEST_DOT, lay_out
from scanners.labels.pages import on_pages
from scanners.labels.symbols import SYMBOLOGIES, get_symbology, make_symbol
from scanners.labels.text_rows import cut, wrap

LABEL = inhouse.make(42)
UDI = "(01)06901234567892(17)281130(10)LOT42A(21)SN000123"
NAME, SPEC, FACTS = "药物洗脱冠状动脉支架系统", "3.0×18 mm RX-3018", ("批号 A20261121", "效期 2028-11-30")


class Square:
    """A typeface whose Chinese is an em wide and whose Latin is six tenths."""

    def advance(self, character: str, size: int) -> float:
        return size * (0.6 if character.isascii() else 1.0)


def face_of(label: Label, symbology: str, stock: Stock | None, dpi: int = 203) -> Face:
    dots = 8.0 if dpi == 203 else dpi / 25.4
    size = (int(stock.width_mm * dots), int(stock.height_mm * dots)) if stock else None
    return lay_out(make_symbol(label.text, get_symbology(symbology)), label, Grid(dots, size), Square())


def check(face: Face, dots_per_mm: float) -> None:
    """What must hold of every label."""
    symbol, module = face.symbol, face.module
    finest = FINEST_BAR if symbol.symbology.linear else FINEST_DOT
    assert isinstance(module, int) and module / dots_per_mm >= finest - TOLERANCE
    quiet = symbol.symbology.quiet * module
    right, bottom = face.left + symbol.columns * module, face.top + face.bars
    assert face.left >= quiet and right + quiet <= face.width
    assert face.top >= 0 and bottom <= face.height and face.bars % symbol.rows == 0
    if symbol.symbology.linear:
        assert face.bars >= 5 * dots_per_mm - 1
    else:
        assert face.bars == symbol.rows * module
        assert face.top >= quiet and bottom + quiet <= face.height
    for row in face.rows:
        assert row.left >= 0 and row.left + row.width <= face.width + 1
        assert row.top >= 0 and row.top + row.size <= face.height
        assert row.size / dots_per_mm >= 1.7
        above, below = row.top + row.size <= face.top, row.top >= bottom
        beside = row.left >= right + quiet or row.left + row.width <= face.left - quiet
        assert above or below or beside, "text on the symbol"
    for one, other in itertools.combinations(face.rows, 2):
        assert one.top + one.size <= other.top or other.top + other.size <= one.top, "text on text"


def words(face: Face) -> str:
    return "".join(row.text for row in face.rows).replace(" ", "")


stocks = pytest.mark.parametrize("stock", STOCKS.values(), ids=STOCKS)


@stocks
@pytest.mark.parametrize("symbology", ["code128", "datamatrix", "qr"])
def test_a_units_label_fits_every_stock(stock, symbology):
    face = face_of(Label(LABEL, (NAME, SPEC, *FACTS), names=2), symbology, stock, stock.dpi)
    check(face, 8.0 if stock.dpi == 203 else stock.dpi / 25.4)
    assert LABEL in words(face)
    for fact in FACTS:
        assert fact.replace(" ", "") in words(face)


@pytest.mark.parametrize("symbology", SYMBOLOGIES)
@pytest.mark.parametrize("dpi", [203, 300, 600])
def test_without_a_stock_a_label_is_as_large_as_it_need_be(symbology, dpi):
    text = UDI if symbology.startswith("gs1") else LABEL
    for lines in ((), (NAME,), (NAME * 4, SPEC, *FACTS)):
        face = face_of(Label(text, lines), symbology, None, dpi)
        check(face, 8.0 if dpi == 203 else dpi / 25.4)
        for line in lines:
            assert line.replace(" ", "") in words(face)


LINE = st.text("药物洗脱支架系统ABC 0123/-×", min_size=0, max_size=40)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(list(STOCKS.values())),
    st.sampled_from(list(SYMBOLOGIES)),
    st.sampled_from([203, 300, 600]),
    st.lists(LINE, max_size=6),
    st.integers(0, 3),
)
def test_whatever_is_to_be_printed_fits_or_is_refused(stock, symbology, dpi, lines, names):
    text = UDI if symbology.startswith("gs1") else LABEL
    try:
        face = face_of(Label(text, tuple(lines), names), symbology, stock, dpi)
    except LabelError as error:
        assert error.fault is LabelFault.DOES_NOT_FIT
        return
    check(face, 8.0 if dpi == 203 else dpi / 25.4)
    shown = words(face)
    for fact in lines[names:]:
        assert fact.replace(" ", "") in shown, "only names are ever shortened"
    for piece in face.symbol.said:
        assert piece in shown
    if "…" not in shown and "..." not in shown:
        for line in lines:
            assert line.replace(" ", "") in shown


def test_a_long_name_ends_in_an_ellipsis_and_a_long_lot_does_not():
    stock = STOCKS["40x30"]
    face = face_of(Label(LABEL, (NAME * 6, *FACTS)), "code128", stock)
    assert "…" in words(face) and FACTS[0].replace(" ", "") in words(face)
    with pytest.raises(LabelError, match="do not fit") as refused:
        face_of(Label(LABEL, ("批号 " + "A" * 195,) * 2, names=0), "code128", stock)
    assert refused.value.fault is LabelFault.DOES_NOT_FIT and refused.value.label == LABEL


def test_of_two_names_only_the_long_one_is_shortened():
    face = face_of(Label(LABEL, (NAME * 6, SPEC, *FACTS), names=2), "code128", STOCKS["40x30"])
    assert "…" in words(face) and SPEC.replace(" ", "") in words(face)


def test_a_value_longer_than_a_row_goes_on_in_the_next():
    text = UDI + "(240)" + "W" * 30
    face = face_of(Label(text), "gs1-datamatrix", STOCKS["40x30"])
    check(face, 8.0)
    assert words(face) == text


def test_a_matrix_too_large_for_its_label_is_refused_with_what_it_needs():
    with pytest.raises(LabelError, match=r"needs 32\.\d mm .* there are 21\.\d mm") as refused:
        face_of(Label("https://example.com/" + "x" * 1000), "qr", STOCKS["L7651"])
    assert len(str(refused.value)) < 300
    assert refused.value.fault is LabelFault.DOES_NOT_FIT


def test_lines_that_find_no_room_beside_a_matrix_are_refused():
    with pytest.raises(LabelError, match=r"12 lines and the qr .* do not fit"):
        face_of(Label(LABEL, ("批号 " + "A" * 40,) * 12, names=0), "qr", STOCKS["40x30"])


def test_one_label_of_a_sheet_can_be_looked_at_alone():
    alone = STOCKS["L7160"].alone()
    assert (alone.width_mm, alone.height_mm, alone.labels_a_page) == (63.5, 38.1, 1)
    assert alone.page_size_mm == (63.5, 38.1)


def test_what_cannot_be_printed_is_left_out_of_a_name():
    assert printable("支架\u3000\u00a0(大)\u200b\u202e\x07\n\ud800é") == "支架\u3000\u00a0(大)é"


def test_a_name_without_chinese_is_shortened_with_what_every_font_has():
    face = face_of(Label(LABEL, ("Drug-eluting coronary stent " * 8,)), "code128", STOCKS["40x30"])
    assert words(face).isascii() and "..." in words(face)


@pytest.mark.parametrize(("dpi", "fits"), [(203, False), (300, False), (600, True)])
def test_a_symbol_that_would_be_too_fine_is_refused_with_the_width_it_needs(dpi, fits):
    """65 labels a sheet: 38.1 mm, and the unit label has 134 modules and 20 of quiet."""
    stock = STOCKS["L7651"]
    if fits:
        check(face_of(Label(LABEL), "code128", stock, dpi), dpi / 25.4)
        return
    with pytest.raises(LabelError, match=r"needs 3[89]\.\d mm .* there are 38\.\d mm") as refused:
        face_of(Label(LABEL), "code128", stock, dpi)
    assert refused.value.fault is LabelFault.DOES_NOT_FIT


def test_a_larger_label_has_wider_bars_up_to_a_limit():
    modules = [face_of(Label(LABEL), "code128", STOCKS[name]).module for name in ("40x30", "60x40", "100x70")]
    assert modules == [2, 3, 4]


def test_a_gs1_128_is_as_tall_as_gs1_asks():
    for stock, dots in ((None, 8.0), (STOCKS["100x70"], 8.0), (STOCKS["L7163"], 600 / 25.4)):
        face = face_of(Label(UDI, (NAME,)), "gs1-128", stock, 203 if dots == 8.0 else 600)
        assert face.bars >= round(12.7 * dots)


# --- sheets ----------------------------------------------------------------------------------------------


@stocks
def test_labels_lie_side_by_side_on_the_page(stock):
    corners = [stock.corner_mm(position) for position in range(stock.labels_a_page)]
    width, height = stock.page_size_mm
    assert len(set(corners)) == stock.labels_a_page
    for left, top in corners:
        assert left >= 0 and top >= 0
        assert left + stock.width_mm <= width + 1e-9 and top + stock.height_mm <= height + 1e-9
    for (x, y), (u, v) in itertools.combinations(corners, 2):
        assert abs(x - u) >= stock.width_mm or abs(y - v) >= stock.height_mm - 1e-9


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("L7160", (7.25, 15.15), (139.25, 243.75)),
        ("L7163", (4.65, 15.15), (106.25, 243.75)),
        ("L7651", (4.75, 10.7), (167.15, 265.1)),
        ("L7159", (7.25, 12.9), (139.25, 250.2)),
    ],
)
def test_sheets_are_where_their_makers_put_them(name, first, last):
    stock = STOCKS[name]
    assert stock.corner_mm(0) == pytest.approx(first)
    assert stock.corner_mm(stock.labels_a_page - 1) == pytest.approx(last)


def test_a_begun_sheet_goes_on_where_it_was_left():
    stock = STOCKS["L7160"]
    face = face_of(Label(LABEL), "code128", stock, 300)
    pages = on_pages([face] * 24, stock, 300 / 25.4, start=20)
    assert [len(page.faces) for page in pages] == [2, 21, 1]
    whole = on_pages([face] * 21, stock, 300 / 25.4)[0]
    assert pages[0].faces == whole.faces[19:] and pages[2].faces == whole.faces[:1]


# --- refusals --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "fault"),
    [
        ({"stock": "A5"}, LabelFault.UNKNOWN_NAME),
        ({"symbology": "code39"}, LabelFault.UNKNOWN_NAME),
        ({"format": "gif"}, LabelFault.UNKNOWN_NAME),
        ({"stock": "L7160", "start": 0}, LabelFault.UNKNOWN_NAME),
        ({"start": 2}, LabelFault.UNKNOWN_NAME),
        ({"start": 2, "stock": "40x30", "format": "zpl"}, LabelFault.UNKNOWN_NAME),
        ({"dpi": 0}, LabelFault.UNKNOWN_NAME),
        ({"dpi": 10}, LabelFault.UNKNOWN_NAME),
        ({"dpi": 10**9}, LabelFault.UNKNOWN_NAME),
    ],
)
def test_what_is_not_known_is_refused(how, fault):
    with pytest.raises(LabelError) as refused:
        render([Label("A")], **how)
    assert refused.value.fault is fault


def test_there_is_a_limit_to_everything():
    for labels, fault in (
        ([], LabelFault.EMPTY),
        ([Label("")], LabelFault.EMPTY),
        ([Label("A")] * 10_001, LabelFault.TOO_MANY),
        ([Label("A", ("x",) * 13)], LabelFault.TOO_LONG),
        ([Label("A", ("x" * 201,))], LabelFault.TOO_LONG),
        ([Label("A" * 81)], LabelFault.TOO_LONG),
    ):
        with pytest.raises(LabelError) as refused:
            render(labels)
        assert refused.value.fault is fault
    with pytest.raises(LabelError) as refused:
        render([Label("a" * 3000)], symbology="qr")
    assert refused.value.fault is LabelFault.TOO_LONG
    with pytest.raises(LabelError) as refused:
        render([Label("A")] * 40, format="png", stock="L7160", start=20)
    assert refused.value.fault is LabelFault.TOO_MANY


def test_all_labels_are_printed_or_none():
    with pytest.raises(LabelError, match="check digits") as refused:
        render([Label(LABEL), Label("TR000000004293")])
    assert refused.value.label == "TR000000004293"


@pytest.mark.parametrize("character", ["\n", "\x00", "\x1d", "\u2028", "\u202e", "\ud800"])
def test_a_line_is_one_line_of_what_can_be_printed(character):
    with pytest.raises(LabelError) as refused:
        Label("A", (f"x{character}",))
    assert refused.value.fault is LabelFault.CHARSET
    with pytest.raises(LabelError) as refused:
        render([Label(f"x{character}")], symbology="qr")
    assert refused.value.fault in (LabelFault.CHARSET,)


def test_another_houses_prefix_is_checked_by_its_own_rule():
    house = inhouse.InHouse(prefix="XY")
    good = inhouse.make(7, house)
    assert render([Label(good)], inhouse=house, format="svg")
    with pytest.raises(LabelError, match="check digits"):
        render([Label(good[:-1] + str((int(good[-1]) + 1) % 10))], inhouse=house)


@pytest.mark.parametrize("symbology", ["datamatrix", "qr"])
def test_names_are_shortened_before_what_the_symbol_says(symbology):
    text = "A" * 40  # longer than a row beside the symbol, so it goes on in the next
    face = face_of(Label(text, ("药" * 60, FACTS[0]), names=1), symbology, STOCKS["40x30"])
    check(face, 8.0)
    rows = [row.text for row in face.rows]
    assert "".join(rows).endswith(FACTS[0] + text)
    assert rows[0] == "药" * len(rows[0]) and rows[1] == "药" * (len(rows[1]) - 1) + "…"


@pytest.mark.parametrize(
    ("line", "rows"),
    [
        ("AB CD", ("AB", "CD")),
        ("AB  CD", ("AB", "CD")),
        ("ABCD", ("AB", "CD")),
        ("A BCD", ("A", "BC", "D")),
        ("药AB", ("药", "AB")),
        ("", ("",)),
    ],
)
def test_a_row_that_goes_on_does_not_begin_with_a_blank(line, rows):
    assert wrap(line, 10, 12, Square()) == rows


@pytest.mark.parametrize(
    ("rows", "left"),
    [
        (["AB", "CD"], ["AB", "CD"]),  # all of them: nothing was left out
        (["AB", "CD", "EF"], ["AB", "CD..."]),
        (["AB", "CDEFGH", "I"], ["AB", "CDE..."]),
        (["药", "药械", "A"], ["药", "药械…"]),
    ],
)
def test_an_ellipsis_says_that_something_was_left_out(rows, left):
    assert list(cut(rows, 2, 10, 36, Square())) == left
