"""JSON objects cut out of a stream: of a list, of a member that is a list, or one after the other."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from reconcile.registers import reasons
from reconcile.registers.chunks import Raw

BLOCK: Final = 1024 * 1024
LONGEST_OBJECT: Final = 16 * 1024 * 1024
# Where the list begins, in the envelopes in which GUDID is given out.
_LIST: Final = re.compile(
    r'\{\s*(?:"meta"\s*:.*?|[^{}\[\]]*?)"(?:results|records|devices)"\s*:\s*\[', re.DOTALL
)
_BETWEEN: Final = re.compile(r"[\s,]*")


def split_objects(read: Callable[[int], bytes]) -> Iterator[Raw]:
    """Each object with its number from 1 and the place at which it begins (in characters)."""
    decode = codecs.getincrementaldecoder("utf-8-sig")("replace").decode
    decoder = json.JSONDecoder()
    buffer = decode(read(BLOCK))
    begin = _LIST.match(buffer.lstrip()) if buffer.lstrip().startswith("{") else None
    at = begin.end() + len(buffer) - len(buffer.lstrip()) if begin else 0
    if not begin and buffer.lstrip().startswith("["):
        at = buffer.index("[") + 1
    base, number, ended = 0, 0, False
    while True:
        between = _BETWEEN.match(buffer, at)
        at = between.end() if between else at
        if at < len(buffer) and buffer[at] == "]":
            return
        if at < len(buffer):
            try:
                content, until = decoder.raw_decode(buffer, at)
            except (ValueError, RecursionError):
                content, until = None, -1
            # What ends with the buffer may go on: 12 is not 123.
            if until >= 0 and (until < len(buffer) or ended):
                number += 1
                yield Raw(number, base + at, content if isinstance(content, dict) else {})
                at = until
                continue
        if ended:
            if at < len(buffer):
                yield Raw(number + 1, base + at, None, reasons.CUT_OFF, buffer[at : at + 80])
            return
        if len(buffer) - at > LONGEST_OBJECT:
            yield Raw(number + 1, base + at, None, reasons.TOO_LONG)
            return
        # Twice as much each time: an object is tried again only when it may be whole.
        wanted = max(BLOCK, len(buffer) - at)
        blocks = []
        while wanted > 0 and (block := read(BLOCK)):
            blocks.append(decode(block))
            wanted -= len(block)
        if wanted > 0:
            ended = True
            blocks.append(decode(b"", True))
        buffer, base, at = buffer[at:] + "".join(blocks), base + at, 0


def device_of(content: dict[str, Any]) -> dict[str, Any]:
    """The device in an AccessGUDID answer; anything else as it is."""
    inner = content.get("gudid")
    if isinstance(inner, dict) and isinstance(inner.get("device"), dict):
        found: dict[str, Any] = inner["device"]
        return found
    return content
