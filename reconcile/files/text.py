"""Bytes to text: UTF-8 with or without mark, UTF-16 with mark, GB18030. Everything else is refused."""

from __future__ import annotations

import codecs

from reconcile.errors import refuse


def encoding_of(data: bytes, name: str) -> str:
    """The encoding all of a file reads in; raises BadInput where none fits, naming the line that breaks."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            return _strictly(data, encoding, name)
    if b"\0" in data:
        raise refuse(
            name,
            "not_text",
            "not a text file (holds zero bytes); UTF-16 needs its byte order mark",
            "不是文本文件（含零字节）；UTF-16 文件需带 BOM",
        )
    try:
        data.decode("utf-8")
        return "utf-8"
    except UnicodeDecodeError as error:
        if _is_broken_utf8(data):
            raise _broken(data, error, name) from error
    return _strictly(data, "gb18030", name)


def _strictly(data: bytes, encoding: str, name: str) -> str:
    try:
        data.decode(encoding)
        return encoding
    except UnicodeDecodeError as error:
        raise _broken(data, error, name) from error


def _is_broken_utf8(data: bytes) -> bool:
    # One damaged byte in a UTF-8 file must not turn all its Chinese into other, valid GB18030 characters.
    text = data.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    good = sum(1 for character in text if character > "\x7f") - bad
    return good > 10 * bad


def _broken(data: bytes, error: UnicodeDecodeError, name: str) -> Exception:
    line = data[: error.start].count(b"\n") + 1
    return refuse(
        name,
        "encoding",
        f"line {line} is not valid {error.encoding}; expected UTF-8, UTF-16 with its mark, or GB18030",
        f"第 {line} 行不是有效的 {error.encoding} 编码；应为 UTF-8、带 BOM 的 UTF-16 或 GB18030",
        row=line,
    )
