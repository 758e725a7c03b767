"""Plays a recorded stream to a real page: trusted key events by the DevTools protocol, each with its time.

The times are the stream's own, so that a busy test machine makes no scanner slow.
"""

from __future__ import annotations

from typing import Any

CONTROL, SHIFT, ALT = 2, 8, 1
VIRTUAL = {
    "Enter": 13, "Tab": 9, "Shift": 16, "Control": 17, "Alt": 18, "F8": 119, "Space": 32, "Minus": 189,
    "Equal": 187, "BracketLeft": 219, "BracketRight": 221, "Backslash": 220, "Semicolon": 186,
    "Quote": 222, "Backquote": 192, "Comma": 188, "Period": 190, "Slash": 191,
}  # fmt: skip


# The page's clock stands still while the events come, however long a busy machine takes to send them: else
# silence would end a scan that is only late. It goes on when the last event's time has passed.
FREEZE = """() => {
  const now = performance.now();
  window.runningNow = () => Performance.prototype.now.call(performance);
  performance.now = () => now;
  return performance.timeOrigin + now;
}"""
THAW = "at => performance.timeOrigin + runningNow() > at && delete performance.now"
LEAD = 20  # ms


def replay(page: Any, events: list[dict[str, Any]]) -> None:
    """Dispatch every event with its own time; return when the last one's has passed."""
    protocol = page.context.new_cdp_session(page)
    began = page.evaluate(FREEZE) + LEAD
    for event in events:
        at = (began + event["at"]) / 1000
        if event["type"] == "compose":
            text = event["text"]
            protocol.send(
                "Input.imeSetComposition",
                {"text": text, "selectionStart": len(text), "selectionEnd": len(text)},
            )
        elif event["type"] in ("commit", "whole"):
            protocol.send("Input.insertText", {"text": event["text"]})
        else:
            protocol.send("Input.dispatchKeyEvent", _key(event) | {"timestamp": at})
    page.wait_for_function(THAW, arg=began + events[-1]["at"])
    protocol.detach()


def _key(event: dict[str, Any]) -> dict[str, Any]:
    key, code, is_down = event["key"], event["code"], event["type"] == "down"
    hidden = is_down and event.get("composing")
    modifiers = sum(
        bit for name, bit in (("shift", SHIFT), ("ctrl", CONTROL), ("alt", ALT)) if event.get(name)
    )
    text = "\r" if key == "Enter" else key if len(key) == 1 and not modifiers & (CONTROL | ALT) else ""
    return {
        "type": "keyUp" if not is_down else "keyDown" if text and not hidden else "rawKeyDown",
        "key": key,
        "code": code,
        "modifiers": modifiers,
        "autoRepeat": bool(event.get("repeat")),
        "isKeypad": code.startswith("Numpad"),
        "windowsVirtualKeyCode": 229 if hidden else _virtual(key, code),
        **({"text": text} if text and is_down and not hidden else {}),
    }


def _virtual(key: str, code: str) -> int:
    if code.startswith("Numpad"):
        return 96 + int(code[-1])
    return VIRTUAL.get(code, VIRTUAL.get(key, ord(code[-1])))
