"""What an answer means, when to try again, what may be asked for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracer.exchange.rules import (
    LONGEST_PAUSE,
    LONGEST_RETRY_AFTER,
    LONGEST_WAIT,
    Verdict,
    fault_of_folder,
    fault_of_topics,
    fault_of_url,
    judge,
    pause_after,
    seconds_asked,
    wait_before,
)
from tracer.exchange.signing import key_of, new_secret

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        *((status, Verdict.DELIVERED) for status in (200, 201, 202, 204, 299)),
        *((status, Verdict.REFUSED) for status in (400, 413, 415, 422)),
        *((status, Verdict.TROUBLE) for status in (None, 100, 301, 302, 307, 401, 403, 404, 408, 409, 410)),
        *((status, Verdict.TROUBLE) for status in (425, 429, 500, 502, 503, 504, 599)),
    ],
)
def test_what_a_status_says(status: int | None, verdict: Verdict) -> None:
    assert judge(status) is verdict


@given(st.integers(1, 10_000), st.none() | st.floats(0, 1e9), st.integers(0, 10**6))
def test_a_wait_is_bounded_and_at_least_what_was_asked(tries: int, asked: float | None, seed: int) -> None:
    for wait, most in ((wait_before, LONGEST_WAIT), (pause_after, LONGEST_PAUSE)):
        seconds = wait(tries, asked, Random(seed))
        assert seconds >= min(asked or 0, LONGEST_RETRY_AFTER)
        assert 1.0 <= seconds <= max(most, LONGEST_RETRY_AFTER if asked else 0)


def test_waits_double_and_differ() -> None:
    waits = [wait_before(tries, None, Random(1)) for tries in range(1, 9)]
    assert all(later == pytest.approx(2 * one) for one, later in pairwise(waits))
    assert len({wait_before(3, None, Random(seed)) for seed in range(20)}) == 20


def test_the_usual_tries_outlast_a_weekend() -> None:
    for seed in range(20):
        chance = Random(seed)
        seconds = sum(wait_before(tries, None, chance) for tries in range(1, 48))
        assert timedelta(days=2) < timedelta(seconds=seconds) < timedelta(days=4)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("Sun, 22 Nov 2026 06:01:00 GMT", 60.0),
        ("Sunday, 22-Nov-26 06:01:00 GMT", 60.0),
        ("Sun, 22 Nov 2026 05:00:00 GMT", 0.0),
        *((nonsense, None) for nonsense in (None, "", "-1", "1.5", "soon", "٣", "9" * 40, "\x00", "1e3")),
    ],
)
def test_what_retry_after_asks_for(header: str | None, seconds: float | None) -> None:
    assert seconds_asked(header, NOW) == seconds


@given(st.text())
def test_any_header_and_any_address_is_read_without_an_error(text: str) -> None:
    seconds_asked(text, NOW)
    fault_of_url(text)
    fault_of_folder(text)
    fault_of_topics([text])


@pytest.mark.parametrize(
    "url", ["http://his", "https://his.example:8443/a/b?c=d%20e", "http://[::1]:80/", "http://10.0.0.1/x"]
)
def test_an_address_that_can_be_posted_to(url: str) -> None:
    assert fault_of_url(url) is None


@pytest.mark.parametrize(
    "url",
    ["", "his", "ftp://his/", "file:///etc/passwd", "http://", "http:///x", "http://a b/", "http://u:p@his/",
     "http://u@his/", "http://his/#x", "http://his:99999/", "http://his:x/", "http://[::1/",
     "http://his/\r\nX: 1", "http://his/<>", "http://his/" + "x" * 2_000, "javascript:alert(1)"],
)  # fmt: skip
def test_an_address_that_cannot(url: str) -> None:
    assert fault_of_url(url) is not None


@pytest.mark.parametrize("secret", ["", "whsec_", "geheim", "whsec_" + "A" * 28, "whsec_!!!!", "whsec_密钥"])
def test_what_is_no_secret_is_refused_and_not_repeated(secret: str) -> None:
    with pytest.raises(ValueError, match="expected") as refused:
        key_of(secret)
    assert secret.removeprefix("whsec_") not in str(refused.value) or secret in ("", "whsec_")


def test_a_new_secret_has_32_bytes_of_its_own() -> None:
    keys = {key_of(new_secret()) for _ in range(50)}
    assert len(keys) == 50 and {len(key) for key in keys} == {32}
