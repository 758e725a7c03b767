"""Files that are no picture, lie about what they are, or cost far more than their size."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
from PIL import Image

from tests.scanners.pictures import chunk, encoded, png

ZEROS = b"\0" * (1 << 20)


def refused() -> dict[str, tuple[bytes, str]]:
    """Each file by what it is, with the code of its error."""
    white = Image.new("RGB", (40, 30), "white")
    red = Image.new("RGB", (40, 30), "red")
    jpeg, still, webp = encoded(white, "JPEG"), encoded(white), encoded(white, "WEBP", lossless=True)
    frames = {"save_all": True, "append_images": [red]}
    return {
        "nothing": (b"", "empty"),
        "a text": (b"01 06901234567892", "format"),
        "an SVG": (b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', "format"),
        "a PDF": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "format"),
        "a TIFF": (encoded(white, "TIFF"), "format"),
        "an AVIF": (encoded(white, "AVIF"), "format"),
        "an icon": (encoded(white.resize((32, 32)), "ICO"), "format"),
        "a bitmap of OS/2": (b"BM" + b"\0" * 12 + b"\x0c\0\0\0" + b"\1" * 60, "format"),
        "21 MB": (still + b"\0" * (21 << 20), "too_large"),
        "30,000 x 30,000 pixels": (png(30_000, 30_000, ZEROS, depth=1), "too_many_pixels"),
        "a JPEG of 65,500 x 65,500": (_resized_jpeg(jpeg, 65_500, 65_500), "too_many_pixels"),
        "a progressive JPEG of 30 megapixels": (_progressive_header(6000, 5000), "too_many_pixels"),
        "a WebP of 16,383 x 16,383": (_webp_header(16_383, 16_383), "too_many_pixels"),
        "a GIF of 65,535 x 65,535": (b"GIF89a" + b"\xff" * 4 + b"\0\0\0" + b"\x3b", "too_many_pixels"),
        "a GIF with a frame larger than its screen": (_gif_frame(60_000, 60_000), "too_many_pixels"),
        "a BMP of 40,000 x 40,000": (_bmp_header(40_000, 40_000), "too_many_pixels"),
        "a BMP of no height": (_bmp_header(10, 0), "damaged"),
        "a PNG of no width": (png(0, 10, ZEROS), "damaged"),
        "an animated GIF": (encoded(white, "GIF", **frames), "animated"),
        "an animated PNG": (encoded(white, "PNG", **frames), "animated"),
        "an animated WebP": (encoded(white, "WEBP", **frames), "animated"),
        "a JPEG cut in its head": (jpeg[:30], "damaged"),
        "a JPEG cut in its picture": (_noise("JPEG")[:4000], "damaged"),
        "a JPEG without a picture": (b"\xff\xd8\xff\xd9", "damaged"),
        "a JPEG of 1,000 scans": (_many_scans(jpeg, 1000), "damaged"),
        "a PNG cut in its head": (still[:20], "damaged"),
        "a PNG cut in its picture": (_noise("PNG")[:4000], "damaged"),
        "a PNG that holds half of what it says": (png(200, 200, b"\0" * 20_000), "damaged"),
        "a PNG of wrong sums": (still.replace(b"IDAT", b"IDAT\1", 1), "damaged"),
        "a PNG in 100,000 pieces": (_pieces(still, 100_000), "damaged"),
        "a WebP cut in its head": (webp[:18], "damaged"),
        "a WebP cut in its picture": (_noise("WEBP")[:4000], "damaged"),
        "a GIF comment in millions of pieces": (_gif_comments(1, 8 << 20), "damaged"),
        "a GIF of comments in thousands of pieces each": (_gif_comments(80, 99_000), "damaged"),
        "a GIF of what no GIF has": (b"GIF89a" + b"\1\0" * 2 + b"\0\0\0" + b"\x99" * 9, "damaged"),
        "a JPEG that is none after its head": (jpeg[:2] + b"\xff\xe0\0\2" + b"\0" * 9, "damaged"),
        "a JPEG in 30,000 pieces": (jpeg[:2] + b"\xff\xfe\0\2" * 30_000 + jpeg[2:], "damaged"),
        "a GIF cut in its picture": (_noise("GIF")[:4000], "damaged"),
        "a picture's first bytes": (b"\xff\xd8\xff", "damaged"),
    }


def bombs(symbol: Image.Image) -> dict[str, bytes]:
    """Pictures with a symbol on them, and something in the file that must not be unpacked."""
    still, jpeg = encoded(symbol), encoded(symbol, "JPEG", quality=95)
    gigabyte = zlib.compress(ZEROS * 64, 9)
    return {
        "PNG text of 64 MB": _into(still, chunk(b"zTXt", b"Comment\0\0" + gigabyte)),
        "PNG texts of 640 MB": _into(still, chunk(b"zTXt", b"Comment\0\0" + gigabyte) * 10),
        "PNG colour profile of 64 MB": _into(still, chunk(b"iCCP", b"x\0\0" + gigabyte)),
        "PNG camera note of 10 MB": _into(still, chunk(b"eXIf", _exif_bomb(10 << 20, 60_000))),
        "JPEG camera note whose entries all claim the same 60 kB": _note(jpeg, _exif_bomb(65_000, 5_000)),
        "JPEG camera note of nonsense": _note(jpeg, b"II*\0\xff\xff\xff\xff" + b"\xff" * 100),
        "GIF with a comment of 16 MB": _commented(encoded(symbol, "GIF"), 16 << 20),
        "JPEG with 16 MB of comments": jpeg[:2] + (b"\xff\xfe\xff\xff" + b"x" * 65_533) * 256 + jpeg[2:],
    }


def _noise(format: str) -> bytes:
    pixels = np.random.default_rng(1).integers(0, 256, (200, 200, 3), dtype=np.uint8)
    picture = Image.fromarray(pixels)
    return encoded(picture.quantize(256) if format == "GIF" else picture, format)


def _into(still: bytes, more: bytes) -> bytes:
    """After a PNG's header."""
    return still[:33] + more + still[33:]


