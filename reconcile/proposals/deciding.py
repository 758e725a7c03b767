"""Which code each item of a case shall have, and which value of a field is right."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from string import digits
from typing import Final, TypeVar

from reconcile.codes import COMPARED
from reconcile.proposals.evidence import likeness, pieces_between, weigh_fields
from reconcile.proposals.folding import clean, is_old_certificate, plain, read_number
from reconcile.proposals.lines import BILLING, INSURANCE, MATERIAL, ORDER, UDI, Known, Line

T = TypeVar("T", int, str)

HOSPITAL: Final = (MATERIAL, BILLING, ORDER)
"""Codes the hospital makes itself; those of insurers and registers it can only look up."""


@dataclass(slots=True)
class Settled:
    """An item of a case: its rows, its codes, which of them are still to be made, and how sure that is.

    `first`: the decisions about codes that others claimed too: (what decided, code). `is_gone`: it is no
    item any more.
    """

    rows: tuple[Line, ...]
    codes: dict[int, str] = field(default_factory=dict)
    lacking: list[int] = field(default_factory=list)
    is_gone: bool = False
    margin: float = 0.0
    first: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Claim:
    """What speaks for a code being an item's."""

    is_listed: bool
    rows: int
    company: int
    since: str
    evidence: float


def settle(clusters: Sequence[tuple[Line, ...]], margins: Sequence[float], known: Known) -> list[Settled]:
    items = [Settled(rows, margin=margin) for rows, margin in zip(clusters, margins, strict=True)]
    for system in known.expected:
        _share_out(system, items, known)
    lost = _given_away(items)
    for item in items:
        # Nothing but a material code, and what else it named is another's by now. Where no catalogue and no
        # register is at hand, that they do not list it says nothing.
        is_listed_nowhere = id(item) in lost and known.has_catalogue
        item.is_gone = not item.codes or (set(item.codes) == {MATERIAL} and is_listed_nowhere)
        if not item.is_gone:
            item.lacking = [s for s in known.expected if s not in item.codes]
    return items


def _share_out(system: int, items: list[Settled], known: Known) -> None:
    """Each code to the item with the most behind it; of several each item keeps the best, and the others go
    to who comes next.

    Systems are gone through in their order, so that a later code keeps to those already chosen: who has one
    code of an entry made twice has all of that entry.
    """
    named = [
        sorted({c for line in item.rows if (c := line.codes[system]) and known.is_owned(system, c)})
        for item in items
    ]
    times = Counter(code for codes in named for code in codes)
    claims: defaultdict[str, dict[int, Claim]] = defaultdict(dict)
    for at, codes in enumerate(named):
        if len(codes) == 1 and times[codes[0]] == 1:
            items[at].codes[system] = codes[0]  # nobody else names it: nothing to weigh
            continue
        for code in codes:
            claims[code][at] = _claim(system, code, items[at], known)
    ranked = {code: _ranked(by_item) for code, by_item in sorted(claims.items())}
    for at, kept in _matched(ranked, claims).items():
        items[at].codes[system] = kept
        for other in ranked[kept]:
            if other != at:
                _note(items[at], kept, claims[kept][at], claims[kept][other])
        for code in sorted(claims):
            if code != kept and ranked[code][0] == at:
                _note(items[at], kept, claims[kept][at], claims[code][at])
    for item in items:
        if system == UDI and system not in item.codes:
            _piece_of_package(item, known)


def _matched(
    ranked: Mapping[str, Sequence[int]], claims: Mapping[str, Mapping[int, Claim]]
) -> dict[int, str]:
    """item → code. A code that its first item does not need, having a better one, goes to the next that names
    it: no item has a code while another that it names and that names it more would rather be with it."""
    kept: dict[int, str] = {}
    asked = dict.fromkeys(ranked, 0)
    for first in ranked:
        code = first
        while asked[code] < len(ranked[code]):
            at = ranked[code][asked[code]]
            asked[code] += 1
            if at not in kept:
                kept[at] = code
                break
            better, _ = _ranked({one: claims[one][at] for one in (kept[at], code)})
            if better == code:
                kept[at], code = code, kept[at]
    return kept


