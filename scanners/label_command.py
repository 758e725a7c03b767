"""``python -m scanners label``: texts in, one file of labels out, or a message and no file.

Imports nothing heavy before it is asked to print: ``parse`` starts by the same program.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

SEPARATORS = ("\\x1d", "\\x1D", "{GS}", "<GS>")
REFUSED = 2


def add_label_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Tell the command line what it may be asked."""
    parser = commands.add_parser(
        "label",
        help="texts to printable labels",
        description="Each text becomes a label. Text for a GS1 symbol is bracketed, as (01)…(17)…, or an"
        r" element string with its separators, which may be written {GS}, <GS> or \x1d.",
    )
    parser.add_argument("texts", nargs="+", metavar="TEXT", help="what a label's symbol says")
    parser.add_argument("--out", required=True, type=Path, metavar="FILE", help="the file to write")
    parser.add_argument("--format", help="png, svg, pdf or zpl; unset: as FILE ends")
    parser.add_argument(
        "--symbology",
        default="code128",
        help="code128 (if unset), gs1-128, gs1-datamatrix, gs1-qr, datamatrix or qr",
    )
    parser.add_argument("--stock", help="the labels' size, as 40x30 or L7160; unset: as large as need be")
    parser.add_argument(
        "--line",
        action="append",
        default=[],
        dest="lines",
        metavar="LINE",
        help="a line of text on each label",
    )
    parser.add_argument("--copies", type=int, default=1, help="of each label")
    parser.add_argument("--start", type=int, default=1, help="the first free label of a sheet")
    parser.add_argument("--dpi", type=int, help="dots an inch of the printer; unset: the stock's")
    parser.add_argument("--font", metavar="FILE", help="a font with Chinese characters")


def print_labels(options: argparse.Namespace) -> int:
    """Write the file; returns the exit code. Where anything is wrong, nothing is written."""
    from scanners.labels import FORMATS, Label, LabelError, render

    format = options.format or options.out.suffix.removeprefix(".").lower()
    if options.format is None and format not in FORMATS:
        return _refuse(
            f"{options.out}: name a format by --format, or by the file's ending: {', '.join(FORMATS)}"
        )
    if options.copies < 1:
        return _refuse(f"{options.copies} copies: at least one is wanted")
    try:
        labels = [Label(_with_separators(text), tuple(options.lines)) for text in options.texts]
        content = render(
            [label for label in labels for _ in range(options.copies)],
            symbology=options.symbology,
            format=format,
            stock=options.stock,
            dpi=options.dpi,
            start=options.start,
            font=options.font,
        )
    except LabelError as error:
        return _refuse(str(error))
    try:
        _write(options.out, content)
    except OSError as error:
        return _refuse(f"{options.out}: {error.strerror}")
    return 0


def _with_separators(text: str) -> str:
    for notation in SEPARATORS:
        text = text.replace(notation, "\x1d")
    return text


def _refuse(message: str) -> int:
    print(f"label: {message}", file=sys.stderr)
    return REFUSED


def _write(path: Path, content: bytes) -> None:
    """All of it or nothing: whoever looks at the path never sees half a file."""
    if path.exists() and not path.is_file():
        path.write_bytes(content)  # a device or a pipe, which must not be replaced; of a folder it says so
        return
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as target:
            target.write(content)
        Path(draft).chmod(0o666 & ~_umask())
        os.replace(draft, path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
