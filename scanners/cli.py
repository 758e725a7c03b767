r"""``python -m scanners parse``: one scan a line in, one JSON object a line out.

Lines end with LF (a CR before it is part of the ending). No other character ends a line, GS and
U+2028 least of all. ``\x1d``, ``{GS}`` and ``<GS>`` are ways to write a GS: a notation of this
input, so ``raw`` holds the GS and no repair is reported. Answers are pure ASCII and written at
once, so that a program at the other end of a pipe can wait for each.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from scanners.label_command import REFUSED, add_label_command, print_labels
from scanners.parsing import parse
from scanners.read_command import add_read_command, read_images

_NOTATION = re.compile(rb"\\x1[dD]|\{GS\}|<GS>")
_LONGEST_LINE = 1 << 20
_BOM = b"\xef\xbb\xbf"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m scanners", description="What a barcode says.")
    commands = parser.add_subparsers(dest="command", required=True)
    parse_command = commands.add_parser("parse", help="scans from standard input, one a line, to JSON")
    parse_command.add_argument("--strict", action="store_true", help="exit 1 if any line had an error")
    add_read_command(commands)
    add_label_command(commands)
    options = parser.parse_args(arguments)
    if options.command == "label":
        return print_labels(options)
    # Python has None for a stream that was closed before it began.
    if sys.stdout is None or (options.command == "parse" and sys.stdin is None):
        return _refuse(f"{options.command}: standard {'output' if sys.stdout is None else 'input'} is closed")
    try:
        if options.command == "read":
            errors = read_images(options, sys.stdout.buffer)
        else:
            errors = _parse_lines(sys.stdin.buffer, sys.stdout.buffer)
    except BrokenPipeError:  # whoever read us has left
        _leave_the_rest_unwritten()
        return 0
    except OSError as error:  # the disk is full, or the terminal gone
        _leave_the_rest_unwritten()
        return _refuse(f"{options.command}: {error.strerror}; not every line was answered")
    except KeyboardInterrupt:
        return 130
    return 1 if options.strict and errors else 0


def _refuse(message: str) -> int:
    if sys.stderr is not None:
        print(message, file=sys.stderr)
    return REFUSED


def _leave_the_rest_unwritten() -> None:
    """Python would write what is left when it ends, and complain again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _parse_lines(source: BinaryIO, target: BinaryIO) -> int:
    """Answer every line; the number of those that had an error."""
    errors = 0
    for line in _lines(source):
        scan = parse(_NOTATION.sub(b"\x1d", line))
        errors += scan.error is not None
        target.write(scan.to_json().encode("ascii") + b"\n")
        target.flush()
    return errors


def _lines(source: BinaryIO) -> Iterator[bytes]:
    """The lines without their ends, and without the mark some editors put before the first.

    Of a line longer than a mebibyte, which no code is, the first mebibyte: memory stays bounded.
    """
    first = True
    while line := source.readline(_LONGEST_LINE):
        rest = line
        while not rest.endswith(b"\n") and (rest := source.readline(_LONGEST_LINE)):
            pass
        if first:
            line, first = line.removeprefix(_BOM), False
        yield line.removesuffix(b"\n").removesuffix(b"\r")
