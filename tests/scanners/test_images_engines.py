"""What each engine is asked for, what it is believed, and what happens without the second one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image, ImageOps
from zint import Symbology

from scanners import parse
from scanners.images import read, zbar, zxing
from scanners.images.code39 import meant_by
from scanners.images.finding import Finding
from scanners.images.judging import Judge
from tests.scanners.pictures import FOLDER, drawn, encoded

ROOT = Path(__file__).parents[2]
GS = "\x1d"
BARS = "[01]06901234567892[10]LOT%42[21]SN1"
TEXT = f"010690123456789210LOT%42{GS}21SN1"

# --- what a symbol is called, and what it says ----------------------------------------------------------

KINDS = [
    (Symbology.GS1_128, BARS, True, "]C1", TEXT),
    (Symbology.DATAMATRIX, BARS, True, "]d2", TEXT),
    (Symbology.QRCODE, BARS, True, "]Q3", TEXT),
    (Symbology.AZTEC, BARS, True, "]z1", TEXT),
    (Symbology.DBAR_EXP, BARS, True, "]e0", TEXT),
    (Symbology.DBAR_EXPSTK, BARS, True, "]e0", TEXT),
    (Symbology.DBAR_OMN, "0690123456789", False, "]e0", "0106901234567892"),
    (Symbology.DBAR_LTD, "0690123456789", False, "]e0", "0106901234567892"),
    (Symbology.EANX, "690123456789", False, "]E0", "6901234567892"),
    (Symbology.EANX, "690123456789+12345", False, "]E0", "6901234567892"),
    (Symbology.UPCA, "01234567890", False, "]E0", "0012345678905"),
    (Symbology.UPCE, "0123456", False, "]E0", "0012345000065"),
    (Symbology.EANX, "9638507", False, "]E4", "96385074"),
    (Symbology.ITF14, "1540014128876", False, "]I1", "15400141288763"),
    (Symbology.C25INTER, "12345678", False, "]I0", "12345678"),
    (Symbology.CODE128, "=W00001700001600", False, "]C0", "=W00001700001600"),
    (Symbology.CODE128, TEXT, False, "]C0", TEXT),
    (Symbology.CODE39, "TR000000004292", False, "]A0", "TR000000004292"),
    (Symbology.HIBC_39, "A123BJC5D6E71", False, "]A1", "+A123BJC5D6E71G"),
    (Symbology.EXCODE39, "Lot a+b", False, "]A4", "Lot a+b"),
    (Symbology.CODE93, "ABC123", False, "]G0", "ABC123"),
    (Symbology.DATAMATRIX, "MA.156.M0.100204.13351764", False, "]d1", "MA.156.M0.100204.13351764"),
    (Symbology.PDF417, "MA.156.M0.100204.13351764", False, "]L2", "MA.156.M0.100204.13351764"),
    (
        Symbology.QRCODE,
        "https://id.gs1.org/01/06901234567892",
        False,
        "]Q1",
        "https://id.gs1.org/01/06901234567892",
    ),
]


@pytest.mark.parametrize(("symbology", "payload", "gs1", "identifier", "text"), KINDS)
def test_what_a_scanner_would_have_sent(symbology, payload, gs1, identifier, text):
    [symbol] = read(encoded(drawn(symbology, payload, gs1=gs1)), deadline_seconds=30).symbols
    assert (symbol.symbology, symbol.text, symbol.raw) == (identifier, text, text.encode())
    assert symbol.scanned == identifier + text


@pytest.mark.parametrize("eci", [26, 29])
@pytest.mark.parametrize("symbology", [Symbology.QRCODE, Symbology.DATAMATRIX])
def test_chinese_is_read_in_the_alphabet_the_symbol_names(symbology, eci):
    [symbol] = read(encoded(drawn(symbology, "你好医院A", eci=eci)), deadline_seconds=30).symbols
    assert symbol.text == "你好医院A"
    assert symbol.raw == "你好医院A".encode({26: "utf-8", 29: "gb18030"}[eci])


@pytest.mark.parametrize("symbology", [Symbology.CODABAR, Symbology.TELEPEN, Symbology.DXFILMEDGE])
def test_symbols_that_say_nothing_here_are_not_read(symbology):
    payload = {Symbology.CODABAR: "A123456B", Symbology.TELEPEN: "ABC", Symbology.DXFILMEDGE: "115-10"}[
        symbology
    ]
    assert read(encoded(drawn(symbology, payload)), deadline_seconds=30).symbols == ()


@pytest.mark.parametrize(
    ("printed", "identifier", "text"),
    [
        ("+D65825032111", "]A1", "+D65825032111"),  # "+D" would be "d"
        ("+$$02231162074ZA", "]A1", "+$$02231162074ZA"),
        ("+D65825032112", "]A4", "d65825032112"),  # no HIBC: its check character does not hold
        ("E+X+T", "]A4", "Ext"),
        ("A+B", "]A4", "Ab"),
        ("A%J/CZ", "]A4", "A?#Z"),
        ("A+1", "]A0", "A+1"),
        ("A+", "]A0", "A+"),
        ("ABC", "]A0", "ABC"),
        ("ABCX", "]A1", "ABCX"),
        ("", "]A0", ""),
    ],
)
def test_full_ascii_is_meant_where_every_shift_begins_a_pair_and_it_is_no_hibc(printed, identifier, text):
    assert meant_by(printed) == (identifier, text)


# --- zbar -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("symbology", [Symbology.GS1_128, Symbology.CODE128])
def test_zbar_knows_whether_fnc1_came_first(zbar, symbology):
    from scanners.images import zbar as engine

    gs1 = symbology is Symbology.GS1_128
    [found] = engine.find(drawn(symbology, BARS if gs1 else TEXT, gs1=gs1))
    assert (found.symbology, found.text, found.engine) == ("]C1" if gs1 else "]C0", TEXT, "zbar")


def test_a_zbar_that_cannot_tell_leaves_the_identifier_open(zbar, monkeypatch):
    from scanners.images import zbar as engine

    monkeypatch.setattr(engine, "_modifiers", lambda: None)
    [found] = engine.find(drawn(Symbology.GS1_128, BARS, gs1=True))
    assert (found.symbology, found.text) == (None, TEXT)
    scan = parse(TEXT)
    assert scan.lot == "LOT%42" and scan.serial == "SN1"


@pytest.mark.parametrize(
    "symbology", [Symbology.QRCODE, Symbology.DBAR_EXP, Symbology.C25INTER, Symbology.CODABAR]
)
def test_zbar_is_not_asked_for_what_it_reads_wrongly(zbar, symbology):
    from scanners.images import zbar as engine

    payload = {Symbology.DBAR_EXP: BARS, Symbology.CODABAR: "A123456B"}.get(symbology, "123456")
    picture = drawn(symbology, payload, gs1=symbology is Symbology.DBAR_EXP)
    assert engine.find(picture) == []


def test_what_only_zbar_sees_counts_when_another_look_agrees(zbar, monkeypatch):
    """Four golden photos that zxing-cpp alone does not read."""
    for name in ("12", "21", "25", "26"):
        data = (FOLDER / "photos" / f"ean13-2__{name}.webp").read_bytes()
        assert len(read(data, deadline_seconds=30).symbols) == 1
    monkeypatch.setattr(zxing, "find", lambda *_, **__: [])
    bars = encoded(drawn(Symbology.EANX, "690123456789"))
    assert read(bars, deadline_seconds=30).symbols == ()  # zbar's one look at it is not enough


WITHOUT = """
import ctypes.util, json, logging, sys
found = ctypes.util.find_library
ctypes.util.find_library = lambda name: None if name == "zbar" else found(name)
logging.basicConfig(format="%(levelname)s %(message)s")
from scanners.images import read
for name in sys.argv[1:]:
    picture = read(open(name, "rb").read(), deadline_seconds=30)
    print(json.dumps([symbol.scanned for symbol in picture.symbols]))
