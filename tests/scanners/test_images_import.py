"""Pictures are read by `scanners.read`, and who only parses does not pay for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import scanners

ROOT = Path(__file__).parents[2]
HEAVY = """
import sys
from scanners import {name}
print(sorted({{"PIL", "numpy", "pyzbar", "scanners.images", "zxingcpp"}} & set(sys.modules)))
"""


def loaded_for(name: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", HEAVY.format(name=name)], capture_output=True, text=True, cwd=ROOT, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.strip()


def test_who_parses_loads_no_reader_of_pictures():
    assert loaded_for("parse") == "[]"
    assert loaded_for("read") != "[]"


def test_read_is_that_of_images():
    from scanners import read
    from scanners.images import read as the_same

    assert read is the_same and read(b"").error.code == "empty"


def test_nothing_else_is_promised():
    with pytest.raises(AttributeError, match="no attribute 'reed'"):
        _ = scanners.reed
