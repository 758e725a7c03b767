"""Small files that are written once and then read by everyone."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


def kept_text(path: Path, make: Callable[[], str]) -> str:
    """What the file holds; if there is none, it is made, for its owner's eyes only.

    Of several who find none at once, one writes and all read the same.
    """
    if not path.exists():
        draft, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # mode 0600
        with open(draft, "w", encoding="utf-8") as file:
            file.write(make())
        with suppress(FileExistsError):
            os.link(name, path)  # unlike a rename it never replaces what another was quicker to write
        os.unlink(name)
    return path.read_text(encoding="utf-8").strip()
