"""Whatever the bytes: a reason, or what is really on the picture, and nothing raised."""

from __future__ import annotations

import random
import warnings
from time import process_time

import numpy as np
import pytest
from PIL import Image
from zint import Symbology

from scanners.images import read
from tests.scanners.hostile_pictures import bombs, phone_note, refused
from tests.scanners.pictures import FOLDER, drawn, encoded, png

TEXT = "MA.156.M0.100204.13351764"
REFUSED = refused()
SYMBOL = drawn(Symbology.DATAMATRIX, TEXT)
BOMBS = bombs(SYMBOL)


def texts(data: bytes) -> list[str]:
    picture = read(data, deadline_seconds=30)
    assert picture.error is None
    return [symbol.text for symbol in picture.symbols]


@pytest.mark.parametrize("what", REFUSED)
def test_it_is_refused_for_what_it_is(what, capfd):
    data, code = REFUSED[what]
    began = process_time()
    picture = read(data)
    assert process_time() - began < 0.5
    assert picture.symbols == () and picture.error is not None
    assert picture.error.code == code and picture.error.message
    assert capfd.readouterr() == ("", "")  # no library complained to anybody


@pytest.mark.parametrize("what", BOMBS)
def test_what_the_pixels_do_not_need_is_not_unpacked(what):
    assert texts(BOMBS[what]) == [TEXT]


@pytest.mark.parametrize(
    ("mode", "format"),
    [
        ("1", "PNG"), ("L", "PNG"), ("LA", "PNG"), ("P", "PNG"), ("RGB", "PNG"), ("RGBA", "PNG"),
        ("L", "JPEG"), ("RGB", "JPEG"), ("CMYK", "JPEG"), ("L", "WEBP"), ("RGBA", "WEBP"),
        ("P", "GIF"), ("1", "BMP"), ("L", "BMP"), ("RGB", "BMP"),
    ],
)  # fmt: skip
def test_every_way_to_keep_a_pixel(mode, format):
    assert texts(encoded(SYMBOL.convert(mode), format)) == [TEXT]


def test_sixteen_bits_are_not_cut_off():
    """Most of the paper is at 20,000 of 65,535, which Pillow turns into white like everything over 255."""
    shades = np.where(np.asarray(SYMBOL) > 127, 20_000, 4_000).astype(">u2")
    rows = b"".join(b"\0" + row.tobytes() for row in shades)
    assert texts(png(SYMBOL.width, SYMBOL.height, rows, depth=16)) == [TEXT]


def test_what_is_transparent_shows_white_paper():
    """Behind the transparent pixels is black, as drawing programs leave it."""
    ink = SYMBOL.point(lambda value: 255 - value)
    picture = Image.new("RGBA", SYMBOL.size, (0, 0, 0, 0))
    picture.putalpha(ink)
    assert texts(encoded(picture)) == [TEXT]
    assert texts(encoded(picture, "WEBP", lossless=True)) == [TEXT]
    palette = SYMBOL.convert("P")
    palette.putpalette([0, 0, 0] * 256)
    assert texts(encoded(palette, transparency=255)) == [TEXT]
    assert texts(encoded(palette, "GIF", transparency=255)) == [TEXT]


def test_a_jpeg_with_fill_between_its_parts():
    jpeg = encoded(SYMBOL, "JPEG", quality=95)
    assert texts(jpeg[:2] + b"\xff" * 40 + jpeg[2:]) == [TEXT]


def test_two_pictures_in_one_jpeg_are_a_phones_photo():
    assert texts(phone_note(SYMBOL.convert("RGB"), Image.new("RGB", (30, 30)))) == [TEXT]


def test_a_picture_of_a_single_pixel_or_line():
    for size in ((1, 1), (1, 500), (500, 1), (2, 2), (3, 1)):
        assert texts(encoded(Image.new("L", size, 255))) == []


@pytest.mark.parametrize(
    "name", ["photos/qrcode-2__n199b.jpg", "encoded/gs1-dm-03.png", "photos/ean8-1__5.webp"]
)
def test_a_damaged_file_says_what_it_said_or_why_not(name):
    """Cut anywhere, or with bytes changed: nothing raised, no warning, no other text."""
    data = (FOLDER / name).read_bytes()
    [sound] = texts(data)
    random_ = random.Random(20261121)
    for _ in range(150):
        damaged = bytearray(data[: random_.randrange(len(data))] if random_.random() < 0.3 else data)
        for _ in range(random_.randrange(4)):
            if damaged:
                damaged[random_.randrange(len(damaged))] = random_.randrange(256)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            picture = read(bytes(damaged))
        assert {symbol.text for symbol in picture.symbols} <= {sound}
        assert picture.error is None or picture.symbols == ()


def test_noise_says_nothing():
    """Textures in which engines by themselves see short codes."""
    random_ = np.random.default_rng(20261121)
    for size in (60, 150, 300):
        fine = random_.integers(0, 256, (size, size), dtype=np.uint8)
        black_and_white = (random_.integers(0, 2, (size, size)) * 255).astype(np.uint8)
        bars = np.tile((random_.integers(0, 2, (1, size)) * 255).astype(np.uint8), (size, 1))
        for pixels in (fine, black_and_white, bars):
            assert texts(encoded(Image.fromarray(pixels))) == []
            assert (
                texts(encoded(Image.fromarray(pixels).resize((size * 3, size * 3), Image.Resampling.NEAREST)))
                == []
            )
