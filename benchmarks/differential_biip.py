"""Ask `scanners.parse` and biip the same, and explain every difference.

    python -m benchmarks.differential_biip --count 200000 --seed 1

biip is an independent reading of the same standards. The texts are messages of all AIs, devices'
messages, numbers, links and bracketed text, most of them with one thing wrong. Answers are compared
element by element and day by day, and what was written whole must be read as it was written. Each
difference must belong to a class that says which side is
right, by which clause; the exit status is 1 if one belongs to none.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from datetime import date

from benchmarks.beside_biip.asking import Answer, Reading, ask
from benchmarks.beside_biip.differences import READ_BY_US, REFUSED_BY_US, Case, Difference, explain
from benchmarks.beside_biip.strings import string
from scanners import Scan, parse


def agree(ours: Scan, theirs: Answer) -> bool:
    """Both read the same, or neither reads anything that could be booked."""
    if ours.error is not None:
        return not theirs.readings
    return Reading(ours.elements, ours.expiry, ours.manufactured) in theirs.readings


def compare(count: int, seed: int) -> tuple[Counter[str], Counter[Difference], list[Case]]:
    """How often they agreed and how, the differences by class, and what is unexplained."""
    random_ = random.Random(seed)
    agreed: Counter[str] = Counter()
    differed: Counter[Difference] = Counter()
    unexplained: list[Case] = []
    today = date.today()
    for _ in range(count):
        text, written = string(random_)
        ours, theirs = parse(text, today=today), ask(text)
        if written is not None and ours.error is None and set(ours.elements) != set(written):
            unexplained.append(Case(text, ours, theirs))  # whoever agrees with that
        elif agree(ours, theirs):
            agreed["both read the same" if ours.error is None else "both refuse"] += 1
        elif (difference := explain(Case(text, ours, theirs))) is not None:
            differed[difference] += 1
        else:
            unexplained.append(Case(text, ours, theirs))
    return agreed, differed, unexplained


def report(count: int, seed: int) -> int:
    """Print the figures; how many differences are unexplained."""
    agreed, differed, unexplained = compare(count, seed)
    print(f"{count:,} texts, seed {seed}\n")
    for name, number in sorted(agreed.items()):
        print(f"{number:>9,}  {name}")
    for title, kinds in (
        ("we refuse, biip reads", REFUSED_BY_US),
        ("we read, biip does not or otherwise", READ_BY_US),
    ):
        print(f"\n{title}:")
        for kind in kinds:
            print(f"{differed[kind]:>9,}  {kind.name} ({kind.right})\n{'':>11}{kind.clause}")
    print(f"\n{len(unexplained):>9,}  unexplained")
    for case in unexplained[:20]:
        print(f"           {case.text!r}\n             ours {case.ours}\n             biip {case.theirs}")
    return len(unexplained)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--count", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    return 1 if report(given.count, given.seed) else 0


if __name__ == "__main__":
    sys.exit(main())