def _claim(system: int, code: str, item: Settled, known: Known) -> Claim:
    """Where the owner's own row is, there the code is; it counts twice and alone knows since when."""
    rows = company = 0
    evidence = 0.0
    since = []
    owner = known.owner[system]
    for line in item.rows:
        if line.codes[system] == code:
            rows += 1 + (line.source == owner)
            company += sum(
                bool(c) and item.codes.get(s) == c for s, c in enumerate(line.codes) if s != system
            )
            evidence += sum(weigh_fields(line, other) for other in item.rows if other is not line)
            if line.since and (line.source == owner or not owner):
                since.append(line.since)
    is_listed = any(line.source == owner and line.codes[system] == code for line in item.rows)
    return Claim(is_listed, rows, company, min(since, default=""), round(evidence, 6))


def _ranked(claims: Mapping[T, Claim]) -> list[T]:
    """Who has most behind it comes first; then who had it first, if that is known of all."""
    dated = all(claim.since for claim in claims.values())

    def place(one: T) -> tuple[bool, int, int, str, float, T]:
        claim = claims[one]
        return (
            not claim.is_listed,
            -claim.rows,
            -claim.company,
            claim.since if dated else "",
            -claim.evidence,
            one,
        )

    return sorted(claims, key=place)


def _note(item: Settled, code: str, winner: Claim, other: Claim) -> None:
    if winner.rows != other.rows or winner.company != other.company:
        item.first.append(("more_say_so", code))
        item.margin = min(item.margin, 3.0 + winner.rows - other.rows)
    elif winner.since and other.since and winner.since < other.since:
        item.first.append(("had_it_first", code))
        item.margin = min(item.margin, 3.5)
    else:
        # Nothing but what happens to be filled in: a toss-up that a person should see.
        item.margin = min(item.margin, 0.3 + 0.1 * (winner.evidence - other.evidence))


def _piece_of_package(item: Settled, known: Known) -> None:
    for line in item.rows:
        package = known.packages.get(line.codes[UDI])
        if package is not None:
            item.codes[UDI] = package.udi


def _given_away(items: list[Settled]) -> set[int]:
    """Items one of whose codes went to another item of the case."""
    holders = {(s, code): item for item in items for s, code in item.codes.items()}
    return {
        id(item)
        for item in items
        for line in item.rows
        for s, code in enumerate(line.codes)
        if code and holders.get((s, code), item) is not item
    }


# --- fields


@dataclass(frozen=True, slots=True)
class Value:
    """What is right of a field: as written by whom, why (a reason's code), and how surely."""

    field: str
    text: str
    why: str
    share: float
    rows: tuple[Line, ...]


def settle_values(item: Settled, known: Known) -> list[Value]:
    """For each field in which the item's rows are not the same text."""
    found = []
    for name in COMPARED:
        rows = [line for line in item.rows if name in line.fields]
        texts = {line.fields[name] for line in rows}
        if len(texts) > 1 and len({plain(name, text) for text in texts}) > 1:
            found.append(_price(item, rows) if name == "price" else _voted(item, name, rows, known))
    return found


def _voted(item: Settled, name: str, rows: Sequence[Line], known: Known) -> Value:
    votes: defaultdict[str, float] = defaultdict(float)
    for line in rows:
        votes[line.folded[name]] += _voice(line, name, known)
    for value in list(votes):
        if name == "certificate" and is_old_certificate(value) and len(votes) > 1:
            votes[value] = min(votes[value], 0.2)
    top = max(votes, key=lambda value: (votes[value], value))
    speakers = [line for line in rows if line.folded[name] == top]
    # As the one with the most authority writes it.
    said = max(speakers, key=lambda line: (_voice(line, name, known), -line.number))
    share = votes[top] / sum(votes.values())
    return Value(name, clean(said.fields[name]), _why(name, said, votes, rows, known), share, tuple(rows))


