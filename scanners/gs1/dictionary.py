"""The application identifiers, read from the official GS1 syntax dictionary.

``gs1-syntax-dictionary.txt`` is the file GS1 publishes, unchanged (provenance in NOTICE); no
identifier is typed into this package. It is read once, at import: a few milliseconds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

# The check modules register themselves by being imported.
from scanners.gs1 import charsets, coupons, date_linters, linters  # noqa: F401
from scanners.gs1.faults import Fault
from scanners.gs1.linters import Linter

# General Specifications figure 7.8.5-2: the first two digits of an AI decide whether its length
# is predefined, so that no separator follows. The list is closed for all time, also for AIs that
# do not exist yet; every other AI needs a separator unless it is last, even with a fixed length.
# First two digits -> length of the AI, length of the value.
PREDEFINED: dict[str, tuple[int, int]] = {
    "00": (2, 18),
    **dict.fromkeys(("01", "02", "03"), (2, 14)),
    "04": (2, 16),
    **{str(head): (2, 6) for head in range(11, 20)},
    "20": (2, 2),
    **{str(head): (4, 6) for head in range(31, 37)},
    "41": (3, 13),
}

_ENTRY = re.compile(r"(?P<first>\d{2,4})(?:-(?P<last>\d{2,4}))?\s+(?P<rest>\S.*)")
_COMPONENT = re.compile(
    r"(?P<optional>\[)?(?P<kind>[NXYZ])(?P<range>\.\.)?(?P<length>\d+)\]?(?P<checks>[,\w]*)"
)


@dataclass(frozen=True, slots=True)
class Component:
    """A part of a value: ``kind`` names its characters (N X Y Z), the last may vary in length."""

    kind: str
    shortest: int
    longest: int
    optional: bool
    checks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ApplicationIdentifier:
    """One AI and what its value must look like."""

    code: str
    title: str
    components: tuple[Component, ...]
    pattern: re.Pattern[str]  # character classes and lengths, for fullmatch
    check: Linter | None  # everything the pattern cannot say; None when it says it all
    predefined_length: int  # 0: a separator follows unless this AI is last
    longest: int
    is_data_attribute: bool  # may stand in the query of a Digital Link
    attributes: tuple[tuple[str, str], ...]  # "req", "ex", "dlpkey" in the dictionary's words

    def __repr__(self) -> str:
        return f"<AI {self.code} {self.title}>"


@lru_cache(maxsize=1024)
def _component(text: str) -> Component | None:
    match = _COMPONENT.fullmatch(text)
    if match is None:
        return None
    longest = int(match["length"])
    shortest = 1 if match["range"] else longest
    checks = tuple(name for name in match["checks"].split(",") if name)
    return Component(match["kind"], shortest, longest, bool(match["optional"]), checks)


@lru_cache(maxsize=1024)
def _pattern(components: tuple[Component, ...]) -> re.Pattern[str]:
    tail = ""
    for part in reversed(components):
        repeat = str(part.longest) if part.shortest == part.longest else f"{part.shortest},{part.longest}"
        tail = f"{charsets.PATTERNS[part.kind]}{{{repeat}}}{tail}"
        if part.optional:
            tail = f"(?:{tail})?"
    return re.compile(tail)


def _says_nothing(name: str, part: Component) -> bool:
    """Whether the pattern has already settled this check: spares it in every parse."""
    return name in ("gcppos1", "gcppos2") and part.kind == "N" and part.shortest > 4


def _linter(name: str, part: Component) -> Linter:
    return linters.csum_of_digits if name == "csum" and part.kind == "N" else linters.linter(name)


@lru_cache(maxsize=1024)
def _check(components: tuple[Component, ...]) -> Linter | None:
    """All checks of a value in one function; None if there are none."""
    steps: list[tuple[int, int | None, Linter]] = []
    start = 0
    for number, part in enumerate(components, start=1):
        stop = None if number == len(components) else start + part.longest
        if part.kind == "Z":
            steps.append((start, stop, linters.linter("cset64")))
        names = [name for name in part.checks if not _says_nothing(name, part)]
        steps += [(start, stop, _linter(name, part)) for name in names]
        start += part.longest
    if not steps:
        return None
    if len(steps) == 1 and steps[0][:2] == (0, None):
        return steps[0][2]

    def check(value: str) -> Fault | None:
        for start, stop, linter in steps:
            if start >= len(value):
                return None  # optional components that are not there
            fault = linter(value[start:stop])
            if fault is not None:
                return fault._replace(offset=fault.offset + start)
        return None

    return check


def _entries(text: str) -> Iterator[ApplicationIdentifier]:
    for line in text.splitlines():
        entry = _ENTRY.fullmatch(line)
        if entry is None:
            continue
        rest, _, title = entry["rest"].partition("#")
        words = rest.split()
        flags = "" if _component(words[0]) else words.pop(0)
        components: list[Component] = []
        while words and (part := _component(words[0])):
            components.append(part)
            words.pop(0)
        attributes = tuple((key, value) for key, _, value in (word.partition("=") for word in words))
        width = len(entry["first"])
        for number in range(int(entry["first"]), int(entry["last"] or entry["first"]) + 1):
            code = f"{number:0{width}}"
            yield ApplicationIdentifier(
                code=code,
                title=title.strip(),
                components=tuple(components),
                pattern=_pattern(tuple(components)),
                check=_check(tuple(components)),
                predefined_length=PREDEFINED.get(code[:2], (0, 0))[1],
                longest=sum(part.longest for part in components),
                is_data_attribute="?" in flags,
                attributes=attributes,
            )


# Length of an AI, predefined length of its value or 0, and the AI itself if the two digits are all of it.
Head = tuple[int, int, ApplicationIdentifier | None]


def _heads(identifiers: dict[str, ApplicationIdentifier]) -> dict[str, Head]:
    """What the first two digits of an AI say."""
    heads: dict[str, Head] = {
        head: (width, length, identifiers.get(head)) for head, (width, length) in PREDEFINED.items()
    }
    for code in identifiers:
        width = heads.setdefault(code[:2], (len(code), 0, identifiers.get(code[:2])))[0]
        if width != len(code):
            raise ValueError(f"AIs that begin with {code[:2]} differ in length")
    return heads


IDENTIFIERS: dict[str, ApplicationIdentifier] = {
    identifier.code: identifier
    for identifier in _entries(
        files("scanners.gs1").joinpath("gs1-syntax-dictionary.txt").read_text(encoding="utf-8")
    )
}
HEADS = _heads(IDENTIFIERS)
