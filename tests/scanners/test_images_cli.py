"""`python -m scanners read` as others run it."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests.scanners.pictures import FOLDER, encoded

ROOT = Path(__file__).parents[2]
SYMBOL = str(FOLDER / "encoded" / "gs1-dm-03.png")
TEXT = "0100841396198953108117117\x1d17230301"


def run(*arguments: str | Path) -> tuple[int, list[dict[str, object]], str]:
    command = [sys.executable, "-m", "scanners", "read", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, cwd=ROOT, timeout=60)
    lines = done.stdout.decode("ascii").split("\n")
    assert lines.pop() == ""
    return done.returncode, [json.loads(line) for line in lines], done.stderr.decode()


def test_a_line_of_json_for_each_picture_in_order(tmp_path):
    blank = tmp_path / "空白.png"
    blank.write_bytes(encoded(Image.new("L", (50, 50), 255)))
    code, answers, errors = run(SYMBOL, blank, SYMBOL)
    assert (code, errors) == (0, "")
    symbol = {
        "format": "DataMatrix",
        "symbology": "]d2",
        "text": TEXT,
        "bytes_b64": base64.b64encode(TEXT.encode()).decode(),
        "engine": "zxing",
    }
    read = {"file": SYMBOL, "symbols": [symbol], "error": None}
    assert answers == [read, {"file": str(blank), "symbols": [], "error": None}, read]


@pytest.fixture
def unreadable(tmp_path):
    """Names of what is no picture, and the code of each error."""
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "text.jpg").write_text("a text")
    (tmp_path / "half.png").write_bytes(Path(SYMBOL).read_bytes()[:200])
    with (tmp_path / "large.png").open("wb") as file:
        file.truncate(21 << 20)
    return {
        tmp_path / "empty.png": "empty",
        tmp_path / "text.jpg": "format",
        tmp_path / "half.png": "damaged",
        tmp_path / "large.png": "too_large",
        tmp_path / "missing.png": "unreadable",
        tmp_path: "unreadable",
        Path("/dev/zero"): "too_large",
    }


def test_what_cannot_be_read_is_an_error_in_its_line_and_no_reason_to_stop(unreadable):
    code, answers, errors = run(*unreadable, SYMBOL)
    assert (code, errors) == (0, "")
    assert [answer["error"] and answer["error"]["code"] for answer in answers] == [*unreadable.values(), None]
    assert all(answer["symbols"] == [] and answer["error"]["message"] for answer in answers[:-1])
    assert answers[-1]["symbols"][0]["text"] == TEXT


def test_strict_tells_of_an_error_in_any_line(unreadable):
    assert run("--strict", SYMBOL)[0] == 0
    assert run("--strict", SYMBOL, *unreadable)[0] == 1


def test_no_picture_is_a_wrong_command_line():
    assert run()[0] == 2


def test_who_parses_text_waits_for_no_library():
    program = (
        "import sys, scanners, scanners.cli\n"
        "heavy = {'PIL', 'zxingcpp', 'pyzbar', 'numpy', 'scanners.images'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT, timeout=60)
