"""The child that looks at pictures: it may die, hang or be killed, and nothing else suffers by it."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import psutil
import pytest
from PIL import Image

from tests.browser.film import code, jpeg, view
from tracer.charging import looking
from tracer.charging.errors import ImagesBusy, UnreadableImage
from tracer.charging.eye import GIVES_WAY
from tracer.charging.looking import Eye

PICTURE = jpeg(view(code("(01)06901234567892(10)A1")))

# A child that is ready, and then does what it is told to with an image.
STRANGE = """
import os, struct, sys, time
out = sys.stdout.buffer
def say(message): out.write(struct.pack(">I", len(message)) + message); out.flush()
{first}
say(b"")
while (head := sys.stdin.buffer.read(4)):
    sys.stdin.buffer.read(struct.unpack(">I", head)[0])
    {then}
"""


@pytest.fixture
def eye() -> Iterator[Eye]:
    made = Eye(threads=4)
    yield made
    made.close()


@pytest.fixture
def strange(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[subprocess.Popen[bytes]]]:
    """`strange(then)`: children of that kind; returns those that were started."""

    def begin(then: str, first: str = "") -> list[subprocess.Popen[bytes]]:
        started: list[subprocess.Popen[bytes]] = []

        def start() -> subprocess.Popen[bytes]:
            script = STRANGE.format(first=first, then=then)
            pipe = subprocess.PIPE
            started.append(subprocess.Popen([sys.executable, "-c", script], stdin=pipe, stdout=pipe))
            return started[-1]

        monkeypatch.setattr(looking, "_start", start)
        return started

    return begin


def child_of(eye: Eye) -> psutil.Process:
    [process] = eye._processes
    return psutil.Process(process.pid)


def texts(seen: dict[str, Any]) -> list[str]:
    return [symbol["text"] for symbol in seen["symbols"]]


def test_it_starts_when_it_is_first_needed_and_gives_way(eye: Eye):
    assert eye._processes == []
    assert texts(eye.look(PICTURE)) == ["010690123456789210A1"]
    child = child_of(eye)
    assert child.nice() == min(19, psutil.Process().nice() + GIVES_WAY)
    assert not [name for name in child.environ() if name.startswith("TRACER_")]
    eye.look(PICTURE)
    assert child_of(eye) == child


def test_it_knows_nothing_of_the_service(eye: Eye):
    """What it loads is what it needs: a child of every worker must be small."""
    asked = "import sys, tracer.charging.eye, scanners.images; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert not {"flask", "sqlalchemy", "psycopg", "pandas", "pydantic"} & set(loaded.stdout.split())


def test_a_child_that_was_killed_is_replaced(eye: Eye):
    eye.look(PICTURE)
    killed = child_of(eye)
    killed.kill()
    killed.wait()
    assert texts(eye.look(PICTURE)) == ["010690123456789210A1"]
    assert child_of(eye) != killed


def test_an_image_that_brings_it_down_is_refused(eye: Eye, strange: Callable[..., Any]):
    started = strange("os.kill(os.getpid(), 11)")
    with pytest.raises(UnreadableImage):
        eye.look(PICTURE)
    assert [process.returncode for process in started] == [-signal.SIGSEGV] * 2


def test_an_image_that_never_ends_is_refused_in_time(
    eye: Eye, strange: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(looking, "LONGEST_LOOK", 0.3)
    started = strange("time.sleep(60)")
    began = time.monotonic()
    with pytest.raises(UnreadableImage):
        eye.look(PICTURE)
    assert time.monotonic() - began < 10
    [process] = started
    assert process.returncode == -signal.SIGKILL


def test_one_that_does_not_start_is_our_fault_and_not_the_images(eye: Eye, strange: Callable[..., Any]):
    strange("pass", first="sys.exit(3)")
    with pytest.raises(RuntimeError, match="does not start"):
        eye.look(PICTURE)
    assert eye._processes == []


def test_two_at_once_take_turns(eye: Eye, strange: Callable[..., Any]):
    strange("time.sleep(0.3); say(b'{}')")
    began = time.monotonic()
    both = [threading.Thread(target=eye.look, args=(PICTURE,)) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert time.monotonic() - began > 0.6


def test_only_some_are_let_in(eye: Eye):
    with eye.turn(), eye.turn(), pytest.raises(ImagesBusy), eye.turn():
        pass
    with eye.turn():
        pass


def test_it_ends_with_its_worker():
    script = """
import os
from tracer.charging.looking import Eye
eye = Eye(4)
eye.look(b"")
print(eye._processes[0].pid, flush=True)
os.kill(os.getpid(), 9)
"""
    worker = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    child = int(worker.stdout)
    deadline = time.monotonic() + 20
    while psutil.pid_exists(child) and psutil.Process(child).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline, "it lives on"
        time.sleep(0.05)


def test_the_terminals_ctrl_c_is_not_for_it(eye: Eye):
    eye.look(PICTURE)
    child = child_of(eye)
    os.kill(child.pid, signal.SIGINT)
    time.sleep(0.2)
    assert texts(eye.look(PICTURE)) == ["010690123456789210A1"]
    assert child_of(eye) == child


def test_a_frame_that_shows_nothing_costs_the_child_less_than_such_a_photo(eye: Eye):
    """Eight phones on their way to a pack must not take the processor from one that is there."""
    file = io.BytesIO()
    Image.effect_noise((320, 240), 25).save(file, "JPEG", quality=85)
    nothing = file.getvalue()
    eye.look(nothing)  # it starts
    child = child_of(eye)

    def cost(**how: bool) -> float:
        began = child.cpu_times().user
        for _ in range(12):
            assert eye.look(nothing, **how) == {"symbols": [], "error": None}
        return child.cpu_times().user - began

    assert cost(frame=True) < cost() * 0.7  # a small one: neither comes to the end of its time
