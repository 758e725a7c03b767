"""Bytes to text: UTF-8 with or without mark, UTF-16 with mark, GB18030. Everything else is refused.

A file is read through in blocks, so one of two gigabytes needs no more memory than a small one.
"""

from __future__ import annotations

import codecs
import io
from typing import IO, Final

from reconcile.errors import BadInput, refuse

BLOCK: Final = 1 << 22
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def encoding_of(data: bytes, name: str) -> str:
    """The encoding all of a file reads in; raises BadInput where none fits, naming the line that breaks."""
    return encoding_in(io.BytesIO(data), name)


def encoding_in(file: IO[bytes], name: str) -> str:
    """The same of an open file, which is read from its beginning, some times over if it is not UTF-8."""
    file.seek(0)
    beginning = file.read(4)
    for mark, encoding in _MARKS:
        if beginning.startswith(mark):
            return _strictly(file, encoding, name)
    try:
        return _strictly(file, "utf-8", name, zero_bytes=False)
    except BadInput:
        if _is_broken_utf8(file):
            raise
    return _strictly(file, "gb18030", name, zero_bytes=False)


def _strictly(file: IO[bytes], encoding: str, name: str, *, zero_bytes: bool = True) -> str:
    """The encoding, if all of the file reads in it."""
    decoder = codecs.getincrementaldecoder(encoding)()
    lines = 0
    file.seek(0)
    while block := file.read(BLOCK):
        if not zero_bytes and b"\0" in block:
            raise refuse(
                name,
                "not_text",
                "not a text file (holds zero bytes); UTF-16 needs its byte order mark",
                "不是文本文件（含零字节）；UTF-16 文件需带 BOM",
            )
        try:
            decoder.decode(block)
        except UnicodeDecodeError as error:
            raise _broken(error, lines, name) from error
        lines += block.count(b"\n")
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise _broken(error, lines, name) from error
    return encoding


def _is_broken_utf8(file: IO[bytes]) -> bool:
    # One damaged byte in a UTF-8 file must not turn all its Chinese into other, valid GB18030 characters. The
    # block where it breaks tells, with those before it: in GB18030 nearly nothing in it is UTF-8.
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    bad = good = 0
    file.seek(0)
    while not bad and (block := file.read(BLOCK)):
        text = decoder.decode(block)
        bad = text.count("\ufffd")
        good += len(text) - len(text.encode("ascii", "ignore")) - bad
    return good > 10 * bad


def _broken(error: UnicodeDecodeError, lines_before: int, name: str) -> BadInput:
    line = lines_before + error.object[: error.start].count(b"\n") + 1
    return refuse(
        name,
        "encoding",
        f"line {line} is not valid {error.encoding}; expected UTF-8, UTF-16 with its mark, or GB18030",
        f"第 {line} 行不是有效的 {error.encoding} 编码；应为 UTF-8、带 BOM 的 UTF-16 或 GB18030",
        row=line,
    )
