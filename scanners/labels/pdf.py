"""Labels as PDF: bars as drawn rectangles, text as text; a thousand labels are a file to mail.

Latin is set in Helvetica and Chinese in STSong-Light, two fonts that a PDF names and need not
hold: every viewer has them or a stand-in. Where a page must look the same on every machine, a
TrueType font can be given, which is then embedded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from io import BytesIO
from itertools import groupby

from reportlab import rl_config
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFError, TTFont
from reportlab.pdfgen.canvas import Canvas

from scanners.labels.faces import Face, Row
from scanners.labels.label import LabelError, LabelFault
from scanners.labels.pages import Page
from scanners.labels.runs import black_runs

rl_config.useA85 = 0  # a PDF need not pass through a mail program of 1990: a quarter smaller, and sooner

LATIN, CHINESE = "Helvetica", "STSong-Light"
_POINTS_PER_MM = 72 / 25.4


class PdfFont:
    """The fonts of a PDF: the two that need no file, or one from a file."""

    def __init__(self, path: str | None = None) -> None:
        self._embedded = _embedded(path) if path else None
        if self._embedded is None:
            _know_chinese()
        self._ems: dict[str, float] = {}

    def advance(self, character: str, size: int) -> float:
        em = self._ems.get(character)
        if em is None:
            # A stand-in for STSong-Light may be wider than it: nothing in it is wider than an em.
            name = self.name_for(character)
            em = 1.0 if name == CHINESE else pdfmetrics.stringWidth(character, name, 1.0)
            self._ems[character] = em
        return em * size

    def name_for(self, character: str) -> str:
        return self._embedded or (LATIN if character.isascii() else CHINESE)

    def runs(self, text: str) -> Iterator[tuple[str, str]]:
        """The font and the characters of each part of a row."""
        for name, characters in groupby(text, self.name_for):
            yield name, "".join(characters)


@cache
def pdf_font(path: str | None) -> PdfFont:
    """The fonts of that path, or those that need none."""
    return PdfFont(path)


def write_pdf(pages: Sequence[Page], dots_per_mm: float, font: PdfFont) -> bytes:
    """One PDF page a page. The same labels always give the same bytes."""
    out = BytesIO()
    points = _POINTS_PER_MM / dots_per_mm
    canvas = Canvas(out, pageCompression=1, invariant=1)
    canvas.setTitle("labels")
    for page in pages:
        canvas.setPageSize((page.width * points, page.height * points))
        # From here on the unit is a dot, and y counts from the top, by hand: text would stand on its head.
        canvas.scale(points, points)
        for left, top, face in page.faces:
            _draw(canvas, face, left, page.height - top, font)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _draw(canvas: Canvas, face: Face, left: int, above: int, font: PdfFont) -> None:
    high = face.bars // face.symbol.rows
    # One path for all: where two rectangles meet no viewer shows a seam. Written out as it stands in the
    # file, since reportlab takes six times as long to write whole numbers.
    boxes = (
        f"{left + face.left + x * face.module} {above - face.top - (y + down) * high}"
        f" {across * face.module} {down * high} re"
        for x, y, across, down in black_runs(face.symbol.modules)
    )
    canvas.addLiteral("\n".join([*boxes, "f"]))
    for row in face.rows:
        _write(canvas, row, left + row.left, above - row.top, font)


def _write(canvas: Canvas, row: Row, left: int, above: int, font: PdfFont) -> None:
    text = canvas.beginText(left, above - 0.86 * row.size)
    for name, characters in font.runs(row.text):
        text.setFont(name, row.size)
        text.textOut(characters)
    canvas.drawText(text)


@cache
def _know_chinese() -> None:
    pdfmetrics.registerFont(UnicodeCIDFont(CHINESE))


@cache
def _embedded(path: str) -> str:
    name = f"label-{len(pdfmetrics.getRegisteredFontNames())}"
    try:
        pdfmetrics.registerFont(TTFont(name, path))
    except (TTFError, OSError) as error:
        message = f"{path}: only a TrueType font can be embedded, with its outlines in it ({error})"
        raise LabelError(LabelFault.NO_FONT, message) from error
    return name