def _voice(line: Line, name: str, known: Known) -> float:
    """The register knows model, maker and certificate, the catalogue sizes too; all others have one voice."""
    if name in ("model", "maker", "certificate", "pack_quantity") and line.source == known.owner[UDI]:
        return 3
    if name in ("model", "maker", "certificate", "specification") and line.source == known.owner[INSURANCE]:
        return 2
    return 1


def _why(name: str, said: Line, votes: Mapping[str, float], rows: Sequence[Line], known: Known) -> str:
    if len(votes) == 1:
        return (
            f"{name}_other_words"
            if name in ("maker", "specification", "model", "certificate")
            else "most_say"
        )
    top = said.folded[name]
    if name == "certificate" and not is_old_certificate(top) and any(map(is_old_certificate, votes)):
        return "certificate_replaced"
    if name == "maker":
        if all(likeness(top, other) >= 0.85 for other in votes):
            return "maker_other_words"
        if all(_is_same_article(said, line) for line in rows if line.folded[name] != top):
            return "maker_renamed"
    return "register_says" if _voice(said, name, known) > 1 else "most_say"


def _is_same_article(one: Line, other: Line) -> bool:
    """Certificate or model agree, and neither disagrees."""
    stated = [f for f in ("certificate", "model") if f in one.folded and f in other.folded]
    return bool(stated) and all(one.folded[field] == other.folded[field] for field in stated)


def _price(item: Settled, rows: Sequence[Line]) -> Value:
    """The price most state; of two that are a piece's and a package's, the piece's."""
    votes = Counter(line.folded["price"] for line in rows)
    for line in rows:
        for other in rows:
            is_dearer = (read_number(line.folded["price"]) or 0) > (read_number(other.folded["price"]) or 0)
            if is_dearer and pieces_between(line.folded, other.folded):
                return Value("price", clean(other.fields["price"]), "box_price", 0.95, tuple(rows))
    ranked = votes.most_common()
    if len(ranked) > 1 and ranked[0][1] == ranked[1][1]:
        # Nobody outvotes another: what was paid stands, the charge follows it.
        payer = next((line for line in rows if line.codes[MATERIAL]), rows[0])
        return Value("price", clean(payer.fields["price"]), "conflicting", 0.5, tuple(rows))
    said = next(line for line in rows if line.folded["price"] == ranked[0][0])
    return Value("price", clean(said.fields["price"]), "most_say", ranked[0][1] / len(rows), tuple(rows))


# --- new codes


class Numbering:
    """The next free codes of each system, in the hospital's own pattern.

    `used`: system → all its codes; asked for only when a code of it is to be made, since there may be
    millions of them.
    """

    def __init__(self, used: Callable[[int], Iterable[str]]) -> None:
        self._all = used
        self._used: dict[int, set[str]] = {}
        self._next: dict[int, tuple[str, int, int] | None] = {}

    def knows(self, system: int) -> bool:
        """Where the hospital has no code yet, there is no pattern to go by."""
        return self._pattern(system) is not None

    def next(self, system: int) -> str:
        pattern = self._pattern(system)
        assert pattern is not None, "ask whether it knows first"
        prefix, width, number = pattern
        while (made := f"{prefix}{number:0{width}d}") in self._used[system]:
            number += 1
        self._used[system].add(made)
        self._next[system] = prefix, width, number + 1
        return made

    def _pattern(self, system: int) -> tuple[str, int, int] | None:
        if system not in self._next:
            self._used[system] = set(self._all(system))
            self._next[system] = _commonest(self._used[system])
        return self._next[system]


def _commonest(codes: Iterable[str]) -> tuple[str, int, int] | None:
    """The commonest prefix with its number of digits, and the number after its largest."""
    counted: Counter[tuple[str, int]] = Counter()
    largest: dict[tuple[str, int], int] = {}
    for code in codes:
        prefix = code.rstrip(digits)
        if number := code[len(prefix) :]:
            shape = prefix, len(number)
            counted[shape] += 1
            largest[shape] = max(largest.get(shape, 0), int(number))
    if not counted:
        return None
    prefix, width = max(counted, key=lambda shape: (counted[shape], shape))
    after = largest[prefix, width] + 1
    return prefix, width, after if len(str(after)) <= width else 1
