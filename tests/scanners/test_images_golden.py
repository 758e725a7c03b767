"""Every golden picture is read as what it is known to say, or not at all."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scanners import parse
from scanners.images import read
from tests.scanners.golden import TODAY
from tests.scanners.pictures import Golden, golden_pictures

PICTURES = golden_pictures()
ENCODED = [picture for picture in PICTURES if picture.file.startswith("encoded/")]
# Too blurred or too damaged for any look this reader takes; zxing-cpp and zbar alone do not read them either.
NOT_READ = {
    "photos/ean13-1__36.webp",
    "photos/ean13-2__02.webp",
    "photos/qrcode-2__12.webp",
    "photos/rss14-1__11.webp",
}


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.file)
def test_a_picture_says_what_it_says(picture: Golden):
    seen = read(picture.data(), deadline_seconds=30)

    assert seen.error is None
    expected = [] if picture.file in NOT_READ else [(picture.symbology, picture.text)]
    assert [(symbol.symbology, symbol.text) for symbol in seen.symbols] == expected


def test_the_pictures_not_read_are_these_few():
    assert {picture.file for picture in PICTURES} > NOT_READ and len(PICTURES) == 237


@pytest.mark.parametrize("picture", ENCODED, ids=lambda picture: picture.file)
def test_what_is_read_parses_as_what_was_encoded(picture: Golden):
    [symbol] = read(picture.data(), deadline_seconds=30).symbols

    scan = parse(symbol.scanned, today=TODAY)

    assert symbol.engine == "zxing"
    assert scan.raw == picture.symbology + picture.text
    if picture.bracketed is not None:
        assert scan.elements == tuple(re.findall(r"\((\d+)\)([^(]*)", picture.bracketed)) != ()
    agency = {"gs": "GS1", "dl": "GS1", "hi": "HIBC", "ma": "MA"}[Path(picture.file).name[:2]]
    assert scan.agency == agency
    # A logistic unit and a HIBC secondary name no device; all others do.
    nameless = picture.text.startswith(("00", "+$"))
    assert (scan.di is None, scan.error is None) == (nameless, not nameless)
