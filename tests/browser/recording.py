"""Writes the event streams under `streams/`: `python -m tests.browser.recording`.

Each file is one scanner, or one person, at one machine: what a page is sent, and what it must make of it.

    name, about     what it is
    suffix          what the device already knows of its scanner: true, false, or null
    field           whether the focus is in a field, and which text stood in it
    events          rows as `hid.py` describes them, in the order in which the page gets them
    scans           what must be heard: [{raw, ending, capsLock}]
    leaks           keys that reach the page, in order; null where a field gets the first few anyway
    left            the field's text afterwards
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.browser.hid import SHIFTED, Scanner, place_of

STREAMS = Path(__file__).parent / "streams"
GS = "\x1d"
UDI = f"]d201095212345432131728113010LotA7-b{GS}21SN00123"
LABEL = "TR000000004292"
WRISTBAND = "ZY20260301"
ENVELOPE = f"[)>\x1e06{GS}9N111234567{GS}1TLOT9\x1e\x04"

_made: dict[str, Callable[[], dict[str, Any]]] = {}


def stream(make: Callable[[], dict[str, Any]]) -> Callable[[], dict[str, Any]]:
    _made[make.__name__] = make
    return make


def heard(raw: str, ending: str | None = "Enter", caps: bool = False) -> dict[str, Any]:
    return {"raw": raw, "ending": ending, "capsLock": caps}


def written(
    events: list[dict[str, Any]],
    *scans: dict[str, Any],
    suffix: bool | None = None,
    field: str | None = None,
    left: str | None = None,
    leaks: list[str] | None = None,
) -> dict[str, Any]:
    return {
        "suffix": suffix,
        "field": field,
        "events": events,
        "scans": list(scans),
        "leaks": leaks if leaks is not None or field is not None else [],
        "left": field if left is None else left,
    }


# --- paces and line ends ---------------------------------------------------------------------------------


@stream
def fast() -> dict[str, Any]:
    """A cabled scanner polled every millisecond, with CR."""
    return written(Scanner(gap=2, report=1).text(UDI).enter().rows, heard(UDI))


@stream
def slow() -> dict[str, Any]:
    """A scanner told to leave 60 ms between characters, as old terminals want it."""
    return written(Scanner(gap=60).text(UDI).enter().rows, heard(UDI))


@stream
def jittery() -> dict[str, Any]:
    """A radio scanner: every character late by up to 30 ms."""
    return written(Scanner(gap=12).text(UDI).enter().jitter(seed=7).rows, heard(UDI))


@stream
def in_pairs() -> dict[str, Any]:
    """A Bluetooth scanner: two characters at once, then 40 ms nothing."""
    return written(Scanner(gap=8).text(UDI).enter().jitter(seed=1, pairs=True).rows, heard(UDI))


@stream
def split_by_a_pause() -> dict[str, Any]:
    """A radio scanner out of reach for 1.4 s in mid-scan, known to end with Enter: one scan."""
    rows = Scanner().text(UDI[:21]).wait(1400).text(UDI[21:]).enter().rows
    return written(rows, heard(UDI), suffix=True)


@stream
def split_while_nobody_knows() -> dict[str, Any]:
    """The first scan of a new scanner has a pause of 0.8 s behind its first key pair: one scan."""
    rows = Scanner().text(UDI[:2]).wait(800).text(UDI[2:]).enter().rows
    return written(rows, heard(UDI))


@stream
def no_line_end() -> dict[str, Any]:
    """A scanner without suffix, twice, 0.5 s apart, as it is known to be: two scans by silence."""
    rows = Scanner().text(UDI).wait(500).text(LABEL).rows
    return written(rows, heard(UDI, None), heard(LABEL, None), suffix=False)


@stream
def two_scanners_at_one_desk() -> dict[str, Any]:
    """The known scanner ends with Enter; another without suffix comes between: nothing is joined."""
    rows = Scanner().text("0109521234543213").wait(700).text(UDI).enter().rows
    return written(rows, heard("0109521234543213", None), heard(UDI), suffix=True)


@stream
def back_to_back() -> dict[str, Any]:
    """Two scans with 25 ms between them."""
    rows = Scanner().text(UDI).enter().wait(25).text(LABEL).enter().rows
    return written(rows, heard(UDI), heard(LABEL))


@stream
def cr_lf() -> dict[str, Any]:
    """CR and LF, the LF as Ctrl+J, which opens a browser's downloads."""
    return written(Scanner().text(UDI).enter().press("KeyJ", ctrl=True).rows, heard(UDI))


