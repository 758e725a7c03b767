"""What keyboards and scanners of every kind send, played to the reader without a document."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.visitor import GS, Visitor

pytestmark = pytest.mark.browser

PLAY = """async ({options, keys, until}) => {
  const {WedgeReader} = await import("/static/scan/wedge.js");
  const reader = new WedgeReader(options);
  const scans = [], swallowed = [];
  const heard = (scan) => scan && scans.push(scan.raw);
  for (const key of keys) {
    if (reader.deadline !== null && key.time >= reader.deadline) heard(reader.tick(key.time));
    const answer = reader.press({type: "down", ...key});
    heard(answer.scan);
    swallowed.push(answer.swallow);
  }
  heard(reader.tick(until));
  return {scans, swallowed};
}"""


class Keys:
    """A sequence of key presses in time."""

    def __init__(self) -> None:
        self.pressed: list[dict[str, Any]] = []
        self.now = 1000.0

    def type(self, text: str, gap: float = 10, **more: Any) -> Keys:
        for one in text:
            self.key(one, gap=gap, **more)
        return self

    def key(self, key: str, code: str = "", gap: float = 10, **more: Any) -> Keys:
        self.now += gap
        self.pressed.append({"key": key, "code": code, "time": self.now, **more})
        return self

    def wait(self, milliseconds: float) -> Keys:
        self.now += milliseconds
        return self


@pytest.fixture(scope="module")
def play(process, hospital):
    """`play(keys)` → the scans heard, and which keys nobody else was to get."""
    visitor = Visitor(process, hospital, "nurse")

    def run(keys: Keys, **options: Any) -> tuple[list[str], list[bool]]:
        wanted = {"options": options, "keys": keys.pressed, "until": keys.now + 5000}
        answer = visitor.page.evaluate(PLAY, wanted)
        return answer["scans"], answer["swallowed"]

    yield run
    visitor.leave()
    assert visitor.problems == []


UDI = "]d20106901234567892172801311"


@pytest.mark.parametrize("key", ["Enter", "Tab"])
def test_a_terminator_ends_a_scan_and_reaches_nobody(play, key):
    scans, swallowed = play(Keys().type(UDI).key(key, key))
    assert scans == [UDI]
    assert all(swallowed)


def test_without_a_terminator_silence_ends_it(play):
    assert play(Keys().type(UDI))[0] == [UDI]
    assert play(Keys().type(UDI).wait(400).type("0123456"))[0] == [UDI, "0123456"]


def test_cr_lf_is_one_end(play):
    scans, swallowed = play(Keys().type(UDI).key("Enter", "Enter").key("j", "KeyJ", ctrl=True))
    assert scans == [UDI]
    assert swallowed[-2:] == [True, True]


@pytest.mark.parametrize("at", [1, 9, 27])
def test_a_hiccup_splits_nothing(play, at):
    keys = Keys().type(UDI[:at]).wait(250).type(UDI[at:]).key("Enter", "Enter")
    assert play(keys)[0] == [UDI]
    slow = Keys().type(UDI[:at]).wait(500).type(UDI[at:]).key("Enter", "Enter")
    assert play(slow, suffix=True)[0] == [UDI]  # a scanner known to end with Enter is waited for


def test_every_way_a_separator_arrives(play):
    by_control = Keys().type("10A1").key("]", "BracketRight", ctrl=True).type("21S1")
    by_character = Keys().type("10A1").key(GS, "BracketRight").type("21S1")
    by_function_key = Keys().type("10A1").key("F8", "F8").type("21S1")
    by_keypad = Keys().type("10A1").key("Alt", "AltLeft", alt=True)
    for digit in "029":
        by_keypad.key(digit, f"Numpad{digit}", alt=True)
    by_keypad.key("Alt", "AltLeft", type="up").type("21S1")
    for keys in (by_control, by_character, by_function_key, by_keypad):
        assert play(keys.key("Enter", "Enter"))[0] == [f"10A1{GS}21S1"]


def test_an_iso_15434_envelope_keeps_its_controls(play):
    keys = Keys().type("[)>").key("^", "Digit6", ctrl=True, shift=True).type("06")
    keys.key("]", "BracketRight", ctrl=True).type("1P1").key("d", "KeyD", ctrl=True).key("Enter", "Enter")
    assert play(keys)[0] == ["[)>\x1e06\x1d1P1\x04"]


def test_keys_that_an_input_method_hides_are_read_by_their_place(play):
    keys = Keys()
    for code, shift in (("KeyA", True), ("KeyB", False), ("Digit1", False), ("Digit9", True)):
        keys.key("Process", code, shift=shift, composing=True)
    assert play(keys.key("Enter", "Enter"))[0] == ["Ab1("]


def test_a_person_is_no_scanner(play):
    slowly = Keys().type("hello there", gap=180).key("Enter", "Enter", gap=180)
    scans, swallowed = play(slowly)
    assert scans == [] and swallowed[-1] is False
    held = Keys().key("a", "KeyA")
    for _ in range(30):
        held.key("a", "KeyA", gap=33, repeat=True)
    assert play(held.key("Enter", "Enter"))[0] == []
    scans, swallowed = play(Keys().key(" ", "Space").key("Enter", "Enter", gap=900))
    assert scans == [] and swallowed == [False, False]
    shortcut = Keys().key("c", "KeyC", ctrl=True).key("F5", "F5")
    assert play(shortcut) == ([], [False, False])


def test_in_a_field_people_type_and_only_a_machines_pace_is_a_scan(play):
    typed = Keys().type("WZ000001", gap=45, editable=True).key("Enter", "Enter", editable=True)
    scans, swallowed = play(typed)
    assert scans == [] and not any(swallowed)
    scans, swallowed = play(Keys().type(UDI, editable=True).key("Enter", "Enter", editable=True))
    assert scans == [UDI]
    assert swallowed[:5] == [False] * 5 and all(swallowed[5:])


def test_slow_scanners_are_heard(play):
    assert play(Keys().type(UDI, gap=60).key("Enter", "Enter", gap=60))[0] == [UDI]
