"""What waits is sent in order, the same body until it is answered; trouble throws nothing away."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.bridge.bench import eventually
from tracer.bridge import sending
from tracer.bridge.link import Answer
from tracer.bridge.sending import Sending, pause_seconds
from tracer.bridge.telling import Teller
from tracer.bridge.waiting import Entry, NotKept, Waiting

BOOKED = Answer(201, {"scan": 1, "outcome": "charged", "charge": {"amount": "1.85"}, "warnings": []})
AWAY = Answer(0, reason="Connection refused")
BUSY = Answer(503, {"code": "unavailable"}, is_problem=True, retry_after_seconds=0.01)
FAILS = Answer(500, {"code": "internal_error"}, is_problem=True)
IN_FLIGHT = Answer(409, {"code": "key_in_flight"}, is_problem=True, retry_after_seconds=0.01)
NOT_SIGNED_IN = Answer(401, {"code": "not_signed_in", "detail": "请先登录"}, is_problem=True)
BAD = Answer(422, {"code": "bad_encounter", "detail": "就诊号“E?”"}, is_problem=True)


class Post:
    """A service by script: `answers[key]` in turn, then BOOKED."""

    def __init__(self, **answers: list[Answer]) -> None:
        self.answers = answers
        self.asked: list[str] = []
        self.bodies: dict[str, set[str]] = {}

    def __call__(self, path: str, body: str) -> Answer:
        assert path == "/api/v1/scans"
        key = json.loads(body)["idempotency_key"]
        self.asked.append(key)
        self.bodies.setdefault(key, set()).add(body)
        script = self.answers.get(key, [])
        return script.pop(0) if script else BOOKED


Begin = Callable[..., tuple[Sending, Waiting, io.StringIO]]


@pytest.fixture
def begin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Begin]:
    """`begin(post, "a", "b")` keeps two scans and begins to send."""
    monkeypatch.setattr(sending, "LONGEST_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(sending, "PERSON_PAUSE_SECONDS", 0.01)
    begun: list[tuple[Sending, Waiting]] = []
    broken: list[Exception] = []

    def begin(
        post: Callable[[str, str], Answer], *keys: str, waiting: Waiting | None = None
    ) -> tuple[Sending, Waiting, io.StringIO]:
        waiting, out = waiting or Waiting(tmp_path), io.StringIO()
        made = Sending(waiting, post, Teller(out), "http://tracer", broken.append)
        for key in keys:
            waiting.add(key, json.dumps({"idempotency_key": key}), lambda number: None)
        made.begin()
        begun.append((made, waiting))
        return made, waiting, out

    yield begin
    for made, waiting in begun:
        assert made.end()
        waiting.close()
    assert broken == []


def until_sent(waiting: Waiting) -> None:
    eventually(lambda: waiting.count() == 0)


def test_pauses_grow_and_the_server_may_ask_for_more() -> None:
    assert [pause_seconds(tries, None, 0.5) for tries in (1, 2, 3, 4, 5, 6, 60)] == [1, 2, 4, 8, 16, 30, 30]
    assert pause_seconds(1, 120.0, 0.5) == 120
    assert pause_seconds(9, 1.0, 0.5) == 30
    assert 25 < pause_seconds(60, None, 0.0) < pause_seconds(60, None, 1.0) < 35


def test_all_trouble_ends_with_every_scan_answered_in_order_and_the_same_body(begin: Begin) -> None:
    post = Post(a=[AWAY, AWAY, BUSY, FAILS, IN_FLIGHT], b=[Answer(429, retry_after_seconds=0.01), AWAY])
    _, waiting, out = begin(post, "a", "b", "c")
    until_sent(waiting)
    assert post.asked == ["a"] * 6 + ["b"] * 3 + ["c"]
    assert all(len(bodies) == 1 for bodies in post.bodies.values())
    told = out.getvalue()
    assert told.count("连不上服务器") == 2 and told.count("服务器已恢复") == 2  # once each time, not per try
    assert told.count("✓ 已计费") == 3


def test_what_the_service_will_never_take_is_set_aside_and_the_others_go_on(begin: Begin) -> None:
    post = Post(b=[BAD])
    _, waiting, out = begin(post, "a", "b", "c")
    until_sent(waiting)
    assert post.asked == ["a", "b", "c"]
    (line,) = waiting.refused_file.read_text(encoding="utf-8").splitlines()
    refused = json.loads(line)
    assert (refused["status"], refused["code"], refused["detail"]) == (422, "bad_encounter", "就诊号“E?”")
    assert refused["scan"] == {"idempotency_key": "b"}
    assert "#2 ✗ 服务器没有接受（bad_encounter）" in out.getvalue()
    assert "E?" not in out.getvalue()  # what is no terminal is a log


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (NOT_SIGNED_IN, "不接受令牌（not_signed_in）"),
        (Answer(403, {"code": "forbidden"}, is_problem=True), "不接受令牌（forbidden）"),
        (Answer(200, {"welcome": "to another program"}), "不是 Tracer"),
        (Answer(404), "不是 Tracer"),
    ],
)
def test_what_only_a_person_can_help_keeps_the_scan_and_is_said_once(
    begin: Begin, answer: Answer, told: str
) -> None:
    post = Post(a=[answer] * 20)
    _, waiting, out = begin(post, "a", "b")
    until_sent(waiting)
    assert post.asked == ["a"] * 21 + ["b"]
    assert out.getvalue().count(told) == 1
    assert not waiting.refused_file.exists()


def test_a_new_scan_is_a_reason_to_ask_again_at_once_unless_the_server_wants_time(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "LONGEST_PAUSE_SECONDS", 60.0)
    monkeypatch.setattr(sending, "PERSON_PAUSE_SECONDS", 60.0)
    post = Post(a=[AWAY] * 3 + [NOT_SIGNED_IN] + [Answer(503, retry_after_seconds=60.0)])
    made, waiting, _ = begin(post, "a")
    for tries in (1, 2, 3, 4):
        eventually(lambda: len(post.asked) == tries)  # noqa: B023
        made.wake()
    eventually(lambda: len(post.asked) == 5)
    began = time.monotonic()
    while time.monotonic() - began < 0.3:
        made.wake()
        time.sleep(0.01)
    assert len(post.asked) == 5
    assert waiting.count() == 1


def test_one_scan_the_service_fails_on_does_not_hold_up_the_others(begin: Begin) -> None:
    post = Post(a=[FAILS] * 12)
    _, waiting, out = begin(post, "a", "b", "c")
    until_sent(waiting)
    assert post.asked == ["a"] * 5 + ["b", "c"] + ["a"] * 8
    assert "#1 服务器多次出错（HTTP 500），先发后面的" in out.getvalue()


def test_a_disk_that_cannot_note_the_answer_sends_again_and_books_once(begin: Begin, tmp_path: Path) -> None:
    class Forgetful(Waiting):
        times = 2

        def forget(self, entry: Entry) -> None:
            self.times -= 1
            if self.times >= 0:
                raise NotKept("database or disk is full")
            super().forget(entry)

    post = Post()
    _, waiting, out = begin(post, "a", waiting=Forgetful(tmp_path))
    until_sent(waiting)
    assert post.asked == ["a"] * 3
    assert out.getvalue().count("本机不能写入") == 2


def test_an_outcome_this_version_does_not_know_is_told_as_pending(begin: Begin) -> None:
    answer: dict[str, Any] = {"scan": 1, "outcome": "something_new"}
    _, waiting, out = begin(Post(a=[Answer(201, answer)]), "a")
    until_sent(waiting)
    assert "#1 ✗ 待处理" in out.getvalue()


def test_what_nobody_foresaw_is_told_and_not_a_silent_thread(tmp_path: Path) -> None:
    def post(path: str, body: str) -> Answer:
        raise RuntimeError("unforeseen")

    waiting, broken = Waiting(tmp_path), []
    made = Sending(waiting, post, Teller(io.StringIO()), "", broken.append)
    waiting.add("a", "{}", lambda number: None)
    made.begin()
    eventually(lambda: bool(broken))
    assert made.end() and waiting.count() == 1
    waiting.close()