"""


def test_without_libzbar_it_is_said_once_and_zxing_reads_on():
    """A child process in which the library is not found, as on a system without the package."""
    names = [
        "encoded/gs1-128-03.png",
        "photos/ean13-1__4.webp",
        "encoded/hibc-c39-002.png",
        "encoded/gs1-dm-03.png",
    ]
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, *(str(FOLDER / name) for name in names)],
        capture_output=True, text=True, cwd=ROOT, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        ["]C10100841396198953108117117\x1d17230301"],
        ["]E05449000039231"],
        ["]A1+D65825032111"],
        ["]d20100841396198953108117117\x1d17230301"],
    ]
    assert done.stderr.count("WARNING") == 1 and done.stderr.count("\n") == 1
    assert "libzbar" in done.stderr


# --- what is a piece, or a negative, of something else ---------------------------------------------------


@pytest.mark.parametrize(
    ("number", "piece"),
    [
        ("7959955322039", "0195995000057"),  # the left half, as a UPC-E
        ("5395757478222", "0139575000075"),
        ("0277305575469", "73055754"),  # the middle, as an EAN-8
    ],
)
@pytest.mark.parametrize("angle", [19, 30, 55, 120])
def test_a_piece_of_a_leaning_ean13_is_no_symbol(number, piece, angle):
    page = ImageOps.expand(drawn(Symbology.EANX, number[:-1], scale=1.5), 20, fill=255)
    page = page.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    assert piece in {finding.text for finding in zxing.find(page)}
    assert [symbol.text for symbol in read(encoded(page), deadline_seconds=30).symbols] == [number]


@pytest.mark.parametrize("angle", [0, 12, 75, 100])
@pytest.mark.parametrize(
    ("symbology", "payload", "text"),
    [
        (Symbology.UPCE, "0123456", "0012345000065"),
        (Symbology.EANX, "9638507", "96385074"),
        (Symbology.C25INTER, "12345678", "12345678"),
        (Symbology.ITF14, "1540014128876", "15400141288763"),
    ],
)
def test_a_short_symbol_that_leans_is_read(symbology, payload, text, angle):
    page = drawn(symbology, payload).rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    assert [symbol.text for symbol in read(encoded(page), deadline_seconds=30).symbols] == [text]


def test_a_databar_in_white_on_black_is_not_read_as_another_number():
    """In the negative this one is 01793..., and printed as it should be it is what it is."""
    number = "8735821379240"
    bars = drawn(Symbology.DBAR_OMN, number, scale=1.5)
    assert [finding.text[2:-1] for finding in zxing.find(ImageOps.invert(bars))] == []
    assert {one.text[2:-1] for one in read(encoded(ImageOps.invert(bars))).symbols} <= {number}
    assert [one.text[2:-1] for one in read(encoded(bars), deadline_seconds=30).symbols] == [number]


# --- who is believed ------------------------------------------------------------------------------------


def seen(
    text: str, *, engine: str = "zxing", format: str = "EAN13", top: float = 0, left: float = 0
) -> Finding:
    """A symbol of 100 x 20 pixels."""
    corners = (left, top), (left + 100, top), (left + 100, top + 20), (left, top + 20)
    return Finding(format, "]E0", text, text.encode(), engine, corners)


def texts(judge: Judge) -> list[str]:
    return sorted(finding.text for finding in judge.accepted())


def test_one_look_at_a_linear_symbol_proves_nothing():
    judge = Judge()
    judge.hear([seen("1")])
    assert texts(judge) == [] and judge.doubts() == {"EAN13"}
    judge.hear([seen("1", engine="zbar")])
    assert texts(judge) == ["1"] and judge.doubts() == set()
    assert judge.accepted()[0].engine == "zxing"


def test_one_look_may_say_the_same_twice_and_counts_once():
    judge = Judge()
    judge.hear([seen("1"), seen("1", top=1)])
    assert texts(judge) == []


def test_two_texts_in_one_place_need_a_lead_of_two():
    judge = Judge()
    judge.hear([seen("1"), seen("2")])
    judge.hear([seen("1", engine="zbar")])
    assert texts(judge) == []
    judge.hear([seen("1")])
    assert texts(judge) == ["1"]
    judge.hear([seen("2")])
    judge.hear([seen("2")])
    assert texts(judge) == [] and judge.doubts() == {"EAN13"}


def test_symbols_in_other_places_are_no_rivals():
    judge = Judge()
    for _ in range(2):
        judge.hear([seen("1"), seen("2", top=26), seen("3", left=150)])
    assert texts(judge) == ["1", "2", "3"]


def test_a_symbol_with_error_correction_is_believed_at_once_and_bars_in_it_are_not():
    judge = Judge()
    judge.hear([seen("1", format="DataMatrix"), seen("2")])
    judge.hear([seen("2")])
    judge.hear([seen("2")])
    assert texts(judge) == ["1"] and judge.doubts() == set()


def test_a_place_is_wherever_the_text_was_seen():
    """Lines at the top of a tall symbol gave one text, lines at its foot another."""
    judge = Judge()
    judge.hear([seen("1"), seen("2", top=60)])
    judge.hear([seen("1")])
    assert texts(judge) == ["1"]
    whole = seen("2")._replace(outline=((0, 0), (100, 0), (100, 80), (0, 80)))
    judge.hear([whole])
    assert texts(judge) == []
    judge.hear([whole])
    judge.hear([whole])
    assert texts(judge) == ["2"]


def test_one_finding_of_zbar_is_for_every_place_it_was_seen_at_and_for_none_between():
    judge = Judge()
    judge.hear([seen("1"), seen("1", top=200), seen("2", top=100)])
    points = ((100.0, 5.0), (100.0, 15.0), (100.0, 205.0), (100.0, 215.0))
    judge.hear([seen("1", engine="zbar")._replace(outline=(points[0], points[-1]), crossed=points)])
    assert texts(judge) == ["1", "1"] and judge.doubts() == {"EAN13"}
    judge.hear([seen("2", top=100)])
    assert texts(judge) == ["1", "1", "2"] and judge.doubts() == set()


def test_a_pdf417_counts_when_two_looks_agree():
    judge = Judge()
    judge.hear([seen("1", format="PDF417")])
    assert texts(judge) == [] and judge.doubts() == {"PDF417"}
    judge.hear([seen("1", format="PDF417")])
    assert texts(judge) == ["1"]


def test_an_ean13_that_ends_like_another_is_its_rival_wherever_it_is():
    """What zxing-cpp saw of a bent one, beside what it was."""
    judge = Judge()
    for _ in range(2):
        judge.hear([seen("5030159003930"), seen("7034759003930", top=60), seen("6901234567892", top=120)])
    assert texts(judge) == ["6901234567892"]
    for _ in range(2):
        judge.hear([seen("5030159003930")])
    assert texts(judge) == ["5030159003930", "6901234567892"]


def test_the_engine_that_knows_the_identifier_speaks_for_both():
    judge = Judge()
    judge.hear([seen("1", engine="zbar", format="Code128")._replace(symbology=None)])
    judge.hear([seen("1", format="Code128")._replace(symbology="]C1")])
    assert [finding.symbology for finding in judge.accepted()] == ["]C1"]


def test_the_libraries_are_two():
    assert {"Code128", "Code39", "EAN13", "EAN8"} >= zbar.FORMATS
    assert zxing.find(drawn(Symbology.EANX, "690123456789"))[0].engine == "zxing"
