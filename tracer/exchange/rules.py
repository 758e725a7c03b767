"""What an answer means, when to try again, what may be asked for. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from pathlib import PurePosixPath
from random import Random
from urllib.parse import urlsplit

LONGEST_URL = 2_000
LONGEST_NAME = 100
MOST_TOPICS = 50
# Waits in seconds. With the usual 48 tries an event is tried for two to four days: longer than a weekend.
FIRST_WAIT, LONGEST_WAIT = 5.0, 2 * 3600.0
# An endpoint that does not answer is asked at least so often whether it does again.
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 300.0
LONGEST_RETRY_AFTER = 24 * 3600.0
# So many failures one after another are the endpoint's, and no single event's.
OUTAGE = 3
TOPIC = re.compile(r"[a-z][a-z_]*(\.[a-z][a-z_]*)*")
FOLDER = re.compile(r"[\w.-]+(/[\w.-]+)*")


class EndpointKind(StrEnum):
    WEBHOOK = "webhook"
    CSV = "csv"
    XLSX = "xlsx"


class EndpointState(StrEnum):
    """A paused endpoint is sent nothing and misses nothing; an ended one is told nothing any more."""

    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"


class DeliveryState(StrEnum):
    """What waits or is dead holds back the later events of its item at that endpoint."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    DEAD = "dead"
    SKIPPED = "skipped"


class Verdict(StrEnum):
    DELIVERED = "delivered"
    REFUSED = "refused"
    """This event, read and refused: the same again would be refused again."""
    TROUBLE = "trouble"
    """Nothing was said about the event: try again."""


# What says that the receiver read this event and will never take it.
_REFUSALS = frozenset({400, 413, 415, 422})


def judge(status: int | None) -> Verdict:
    """What an HTTP status says; None: there was no answer.

    A redirect is trouble and not followed: what was signed for one address is sent to no other.
    """
    if status is not None and 200 <= status < 300:
        return Verdict.DELIVERED
    return Verdict.REFUSED if status in _REFUSALS else Verdict.TROUBLE


def wait_before(tries: int, retry_after: float | None, chance: Random) -> float:
    """Seconds from the `tries`-th failed try of an event to the next, doubled each time, half of it chance.

    The chance keeps what failed together from coming back together. What the receiver asked for is the least.
    """
    return _wait(FIRST_WAIT, LONGEST_WAIT, tries, retry_after, chance)


def pause_after(failures: int, retry_after: float | None, chance: Random) -> float:
    """Seconds in which an endpoint that failed so often one after another is left alone."""
    return _wait(FIRST_PAUSE, LONGEST_PAUSE, failures, retry_after, chance)


def _wait(first: float, longest: float, count: int, retry_after: float | None, chance: Random) -> float:
    wait = min(first * 2.0 ** min(max(count, 1) - 1, 60), longest)
    return max(wait * chance.uniform(0.5, 1.0), min(retry_after or 0.0, LONGEST_RETRY_AFTER))


def seconds_asked(header: str | None, now: datetime) -> float | None:
    """What a Retry-After header asks for (RFC 9110, section 10.2.3): seconds or a date; None if neither."""
    text = (header or "").strip()
    if re.fullmatch(r"[0-9]{1,9}", text):
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max((moment - now).total_seconds(), 0.0)


@dataclass(frozen=True, slots=True)
class Wrong:
    """What cannot be right: the field, and why, in Chinese and in English."""

    field: str
    zh: str
    en: str


def fault_of_url(url: str) -> Wrong | None:
    """Why this cannot be the address of a webhook; None if it can."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if (
        host is None
        or parts.scheme not in ("http", "https")
        or len(url) > LONGEST_URL
        or not url.isprintable()
        or any(one in url for one in ' "<>\\^`{|}')
    ):
        return Wrong(
            "url", "应为 http:// 或 https:// 开头的地址", "an address as https://host/path is wanted"
        )
    if "@" in parts.netloc or parts.fragment:
        return Wrong(
            "url", "地址中不能含有用户名、密码或 # 片段", "no user, password or # part in an address"
        )
    return None


def fault_of_folder(folder: str) -> Wrong | None:
    """Why this cannot be the folder of a drop file, below the one the settings name; None if it can."""
    parts = PurePosixPath(folder).parts
    if not FOLDER.fullmatch(folder) or len(folder) > 200 or any(one.startswith(".") for one in parts):
        return Wrong(
            "folder",
            "应为存放目录下的子目录名（字母、数字、-、_），不能含 ..",
            "a folder's name below the drop folder is wanted: letters, digits, - and _, no ..",
        )
    return None


def fault_of_topics(topics: Sequence[str]) -> Wrong | None:
    if len(topics) > MOST_TOPICS or not all(TOPIC.fullmatch(one) and len(one) < 100 for one in topics):
        return Wrong("topics", "主题应如 code 或 code.approved", "topics are as code or code.approved")
    return None
