"""XML devices cut out of a stream of bytes, one by one.

A few parts of every release are not XML: an illegal character, a bare `&`, an end that is missing. A parser
of the whole part would stop there. So the devices are found by their tags, each is parsed by itself, and a
damaged one takes no other with it. Nothing outside a device is looked at: no DTD, no entity, no stylesheet.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from typing import Final

from reconcile.registers import reasons
from reconcile.registers.chunks import Raw

LONGEST_DEVICE: Final = 4 * 1024 * 1024
# Where a zip is damaged, what was read together with the damage is lost: not much of it.
BLOCK: Final = 128 * 1024
_OPEN: Final = re.compile(rb"<device(?=[\s/>])")
_CLOSE: Final = re.compile(rb"</device\s*>")
_EMPTY: Final = re.compile(rb"<device\s*/>")
_ENCODING: Final = re.compile(rb"""^\s*<\?xml[^>]*\bencoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
# The longest that may stand at a block's end without being recognised: half a tag, or half a mark.
_OVERLAP: Final = 32


def utf8(read: Callable[[int], bytes]) -> Callable[[int], bytes]:
    """`read` with its bytes as UTF-8. Bytes that are wrong in the part's encoding stay wrong."""
    head = read(BLOCK)
    encoding = _encoding(head)
    if encoding is None:
        pending: list[bytes] = [head.removeprefix(codecs.BOM_UTF8)]
        return lambda size: pending.pop() if pending else read(size)
    # A wrong byte becomes a surrogate, and that becomes bytes that are no UTF-8: the device is refused.
    decoder = codecs.getincrementaldecoder(encoding)("surrogateescape")
    held = [head]

    def recoded(size: int) -> bytes:
        while True:
            block = held.pop() if held else read(size)
            text = decoder.decode(block, final=not block)
            if text or not block:
                return text.removeprefix("\ufeff").encode("utf-8", "surrogatepass")

    return recoded


def _encoding(head: bytes) -> str | None:
    if head.startswith(codecs.BOM_UTF16_LE):
        return "utf-16-le"
    if head.startswith(codecs.BOM_UTF16_BE):
        return "utf-16-be"
    declared = _ENCODING.match(head.removeprefix(codecs.BOM_UTF8))
    name = declared[1].decode("ascii").lower() if declared else "utf-8"
    if name in ("gb2312", "gbk", "gb18030", "cp936"):
        return "gb18030"  # what is called GB2312 is written in its successors
    try:
        known = codecs.lookup(name).name
    except LookupError:
        return None
    return None if known in ("utf-8", "ascii") or known.startswith("utf-16") else known


def split_devices(read: Callable[[int], bytes]) -> Iterator[Raw]:
    """Each `<device>…</device>` with its number from 1 and the byte at which it begins.

    Where a device cannot be cut out, a Raw says why and the next one is found.
    """
    read = utf8(read)
    buffer, base, at, number = b"", 0, 0, 0
    ended = False

    def more(keep: int) -> bool:
        """Drop what lies before `keep` and read on; False at the end."""
        nonlocal buffer, base, at, ended
        block = b"" if ended else read(BLOCK)
        ended = not block
        buffer, base, at = buffer[keep:] + block, base + keep, max(at - keep, 0)
        return not ended

    while True:
        opened = _OPEN.search(buffer, at)
        comment = buffer.find(b"<!--", at, opened.start() if opened else len(buffer))
        if comment >= 0:
            over = buffer.find(b"-->", comment + 4)
            if over >= 0:
                at = over + 3
            elif not more(comment):
                return
            elif len(buffer) > LONGEST_DEVICE:  # not a comment that anybody wrote: drop the most of it
                buffer, base = b"<!--" + buffer[-_OVERLAP:], base + len(buffer) - _OVERLAP - 4
            continue
        if opened is None:
            keep = max(at, len(buffer) - _OVERLAP)
            at = keep
            if not more(keep):
                return
            continue
        start = opened.start()
        closed = _closing(buffer, start)
        if closed is None:
            if len(buffer) - start > LONGEST_DEVICE:
                number += 1
                yield Raw(number, base + start, None, reasons.TOO_LONG)
                at = start + 7
            elif not more(start):
                number += 1
                yield Raw(number, base, None, reasons.UNFINISHED)
                return
            else:
                at = 0
            continue
        again = _OPEN.search(buffer, start + 7, closed)
        while again is not None and not _hidden(buffer, start, again.start()):
            number += 1
            empty = _EMPTY.match(buffer, start)
            reason = reasons.NO_KEY if empty else reasons.UNFINISHED
            yield Raw(number, base + start, None, reason)
            start = again.start()
            again = _OPEN.search(buffer, start + 7, closed)
        number += 1
        yield Raw(number, base + start, buffer[start:closed])
        at = closed


def _closing(buffer: bytes, start: int) -> int | None:
    """The end of the device that begins at `start`: not one inside CDATA or a comment."""
    at = start
    while True:
        found = _CLOSE.search(buffer, at)
        if found is None:
            return None
        if not _hidden(buffer, start, found.start()):
            return found.end()
        at = found.end()


def _hidden(buffer: bytes, start: int, at: int) -> bool:
    """True if `at` lies in CDATA or in a comment that began after `start`."""
    if buffer.find(b"<!", start, at) < 0:
        return False
    for begin, end in ((b"<![CDATA[", b"]]>"), (b"<!--", b"-->")):
        last = buffer.rfind(begin, start, at)
        if last >= 0 and buffer.find(end, last, at) < 0:
            # Only if it ends at all: one that never ends would hide every device after it.
            return buffer.find(end, at, at + LONGEST_DEVICE) >= 0
    return False
