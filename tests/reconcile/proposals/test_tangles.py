"""A group of more rows than can be weighed pair by pair comes apart in steps, and into the right items."""

from __future__ import annotations

import pandas as pd

from reconcile.codes import CodesResult, reconcile_codes
from reconcile.proposals import Kind, apply, propose
from reconcile.proposals.solving import LARGEST
from reconcile.proposals.tangles import STEP

ITEMS = 130
OWNERS = {"material": "hrp", "order": "his", "udi": "platform"}


def chained(items: int) -> dict[str, pd.DataFrame]:
    """Each item right in every source, and one wrong row after the other that ties it to the next item."""
    hrp, his, platform = [], [], []
    for n in range(items):
        said = {"model": f"MD-{n:04d}", "specification": f"{n % 17} mm", "price": f"{100 + 3 * n}.00"}
        hrp.append({"material": f"M{n}", "billing": f"B{n}", "insurance": f"C{n}", **said})
        his.append({"order": f"O{n}", "billing": f"B{n}", **said})
        platform.append({"insurance": f"C{n}", "udi": f"U{n}", **said})
        if n + 1 == items:
            break
        if n % 3 == 0:
            his.append({"order": f"O{n}", "billing": f"B{n + 1}", **said})
        elif n % 3 == 1:
            platform.append({"insurance": f"C{n}", "udi": f"U{n + 1}", **said})
        else:
            hrp.append({"material": f"M{n}", "billing": f"B{n + 1}", "insurance": f"C{n}", **said})
    frames = {"hrp": hrp, "his": his, "platform": platform}
    return {name: pd.DataFrame(rows) for name, rows in frames.items()}


def looked_at(sources: dict[str, pd.DataFrame]) -> CodesResult:
    return reconcile_codes(sources, owners=OWNERS)


def test_a_tangle_comes_apart_in_steps_into_the_right_items() -> None:
    sources = chained(ITEMS)
    assert len(looked_at(sources).claims) > LARGEST
    assert looked_at(sources).grouped.count == 1
    for step in range(6):
        result = looked_at(sources)
        if not result.found:
            break
        proposals = propose(result, owners=OWNERS)
        assert proposals, f"stuck in step {step}"
        if step == 0:
            (first,) = proposals
            assert not first.is_complete
            assert first.score <= 0.5, "never for the bulk"
            assert first.reasons[0].code == "tangle_step"
            assert "20" in first.reasons[0].zh
            changed = len(first.dropped) + sum(len(change.overruled) for change in first.changes)
            assert changed <= STEP
        settled = sources.get("settled")
        sources = apply(sources, proposals, owners=OWNERS)
        if settled is not None:
            sources["settled"] = pd.concat([settled, sources["settled"]], ignore_index=True)
    right = [f"M{n}|B{n}|O{n}|C{n}|U{n}" for n in range(ITEMS)]
    groups = looked_at(sources).groups
    shown = groups[["material", "billing", "order", "insurance", "udi"]].agg("|".join, axis=1)
    assert sorted(shown) == sorted(right)


def test_a_surplus_code_goes_to_who_names_it_next() -> None:
    """The first item lists two billing codes, of which it keeps its own; the other is the second item's."""
    hrp = pd.DataFrame(
        [
            {"material": "M1", "insurance": "C1", "model": "AX-100", "price": "10.00"},
            {"material": "M2", "insurance": "C2", "model": "BZ-900", "price": "77.00"},
        ]
    )
    tariff = pd.DataFrame(
        [
            *[{"insurance": "C1", "billing": "B1", "model": "AX-100", "price": "10.00"}] * 3,
            *[{"insurance": "C1", "billing": "B2", "model": "AX-100", "price": "10.00"}] * 2,
            {"insurance": "C2", "billing": "B2", "model": "BZ-900", "price": "77.00"},
        ]
    )
    owners = {"material": "hrp"}
    result = reconcile_codes({"hrp": hrp, "tariff": tariff}, owners=owners)
    (proposal,) = propose(result, owners=owners)
    assert [dict(change.codes) for change in proposal.changes] == [
        {"material": "M1", "billing": "B1", "insurance": "C1"},
        {"material": "M2", "billing": "B2", "insurance": "C2"},
    ]
    assert proposal.kind is not Kind.NEW_CODE
    assert proposal.dropped == ("tariff:5", "tariff:6")
