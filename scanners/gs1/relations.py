"""Which AIs may stand together, and which need another: the dictionary's ``ex`` and ``req``.

GS1 means them for one item, over all the symbols on it; a scan is one of those symbols. What a
scan lacks may therefore stand beside it, on a second symbol. It is an error all the same: nothing
may be booked on a serial whose GTIN is elsewhere.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import cache
from typing import NamedTuple

from scanners.gs1.dictionary import IDENTIFIERS, ApplicationIdentifier

# All of these together; each is one AI, or any of those that a pattern such as 31nn stands for.
Group = tuple[frozenset[str], ...]


class Relations(NamedTuple):
    """What one AI says of others."""

    excluded: frozenset[str]
    required: tuple[tuple[Group, ...], ...]  # of each of these, one group must be there whole


class Violation(NamedTuple):
    """The AI whose relation is broken, and how."""

    code: str
    message: str


@cache
def _meant_by(pattern: str) -> frozenset[str]:
    """The AIs that an AI or a pattern stands for, in which ``n`` is any digit."""
    digits = pattern.rstrip("n")
    return frozenset(code for code in IDENTIFIERS if len(code) == len(pattern) and code.startswith(digits))


def _groups(alternatives: str) -> tuple[Group, ...]:
    """``01+21,02``: (01) and (21), or (02)."""
    return tuple(
        tuple(_meant_by(pattern) for pattern in group.split("+")) for group in alternatives.split(",")
    )


def _relations(ai: ApplicationIdentifier) -> Relations:
    excluded: set[str] = set()
    required = []
    for name, value in ai.attributes:
        if name == "ex":
            excluded.update(*(_meant_by(pattern) for pattern in value.split(",")))
        elif name == "req":
            required.append(_groups(value))
    # A pattern may match the AI itself, which it does not mean.
    return Relations(frozenset(excluded - {ai.code}), tuple(required))


RELATIONS = {code: _relations(ai) for code, ai in IDENTIFIERS.items()}


def invalid_pair(codes: Collection[str]) -> Violation | None:
    """Two that must not stand together."""
    present = frozenset(codes)
    for code in codes:
        unwanted = RELATIONS[code].excluded & present
        if unwanted:
            return Violation(code, f"({code}) must not stand with ({min(unwanted)})")
    return None


def unmet(codes: Collection[str]) -> Iterator[tuple[Violation, tuple[Group, ...]]]:
    """Each that lacks what it needs, and the groups of which one should have been there."""
    present = frozenset(codes)
    for code in codes:
        for groups in RELATIONS[code].required:
            if not any(_is_whole(group, present) for group in groups):
                yield Violation(code, f"({code}) needs {_told(groups)}"), groups


def _is_whole(group: Group, present: frozenset[str]) -> bool:
    return not any(member.isdisjoint(present) for member in group)


def _told(groups: tuple[Group, ...]) -> str:
    def member(codes: frozenset[str]) -> str:
        return f"({min(codes)})" if len(codes) == 1 else f"one of ({min(codes)})-({max(codes)})"

    return " or ".join(" with ".join(member(codes) for codes in group) for group in groups)


_SIGNATURE = "8030"
# The keys a signature may belong to that exist with and without a serial number.
_SERIAL_OPTIONAL = {
    code: sum(part.shortest for part in IDENTIFIERS[code].components if not part.optional)
    for groups in RELATIONS[_SIGNATURE].required
    for group in groups
    for member in group
    for code in member
    if any(part.optional for part in IDENTIFIERS[code].components)
}


def unsigned_serial(values: Mapping[str, str]) -> Violation | None:
    """A key without its serial number under a digital signature, which signs single things."""
    if _SIGNATURE not in values:
        return None
    for code, bare in _SERIAL_OPTIONAL.items():
        if code in values and len(values[code]) == bare:
            return Violation(code, f"({code}) needs its serial number beside ({_SIGNATURE})")
    return None


def _beside_gtin() -> frozenset[str]:
    """AIs of which any choice may stand with (01): none excludes another, none needs more.

    Where two exclude each other the earlier in the dictionary is taken: (21), not (235).
    """
    chosen: set[str] = set()
    unwanted: set[str] = set()
    for code in ("01", *RELATIONS):
        excluded = RELATIONS[code].excluded
        if code in unwanted or not excluded.isdisjoint(chosen) or any(unmet(("01", code))):
            continue
        chosen.add(code)
        unwanted |= excluded
    return frozenset(chosen)


# What nearly every device carries is decided by one comparison of sets, and so is what needs nothing:
# the number of a logistic unit, a count's, a place's.
BESIDE_GTIN = _beside_gtin()
BY_THEMSELVES = frozenset(
    code
    for code, relations in RELATIONS.items()
    if not relations.excluded and not relations.required and code not in _SERIAL_OPTIONAL
)


def are_usual(codes: Mapping[str, str]) -> bool:
    """Whether these break no rule, without looking at each: True for nearly all that are met."""
    return (BESIDE_GTIN if "01" in codes else BY_THEMSELVES).issuperset(codes)
