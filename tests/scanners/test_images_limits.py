"""Two seconds and half a gibibyte, measured in a process of its own on the largest that is taken."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from time import process_time

import numpy as np
import pytest
from PIL import Image
from zint import Symbology

from scanners import inhouse
from scanners.images import read
from tests.scanners.pictures import drawn, encoded, sheet

ROOT = Path(__file__).parents[2]
MOST_SECONDS = 2.0
MOST_MEGABYTES = 512

# Processor time, by the reader's own clock, too: what else runs on the machine is not its doing. VmHWM: the
# peak of this process, where `ru_maxrss` begins with what the one that started it had.
CHILD = """
import json, sys, time
from scanners.images import clock, read
clock.monotonic = time.thread_time
with open(sys.argv[1], "rb") as file:
    data = file.read()
began = time.process_time()
picture = read(data)
seconds = time.process_time() - began
with open("/proc/self/status") as status:
    [peak] = [int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM")]
error = picture.error and picture.error.code
print(json.dumps([seconds, peak, error, [symbol.text for symbol in picture.symbols]]))
"""


def measured(folder: Path, data: bytes) -> tuple[float, float, str | None, list[str]]:
    """Seconds, the peak in MB, and what was read."""
    if not Path("/proc/self/status").exists():
        pytest.skip("the peak of a process's memory is measured on Linux only")
    file = folder / "picture"
    file.write_bytes(data)
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(file)], capture_output=True, text=True, cwd=ROOT, timeout=120
    )
    assert done.returncode == 0 and done.stderr == "", done.stderr
    seconds, peak, error, texts = json.loads(done.stdout)
    return seconds, peak, error, texts


def scene(width: int, height: int, mode: str = "RGB") -> Image.Image:
    """A shaded, slightly noisy background with a symbol somewhere, as a camera would take it."""
    random_ = np.random.default_rng(2)
    shade = random_.integers(90, 220, (9, 9, 3), dtype=np.uint8)
    tile = Image.fromarray(shade).resize((1000, 1000), Image.Resampling.BICUBIC)
    noisy = np.asarray(tile).astype(np.int16) + random_.normal(0, 3, (1000, 1000, 1)).astype(np.int16)
    tile = Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8))
    picture = Image.new("RGB", (width, height))
    for left in range(0, width, 1000):
        for top in range(0, height, 1000):
            picture.paste(tile, (left, top))
    symbol = drawn(Symbology.DATAMATRIX, "[01]06901234567892[10]LOT42A", gs1=True, scale=5)
    picture.paste(symbol.convert("RGB"), (width // 3, height // 3))
    return picture.convert(mode)


TEXT = "010690123456789210LOT42A"
LARGE = {
    "a phone's 12 megapixels": lambda: encoded(scene(4000, 3000), "JPEG", quality=90),
    "a phone's 50 megapixels": lambda: encoded(scene(8160, 6120), "JPEG", quality=80),
    "the largest JPEG": lambda: encoded(scene(9200, 6900), "JPEG", quality=75),
    "the largest progressive JPEG": lambda: encoded(
        scene(6000, 4000), "JPEG", quality=80, progressive=True, subsampling=0
    ),
    "the largest progressive JPEG in four colours": lambda: encoded(
        scene(5100, 3500, "CMYK"), "JPEG", quality=70, progressive=True, subsampling=0
    ),
    "the largest WebP": lambda: encoded(scene(4600, 3450), "WEBP", quality=75, method=0),
    "the largest PNG": lambda: encoded(
        scene(6500, 4900).quantize(16).convert("RGBA"), "PNG", compress_level=1
    ),
    "the largest GIF": lambda: encoded(scene(6500, 4900).quantize(16), "GIF"),
}


@pytest.mark.parametrize("what", LARGE)
def test_the_largest_pictures(what, tmp_path):
    seconds, peak, error, texts = measured(tmp_path, LARGE[what]())
    assert (error, texts) == (None, [TEXT])
    assert seconds <= MOST_SECONDS and peak <= MOST_MEGABYTES, (seconds, peak)


def test_a_sheet_of_labels(tmp_path):
    """What a storekeeper photographs who puts away a delivery: 128 labels, every one of them read."""
    numbers = [inhouse.make(number) for number in range(128)]
    labels = [drawn(Symbology.CODE128, number, height=20, scale=1) for number in numbers]
    page = sheet(*[tuple(labels[first : first + 8]) for first in range(0, 128, 8)], gap=20)
    seconds, peak, error, texts = measured(tmp_path, encoded(page))
    assert (error, sorted(texts)) == (None, numbers)
    assert seconds <= MOST_SECONDS / 2 and peak <= MOST_MEGABYTES, (seconds, peak)


def walls(width: int, height: int) -> dict[str, Image.Image]:
    """What an engine works longest at: it sees the beginning of a symbol everywhere."""
    random_ = np.random.default_rng(1)
    finder = np.full((9, 9), 255, np.uint8)
    finder[1:8, 1:8], finder[2:7, 2:7], finder[3:6, 3:6] = 0, 255, 0
    patterns = {
        "finder marks": finder,
        "a chessboard": np.array([[0, 255], [255, 0]], np.uint8),
        "bars": np.array([[0, 255]], np.uint8),
        "black and white noise": (random_.integers(0, 2, (512, 512)) * 255).astype(np.uint8),
    }
    return {
        name: Image.fromarray(
            np.tile(tile, (height // len(tile) + 1, width // len(tile[0]) + 1))[:height, :width]
        )
        for name, tile in patterns.items()
    }


@pytest.mark.parametrize("size", [(1000, 1000), (2000, 1500), (5600, 5600)])
@pytest.mark.parametrize("what", walls(1, 1))
def test_pictures_that_keep_an_engine_busy(what, size, tmp_path):
    seconds, peak, error, texts = measured(tmp_path, encoded(walls(*size)[what], compress_level=1))
    assert (error, texts) == (None, [])
    assert seconds <= MOST_SECONDS and peak <= MOST_MEGABYTES, (seconds, peak)


def test_a_glance_at_a_frame_that_shows_nothing_costs_a_third():
    """Of what a photo gets; the frame of somebody's camera on the way to a pack."""
    frame = scene(1280, 960, "L")
    frame.paste(frame.crop((0, 0, 400, 400)), (400, 300))  # where the symbol was
    nothing = encoded(frame, "JPEG", quality=85)
    costs = []
    for glance in (True, False):
        began = process_time()
        assert read(nothing, deadline_seconds=30, glance=glance) == ((), None)
        costs.append(process_time() - began)
    assert costs[0] < costs[1] / 3, costs


def test_a_glance_reads_what_there_is():
    assert [one.text for one in read(encoded(scene(1280, 960)), glance=True).symbols] == [TEXT]


def test_no_time_is_an_error_of_its_own():
    picture = read(encoded(scene(1000, 1000)), deadline_seconds=0)
    assert picture.error is not None and picture.error.code == "too_slow"
