"""What must hold of every answer, how long it took, and what is counted."""

from __future__ import annotations

import signal
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from time import perf_counter, thread_time
from types import FrameType

from scanners import Agency, Scan
from tests.scanners.test_properties import consistent

TODAY = date(2026, 1, 15)
SLOW_SECONDS = 0.005
HANGS_SECONDS = 3.0
MOST_EXAMPLES = 5
# Named, and yet nothing of what the code says was guessed: folding goes one for one, so a text that an
# accident put full-width digits into would read the same with plain ones.
HARMLESS = frozenset(("whitespace_stripped", "no_date", "fullwidth"))

Parse = Callable[..., Scan]


class Hangs(Exception):
    """A parse that does not come to an end."""


@dataclass
class Tally:
    """What was seen. `findings` must not be; `exceptions` are counted by class, with examples."""

    inputs: int = 0
    seconds: float = 0.0
    by_generator: Counter[str] = field(default_factory=Counter)
    codes_read: Counter[str] = field(default_factory=Counter)
    codes_made: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    findings: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    exceptions: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    counts: Counter[str] = field(default_factory=Counter)
    slowest_seconds: float = 0.0
    slowest_text: str = ""

    def find(self, what: str, example: str) -> None:
        """Something that must not be."""
        self._note(self.findings, what, example)

    def except_(self, what: str, example: str) -> None:
        """Something that strict reading cannot see, or that a person should look at."""
        self._note(self.exceptions, what, example)

    def _note(self, place: dict[str, list[str]], what: str, example: str) -> None:
        self.counts[what] += 1
        if len(place[what]) < MOST_EXAMPLES:
            place[what].append(example)

    def add(self, other: Tally) -> None:
        """Take in what another process saw."""
        self.inputs += other.inputs
        self.seconds += other.seconds
        for name in ("by_generator", "codes_read", "codes_made", "errors", "counts"):
            getattr(self, name).update(getattr(other, name))
        for mine, others in ((self.findings, other.findings), (self.exceptions, other.exceptions)):
            for what, examples in others.items():
                mine[what] = (mine[what] + examples)[:MOST_EXAMPLES]
        if other.slowest_seconds > self.slowest_seconds:
            self.slowest_seconds, self.slowest_text = other.slowest_seconds, other.slowest_text


class Judge:
    """Parses, and watches while it does. `parse` is the one to be judged."""

    def __init__(self, parse: Parse) -> None:
        self.tally = Tally()
        self._parse = parse
        self._began: float | None = None

    def read(self, raw: str | bytes, **options: bool) -> Scan | None:
        """The answer, if it is one; whatever is wrong with it is a finding."""
        tally = self.tally
        tally.inputs += 1
        self._began = began = perf_counter()
        try:
            scan = self._parse(raw, today=TODAY, **options)
        except Hangs:
            tally.find("takes longer than 3 s", shown(raw))
            return None
        except Exception as error:
            tally.find(f"raises {type(error).__name__}: {error}"[:200], shown(raw))
            return None
        finally:
            self._began = None
        seconds = perf_counter() - began
        if seconds > max(tally.slowest_seconds, 0.0005):
            self._time_again(raw, seconds, options)
        self._check(scan, raw)
        if scan.error is not None:
            tally.errors[scan.error.code] += 1
        return scan

    def _time_again(self, raw: str | bytes, seconds: float, options: dict[str, bool]) -> None:
        """The machine does other things, too: what was slow is timed three times more, by its own clock."""
        for _ in range(3):
            began = thread_time()
            self._parse(raw, today=TODAY, **options)
            seconds = min(seconds, thread_time() - began)
        if seconds > SLOW_SECONDS:
            self.tally.find("slower than 5 ms", f"{seconds * 1000:.1f} ms: {shown(raw)}")
        if seconds > self.tally.slowest_seconds:
            self.tally.slowest_seconds, self.tally.slowest_text = seconds, shown(raw)

    def _check(self, scan: Scan, raw: str | bytes) -> None:
        if isinstance(raw, str):
            text, kept = raw, scan.raw == raw
        else:
            text = scan.raw
            # Of bytes beyond any code's length only their number and order are kept.
            kept = text.encode("utf-8", "surrogateescape") == raw or (
                len(raw) > 16_384 and scan.error is not None
            )
        if not kept:
            self.tally.find("raw is not as it came", shown(raw))
        try:
            consistent(scan, text)
        except Exception as error:
            told = " ".join(str(error).split())[:120]
            self.tally.find(f"inconsistent: {type(error).__name__} {told}", shown(raw))

    @contextmanager
    def watching(self) -> Iterator[None]:
        """End a parse that hangs. Main thread only, where there are alarms."""

        def look(number: int, frame: FrameType | None) -> None:
            if self._began is not None and perf_counter() - self._began > HANGS_SECONDS:
                self._began = None
                raise Hangs

        before = signal.signal(signal.SIGALRM, look)
        signal.setitimer(signal.ITIMER_REAL, 1.0, 1.0)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)


def shown(raw: str | bytes) -> str:
    """A text to be found again by; of a long one its ends."""
    told = ascii(raw)
    return told if len(told) <= 400 else f"{told[:200]} … {told[-100:]} ({len(raw)} long)"


def identity(scan: Scan) -> tuple[str, str | None]:
    """The item a scan is of: a device, or the one piece that a label names."""
    return (scan.agency.value, scan.serial if scan.agency is Agency.INHOUSE else scan.di)


def saying(scan: Scan) -> tuple[object, ...]:
    """Everything a scan says of a piece."""
    return (*identity(scan), scan.lot, scan.serial, scan.expiry, scan.manufactured, scan.quantity)


def mended(scan: Scan) -> tuple[str, ...]:
    """The repairs by which it was read."""
    return tuple(name for name in scan.repairs if name not in HARMLESS)
