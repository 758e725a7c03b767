"""What the approval of codes comes to, decided without a database. Pure.

A binding begins on the day that was proposed, but never before the day of its approval, and never on a
day on which the item was charged already: what a charge says of its codes stays true.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from tracer.catalog.rules import BindingStatus, CodeSystem
from tracer.shared.errors import ReasonNeeded


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A proposal as it is found when somebody would approve it; `start` is when it would begin."""

    id: int
    item_id: int
    system: str
    code: str
    start: date
    end: date | None
    status: BindingStatus
    proposer_id: int | None
    moves: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A binding in force at some time after the start of the proposal `wanted_id`, in its way."""

    wanted_id: int
    id: int
    item_id: int
    code: str
    start: date
    end: date | None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why one proposal cannot be approved; `code` is one of `PROBLEMS` in words.py."""

    binding_id: int
    code: str
    data: dict[str, str]


@dataclass(frozen=True, slots=True)
class Decision:
    """Which proposals pass, what stands against the others, and, by proposal, what ends for it.

    `replaced` are former codes of the same item, `taken` former bindings of the same code.
    """

    approved: tuple[Wanted, ...]
    replaced: dict[int, Standing]
    taken: dict[int, Standing]
    problems: tuple[Problem, ...]

    def ends(self) -> dict[int, date]:
        """Binding → the first day on which it no longer holds."""
        first = {one.id: one.start for one in self.approved}
        return {former.id: first[id_] for ends in (self.replaced, self.taken) for id_, former in ends.items()}


def must_say_why(why: str) -> None:
    """Raises Invalid without a reason: what is turned down, ended or let pass says why for ever."""
    if not why.strip():
        raise ReasonNeeded(field="why")


def decide(
    wanted: Sequence[Wanted],
    standing: Iterable[Standing],
    approver_id: int,
    packages: Mapping[str, str] | None = None,
) -> Decision:
    """Set each proposal against who approves, against what is in force, and against the others.

    `packages` are identifiers of packages with what they hold: none of them can stand for one piece too.

    The item's own code of the system ends where the new one begins; another item's only if the
    proposal says that the code moves. Of two proposals that exclude each other neither passes: a
    person is to choose.
    """
    problems: dict[int, Problem] = {}
    replaced: dict[int, Standing] = {}
    taken: dict[int, Standing] = {}
    by_id = {one.id: one for one in wanted}

    def stop(one: Wanted, why: str, /, **data: object) -> None:
        problems.setdefault(one.id, Problem(one.id, why, {k: str(v) for k, v in data.items()}))

    for one in wanted:
        if one.status is not BindingStatus.PROPOSED:
            stop(one, "not_open", status=one.status)
        elif one.proposer_id == approver_id:
            stop(one, "own_proposal")
        elif one.proposer_id is None:
            stop(one, "nobody_proposed")
        elif one.end is not None and one.end <= one.start:
            stop(one, "over_already", until=one.end)
        elif packages and one.system == CodeSystem.UDI and one.code in packages:
            stop(one, "is_a_package", code=one.code, name=packages[one.code])
    for other in standing:
        one = by_id[other.wanted_id]
        if other.item_id == one.item_id and other.code == one.code:
            stop(one, "has_it_already", since=other.start, code=one.code)
        elif other.item_id != one.item_id and not one.moves:
            stop(one, "code_of_other", code=one.code, name=other.name, since=other.start)
        elif other.start >= one.start:
            stop(one, "begins_later", code=other.code, since=other.start, name=other.name)
        else:
            (replaced if other.item_id == one.item_id else taken)[one.id] = other
    for one, rival in _rivals(wanted):
        for this, that in ((one, rival), (rival, one)):
            stop(this, "rival", code=that.code, binding=that.id)
    passed = tuple(one for one in wanted if one.id not in problems)
    return Decision(
        passed,
        {one.id: replaced[one.id] for one in passed if one.id in replaced},
        {one.id: taken[one.id] for one in passed if one.id in taken},
        tuple(problems.values()),
    )


def _rivals(wanted: Sequence[Wanted]) -> Iterable[tuple[Wanted, Wanted]]:
    """Pairs that would give one code two items, or one item two codes of a system, on one day."""
    lanes: dict[tuple[str, str | int], list[Wanted]] = {}
    for one in wanted:
        lanes.setdefault((one.system, one.code), []).append(one)
        lanes.setdefault((one.system, one.item_id), []).append(one)
    for lane in lanes.values():
        for one, other in combinations(lane, 2):
            if (other.end is None or one.start < other.end) and (one.end is None or other.start < one.end):
                yield one, other
