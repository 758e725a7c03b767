"""Reading pictures, beside the bare libraries on the same pictures in the same run.

    python -m benchmarks.bench_images

Time: each golden picture from its bytes on, zxing-cpp and pyzbar as their manuals call them, the best of
several rounds in processor time, which a busy machine does not stretch. Reads: a picture counts as read if
the text it was made from is among what was found, and each other text found counts as wrong: what a HIBC
says is `+D65825032111`, and zxing-cpp's `d65825032111` is wrong. (pyzbar reads no DataMatrix, no Aztec, no
Code 93 and no PDF417.)

The looks of `scanners.images` were chosen on damaged copies of the golden pictures, made with other seeds and
mostly other damages. So the same is done to symbols that are drawn for this run, which nothing was ever
chosen on.
"""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from statistics import fmean, median
from time import process_time

import zxingcpp
from PIL import Image
from pyzbar import pyzbar

from benchmarks.damage import DAMAGES, damaged
from benchmarks.fresh_symbols import fresh_symbols
from scanners.images import read

_FOLDER = Path(__file__).parents[1] / "fixtures" / "golden" / "images"
_ROUNDS = 3
_SEED = "20261122"
_SHARE = 2  # one golden picture in so many gets a damage, each time other ones
_FRESH_ROUNDS = 4
_GOAL = 1.5

Reader = Callable[[bytes], list[str]]
Reads = Counter[tuple[str, bool]]  # how often a reader was right, or wrong


def _ours(data: bytes) -> list[str]:
    return [symbol.text for symbol in read(data).symbols]


def _zxing(data: bytes) -> list[str]:
    # Plain text, or every GS1 symbol would count as wrong.
    found = zxingcpp.read_barcodes(Image.open(io.BytesIO(data)), text_mode=zxingcpp.TextMode.Plain)
    return [barcode.text for barcode in found]


def _pyzbar(data: bytes) -> list[str]:
    return [symbol.data.decode("utf-8", "replace") for symbol in pyzbar.decode(Image.open(io.BytesIO(data)))]


_READERS: dict[str, Reader] = {"scanners": _ours, "zxing-cpp": _zxing, "pyzbar": _pyzbar}


def main() -> None:
    """Print the table of times, then those of reads."""
    rows = json.loads((_FOLDER / "expected.json").read_text(encoding="utf-8"))
    files = [((_FOLDER / row["file"]).read_bytes(), row["text"]) for row in rows]
    _time([data for data, _ in files])
    golden = [(_on_white(data), text) for data, text in files]
    fresh = [(drawn.picture, drawn.text) for drawn in fresh_symbols(_FRESH_ROUNDS, _SEED)]

    print(f"\n{'right / wrong texts':<24}{'pictures':>10}" + "".join(f"{name:>16}" for name in _READERS))
    _line("golden", len(files), _count(files))
    _damage("golden", golden, _SHARE)
    _line("freshly drawn", len(fresh), _count((_png(picture), text) for picture, text in fresh))
    _damage("freshly drawn", fresh, 1)


def _time(files: Sequence[bytes]) -> None:
    best = {name: [float("inf")] * len(files) for name in _READERS}
    for _ in range(_ROUNDS):
        for index, data in enumerate(files):
            for name, reader in _READERS.items():
                start = process_time()
                reader(data)
                best[name][index] = min(best[name][index], process_time() - start)
    print(f"{'ms a golden picture':<24}{'pictures':>10}" + "".join(f"{name:>16}" for name in _READERS))
    for what, of in (("mean", fmean), ("median", median), ("longest", max)):
        cells = "".join(f"{of(best[name]) * 1000:>16.2f}" for name in _READERS)
        print(f"{what:<24}{len(files):>10}" + cells)
    slower = max(sum(best["zxing-cpp"]), sum(best["pyzbar"]))
    ratio = sum(best["scanners"]) / slower
    print(f"mean beside the slower of the bare libraries: {ratio:.2f} (at most {_GOAL})")


def _damage(name: str, pictures: Sequence[tuple[Image.Image, str]], share: int) -> None:
    """A line for each damage, and their sum."""
    total, sums = 0, Reads()
    for number, damage in enumerate(DAMAGES):
        places = range(number % share, len(pictures), share)
        reads = _count(
            (_png(damaged(pictures[place][0], damage, f"{_SEED} {place}")), pictures[place][1])
            for place in places
        )
        _line(f"  {damage}", len(places), reads)
        total += len(places)
        sums += reads
    _line(f"{name}, damaged", total, sums)


def _count(files: Iterable[tuple[bytes, str]]) -> Reads:
    reads = Reads()
    for data, text in files:
        for name, reader in _READERS.items():
            found = set(reader(data))
            reads[name, True] += text in found
            reads[name, False] += len(found - {text})
    return reads


def _line(what: str, pictures: int, reads: Reads) -> None:
    cells = (f"{reads[name, True]} / {reads[name, False]}" for name in _READERS)
    print(f"{what:<24}{pictures:>10}" + "".join(f"{cell:>16}" for cell in cells), flush=True)


def _on_white(data: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(data)).convert("RGBA")
    paper = Image.new("RGBA", picture.size, "white")
    paper.alpha_composite(picture)
    return paper.convert("L")


def _png(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG", compress_level=1)
    return file.getvalue()


if __name__ == "__main__":
    main()
