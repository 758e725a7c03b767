"""`python -m scanners parse` as others run it: bytes in, one JSON line a line out."""

from __future__ import annotations

import importlib
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UDI = b"]d20106901234567892" + b"10LOT\x1d21SN1"


def run(stdin: bytes, *arguments: str) -> tuple[int, list[dict[str, object]], str]:
    done = subprocess.run(
        [sys.executable, "-m", "scanners", *arguments], input=stdin, capture_output=True, cwd=ROOT, timeout=60
    )
    lines = done.stdout.decode("ascii").split("\n")
    assert lines.pop() == ""
    return done.returncode, [json.loads(line) for line in lines], done.stderr.decode()


def test_one_answer_a_line_and_exit_0():
    stdin = UDI + b"\r\n" + b"\n" + b"hello\n" + b"]d20106901234567893"
    code, answers, errors = run(stdin, "parse")
    assert (code, errors) == (0, "")
    assert [answer["error"] and answer["error"]["code"] for answer in answers] == [
        None, "empty", "not_a_udi", "check_digit",
    ]  # fmt: skip
    assert answers[0]["raw"] == UDI.decode() and answers[0]["repairs"] == []


@pytest.mark.parametrize(
    ("stdin", "expected"), [(UDI, 0), (UDI + b"\nhello\n" + UDI, 1), (b"", 0), (b"\n", 1)]
)
def test_strict_tells_of_an_error_in_any_line(stdin, expected):
    assert run(stdin, "parse", "--strict")[0] == expected
    assert run(stdin, "parse")[0] == 0


@pytest.mark.parametrize("notation", [b"\\x1d", b"\\x1D", b"{GS}", b"<GS>", b"\x1d"])
def test_a_gs_can_be_written_in_ascii(notation):
    _, [answer], _ = run(UDI.replace(b"\x1d", notation), "parse")
    assert (answer["lot"], answer["serial"], answer["repairs"]) == ("LOT", "SN1", [])
    assert answer["raw"] == UDI.decode()


def test_only_a_line_feed_ends_a_line():
    odd = "a\x0bb\x0cc\x1cd\x1de\x1ef\x85g\u2028h\u2029i\rj\x00k"
    _, answers, _ = run(odd.encode() + b"\n" + UDI, "parse")
    assert [answer["raw"] for answer in answers] == [odd, UDI.decode()]


def test_bytes_that_are_not_utf_8_do_no_harm():
    code, answers, errors = run(b"\xff\xfe\x80\n" + UDI + b"\n\xef\xbb\xbf\n", "parse")
    assert (code, errors, len(answers)) == (0, "", 3)
    assert answers[0]["raw"] == "\udcff\udcfe\udc80"
    assert answers[1]["lot"] == "LOT"
    assert answers[2]["raw"] == "\ufeff"  # a mark that begins no file


def test_a_byte_order_mark_before_the_first_line_is_no_part_of_it():
    _, answers, _ = run(b"\xef\xbb\xbf" + UDI, "parse")
    assert answers[0]["raw"] == UDI.decode() and answers[0]["error"] is None


def test_a_line_of_many_megabytes_is_one_line_too_long():
    code, answers, _ = run(b"7" * (5 << 20) + b"\n" + UDI, "parse")
    assert code == 0 and len(answers) == 2
    assert answers[0]["error"]["code"] == "too_long"
    assert answers[1]["lot"] == "LOT"


def test_each_answer_comes_before_the_next_question():
    with subprocess.Popen(
        [sys.executable, "-m", "scanners", "parse"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        for number in range(3):
            process.stdin.write(b"(01)06901234567892(21)%d\n" % number)
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["serial"] == str(number)
        process.stdin.close()
        assert process.wait(timeout=20) == 0


def test_a_reader_that_leaves_is_no_error():
    command = f"yes hello | head -50000 | {sys.executable} -m scanners parse | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, cwd=ROOT, timeout=60)
    assert done.stderr == b"" and done.stdout.count(b"\n") == 1


def test_somebody_who_stops_it_gets_no_traceback():
    with subprocess.Popen(
        [sys.executable, "-m", "scanners", "parse"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        # Where the tests run in the background, a shell had them ignore it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        assert process.stdin is not None and process.stdout is not None and process.stderr is not None
        process.stdin.write(UDI + b"\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["lot"] == "LOT"
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 130
        assert process.stderr.read() == b""


def test_with_nowhere_to_say_why_it_still_refuses():
    command = f"{sys.executable} -m scanners parse >&- 2>&-"
    assert subprocess.run(["bash", "-c", command], input=UDI, cwd=ROOT, timeout=60).returncode == 2


def test_pictures_are_read_by_a_part_that_is_loaded_when_asked_for():
    program = (
        "import sys, scanners\n"
        "assert 'PIL' not in sys.modules and 'scanners.images' not in sys.modules\n"
        "assert scanners.read is sys.modules['scanners.images'].read\n"
        "assert not hasattr(scanners, 'nonsense')"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT, timeout=60)


def test_importing_the_program_does_not_run_it():
    """As a child process does that was started to read pictures."""
    module = importlib.import_module("scanners.__main__")
    assert callable(module.main)


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["parse", "--nonsense"]])
def test_a_wrong_command_line_is_told_so(arguments):
    code, answers, errors = run(b"", *arguments)
    assert code == 2 and answers == [] and "usage" in errors


def test_the_package_needs_nothing_but_python():
    program = (
        "import sys, scanners, scanners.cli\n"
        "outside = {'tracer', 'reconcile', 'flask', 'sqlalchemy', 'pandas', 'biip'} & set(sys.modules)\n"
        "assert not outside, outside"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT, timeout=60)