@stream
def lf_only() -> dict[str, Any]:
    """LF alone, as Ctrl+J."""
    return written(Scanner().text(UDI).press("KeyJ", ctrl=True).rows, heard(UDI, "LF"))


@stream
def tab() -> dict[str, Any]:
    """TAB, which would move the focus to a button."""
    return written(Scanner().text(UDI).tab().rows, heard(UDI, "Tab"))


@stream
def late_enter() -> dict[str, Any]:
    """Known to send no suffix, and told to since: its Enter comes when the scan was already taken."""
    return written(Scanner().text(LABEL).wait(450).enter().rows, heard(LABEL, None), suffix=False)


@stream
def lost_release() -> dict[str, Any]:
    """The radio loses a key's release: the machine repeats the key until the next one comes."""
    scanner = Scanner().text(UDI[:30])
    code, shift = place_of(UDI[29])
    for _ in range(12):
        scanner.now += 33
        scanner._row("down", UDI[29], code, {"repeat": True} | ({"shift": True} if shift else {}))
    return written(scanner.text(UDI[30:]).enter().rows, heard(UDI))


@stream
def fast_into_a_field() -> dict[str, Any]:
    """The focus is in a field: the first keys reach it, and are taken out of it again."""
    return written(Scanner(gap=8).text(UDI).enter().rows, heard(UDI), field="WZ")


@stream
def slow_into_a_field() -> dict[str, Any]:
    """60 ms between characters, in a field: too even for fingers."""
    return written(Scanner(gap=60).text(UDI).enter().rows, heard(UDI), field="")


@stream
def short_into_a_field() -> dict[str, Any]:
    """Five characters and Enter, in a field, faster than fingers."""
    return written(Scanner(gap=6).text("ZY-12").enter().rows, heard("ZY-12"), field="")


@stream
def handheld_writes_at_once() -> dict[str, Any]:
    """A handheld writes the whole code into the field; there is no key."""
    return written(Scanner().whole(UDI.replace(GS, "")).rows, heard(UDI.replace(GS, ""), None), field="x")


# --- separators and other control characters ---------------------------------------------------------------


@stream
def ctrl_bracket() -> dict[str, Any]:
    """GS as Ctrl+], the whole before it a GS too, as some send FNC1 in first place."""
    return written(Scanner().text(GS + UDI[3:]).enter().rows, heard(GS + UDI[3:]))


@stream
def alt_029() -> dict[str, Any]:
    """GS as Alt and 029 on the keypad."""
    before, after = UDI.split(GS)
    rows = Scanner().text(before).keypad(GS).text(after).enter().rows
    return written(rows, heard(UDI))


@stream
def alt_for_everything() -> dict[str, Any]:
    """Every character by its number on the keypad: so scanners are set that know no layout."""
    scanner = Scanner(gap=6, report=3)
    for character in "]d2" + LABEL + "\r":
        scanner.keypad(character)
    return written(scanner.rows, heard("]d2" + LABEL))


@stream
def f8() -> dict[str, Any]:
    """GS as F8."""
    before, after = UDI.split(GS)
    rows = Scanner().text(before).press("F8", key="F8").text(after).enter().rows
    return written(rows, heard(UDI))


@stream
def envelope() -> dict[str, Any]:
    """ISO 15434: RS is Ctrl+^, GS Ctrl+], EOT Ctrl+D, with which a browser keeps a bookmark."""
    return written(Scanner().text(ENVELOPE).enter().rows, heard(ENVELOPE))


