"""Recorded streams of scanners and people, played as real key events to a real page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.browser.recording import STREAMS, lines, streams
from tests.browser.replaying import replay
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser

# A page with a button and a field, and everything that reaches them.
BENCH = """async ({suffix, field}) => {
  const {WedgeReader} = await import("/static/scan/wedge.js");
  const {listen} = await import("/static/scan/listening.js");
  window.stop?.();
  document.body.innerHTML = "<button>不要按</button><input><button>也不要按</button>";
  const [button, input] = document.body.children;
  const bench = (window.bench = {scans: [], leaks: [], clicks: 0, late: [], slow: 0, composed: 0});
  for (const one of document.querySelectorAll("button")) one.onclick = () => (bench.clicks += 1);
  window.reader = new WedgeReader({suffix});
  const stop = listen(reader, {
    scan: ({raw, ending, capsLock}) => bench.scans.push({raw, ending, capsLock}),
    late: (ending) => bench.late.push(ending),
    slow: () => (bench.slow += 1),
  });
  const silent = new Set(["Shift", "Control", "Alt"]);
  const leak = (event) => silent.has(event.key) || bench.leaks.push(event.key);
  window.addEventListener("keydown", leak);
  window.stop = () => { stop(); window.removeEventListener("keydown", leak); };
  input.addEventListener("compositionupdate", () => (bench.composed += 1));
  if (field === null) button.focus();
  else { input.value = field; input.focus(); input.setSelectionRange(field.length, field.length); }
}"""


@pytest.fixture(scope="module")
def bench(process, hospital):
    visitor = Visitor(process, hospital, "nurse")
    visitor.open("/no-such-page")  # any page of ours that listens to nothing
    visitor.problems.clear()

    def play(stream: dict[str, Any]) -> dict[str, Any]:
        visitor.page.evaluate(BENCH, {"suffix": stream["suffix"], "field": stream["field"]})
        replay(visitor.page, stream["events"])
        visitor.page.wait_for_function("() => reader.deadline === null")
        return visitor.page.evaluate("() => ({...bench, left: document.querySelector('input').value})")

    yield play
    visitor.leave()
    assert visitor.problems == []


def read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", sorted(STREAMS.glob("*.json")), ids=lambda path: path.stem)
def test_a_stream_is_heard_as_it_was_sent(bench, path: Path):
    stream = read(path)
    got = bench(stream)
    assert got["scans"] == stream["scans"]
    assert got["clicks"] == (1 if path.stem == "a_lone_enter" else 0)
    if stream["leaks"] is not None:
        assert got["leaks"] == stream["leaks"]
    if stream["field"] is not None:
        assert got["left"] == stream["left"]
    if path.stem == "ime_with_shift_and_enter":  # once it is seen for a scan, the input method is sent away
        assert 0 < got["composed"] < 10


def test_the_files_are_what_the_recorder_writes():
    assert {path.stem: path.read_text(encoding="utf-8") for path in STREAMS.glob("*.json")} == {
        name: lines(made) for name, made in streams()
    }
