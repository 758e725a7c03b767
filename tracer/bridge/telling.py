"""The lines on the terminal: one when a scan is safe on this machine, one when its answer is there.

Whoever scans reads them, so a terminal is told for whom. Anything else (a service's journal, a file) is a
log: there stands no patient, no serial number, and no sentence of the server's that might name one.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, TextIO

BELL = "\a"
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")


class Tone(Enum):
    """How loud a line is: NOTE is left out by `--quiet`, ALARM rings."""

    NOTE = 1
    TROUBLE = 2
    ALARM = 3


def _note(zh: str, en: str) -> tuple[Tone, str, str]:
    return Tone.NOTE, zh, en


def _trouble(zh: str, en: str) -> tuple[Tone, str, str]:
    return Tone.TROUBLE, zh, en


def _alarm(zh: str, en: str) -> tuple[Tone, str, str]:
    return Tone.ALARM, zh, en


LINES = {
    # The bridge and its scanner.
    "ready": _note("扫码桥：{server}，地点 {location}", "Scanner bridge to {server}, at {location}"),
    "from_before": _trouble(
        "上次留下 {waiting} 条待发送，正在发送", "{waiting} wait from before; sending them"
    ),
    "plain_http": _trouble(
        "注意：{server} 不是 https，令牌在网络上可被他人看到",
        "Mind: {server} is not https; others on the network can read the token",
    ),
    "token_readable": _trouble(
        "注意：{file} 可被其他用户读取，请执行 chmod 600",
        "Mind: other users can read {file}; chmod 600 it",
    ),
    "opened": _note("扫码枪已连接：{port}", "The scanner is connected: {port}"),
    "away": _alarm(
        "扫码枪不在 {port}（{reason}），接上后自动继续",
        "No scanner at {port} ({reason}); goes on when it is plugged in",
    ),
    "too_long": _alarm(
        "收到超过 {length} 字节而没有结束，不是条码，已丢弃",
        "More than {length} bytes came without an end; that is no code, it was dropped",
    ),
    "no_end": _alarm(
        "收到 {length} 字节而没有结束符，已丢弃。请给扫码枪设置回车后缀，或用 --terminator none",
        "{length} bytes came without a terminator and were dropped: let the scanner add a CR, "
        "or use --terminator none",
    ),
    "unplugged": _alarm(
        "扫到一半断开，已丢弃 {length} 字节，请重扫",
        "Unplugged in the middle of a scan; {length} bytes were dropped, scan again",
    ),
    # Whom it is for.
    "scan_wristband": _alarm("请先扫患者腕带", "Scan the patient's wristband first"),
    "patient": _note("患者 {patient}", "Patient {patient}"),
    "same_patient": _note("是同一位患者，请继续扫耗材", "The same patient; go on with the pieces"),
    "let_go": _note("已结束，请扫下一位患者的腕带", "Done; scan the next patient's wristband"),
    "forgotten": _alarm(
        "已 {minutes} 分钟没有扫码，请重新扫腕带",
        "Nothing was scanned for {minutes} minutes; scan the wristband again",
    ),
    "is_it_wristband": _alarm(
        "{patient} 是患者的腕带吗？HIS 还没有告知这个就诊号。是，请扫“确认”卡；不是，请扫正确的腕带",
        "Is {patient} a patient's wristband? The HIS has not told of it. If so, scan the card YES; "
        "else the right wristband",
    ),
    "cannot_ask": _alarm(
        "{patient} 是患者的腕带吗？现在连不上服务器，无法核对。是，请扫“确认”卡；不是，请重扫当前患者的腕带",
        "Is {patient} a patient's wristband? The server cannot be asked now. If so, scan the card YES; "
        "else the present patient's wristband again",
    ),
    "nothing_to_confirm": _alarm("没有需要确认的腕带", "There is no wristband to confirm"),
    "fixed_patient": _alarm(
        "本机用 --encounter 固定了患者，命令卡无效", "The patient was set by --encounter; cards do nothing"
    ),
    # A scan on its way.
    "double": _trouble("同一次触发重复，已忽略", "The same pull twice; ignored"),
    "kept": _note("#{number} 已存本机{patient}", "#{number} kept on this machine{patient}"),
    "not_kept": _alarm(
        "没有记下，请排除故障后重扫：本机不能写入（{reason}）",
        "NOT kept, scan again when it is mended: this machine's disk takes nothing ({reason})",
    ),
    "charged": _note(
        "#{number} ✓ 已计费  {item} × {quantity}  ¥{amount}{remarks}",
        "#{number} ✓ charged  {item} × {quantity}  ¥{amount}{remarks}",
    ),
    "used": _note(
        "#{number} ✓ 已使用，未计费  {item} × {quantity}{remarks}",
        "#{number} ✓ used, not charged  {item} × {quantity}{remarks}",
    ),
    "needs_choice": _alarm(
        "#{number} ✗ 还差一步，尚未记账，请在扫码页面选择{remarks}",
        "#{number} ✗ one step is missing, nothing was booked: choose on the scan page{remarks}",
    ),
    "unresolved": _alarm(
        "#{number} ✗ 待处理，没有记账{remarks}", "#{number} ✗ pending, nothing was booked{remarks}"
    ),
    "refused": _alarm(
        "#{number} ✗ 不能使用，没有记账{remarks}", "#{number} ✗ not to be used, nothing was booked{remarks}"
    ),
    "not_taken": _alarm(
        "#{number} ✗ 服务器没有接受（{reason}），已移到 {file}",
        "#{number} ✗ the server did not take it ({reason}); moved to {file}",
    ),
    # The service.
    "offline": _trouble(
        "连不上服务器（{reason}）；扫码照常保存，恢复后自动发送",
        "The server does not answer ({reason}); scans are kept and sent when it does",
    ),
    "online": _note("服务器已恢复，{waiting} 条待发送", "The server answers again; {waiting} to send"),
    "not_allowed": _alarm(
        "服务器不接受令牌（{reason}）。请换上有效的令牌（tracer token …）；扫码照常保存，待发送",
        "The server does not accept the token ({reason}). Put a valid one in its place (`tracer token …`); "
        "scans are kept and wait",
    ),
    "not_tracer": _alarm(
        "{server} 回答的不是 Tracer（{reason}），请检查 --server；扫码照常保存，待发送",
        "What answers at {server} is not Tracer ({reason}): check --server; scans are kept and wait",
    ),
    "stepped_behind": _trouble(
        "#{number} 服务器多次出错（{reason}），先发后面的",
        "#{number} the server failed on it again and again ({reason}); the others go first",
    ),
    "cannot_note": _alarm(
        "本机不能写入（{reason}）；已发送的会再发一次，不会重复记账",
        "This machine's disk takes nothing ({reason}); what was sent is sent once more, and booked once",
    ),
    # The end.
    "bye": _trouble(
        "已停止，{waiting} 条待发送，下次启动时发送", "Stopped; {waiting} wait for the next start"
    ),
    "refused_file": _trouble(
        "{number} 条未被接受，见 {file}", "{number} scans were not taken, see {file}"
    ),
}  # fmt: skip


def language() -> str:
    """`en` if the terminal's locale says English, else `zh`."""
    set_to = next(
        (os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), ""
    )
    return "en" if set_to.lower().startswith("en") else "zh"