@stream
def stx_etx() -> dict[str, Any]:
    """Framed by STX and ETX: Ctrl+B before anything of the scan was heard, Ctrl+C behind it."""
    framed = f"\x02{LABEL}\x03"
    return written(Scanner().text(framed).enter().rows, heard(framed))


@stream
def numlock_off() -> dict[str, Any]:
    """Digits from the keypad with NumLock off: the browser calls them Home, End, arrows."""
    names = (
        "Insert",
        "End",
        "ArrowDown",
        "PageDown",
        "ArrowLeft",
        "Clear",
        "ArrowRight",
        "Home",
        "ArrowUp",
        "PageUp",
    )
    scanner = Scanner().text("TR")
    for digit in LABEL[2:]:
        scanner.press(f"Numpad{digit}", key=names[int(digit)])
    return written(scanner.enter().rows, heard(LABEL))


# --- the machine's keyboard --------------------------------------------------------------------------------


@stream
def caps_lock() -> dict[str, Any]:
    """Caps Lock is on: the letters come turned round, and their Shift says so."""
    return written(Scanner(caps=True).text(UDI).enter().rows, heard(UDI.swapcase(), caps=True))


@stream
def azerty() -> dict[str, Any]:
    """A French machine: what it makes of the keys is kept as it came; Ctrl+] is told by its place."""
    return written(Scanner(layout="azerty").text(UDI).enter().rows, heard(through("azerty", UDI)))


@stream
def qwertz() -> dict[str, Any]:
    """A German machine."""
    wide = f"010952123454321310XYZ-7{GS}21zy/1"
    return written(Scanner(layout="qwertz").text(wide).enter().rows, heard(through("qwertz", wide)))


def through(layout: str, text: str) -> str:
    """What a machine of this layout makes of a scanner's text; control characters come by their place."""
    reader = Scanner(layout=layout)
    return "".join(one if one < " " else reader._read(*place_of(one)) for one in text)


# --- input methods -----------------------------------------------------------------------------------------


@stream
def ime_without_a_field() -> dict[str, Any]:
    """A Chinese input method is on, nothing has the focus: every key is "Process", 229."""
    return written(Scanner(hidden=True).text(UDI.replace(GS, "")).enter().rows, heard(UDI.replace(GS, "")))


@stream
def ime_in_a_field() -> dict[str, Any]:
    """It composes in the field, takes digits for a choice, writes full-width marks: all taken out again."""
    text = "]d2010952123454321310LotA7-b"
    return written(pinyin(text), heard(text), field="前")


@stream
def ime_with_shift_and_enter() -> dict[str, Any]:
    """The scan ends while it composes: its Enter is 229 too, and would write the letters."""
    long = "+H123ABCDEFGHJKLMNPQRS"
    return written(pinyin(long), heard(long), field="")


def pinyin(text: str) -> list[dict[str, Any]]:
    """What Microsoft's Pinyin makes of a scan in a field, event by event."""
    scanner = Scanner(gap=12)
    composing = ""
    for character in [*text, "\r"]:
        code, shift = ("Enter", False) if character == "\r" else place_of(character)
        is_letter = character.isalpha()
        is_mark = character in SHIFTED or not character.isalnum()
        scanner.hidden = is_letter or bool(composing) or (is_mark and character != "\r")
        at = len(scanner.rows) + 1 + (shift and 1)
        scanner.press(
            code, shift, key=None if scanner.hidden else "Enter" if character == "\r" else character
        )
        if not scanner.hidden:
            continue
        if scanner.rows[at - 1]["key"] != "Process":
            raise AssertionError(scanner.rows[at - 1])
        if is_letter:
            composing += character
            row = {"type": "compose", "text": composing}
        else:
            wide = "" if character == "\r" or character.isdigit() else chr(ord(character) + 0xFEE0)
            row = {
                "type": "commit",
                "text": composing if character == "\r" else ("测" if composing else "") + wide,
            }
            composing = ""
        scanner.rows.insert(at, {"at": scanner.rows[at - 1]["at"], **row})
    return scanner.rows


