"""The black parts of a symbol as rectangles: what drawings are made of."""

from __future__ import annotations

import numpy as np

from scanners.labels.symbols import Modules

# left, top, width, height; in modules
Rectangle = tuple[int, int, int, int]


def black_runs(modules: Modules) -> list[Rectangle]:
    """Every run of black modules in every row, from the left, from the top."""
    edges = np.diff(np.pad(modules, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    rows, begins = np.nonzero(edges == 1)
    ends = np.nonzero(edges == -1)[1]
    return [
        (int(begin), int(row), int(end - begin), 1)
        for row, begin, end in zip(rows, begins, ends, strict=True)
    ]
