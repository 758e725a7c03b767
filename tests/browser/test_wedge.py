"""What keyboards and scanners of every kind send, played to the reader without a document."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from tests.browser.hid import Scanner
from tests.browser.visitor import GS, Visitor

pytestmark = pytest.mark.browser

PLAY = """async ({options, keys, until}) => {
  const {WedgeReader} = await import("/static/scan/wedge.js");
  const reader = new WedgeReader(options);
  const scans = [], swallowed = [], slow = [];
  const hear = (more) => scans.push(...more.map((scan) => scan.raw));
  for (const key of keys) {
    const pressed = {type: "down", ...key};
    hear(reader.overBefore(pressed));
    const answer = reader.press(pressed);
    hear(answer.scans);
    if (answer.slow) slow.push(key.time);
    if (key.type !== "up") swallowed.push(answer.swallow);
  }
  hear(reader.tick(until));
  return {scans, swallowed, slow: slow.length, suffix: reader.suffix};
}"""
# As JSON: Playwright takes half a minute to hand over a million values one by one.
MANY = """async (streams) => {
  const {WedgeReader} = await import("/static/scan/wedge.js");
  return JSON.parse(streams).map(({keys, suffix}) => {
    const reader = new WedgeReader({suffix}), scans = [];
    for (const key of keys) {
      const pressed = {type: "down", ...key};
      scans.push(...reader.overBefore(pressed), ...reader.press(pressed).scans);
    }
    scans.push(...reader.tick(1e9));
    return scans.map((scan) => scan.raw);
  });
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
def visitor(process, hospital):
    visitor = Visitor(process, hospital, "nurse")
    yield visitor
    visitor.leave()
    assert visitor.problems == []


@pytest.fixture(scope="module")
def play(visitor):
    """`play(keys)` → the scans heard, and which keys nobody else was to get."""

    def run(keys: Keys, **options: Any) -> tuple[list[str], list[bool]]:
        wanted = {"options": options, "keys": keys.pressed, "until": keys.now + 5000}
        run.last = visitor.page.evaluate(PLAY, wanted)
        return run.last["scans"], run.last["swallowed"]

    return run


UDI = "]d20106901234567892172801311"


@pytest.mark.parametrize("key", ["Enter", "Tab"])
def test_a_terminator_ends_a_scan_and_reaches_nobody(play, key):
    scans, swallowed = play(Keys().type(UDI).key(key, key))
    assert scans == [UDI]
    assert all(swallowed)


def test_without_a_terminator_silence_ends_it(play):
    assert play(Keys().type(UDI))[0] == [UDI]
    twice = Keys().type(UDI).wait(400).type("0123456")
    assert play(twice, suffix=False)[0] == [UDI, "0123456"]


def test_whether_a_scanner_sends_a_terminator_is_learned_and_unlearned(play):
    ended = Keys().type(UDI).key("Enter", "Enter")
    play(ended)
    assert play.last["suffix"] is True
    scan = lambda keys: keys.type(UDI).wait(3000)  # noqa: E731
    play(scan(scan(Keys())))
    assert play.last["suffix"] is None
    play(scan(scan(scan(Keys()))), suffix=True)
    assert play.last["suffix"] is False
    play(Keys().type(UDI).wait(500).key("Enter", "Enter"), suffix=False)  # it came late
    assert play.last["suffix"] is True


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


def test_a_key_pressed_by_somebody_before_a_scan_is_none_of_it(play):
    assert play(Keys().type("x").wait(450).type(UDI).key("Enter", "Enter"), suffix=True)[0] == [UDI]
    assert play(Keys().type("x").wait(900).type("ZY2026").key("Enter", "Enter"), suffix=True)[0] == ["ZY2026"]
    typed = Keys().type("hello", gap=180).wait(800).type("ZY2026").key("Enter", "Enter")
    assert play(typed, suffix=True)[0] == ["ZY2026"]


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


def test_a_control_key_faster_than_a_hand_is_a_scanners_but_for_the_edits_of_software(play):
    for code, gap, swallowed in (
        ("KeyB", 3, True),
        ("KeyJ", 3, True),
        ("KeyB", 90, False),
        ("KeyV", 3, False),
    ):
        keys = Keys().key("Control", "ControlLeft", ctrl=True).key(code[-1].lower(), code, gap=gap, ctrl=True)
        assert play(keys)[1] == [False, swallowed], code


def test_keys_that_an_input_method_hides_are_read_by_their_place(play):
    keys = Keys()
    for code, shift in (("KeyA", True), ("KeyB", False), ("Digit1", False), ("Digit9", True)):
        keys.key("Process", code, shift=shift, composing=True)
    assert play(keys.key("Enter", "Enter"))[0] == ["Ab1("]


def test_a_key_that_says_nothing_makes_the_scan_unreadable_and_not_another_one(play):
    keys = Keys().type(UDI[:12]).key("Unidentified", "").type(UDI[12:]).key("Enter", "Enter")
    assert play(keys)[0] == [f"{UDI[:12]}\ufffd{UDI[12:]}"]


def test_a_focus_that_moves_in_mid_scan_splits_nothing(play):
    for first in (False, True):
        keys = Keys().type(UDI[:14], editable=first).type(UDI[14:], editable=not first)
        scans, swallowed = play(keys.key("Enter", "Enter", editable=not first))
        assert scans == [UDI]
        assert all(swallowed[14:])


def test_what_is_typed_into_a_field_soon_after_a_scan_is_none_of_it(play):
    keys = Keys().type(UDI).wait(500).type("ok", gap=180, editable=True)
    scans, swallowed = play(keys)
    assert scans == [UDI] and swallowed[-2:] == [False, False]


def test_a_person_is_no_scanner(play):
    slowly = Keys().type("hello there", gap=180).key("Enter", "Enter", gap=180)
    scans, swallowed = play(slowly)
    assert scans == [] and swallowed[-1] is True  # typed into nothing: no button was meant
    assert play.last["slow"] == 1
    held = Keys().key("a", "KeyA")
    for _ in range(30):
        held.key("a", "KeyA", gap=33, repeat=True)
    assert play(held.key("Enter", "Enter"))[0] == []
    scans, swallowed = play(Keys().key(" ", "Space").key("Enter", "Enter", gap=900))
    assert scans == [] and swallowed == [False, False]
    shortcut = Keys().key("c", "KeyC", ctrl=True).key("F5", "F5")
    assert play(shortcut) == ([], [False, False])


def test_in_a_field_people_type_and_only_a_machines_pace_is_a_scan(play):
    typed = Keys().type("WZ000001", gap=45, editable=True).key("Enter", "Enter", gap=60, editable=True)
    scans, swallowed = play(typed)
    assert scans == [] and not any(swallowed)
    scans, swallowed = play(Keys().type(UDI, editable=True).key("Enter", "Enter", editable=True))
    assert scans == [UDI]
    assert swallowed[:5] == [False] * 5 and all(swallowed[5:])


def test_slow_scanners_are_heard(play):
    assert play(Keys().type(UDI, gap=60).key("Enter", "Enter", gap=60))[0] == [UDI]


CHARACTERS = [chr(n) for n in range(33, 127)] + [GS] * 3


def test_hundreds_of_random_scans_come_through_to_the_character(visitor):
    chance = random.Random(20260310)
    wanted, streams = [], []
    for _ in range(300):
        text = "".join(chance.choices(CHARACTERS, k=chance.randint(6, 60)))
        scanner = Scanner(gap=chance.choice((2, 5, 8, 16, 40, 65)), report=1).text(text)
        suffix = chance.choice((True, False, None))
        if suffix is not False:
            scanner.enter()
        if scanner.gap < 20:
            scanner.jitter(seed=chance.random(), pairs=chance.random() < 0.3)
        field = chance.random() < 0.5 and len(text) >= 12
        streams.append({"suffix": suffix, "keys": [as_key(row, field) for row in scanner.rows]})
        wanted.append([text])
    assert visitor.page.evaluate(MANY, json.dumps(streams)) == wanted


def test_of_hundreds_of_random_typists_none_is_taken_for_a_scanner(visitor):
    chance = random.Random(20260311)
    streams = []
    for _ in range(300):
        hand = chance.uniform(55, 220)  # ms: from the fastest alive to two fingers
        scanner = Scanner(report=hand / 2)
        for character in chance.choices("abcdefghij 0123456789", k=chance.randint(4, 60)):
            scanner.gap = max(hand / 2, chance.lognormvariate(0, 0.35) * hand)
            scanner.text(character)
        if chance.random() < 0.5:
            scanner.enter()
        streams.append({"suffix": None, "keys": [as_key(row, True) for row in scanner.rows]})
    heard = visitor.page.evaluate(MANY, json.dumps(streams))
    assert [one for one in heard if one] == []


def as_key(row: dict[str, Any], editable: bool) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "at"} | {
        "time": row["at"],
        "editable": editable,
    }
