"""A scanner as the machine it is plugged into sees it: a US keyboard with very fast fingers.

What a scanner sends are reports of pressed keys; what a page gets of them depends on the machine: its
keyboard layout, Caps Lock, an input method. `Scanner` plays both, and `rows` are the events a page gets.

A row is {"at": ms, "type": "down"|"up"|"compose"|"commit"|"whole", …}: for keys `key`, `code`, and, where
set, `shift` `ctrl` `alt` `repeat` `composing` (keyCode 229); for an input method its `text`.
"""

from __future__ import annotations

import random
from typing import Any

PLAIN = {
    "-": "Minus", "=": "Equal", "[": "BracketLeft", "]": "BracketRight", "\\": "Backslash", ";": "Semicolon",
    "'": "Quote", "`": "Backquote", ",": "Comma", ".": "Period", "/": "Slash", " ": "Space",
}  # fmt: skip
SHIFTED = dict(zip(")!@#$%^&*(", (f"Digit{n}" for n in range(10)), strict=True)) | {
    "_": "Minus", "+": "Equal", "{": "BracketLeft", "}": "BracketRight", "|": "Backslash", ":": "Semicolon",
    '"': "Quote", "~": "Backquote", "<": "Comma", ">": "Period", "?": "Slash",
}  # fmt: skip
CONTROL = {
    "\x1b": "BracketLeft",
    "\x1c": "Backslash",
    "\x1d": "BracketRight",
    "\x1e": "Digit6",
    "\x1f": "Minus",
}
# What other machines make of the same keys: plain, shifted. A dead key says "Dead".
AZERTY = {
    "KeyQ": "aA", "KeyA": "qQ", "KeyW": "zZ", "KeyZ": "wW", "KeyM": ",?", "Semicolon": "mM", "Comma": ";.",
    "Period": ":/", "Slash": "!§", "Minus": ")°", "Equal": "=+", "Quote": "ù%", "BracketRight": "$£",
    "Backslash": "*µ", "Backquote": "²²",
    **{f"Digit{n}": f"{mark}{n}" for n, mark in enumerate("à&é\"'(-è_ç")},
}  # fmt: skip
QWERTZ = {
    "KeyY": "zZ", "KeyZ": "yY", "Digit2": '2"', "Digit3": "3§", "Digit6": "6&", "Digit7": "7/",
    "Digit8": "8(", "Digit9": "9)", "Digit0": "0=", "Minus": "ß?", "BracketLeft": "üÜ",
    "BracketRight": "+*", "Backslash": "#'", "Semicolon": "öÖ", "Quote": "äÄ", "Comma": ",;",
    "Period": ".:", "Slash": "-_",
}  # fmt: skip
UK = {"Digit2": '2"', "Quote": "'@", "Backslash": "#~", "Digit3": "3£"}
LAYOUTS: dict[str, dict[str, str]] = {"us": {}, "azerty": AZERTY, "qwertz": QWERTZ, "uk": UK}


def place_of(character: str) -> tuple[str, bool]:
    """The key of a US keyboard that types a character, and whether with Shift."""
    if character.isascii() and character.isalpha():
        return f"Key{character.upper()}", character.isupper()
    if character.isdigit():
        return f"Digit{character}", False
    if character in PLAIN:
        return PLAIN[character], False
    return SHIFTED[character], True


class Scanner:
    """Types at a pace; `gap` is from one key to the next, `report` from a key's press to its release."""

    def __init__(
        self,
        *,
        gap: float = 8,
        report: float = 2,
        layout: str = "us",
        caps: bool = False,
        hidden: bool = False,
    ) -> None:
        self.gap, self.report, self.layout, self.caps, self.hidden = (
            gap,
            report,
            LAYOUTS[layout],
            caps,
            hidden,
        )
        self.rows: list[dict[str, Any]] = []
        self.now = 100.0

    def text(self, text: str) -> Scanner:
        for character in text:
            if character < " ":
                self.control(character)
            else:
                self.press(*place_of(character))
        return self

    def control(self, character: str) -> Scanner:
        """A control character as Ctrl and a key, as scanners send it that emulate a keyboard."""
        code = CONTROL.get(character) or f"Key{chr(ord(character) + 64)}"
        return self.press(code, shift=character in "\x1e\x1f", ctrl=True)

    def press(self, code: str, shift: bool = False, ctrl: bool = False, key: str | None = None) -> Scanner:
        self._step()
        held = [("Control", "ControlLeft")] * ctrl + [("Shift", "ShiftLeft")] * shift
        flags = {name: True for name, on in (("shift", shift), ("ctrl", ctrl)) if on}
        for name, place in held:
            self._row("down", name, place, flags)
        name = key or ("Process" if self.hidden else self._read(code, shift))
        more = flags | ({"composing": True} if self.hidden else {})
        self._row("down", name, code, more)
        self.now += self.report
        self._row("up", name if not self.hidden else self._read(code, shift), code, flags)
        for name, place in reversed(held):
            self._row("up", name, place, {})
        return self

    def keypad(self, character: str) -> Scanner:
        """A character by its number on the keypad, with Alt held."""
        self._step()
        self._row("down", "Alt", "AltLeft", {"alt": True})
        for digit in f"{ord(character):03}":
            self.now += self.report
            self._row("down", digit, f"Numpad{digit}", {"alt": True})
            self.now += self.report
            self._row("up", digit, f"Numpad{digit}", {"alt": True})
        self.now += self.report
        self._row("up", "Alt", "AltLeft", {})
        return self

    def enter(self) -> Scanner:
        return self.press("Enter", key="Process" if self.hidden else "Enter")

    def tab(self) -> Scanner:
        return self.press("Tab", key="Tab")

    def whole(self, text: str) -> Scanner:
        """A text that a handheld's own service writes into the focused field, without a key."""
        self._step()
        self.rows.append({"at": round(self.now, 1), "type": "whole", "text": text})
        return self

    def wait(self, milliseconds: float) -> Scanner:
        self.now += milliseconds
        return self

    def jitter(self, seed: int, pairs: bool = False) -> Scanner:
        """Move the events as radio does: late by up to 30 ms; or two keys at once, then a pause."""
        chance, late = random.Random(seed), 0.0
        for number, row in enumerate(self.rows):
            if number % 4 == 0:
                late += 40 if pairs and number % 8 == 0 else 0 if pairs else chance.uniform(0, 30)
            row["at"] = round((row["at"] / 4 if pairs else row["at"]) + late, 1)
        return self

    def _step(self) -> None:
        self.now += self.gap - self.report

    def _read(self, code: str, shift: bool) -> str:
        if code in self.layout:
            key = self.layout[code][shift]
        elif code.startswith("Key"):
            key = code[3:] if shift else code[3:].lower()
        else:
            plain = {place: character for character, place in PLAIN.items()}
            shifted = {place: character for character, place in SHIFTED.items()}
            digit = code.removeprefix("Digit").removeprefix("Numpad")
            key = shifted[code] if shift else plain.get(code, digit)
        return key.swapcase() if self.caps and key.isascii() and key.isalpha() else key

    def _row(self, kind: str, key: str, code: str, flags: dict[str, Any]) -> None:
        self.rows.append({"at": round(self.now, 1), "type": kind, "key": key, "code": code, **flags})
