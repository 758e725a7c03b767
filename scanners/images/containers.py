"""What a picture file says of itself, read without unpacking anything.

The answer decides whether it is unpacked at all, and of JPEG, PNG and GIF only what the pixels need goes
on to the decoder: comments, colour profiles, previews and further pictures are where files hide what
costs memory (a PNG text of a gigabyte, a camera note whose 5,000 entries all claim the same 60 kB).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple


class Damaged(ValueError):
    """The file ends where more was said to come, or contradicts itself."""


class Container(NamedTuple):
    """``orientation`` is EXIF's, 1 to 8; ``colours`` and ``progressive`` are told of a JPEG only."""

    format: str  # Pillow's name
    width: int
    height: int
    pixels: bytes  # the file, as far as the pixels need it
    orientation: int = 1
    animated: bool = False
    progressive: bool = False
    colours: int = 3


# Ten are usual in a progressive JPEG. Each may cost a pass over the whole picture in ten bytes of file.
_MOST_SCANS = 64
# A 20 MB file in pieces of a kilobyte.
_MOST_PIECES = 20_000
# And of a GIF in blocks of 255 bytes.
_MOST_BLOCKS = 100_000
_HOW_IT_IS_SHOWN = 0xF9


def examine(data: bytes) -> Container | None:
    """None: not one of the formats taken here. Raises :class:`Damaged`."""
    try:
        if data.startswith(b"\xff\xd8\xff"):
            return _jpeg(data)
        if data.startswith(b"\x89PNG\r\n\x1a\n"):
            return _png(data)
        if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
            return _webp(data)
        if data.startswith((b"GIF87a", b"GIF89a")):
            return _gif(data)
        if data.startswith(b"BM") and data[14:18] == b"\x28\0\0\0":
            width, height = struct.unpack_from("<ii", data, 18)
            return Container("BMP", width, abs(height), data)
    except (struct.error, IndexError) as error:
        raise Damaged("the file ends within its beginning") from error
    return None


def _jpeg(data: bytes) -> Container:
    """Segments up to the first scan (ITU-T T.81, annex B); APP14 says how the colours are meant."""
    frame: tuple[int, int, int, bool] | None = None
    orientation = 1
    kept = [data[:2]]
    at = 2
    for _ in range(_MOST_PIECES):
        if data[at] != 0xFF:
            raise Damaged("expected a marker of the JPEG")
        marker = data[at + 1]
        if marker == 0xFF:  # fill
            at += 1
            continue
        (length,) = struct.unpack_from(">H", data, at + 2)
        end = at + 2 + length
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width, colours = struct.unpack_from(">HHB", data, at + 5)
            frame = width, height, colours, marker == 0xC2
        elif marker == 0xE1 and data[at + 4 : at + 10] == b"Exif\0\0":
            orientation = _orientation(data[at + 10 : end])
        if marker < 0xE0 or marker == 0xEE:
            kept.append(data[at:end])
        if marker == 0xDA:
            break
        at = end
    if frame is None or marker != 0xDA:
        raise Damaged("a JPEG without a picture")
    if data.count(b"\xff\xda", at) > _MOST_SCANS:
        raise Damaged(f"more than {_MOST_SCANS} scans in a JPEG")
    kept.append(data[end:])
    width, height, colours, progressive = frame
    return Container("JPEG", width, height, b"".join(kept), orientation, False, progressive, colours)


def _png(data: bytes) -> Container:
    """Chunks (PNG, third edition, 5): the header, palette, transparency and pixels are kept."""
    width, height = struct.unpack_from(">II", data, 16)
    orientation, animated = 1, False
    kept = [data[:8]]
    at = 8
    for _ in range(_MOST_PIECES):
        (length,) = struct.unpack_from(">I", data, at)
        kind = data[at + 4 : at + 8]
        end = at + 12 + length
        if kind in (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"):
            kept.append(data[at:end])
        elif kind == b"eXIf":
            orientation = _orientation(data[at + 8 : end - 4])
        elif kind == b"acTL":
            animated = True
        if kind == b"IEND":
            return Container("PNG", width, height, b"".join(kept), orientation, animated)
        at = end
    raise Damaged("a PNG in too many pieces")


def _webp(data: bytes) -> Container:
    """The first chunk says the size in one of three ways (RFC 9649, 2.5-2.7)."""
    kind = data[12:16]
    orientation, animated = 1, False
    if kind == b"VP8X":
        flags = data[20]
        animated = bool(flags & 0x02)
        width = int.from_bytes(data[24:27], "little") + 1
        height = int.from_bytes(data[27:30], "little") + 1
        found = data.rfind(b"EXIF") if flags & 0x08 else -1
        if found > 0:
            (length,) = struct.unpack_from("<I", data, found + 4)
            orientation = _orientation(data[found + 8 : found + 8 + length].removeprefix(b"Exif\0\0"))
    elif kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    elif kind == b"VP8 ":
        width, height = (number & 0x3FFF for number in struct.unpack_from("<HH", data, 26))
    else:
        raise Damaged("a WebP without a picture")
    return Container("WEBP", width, height, data, orientation, animated)


def _gif(data: bytes) -> Container:
    """The larger of the screen and the first picture; whether another follows (GIF 89a, 18-23).

    What is kept of the file besides: what of the first picture is transparent. It may hold many comments.
    """
    width, height, flags = struct.unpack_from("<HHB", data, 6)
    at = 13 + _gif_colours(flags)
    kept = [data[:at]]
    pictures = 0
    blocks = iter(range(_MOST_BLOCKS))
    for _ in blocks:
        start, kind = at, data[at]
        if kind == 0x3B or pictures == 2:
            return Container("GIF", width, height, b"".join([*kept, b"\x3b"]), animated=pictures > 1)
        if kind == 0x2C:
            pictures += 1
            left, top, wide, high, flags = struct.unpack_from("<HHHHB", data, at + 1)
            width, height = max(width, left + wide), max(height, top + high)
            at = _after_gif_blocks(data, at + 11 + _gif_colours(flags), blocks)
            kept.append(data[start:at])
        elif kind == 0x21:
            at = _after_gif_blocks(data, at + 2, blocks)
            if data[start + 1] == _HOW_IT_IS_SHOWN and not pictures:
                kept.append(data[start:at])
        else:
            raise Damaged("expected a block of the GIF")
    raise Damaged("a GIF in too many pieces")


def _gif_colours(flags: int) -> int:
    """Bytes of the table of colours that follows."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _after_gif_blocks(data: bytes, at: int, blocks: Iterator[int]) -> int:
    """Blocks of up to 255 bytes, then an empty one."""
    for _ in blocks:
        length = data[at]
        at += 1 + length
        if length == 0:
            return at
    raise Damaged("a GIF in too many pieces")


def _orientation(exif: bytes) -> int:
    """Tag 0x0112 of the first directory (TIFF 6.0, 2); 1, upright, if it is not there or not sound."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(exif[:4])
    if order is None:
        return 1
    try:
        (at,) = struct.unpack_from(order + "I", exif, 4)
        (entries,) = struct.unpack_from(order + "H", exif, at)
        for entry in range(at + 2, at + 2 + 12 * entries, 12):
            tag, kind, count, value = struct.unpack_from(order + "HHIH", exif, entry)
            if tag == 0x0112:
                return value if kind == 3 and count == 1 and 1 <= value <= 8 else 1
    except struct.error:
        pass
    return 1
