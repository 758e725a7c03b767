"""``python -m scanners read``: pictures in, one line of JSON for each out, what was wrong included.

Imports nothing heavy before it is asked to read: ``parse`` starts by the same program.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from scanners.images import Picture

_OF_A_LARGE_FILE = 1  # byte more than is taken is enough to know that it is too large


def add_read_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Tell the command line what it may be asked."""
    parser = commands.add_parser("read", help="pictures to the symbols on them, one line of JSON each")
    parser.add_argument("images", nargs="+", metavar="IMAGE", help="a JPEG, PNG, WebP, GIF or BMP file")
    parser.add_argument("--strict", action="store_true", help="exit 1 if any picture could not be read")


def read_images(options: argparse.Namespace, target: BinaryIO) -> int:
    """Write the lines; returns how many pictures had an error. One that shows no symbol has none."""
    errors = 0
    for name in options.images:
        picture = _read(name)
        errors += picture.error is not None
        line = {
            "file": name,
            "symbols": [symbol.as_dict() for symbol in picture.symbols],
            "error": picture.error and picture.error.as_dict(),
        }
        target.write(json.dumps(line).encode("ascii") + b"\n")
        target.flush()
    return errors


def _read(name: str) -> Picture:
    from scanners.images import ImageError, ImageErrorCode, Picture, read
    from scanners.images.opening import LARGEST_FILE

    try:
        with Path(name).open("rb") as file:
            data = file.read(LARGEST_FILE + _OF_A_LARGE_FILE)
    except (OSError, ValueError) as error:
        reason = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)
        return Picture(error=ImageError(ImageErrorCode.UNREADABLE, reason))
    return read(data)
