"""Whatever the claims are: carried out, complete proposals leave a one-to-one partition and no finding."""

from __future__ import annotations

from collections import Counter
from random import Random

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from reconcile.codes import COMPARED, SYSTEMS, CodesResult, reconcile_codes
from reconcile.proposals import Proposal, apply, propose

OWNERS = {"material": "hrp", "billing": "his", "order": "his", "insurance": "catalogue", "udi": "register"}
COLUMNS = {
    "hrp": (
        "material",
        "billing",
        "insurance",
        "specification",
        "model",
        "maker",
        "certificate",
        "unit",
        "price",
    ),
    "his": ("order", "billing", "insurance", "specification", "unit", "price"),
    "supplier": ("insurance", "udi", "model", "certificate", "maker"),
    "catalogue": ("insurance", "specification", "model", "certificate", "maker"),
    "register": ("udi", "model", "certificate", "maker"),
}
VALUES = {
    "specification": ("5Fr×20cm", "5fr*200mm", "6Fr×20cm"),
    "model": ("EN-1", "EN-2", "EN-2A"),
    "maker": ("甲医疗有限公司", "甲医疗", "乙医疗有限公司"),
    "certificate": ("国械注进20223990001", "国食药监械(进)字2011第3990001号"),
    "unit": ("根", "盒"),
    "price": ("10.00", "10", "100.00"),
}


@st.composite
def exports(draw: st.DrawFn) -> dict[str, pd.DataFrame]:
    """A few rows in each export, codes and fields from small stocks: everything meets everything."""
    made = {}
    for source, columns in COLUMNS.items():
        rows = []
        for _ in range(draw(st.integers(0, 4))):
            row = {}
            for column in columns:
                stock = VALUES.get(column) or tuple(f"{column[0].upper()}{n}" for n in range(1, 4))
                row[column] = draw(st.sampled_from(("", *stock)))
            if any(row.get(system) for system in SYSTEMS):
                rows.append(row)
        made[source] = pd.DataFrame(rows, columns=list(columns), dtype="str")
    return made


def groups_of(result: CodesResult, proposal: Proposal) -> set[int]:
    """The groups in which the proposal's codes are."""
    wanted = {(system, code) for change in proposal.changes for system, code in change.codes}
    return {
        row.group
        for row in result.groups.itertuples()
        for system in SYSTEMS
        for code in str(getattr(row, system)).split("|")
        if (system, code) in wanted
    }


@settings(max_examples=30, deadline=None)
@given(exports())
def test_complete_proposals_carried_out_leave_no_finding_in_their_groups(
    frames: dict[str, pd.DataFrame],
) -> None:
    proposals = propose(reconcile_codes(frames, owners=OWNERS), owners=OWNERS)
    settled = reconcile_codes(apply(frames, proposals, owners=OWNERS), owners=OWNERS)
    for proposal in proposals:
        if proposal.is_complete:
            groups = groups_of(settled, proposal)
            found = settled.findings[settled.findings["group"].isin(groups)]
            assert found[["class", "system", "field", "values"]].to_dict("records") == []
            assert len(groups) == len(proposal.changes)


@settings(max_examples=30, deadline=None)
@given(exports())
def test_no_conflict_is_left_by_any_proposal(frames: dict[str, pd.DataFrame]) -> None:
    """Also those that have to leave something open never leave two codes of one system together."""
    proposals = propose(reconcile_codes(frames, owners=OWNERS), owners=OWNERS)
    settled = reconcile_codes(apply(frames, proposals, owners=OWNERS), owners=OWNERS)
    assert not (settled.findings["class"] == "CONFLICT").any()


@settings(max_examples=30, deadline=None)
@given(exports())
def test_no_code_is_given_to_two_items_and_every_row_has_one_place(frames: dict[str, pd.DataFrame]) -> None:
    result = reconcile_codes(frames, owners=OWNERS)
    proposals = propose(result, owners=OWNERS)
    changes = [change for proposal in proposals for change in proposal.changes]
    codes = Counter(code for change in changes for code in change.codes)
    assert all(times == 1 for times in codes.values())
    retired = {code for proposal in proposals for code in proposal.retired}
    assert not retired & set(codes)
    places = Counter(
        label
        for proposal in proposals
        for label in (*proposal.dropped, *(claim for change in proposal.changes for claim in change.claims))
    )
    assert all(times == 1 for times in places.values())
    assert all(0 <= proposal.score <= 1 for proposal in proposals)


@settings(max_examples=30, deadline=None)
@given(exports(), st.randoms(use_true_random=False))
def test_the_order_of_rows_and_files_makes_no_difference(
    frames: dict[str, pd.DataFrame], rng: Random
) -> None:
    shuffled = {}
    for source in rng.sample(sorted(frames), len(frames)):
        frame = frames[source].assign(row=range(2, len(frames[source]) + 2))
        shuffled[source] = frame.iloc[rng.sample(range(len(frame)), len(frame))]
    ours = propose(reconcile_codes(frames, owners=OWNERS), owners=OWNERS)
    theirs = propose(reconcile_codes(shuffled, owners=OWNERS), owners=OWNERS)
    assert ours == theirs


@settings(max_examples=30, deadline=None)
@given(exports())
def test_what_is_proposed_is_only_about_what_was_found(frames: dict[str, pd.DataFrame]) -> None:
    result = reconcile_codes(frames, owners=OWNERS)
    found = set(result.findings["group"])
    for proposal in propose(result, owners=OWNERS):
        assert set(proposal.groups) <= found
        for change in proposal.changes:
            assert {field for field, _ in change.values} <= set(COMPARED)
