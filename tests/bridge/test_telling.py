"""Lines in both languages; a terminal is told for whom, a log never."""

from __future__ import annotations

import io
import string

import pytest

from tracer.bridge.framing import Why
from tracer.bridge.patients import Step
from tracer.bridge.sending import OUTCOMES
from tracer.bridge.telling import LINES, Teller, Tone, language


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


@pytest.mark.parametrize("name", LINES)
def test_both_languages_say_the_same_values(name: str) -> None:
    _, zh, en = LINES[name]
    assert fields(zh) == fields(en)
    assert zh != en


def test_every_step_outcome_and_loss_has_a_line() -> None:
    assert {step.value for step in Step} - {"piece"} <= LINES.keys()
    assert {why.value for why in Why} | OUTCOMES <= LINES.keys()


@pytest.mark.parametrize(
    ("locale", "wanted"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh"), ({"LANG": "en_US.UTF-8"}, "en"), ({}, "zh"), ({"LANG": "C"}, "zh"),
        ({"LANG": "en_US", "LC_ALL": "zh_CN.UTF-8"}, "zh"), ({"LANG": "zh_CN", "LC_MESSAGES": "en_GB"}, "en"),
    ],
)  # fmt: skip
def test_the_language_is_the_locale_s_and_chinese_by_default(
    locale: dict[str, str], wanted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in locale.items():
        monkeypatch.setenv(name, value)
    assert language() == wanted


@pytest.fixture(autouse=True)
def chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")


def test_a_refusal_rings_on_a_terminal_and_only_there() -> None:
    for out, rings in ((Terminal(), True), (io.StringIO(), False)):
        teller = Teller(out)
        teller.tell("kept", number=1, patient="")
        assert "\a" not in out.getvalue()
        teller.tell("refused", number=1, remarks="")
        assert ("\a" in out.getvalue()) is rings
        assert out.getvalue().count("\n") == 2


def test_quiet_says_only_what_is_wrong() -> None:
    out = Terminal()
    for name, (tone, zh, _) in LINES.items():
        out.seek(0), out.truncate()
        Teller(out, quiet=True).tell(name, **dict.fromkeys(fields(zh), 1))
        assert bool(out.getvalue()) is (tone is not Tone.NOTE), name


def test_a_log_holds_no_patient_and_no_sentence_that_could_name_one() -> None:
    remarks = [{"code": "already_used", "message": "ZY1 的支架 SN42"}]
    log, screen = Teller(io.StringIO()), Teller(Terminal())
    assert log.of_patient("ZY1") == "…" and screen.of_patient("ZY1") == "ZY1"
    assert log.of_remarks(remarks) == "  · already_used"
    assert screen.of_remarks(remarks) == "  · ZY1 的支架 SN42"
    assert log.of_refusal("bad_encounter", "ZY1?") == "bad_encounter"
    assert screen.of_refusal("bad_encounter", "ZY1?") == "ZY1?"


def test_nothing_from_outside_can_move_the_cursor_or_make_a_line_of_its_own() -> None:
    out = Terminal()
    Teller(out).tell("opened", port="\x1b[2J\r\n12:00:00 #9 ✓\x9b")
    assert out.getvalue().count("\n") == 1
    assert not set(out.getvalue()[:-1]) & {"\x1b", "\r", "\x9b", "\a"}


def test_a_terminal_that_went_away_or_knows_no_chinese_stops_nothing() -> None:
    narrow = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    Teller(narrow).tell("scan_wristband")
    narrow.seek(0)
    assert narrow.read().count("?") > 3
    gone = Terminal()
    teller = Teller(gone)
    gone.close()
    teller.tell("scan_wristband")
