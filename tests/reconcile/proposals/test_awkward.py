"""Hospitals in which the obvious reading is the wrong one."""

from __future__ import annotations

import pandas as pd

from reconcile.codes import reconcile_codes
from reconcile.proposals import Proposal, propose

OWNERS = {"material": "hrp", "order": "his"}
CLASS = "C0201020300100002345"


def proposals(**sources: list[dict[str, str]]) -> tuple[Proposal, ...]:
    frames = {name: pd.DataFrame(rows) for name, rows in sources.items()}
    owners = {system: owner for system, owner in OWNERS.items() if owner in frames}
    return propose(reconcile_codes(frames, owners=owners), owners=owners)


def test_codes_swapped_between_two_items_are_swapped_back() -> None:
    """Each group has one code of each system: only what the rows say shows that they are another's."""
    a, b = {"model": "A-1", "price": "100"}, {"model": "A-2", "price": "200"}
    (proposal,) = proposals(
        hrp=[{"material": "M1", "billing": "B1", **a}, {"material": "M2", "billing": "B2", **b}],
        his=[{"order": "O1", "billing": "B2", **a}, {"order": "O2", "billing": "B1", **b}],
    )
    assert proposal.is_complete
    assert sorted(
        dict(change.codes)["order"] + dict(change.codes)["material"] for change in proposal.changes
    ) == [
        "O1M1",
        "O2M2",
    ]
    assert [change.new for change in proposal.changes] == [(), ()]
    assert sorted(cell for change in proposal.changes for cell in change.overruled) == [
        "his:2:billing",
        "his:3:billing",
    ]


def test_a_class_shared_by_thirteen_sizes_leads_each_to_its_own_code() -> None:
    sizes = [f"{n} mm" for n in range(1, 14)]
    found = proposals(
        hrp=[{"material": f"M{n}", "insurance": CLASS, "specification": s} for n, s in enumerate(sizes)],
        catalogue=[{"insurance": f"{CLASS}{n:07d}", "specification": s} for n, s in enumerate(sizes)],
    )
    assert len(found) == 13
    for proposal in found:
        (change,) = proposal.changes
        codes = dict(change.codes)
        assert codes["insurance"] == f"{CLASS}{int(codes['material'][1:]):07d}"
        assert not change.overruled, "the class that HRP holds is right as far as it goes"
        assert "same_class" in {reason.code for reason in proposal.reasons}
