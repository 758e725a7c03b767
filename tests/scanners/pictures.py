"""Pictures for tests: the golden ones, and symbols made by zint, an encoder of its own."""

from __future__ import annotations

import io
import json
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from zint import InputMode, Symbol, Symbology

FOLDER = Path(__file__).parents[2] / "fixtures" / "golden" / "images"


@dataclass(frozen=True)
class Golden:
    """A golden picture and what it says; ``bracketed`` of GS1 symbols made for this."""

    file: str
    symbology: str
    text: str
    bracketed: str | None = None
    payload_from: str | None = None

    def data(self) -> bytes:
        return (FOLDER / self.file).read_bytes()


def golden_pictures() -> list[Golden]:
    return [Golden(**row) for row in json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))]


def drawn(
    symbology: Symbology, text: str, *, gs1: bool = False, scale: float = 2, **options: Any
) -> Image.Image:
    """A symbol with a quiet zone, in mode L; ``text`` of a GS1 symbol with its AIs in square brackets."""
    symbol = Symbol()
    symbol.symbology = symbology
    symbol.input_mode = InputMode.GS1 if gs1 else InputMode.UNICODE
    symbol.scale = scale
    symbol.show_text = False
    symbol.whitespace_width = symbol.whitespace_height = 10
    for name, value in options.items():
        setattr(symbol, name, value)
    symbol.encode(text)
    symbol.buffer()
    return Image.fromarray(np.ascontiguousarray(np.asarray(symbol.bitmap))).convert("L")


def encoded(picture: Image.Image, format: str = "PNG", **options: Any) -> bytes:
    """The file of a picture."""
    file = io.BytesIO()
    picture.save(file, format, **options)
    return file.getvalue()


def sheet(*rows: tuple[Image.Image, ...], gap: int = 40) -> Image.Image:
    """Pictures on white paper, row below row."""
    width = max(sum(picture.width + gap for picture in row) for row in rows) + gap
    height = sum(max(picture.height for picture in row) + gap for row in rows) + gap
    paper = Image.new("L", (width, height), 255)
    down = gap
    for row in rows:
        across = gap
        for picture in row:
            paper.paste(picture, (across, down))
            across += picture.width + gap
        down += max(picture.height for picture in row) + gap
    return paper


def png(
    width: int, height: int, rows: bytes, *, depth: int = 8, colour: int = 0, before: bytes = b""
) -> bytes:
    """A PNG by hand: any header over any data, which need not fit it."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    data = chunk(b"IDAT", zlib.compress(rows))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + before + data + chunk(b"IEND", b"")


def chunk(kind: bytes, data: bytes) -> bytes:
    """A part of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
