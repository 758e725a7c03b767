"""An import in words, for the command line: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from typing import Final, TextIO

from sqlalchemy import Connection, text

from tracer.catalog.registers.importing import Progress

WIDTH: Final = 28
EVERY_SECONDS: Final = 10.0
MOST_LINES: Final = 50


class Teller:
    """Shows progress on standard error as it is."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._bar = self._stream.isatty()
        self._began = time.monotonic()
        self._told = 0.0
        self._first = -1

    def __call__(self, progress: Progress) -> None:
        if self._first < 0:
            self._first = progress.records
            if progress.resumed:
                self._line(
                    f"going on after {progress.records} records / 从第 {progress.records} 条之后继续导入"
                )
        if self._bar:
            self._stream.write("\r" + self._text(progress) + "\x1b[K")
            self._stream.flush()
        elif time.monotonic() - self._told > EVERY_SECONDS:
            self._told = time.monotonic()
            self._line(self._text(progress))

    def end(self) -> None:
        if self._bar:
            self._stream.write("\n")

    def _line(self, line: str) -> None:
        print(line, file=self._stream)

    def _text(self, progress: Progress) -> str:
        share = progress.bytes_done / progress.bytes_total if progress.bytes_total else 1.0
        seconds = max(time.monotonic() - self._began, 0.001)
        rate = (progress.records - self._first) / seconds
        full = int(share * WIDTH)
        bar = f"[{'#' * full}{'.' * (WIDTH - full)}] " if self._bar else ""
        return (
            f"{progress.file} {bar}{share:4.0%}  {progress.records:,} records, {rate:,.0f}/s, "
            f"{progress.refused:,} refused"
        )


def receipt(progress: Progress) -> str:
    """What was done, in English and in Chinese."""
    p = progress
    if p.known:
        return f"{p.file}: imported before; nothing was changed\n{p.file}：此前已导入，无任何变更"
    return (
        f"{p.file}: {p.records} records. {p.added} new, {p.changed} changed, {p.unchanged} unchanged, "
        f"{p.older} older than known, {p.twice} keys a second time; {p.refused} refused, "
        f"{p.remarked} remarks\n"
        f"{p.file}：{p.records} 条记录。新增 {p.added}，更新 {p.changed}，未变 {p.unchanged}，"
        f"版本较旧 {p.older}，主键重复 {p.twice}；拒绝 {p.refused}，提示 {p.remarked}"
    )


def bad_lines(connection: Connection, batch_id: int) -> list[str]:
    """The first of what is bad, one line each: file, place, reason."""
    asked = text(
        "SELECT part, number, byte, field, value, refused, zh, en FROM register_bad"
        " WHERE batch_id = :batch ORDER BY refused DESC, id LIMIT :most"
    )
    lines = []
    for bad in connection.execute(asked, {"batch": batch_id, "most": MOST_LINES}):
        where = [bad.part]
        if bad.number is not None:
            where.append(f"record {bad.number}")
        if bad.byte is not None:
            where.append(f"byte {bad.byte}")
        if bad.field:
            where.append(bad.field)
        if bad.value:
            where.append(repr(bad.value))
        begin = "" if bad.refused else "warning: "
        lines.append(f"{begin}{', '.join(where)}: {bad.en} / {bad.zh}")
    return lines
