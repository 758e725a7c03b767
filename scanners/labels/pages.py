"""Labels on pages: a sheet holds several, a roll one a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scanners.labels.faces import Face
from scanners.labels.label import LabelError, LabelFault
from scanners.labels.stocks import Stock


@dataclass(frozen=True, slots=True)
class Page:
    """Faces and where their upper left corners are, in dots."""

    width: int
    height: int
    faces: tuple[tuple[int, int, Face], ...]


def on_pages(faces: Sequence[Face], stock: Stock | None, dots_per_mm: float, start: int = 1) -> list[Page]:
    """The pages; on a sheet that was begun before, the first label comes to position ``start``."""
    if stock is None or stock.page_mm is None:
        if start != 1:
            message = "only a sheet has several positions to start at"
            raise LabelError(LabelFault.UNKNOWN_NAME, message)
        return [Page(face.width, face.height, ((0, 0, face),)) for face in faces]
    if not 1 <= start <= stock.labels_a_page:
        message = f"{stock.name} has the positions 1 to {stock.labels_a_page}, not {start}"
        raise LabelError(LabelFault.UNKNOWN_NAME, message)
    width, height = (int(mm * dots_per_mm) for mm in stock.page_mm)
    corners = [
        tuple(round(mm * dots_per_mm) for mm in stock.corner_mm(position))
        for position in range(stock.labels_a_page)
    ]
    pages: list[Page] = []
    first, rest = start - 1, list(faces)
    while rest:
        here, rest = rest[: len(corners) - first], rest[len(corners) - first :]
        placed = tuple((x, y, face) for (x, y), face in zip(corners[first:], here, strict=False))
        pages.append(Page(width, height, placed))
        first = 0
    return pages
