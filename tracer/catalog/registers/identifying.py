"""The canonical forms under which a register's identifier is found."""

from __future__ import annotations

from collections.abc import Iterator

from scanners.hibc import check_character
from tracer.catalog.identifiers import canonical_di


def canonical_forms(di: str, agency: str = "") -> Iterator[str]:
    """The forms a scan of this DI may answer with; mostly one.

    A register of the FDA leaves out a HIBC's plus and, three times in four, keeps its check character; by
    chance one in 43 without it seems to have one. Both forms are then kept.
    """
    form = canonical_di(di)
    yield form
    if form == di and "HIBC" in agency.upper() and not di.startswith("+"):
        shorter = di[:-1]
        if shorter and shorter[-1].isdigit() and di[-1] == check_character("+" + shorter):
            yield shorter
    elif di.startswith(("=/", "=)")):
        yield di[2:]