# --- people ------------------------------------------------------------------------------------------------


@stream
def typing_into_a_field() -> dict[str, Any]:
    """Ninety words a minute into a field, then Enter: it stays, and the form gets its Enter."""
    rows = Scanner(gap=110, report=70).text("wz000001 ok").enter().jitter(seed=3).rows
    return written(rows, field="", left="wz000001 ok", leaks=[*"wz000001 ok", "Enter"])


@stream
def an_agile_typist() -> dict[str, Any]:
    """Somebody very fast, 30 to 130 ms from key to key: it stays in the field."""
    scanner, chance = Scanner(report=20), random.Random(5)
    for character in "no receipt, used in theatre 3":
        scanner.gap = chance.choice((32, 45, 58, 66, 80, 95, 130))
        scanner.text(character)
    return written(scanner.rows, field="", left="no receipt, used in theatre 3")


@stream
def typing_pinyin() -> dict[str, Any]:
    """A person writes Chinese into a field."""
    rows = [
        {"at": 100.0, "type": "down", "key": "Process", "code": "KeyN", "composing": True},
        {"at": 100.0, "type": "compose", "text": "n"},
        {"at": 190.0, "type": "up", "key": "n", "code": "KeyN"},
        {"at": 260.0, "type": "down", "key": "Process", "code": "KeyI", "composing": True},
        {"at": 260.0, "type": "compose", "text": "ni"},
        {"at": 340.0, "type": "up", "key": "i", "code": "KeyI"},
        {"at": 600.0, "type": "down", "key": "Process", "code": "Digit1", "composing": True},
        {"at": 600.0, "type": "commit", "text": "你"},
        {"at": 690.0, "type": "up", "key": "1", "code": "Digit1"},
    ]
    return written(rows, field="", left="你", leaks=["Process"] * 3)


@stream
def typing_into_nothing() -> dict[str, Any]:
    """A person types without a field, then Enter: no scan, and no button is pressed."""
    return written(Scanner(gap=170, report=80).text("hello there").enter().rows)


@stream
def a_lone_enter() -> dict[str, Any]:
    """A person presses the button that has the focus."""
    return written(Scanner(gap=170, report=80).enter().rows, leaks=["Enter"])


@stream
def shortcuts() -> dict[str, Any]:
    """A person copies, goes back to the page's top and looks for a word."""
    rows: list[dict[str, Any]] = []
    for number, (code, key) in enumerate((("KeyC", "c"), ("KeyF", "f"), ("KeyJ", "j"))):
        at = 100.0 + 900 * number
        rows += [
            {"at": at, "type": "down", "key": "Control", "code": "ControlLeft", "ctrl": True},
            {"at": at + 90, "type": "down", "key": key, "code": code, "ctrl": True},
            {"at": at + 160, "type": "up", "key": key, "code": code, "ctrl": True},
            {"at": at + 240, "type": "up", "key": "Control", "code": "ControlLeft"},
        ]
    return written(rows, leaks=["c", "f", "j"])


def streams() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, make in _made.items():
        yield name, {"about": " ".join((make.__doc__ or "").split()), **make()}


def lines(made: dict[str, Any]) -> str:
    """JSON with one event a line."""
    events = ",\n".join("  " + json.dumps(row, ensure_ascii=False) for row in made["events"])
    rest = {name: value for name, value in made.items() if name != "events"}
    head = ",\n".join(f" {json.dumps(k)}: {json.dumps(v, ensure_ascii=False)}" for k, v in rest.items())
    return f'{{\n{head},\n "events": [\n{events}\n ]\n}}\n'


if __name__ == "__main__":
    for name, made in streams():
        (STREAMS / f"{name}.json").write_text(lines(made), encoding="utf-8")
        print(name, len(made["events"]), "events")
