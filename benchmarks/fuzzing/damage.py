"""What happens to a code on its way: accidents that nobody could foresee, and the damage that is known."""

from __future__ import annotations

from random import Random

from benchmarks.fuzzing.codes import GS, MOD43
from benchmarks.fuzzing.texts import PIECES
from tests.scanners.test_damage import STAND_INS, typed_on

EDITS = ("lost", "added", "changed", "swapped", "cut", "beheaded", "digit", "repeated", "piece")
_FULLWIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


def edited(dice: Random, text: str) -> tuple[str, str]:
    """The text after one accident, and what it was."""
    kind, at = dice.choice(EDITS), dice.randrange(len(text))
    end = min(len(text), at + dice.randrange(1, 8))
    if kind == "lost":
        return text[:at] + text[at + 1 :], kind
    if kind == "added":
        return text[:at] + dice.choice(MOD43 + GS) + text[at:], kind
    if kind == "changed":
        return text[:at] + dice.choice(MOD43 + GS) + text[at + 1 :], kind
    if kind == "swapped":
        return text[:at] + text[at : at + 2][::-1] + text[at + 2 :], kind
    if kind == "cut":
        return text[:at], kind
    if kind == "beheaded":
        return text[at:], kind
    if kind == "digit":
        places = [place for place, character in enumerate(text) if character in "0123456789"]
        at = dice.choice(places) if places else at
        return text[:at] + dice.choice("0123456789") + text[at + 1 :], kind
    if kind == "repeated":
        return text[:end] + text[at:end] + text[end:], kind
    return text[:at] + dice.choice(PIECES) + text[at:], kind


def known_damage(dice: Random, text: str) -> tuple[str, str]:
    """The text after something that scanners and keyboards are known to do, and what it was."""
    kind = dice.choice(
        ("layout", "layout", "caps lock", "full width", "GS replaced", "GS lost", "half identifier", "prefix",
         "suffix", "sent twice", "blanks")
    )  # fmt: skip
    if kind == "layout":
        layout = dice.choice(("uk", "de", "fr", "be"))
        return typed_on(text, layout), f"keyboard {layout}"
    if kind == "caps lock":
        layout = dice.choice(("us", "us", "fr", "be"))
        return typed_on(text, layout, caps_lock=True), f"caps lock {layout}"
    if kind == "full width":
        return text.translate(_FULLWIDTH).replace(" ", dice.choice(" \u3000")), kind
    if kind == "GS replaced":
        return text.replace(GS, dice.choice((*STAND_INS, "029", "_"))), kind
    if kind == "GS lost":
        return text.replace(GS, ""), kind
    if kind == "half identifier":
        half = text[:2] + text[3:] if text.startswith("]") and dice.random() < 0.5 else text.removeprefix("]")
        return half, kind
    if kind == "prefix":
        return dice.choice(("~", "#", "SCAN:", "]C1", "\x02", "!", "X-", "@@")) + text, kind
    if kind == "suffix":
        return text + dice.choice(("\x03", "#", "|", "~~", "\x04", ";", "^")), kind
    if kind == "sent twice":
        return text + dice.choice(("", "\r", "\n", "\t")) + text, kind
    return dice.choice(" \t\r\n") * dice.randrange(3) + text + dice.choice((" ", "\r\n", "\t", "\n\n")), kind
