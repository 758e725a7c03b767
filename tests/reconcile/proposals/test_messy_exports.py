"""The whole way on the messy exports, small: the figures are the benchmark's, the floor is here."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from fixtures.messy import ORDINARY, OTHER, OWNERS, Style, make_messy, read_exports, register_facts
from fixtures.messy.judging import Verdict, judge
from reconcile.codes import reconcile_codes
from reconcile.proposals import BULK, Proposal, apply, propose

ITEMS, PLANTS = 1_300, 391


@pytest.fixture(scope="module", params=[ORDINARY, OTHER], ids=lambda style: style.name)
def messy(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, pd.DataFrame], tuple[Proposal, ...], Verdict]:
    style: Style = request.param
    folder = tmp_path_factory.mktemp("messy")
    answers = make_messy(folder, ITEMS, PLANTS, seed=7, style=style)
    frames = read_exports(folder)
    result = reconcile_codes(frames, owners=OWNERS)
    proposals = propose(result, owners=OWNERS, facts=register_facts(frames))
    return frames, proposals, judge(answers, proposals)


Messy = tuple[dict[str, pd.DataFrame], tuple[Proposal, ...], Verdict]


def test_precision_and_recall(messy: Messy) -> None:
    _, _, verdict = messy
    assert verdict.precision >= 0.94
    assert verdict.recall >= 0.94


def test_what_is_accepted_in_bulk_is_right(messy: Messy) -> None:
    _, proposals, verdict = messy
    right, taken = verdict.above(BULK)
    assert taken >= 0.85 * len(proposals)
    assert right >= taken - 1


def test_scores_rank(messy: Messy) -> None:
    """What is below the threshold is right less often than what is above."""
    _, proposals, verdict = messy
    right, taken = verdict.above(BULK)
    rest = len(proposals) - taken
    assert rest and (len(verdict.of) - right) / rest < right / taken
    assert [p.score for p in proposals] == sorted((p.score for p in proposals), reverse=True)


def test_accepting_everything_leaves_nothing_open(messy: Messy) -> None:
    frames, proposals, _ = messy
    counts = reconcile_codes(apply(frames, proposals, owners=OWNERS), owners=OWNERS).summary
    still = sum(not proposal.is_complete for proposal in proposals)
    assert counts["conflict"] == counts["mismatch"] == counts["dangling"] == 0
    assert counts["missing"] <= 2 * still
    assert counts["ok"] >= ITEMS - still


def test_wrong_cells_are_the_ones_overruled(messy: Messy) -> None:
    _, _, verdict = messy
    overruled, wrong, too_many = verdict.cells()
    assert overruled >= 0.93 * wrong
    assert too_many <= 0.07 * wrong


def test_a_judge_who_is_told_wrong_answers_says_so(tmp_path: Path) -> None:
    """The measure itself: another seed's answers make every proposal wrong."""
    folder = tmp_path / "other"
    theirs = make_messy(folder, 300, 60, seed=8)
    make_messy(tmp_path, 300, 60, seed=9)
    frames = read_exports(tmp_path)
    proposals = propose(reconcile_codes(frames, owners=OWNERS), owners=OWNERS)
    assert judge(theirs, proposals).recall < 0.1


def test_a_wrong_value_or_a_wrong_code_is_judged_wrong(tmp_path: Path) -> None:
    answers = make_messy(tmp_path, 300, 60, seed=9)
    frames = read_exports(tmp_path)
    proposals = propose(reconcile_codes(frames, owners=OWNERS), owners=OWNERS)
    before = judge(answers, proposals).recall
    assert before > 0.9
    assert judge(answers, [_with_a_wrong_order_code(one) for one in proposals]).recall == 0
    with_values = {place for place, one in enumerate(proposals) if any(c.values for c in one.changes)}
    wrong = judge(answers, [_with_wrong_values(one) for one in proposals]).of.values()
    assert with_values and not with_values & set(wrong)


def _with_a_wrong_order_code(proposal: Proposal) -> Proposal:
    wrong = [
        replace(change, codes=(*change.codes[:2], ("order", "YZ-NONE"), *change.codes[3:]), new=())
        for change in proposal.changes
    ]
    return replace(proposal, changes=tuple(wrong))


def _with_wrong_values(proposal: Proposal) -> Proposal:
    wrong = [
        replace(change, values=tuple((field, "1e9") for field, _ in change.values))
        for change in proposal.changes
    ]
    return replace(proposal, changes=tuple(wrong))
