"""`python -m scanners label` as others run it."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest

from scanners.cli import main
from tests.scanners.label_readers import Seen, by_dmtx, by_zbar, opened, pdf_pages

ROOT = Path(__file__).parents[2]
LABEL = "TR000000004292"


@dataclass(frozen=True)
class Done:
    returncode: int
    stdout: str
    stderr: str


def run(*arguments: str | Path) -> Done:
    with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as err:
        code = main(["label", *map(str, arguments)])
    return Done(code, out.getvalue(), err.getvalue())


def test_the_program_itself(tmp_path):
    command = [sys.executable, "-m", "scanners", "label", "--out", str(tmp_path / "a.svg")]
    assert subprocess.run([*command, "A"], cwd=ROOT, timeout=60).returncode == 0
    refused = subprocess.run([*command, "汉字"], cwd=ROOT, timeout=60, capture_output=True)
    assert refused.returncode == 2 and refused.stderr.startswith(b"label: ")


@pytest.mark.parametrize("format", ["png", "svg", "pdf", "zpl"])
@pytest.mark.parametrize("symbology", ["code128", "gs1-128", "gs1-datamatrix", "qr"])
def test_every_format_of_every_symbology_is_written(tmp_path, format, symbology):
    text = "(01)06901234567892(10)A" if symbology.startswith("gs1") else LABEL
    out = tmp_path / "labels"
    done = run("--format", format, "--symbology", symbology, "--out", out, text)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    begins = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF-", "zpl": b"^XA"}[format]
    assert out.read_bytes().startswith(begins)
    assert list(tmp_path.iterdir()) == [out]


def test_several_texts_are_labels_of_one_sheet(tmp_path, zbar):
    out = tmp_path / "sheet.pdf"
    texts = ["A1", "B2", "C3", "D4"]
    assert run("--out", out, "--stock", "L7160", "--start", "20", *texts).returncode == 0
    seen = [{one.text for one in by_zbar(page)} for page in pdf_pages(out.read_bytes())]
    assert seen == [{"A1", "B2"}, {"C3", "D4"}]


def test_copies_are_told_to_the_printer(tmp_path):
    out = tmp_path / "labels.zpl"
    assert run("--out", out, "--copies", "3", "A1", "B2").returncode == 0
    assert out.read_text(encoding="utf-8").count("^PQ3^XZ") == 2


@pytest.mark.parametrize("notation", ["\\x1d", "{GS}", "<GS>"])
def test_a_separator_can_be_written_in_ascii(tmp_path, notation, dmtx):
    out = tmp_path / "label.png"
    text = f"010690123456789210LOT{notation}21SN"
    assert run("--out", out, "--symbology", "gs1-datamatrix", text).returncode == 0
    assert by_dmtx(opened(out.read_bytes())) == [Seen("010690123456789210LOT\x1d21SN", gs1=True)]


REFUSED = [
    (["--symbology", "gs1-128", "(01)06901234567893"], "check digit"),
    (["--symbology", "gs1-datamatrix", "no GS1 at all"], "not a GS1 message"),
    (["--symbology", "code39", "A"], "no symbology 'code39'"),
    (["--format", "gif", "A"], "no format 'gif'"),
    (["--stock", "A5", "A"], "there are: 40x30"),
    (["--stock", "40x30", "A" * 40], "needs"),
    (["--stock", "40x30", "--start", "2", "A"], "only a sheet"),
    (["--stock", "L7160", "--start", "22", "A"], "positions 1 to 21"),
    (["--format", "zpl", "--stock", "L7160", "A"], "takes rolls"),
    (["--dpi", "72", "A"], "dots an inch"),
    (["--copies", "0", "A"], "at least one"),
    (["--font", "/no/such/font.ttf", "A"], "font"),
    (["--line", "a\nb", "A"], "cannot be printed"),
    (["TR000000004293"], "check digits"),
    (["汉字"], "ASCII"),
    ([""], "empty"),
    (["good", "汉字"], "ASCII"),
]


@pytest.mark.parametrize(("arguments", "told"), REFUSED)
def test_what_cannot_be_printed_is_told_and_nothing_is_written(tmp_path, arguments, told):
    kept = tmp_path / "label.png"
    kept.write_bytes(b"what was there before")
    if "--format" not in arguments:
        arguments = ["--format", "png", *arguments]
    done = run(*arguments, "--out", kept)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("label: ") and told in done.stderr and done.stderr.count("\n") == 1
    assert kept.read_bytes() == b"what was there before" and list(tmp_path.iterdir()) == [kept]


def test_a_file_that_cannot_be_written_is_told(tmp_path):
    done = run("--out", tmp_path / "no folder" / "label.png", "A")
    assert done.returncode == 2 and "No such file" in done.stderr
    done = run("--out", tmp_path, "--format", "png", "A")
    assert done.returncode == 2 and "directory" in done.stderr


def test_a_file_ending_names_the_format_and_one_that_does_not_is_told(tmp_path):
    assert run("--out", tmp_path / "label.SVG", "A").returncode == 0
    done = run("--out", tmp_path / "label", "A")
    assert done.returncode == 2 and "--format" in done.stderr


def test_a_disk_that_fills_up_leaves_nothing_behind(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("scanners.label_command.os.replace", full)
    done = run("--out", tmp_path / "label.svg", "A")
    assert done.returncode == 2 and "No space left" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_pipe_is_written_to_and_not_replaced(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE) as reader:
        assert run("--format", "zpl", "--out", pipe, "A").returncode == 0
        assert reader.communicate(timeout=20)[0].startswith(b"^XA")
    assert pipe.is_fifo()


def test_the_file_is_readable_as_any_other(tmp_path):
    out, other = tmp_path / "label.svg", tmp_path / "other"
    other.touch()
    assert run("--out", out, "A").returncode == 0
    assert out.stat().st_mode == other.stat().st_mode


def test_parsing_does_not_wait_for_what_printing_needs():
    program = (
        "import sys, scanners.cli\n"
        "heavy = {'numpy', 'PIL', 'zxingcpp', 'reportlab', 'barcode'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT, timeout=60)
