"""Label stock by name: what is in the printer.

Sheets are A4, their labels in a grid in the middle of the page; the manufacturers' own templates
differ from the middle by less than what a printer's feed does. Rolls are what Chinese thermal
printers are sold with: one label a page. A roll's name is its size in millimetres.
"""

from __future__ import annotations

from dataclasses import dataclass

from scanners.labels.label import LabelError, LabelFault

_A4 = (210.0, 297.0)


@dataclass(frozen=True, slots=True)
class Stock:
    """Labels of one size. ``dpi`` is what a printer of such stock has at least."""

    name: str
    width_mm: float
    height_mm: float
    dpi: int
    columns: int = 1
    rows: int = 1
    gap_mm: float = 0.0  # between columns; rows stand without gaps
    page_mm: tuple[float, float] | None = None  # None: a roll

    @property
    def labels_a_page(self) -> int:
        return self.columns * self.rows

    @property
    def page_size_mm(self) -> tuple[float, float]:
        return self.page_mm or (self.width_mm, self.height_mm)

    def alone(self) -> Stock:
        """One label of this stock, as from a roll: to look at."""
        return Stock(self.name, self.width_mm, self.height_mm, self.dpi)

    def corner_mm(self, position: int) -> tuple[float, float]:
        """Where the label at a position of the page begins, from the left and from the top."""
        width, height = self.page_size_mm
        left = (width - self.columns * self.width_mm - (self.columns - 1) * self.gap_mm) / 2
        top = (height - self.rows * self.height_mm) / 2
        row, column = divmod(position, self.columns)
        return left + column * (self.width_mm + self.gap_mm), top + row * self.height_mm


def _sheet(name: str, width: float, height: float, columns: int, rows: int) -> Stock:
    return Stock(name, width, height, 600, columns, rows, 2.5, _A4)


def _roll(width: int, height: int) -> Stock:
    return Stock(f"{width}x{height}", width, height, 203)


STOCKS: dict[str, Stock] = {
    stock.name: stock
    for stock in (
        _roll(40, 30),
        _roll(50, 30),
        _roll(60, 40),
        _roll(70, 50),
        _roll(100, 70),
        _sheet("L7651", 38.1, 21.2, 5, 13),
        _sheet("L7159", 63.5, 33.9, 3, 8),
        _sheet("L7160", 63.5, 38.1, 3, 7),
        _sheet("L7163", 99.1, 38.1, 2, 7),
    )
}


def get_stock(name: str) -> Stock:
    """Raises LabelError if there is no stock of that name."""
    try:
        return STOCKS[name]
    except KeyError:
        message = f"no label stock {name!r}; there are: {', '.join(STOCKS)}"
        raise LabelError(LabelFault.UNKNOWN_NAME, message) from None