def _commented(gif: bytes, size: int) -> bytes:
    """Behind the colours of all its pictures."""
    colours = 13 + (3 << (gif[10] & 7) + 1)
    return gif[:colours] + b"\x21\xfe" + (b"\xff" + b"x" * 255) * (size // 255) + b"\0" + gif[colours:]


def _note(jpeg: bytes, exif: bytes) -> bytes:
    body = b"Exif\0\0" + exif
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + jpeg[2:]


def _exif_bomb(size: int, entries: int) -> bytes:
    """A directory whose entries each claim everything there is."""
    head = b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", entries)
    rows = b"".join(struct.pack("<HHII", 1 + row % 65_000, 7, size - 100, 8) for row in range(entries))
    return (head + rows).ljust(size, b"\0")[:size]


def _resized_jpeg(jpeg: bytes, width: int, height: int) -> bytes:
    at = jpeg.index(b"\xff\xc0") + 5
    return jpeg[:at] + struct.pack(">HH", height, width) + jpeg[at + 4 :]


def _progressive_header(width: int, height: int) -> bytes:
    small = encoded(Image.new("RGB", (40, 30)), "JPEG", progressive=True)
    at = small.index(b"\xff\xc2") + 5
    return small[:at] + struct.pack(">HH", height, width) + small[at + 4 :]


def _many_scans(jpeg: bytes, times: int) -> bytes:
    at = jpeg.index(b"\xff\xda")
    return jpeg[:-2] + jpeg[at:-2] * times + jpeg[-2:]


def _pieces(still: bytes, times: int) -> bytes:
    return _into(still, chunk(b"tIME", b"\0" * 7) * times)


def _webp_header(width: int, height: int) -> bytes:
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I", 10) + b"\0\0\0\0" + size
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _gif_frame(width: int, height: int) -> bytes:
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\2\1\0\0"
    return b"GIF89a" + struct.pack("<HH", 10, 10) + b"\0\0\0" + frame + b"\x3b"


def _gif_comments(comments: int, pieces: int) -> bytes:
    comment = b"\x21\xfe" + b"\1x" * pieces + b"\0"
    return b"GIF89a" + struct.pack("<HH", 10, 10) + b"\0\0\0" + comment * comments + b"\x3b"


def _bmp_header(width: int, height: int) -> bytes:
    return (
        b"BM" + struct.pack("<IHHIIiiHHIIiiII", 60, 0, 0, 54, 40, width, height, 1, 24, *[0] * 6) + b"\0" * 6
    )


def phone_note(picture: Image.Image, preview: Image.Image) -> bytes:
    """As several phones save: two JPEGs in one file (MPO), which is no animation."""
    file = io.BytesIO()
    picture.save(file, "MPO", save_all=True, append_images=[preview])
    return file.getvalue()
