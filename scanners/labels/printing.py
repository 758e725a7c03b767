"""Labels in, a file out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

from scanners.inhouse import InHouse
from scanners.labels.faces import Face, Grid, Typeface
from scanners.labels.label import Label, LabelError, LabelFault
from scanners.labels.layout import lay_out
from scanners.labels.pages import Page, on_pages
from scanners.labels.stocks import Stock, get_stock
from scanners.labels.svg import bare_symbol, write_svg
from scanners.labels.symbols import get_symbology, make_symbol

if TYPE_CHECKING:
    from collections.abc import Callable

FORMATS = ("png", "svg", "pdf", "zpl")
Format = Literal["png", "svg", "pdf", "zpl"]
MOST_LABELS = 10_000
MOST_LINES = 12
MOST_CHARACTERS = 200  # of a line
USUAL_DPI = 300
# "203 dpi" printers have eight dots to a millimetre.
_DOTS_PER_MM = {203: 8.0}
RESOLUTIONS = range(150, 1201)


def render(
    labels: Iterable[Label],
    *,
    symbology: str = "code128",
    format: str = "pdf",
    stock: str | Stock | None = None,
    dpi: int | None = None,
    start: int = 1,
    font: str | None = None,
    inhouse: InHouse | None = None,
) -> bytes:
    """These labels as a file: all of them, or none. Raises LabelError.

    ``stock``: their size, by a name of ``STOCKS``; None: each as large as its symbol needs.
    ``dpi``: of the printer; unset, the stock's. ``start``: the first free position of a sheet.
    ``font``: the path of a font with Chinese characters; for a PDF a TrueType one, to be embedded.
    ``inhouse``: how this site's own labels look, which are checked before they are printed.
    """
    wanted = list(labels)
    _check(wanted, format)
    kind = get_symbology(symbology)
    paper = get_stock(stock) if isinstance(stock, str) else stock
    resolution = dpi if dpi is not None else paper.dpi if paper else USUAL_DPI
    if resolution not in RESOLUTIONS:
        message = f"a printer has {RESOLUTIONS[0]} to {RESOLUTIONS[-1]} dots an inch, not {resolution}"
        raise LabelError(LabelFault.UNKNOWN_NAME, message)
    dots_per_mm = _DOTS_PER_MM.get(resolution, resolution / 25.4)
    size = (int(paper.width_mm * dots_per_mm), int(paper.height_mm * dots_per_mm)) if paper else None
    grid = Grid(dots_per_mm, size)
    typeface, write = _writer(format, dots_per_mm, font, paper, start)
    made: dict[Label, Face] = {}
    for label in wanted:
        if label not in made:
            made[label] = lay_out(make_symbol(label.text, kind, inhouse), label, grid, typeface)
    return write([made[label] for label in wanted])


def symbol_svg(text: str, symbology: str = "code128", *, module_mm: float = 0.33) -> str:
    """One bare symbol as SVG, with its quiet zone, to stand in a page. Raises LabelError."""
    return bare_symbol(make_symbol(text, get_symbology(symbology)), module_mm)


def _check(labels: list[Label], format: str) -> None:
    if format not in FORMATS:
        message = f"no format {format!r}; there are: {', '.join(FORMATS)}"
        raise LabelError(LabelFault.UNKNOWN_NAME, message)
    if not labels:
        raise LabelError(LabelFault.EMPTY, "there is no label to print")
    if len(labels) > MOST_LABELS:
        raise LabelError(LabelFault.TOO_MANY, f"{len(labels)} labels; at most {MOST_LABELS} at once")
    for label in labels:
        if len(label.lines) > MOST_LINES or any(len(line) > MOST_CHARACTERS for line in label.lines):
            message = f"at most {MOST_LINES} lines of {MOST_CHARACTERS} characters each"
            raise LabelError(LabelFault.TOO_LONG, message, label.text)


def _writer(
    format: str, dots_per_mm: float, font: str | None, stock: Stock | None, start: int
) -> tuple[Typeface, Callable[[list[Face]], bytes]]:
    """What measures text for this format, and what writes it. Libraries are loaded when asked for."""

    def pages(faces: list[Face]) -> list[Page]:
        return on_pages(faces, stock, dots_per_mm, start)

    if format in ("pdf", "svg"):
        from scanners.labels.pdf import pdf_font, write_pdf

        if format == "svg":
            return pdf_font(None), lambda faces: write_svg(pages(faces), dots_per_mm)
        fonts = pdf_font(font)
        return fonts, lambda faces: write_pdf(pages(faces), dots_per_mm, fonts)

    from scanners.labels.fonts import picture_font

    glyphs = picture_font(font)
    if format == "png":
        from scanners.labels.png import write_png

        return glyphs, lambda faces: write_png(pages(faces), dots_per_mm, glyphs)
    if stock is not None and stock.page_mm is not None:
        message = f"a label printer takes rolls, and {stock.name} is a sheet: take a PDF"
        raise LabelError(LabelFault.UNKNOWN_NAME, message)
    from scanners.labels.zpl import write_zpl

    return glyphs, lambda faces: write_zpl([one for page in pages(faces) for *_, one in page.faces], glyphs)
