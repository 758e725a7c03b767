"""What states and steps of a file are called on a page."""

from __future__ import annotations

from typing import Final

from flask_babel import gettext as _

from tracer.catalog.intake.tables import JobKind, JobState
from tracer.catalog.mismatches.watching import NAMES
from tracer.catalog.mismatches.words import STEPS, chosen

# Colour and picture of each state; the word stands beside them.
LOOKS: Final = {
    JobState.WAITING: ("ask", "pending"),
    JobState.RUNNING: ("ask", "pending"),
    JobState.DONE: ("good", "check"),
    JobState.REFUSED: ("bad", "cross"),
    JobState.STOPPED: ("bad", "dash"),
}


def state_names() -> dict[JobState, str]:
    return {
        JobState.WAITING: _("排队等待"),
        JobState.RUNNING: _("正在处理"),
        JobState.DONE: _("已完成"),
        JobState.REFUSED: _("已拒绝"),
        JobState.STOPPED: _("已中止"),
    }


def steps_of(kind: str, language: str) -> list[tuple[str, str]]:
    """(name, words) of what is done with a file, in this order."""
    if kind == JobKind.REGISTER:
        return [("opening", _("核对文件")), ("reading", _("读取、核对并写入记录"))]
    words = chosen(STEPS, language)
    return [(name, words[name]) for name in NAMES]
