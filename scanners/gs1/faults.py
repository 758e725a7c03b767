"""What a check of one value answers when the value fails it."""

from __future__ import annotations

from typing import NamedTuple

from scanners.scan import ErrorCode


class Fault(NamedTuple):
    """``offset`` counts characters from the start of the value that was checked."""

    code: ErrorCode
    offset: int
    message: str