@dataclass
class Teller:
    """Writes lines, whole, from whichever thread. Never raises: scanning goes on without a reader."""

    out: TextIO
    quiet: bool = False
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.is_terminal = self.out.isatty()
        if hasattr(self.out, "reconfigure"):
            self.out.reconfigure(errors="replace")  # a terminal without Chinese shows what it can

    def tell(self, name: str, **values: Any) -> None:
        tone, zh, en = LINES[name]
        if self.quiet and tone is Tone.NOTE:
            return
        shown = {key: _CONTROL.sub("·", str(value)) for key, value in values.items()}
        line = f"{datetime.now():%H:%M:%S} {(en if language() == 'en' else zh).format(**shown)}"
        ring = BELL if tone is Tone.ALARM and self.is_terminal else ""
        with self._turn, suppress(OSError, ValueError):
            self.out.write(f"{line}{ring}\n")
            self.out.flush()

    def of_patient(self, ref: str) -> str:
        """The reference for the eyes of who scans; nothing of it in a log."""
        return ref if self.is_terminal else "…"

    def of_remarks(self, remarks: Iterable[dict[str, Any]]) -> str:
        """What the server remarked: its sentences on a terminal, their names in a log."""
        told = [str(remark.get("message" if self.is_terminal else "code", "")) for remark in remarks]
        return "".join(f"  · {one}" for one in told)

    def of_refusal(self, code: str, detail: str) -> str:
        """Why the server did not take something."""
        return detail if self.is_terminal or not code else code
