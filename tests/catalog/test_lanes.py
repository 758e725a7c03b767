"""What holds from when to when: for any claims in any order."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tracer.catalog.codes_file.lanes import Claim, Clash, Settled, Span, merged, overlap, settle

TODAY = date(2026, 3, 10)
days = st.integers(-6, 6).map(lambda n: TODAY + timedelta(days=n))


@st.composite
def claims(draw) -> Claim:
    start = draw(st.none() | days)
    length = draw(st.none() | st.integers(1, 6))
    end = None if length is None else (start or TODAY) + timedelta(days=length)
    return Claim(draw(st.sampled_from("ABC")), start, end, draw(st.integers(2, 9)), "billing")


def holders(spans: list[Span], day: date) -> list[str]:
    return [str(s.value) for s in spans if s.start <= day and (s.end is None or day < s.end)]


def apply(claim: Claim, spans: list[Span]) -> Settled | None:
    before = deepcopy(spans)
    try:
        return settle(claim, spans, TODAY)
    except Clash:
        assert spans == before
        return None


def recorded(spans: list[Span]) -> list[Span]:
    """As a later import finds them in the database."""
    return [Span(s.value, s.start, s.end, id=n) for n, s in enumerate(spans)]


@given(st.lists(claims(), max_size=6))
def test_on_no_day_has_a_lane_two_values(made):
    spans: list[Span] = []
    for claim in made:
        apply(claim, spans)
        spans = recorded(spans)
        for offset in range(-8, 20):
            assert len(holders(spans, TODAY + timedelta(days=offset))) <= 1


@given(st.lists(claims(), max_size=5), claims())
def test_a_claim_that_was_taken_holds_for_all_its_days_and_needs_nothing_more(earlier, claim):
    spans: list[Span] = []
    for one in earlier:
        apply(one, spans)
        spans = recorded(spans)
    if apply(claim, spans) is None:
        return
    start = claim.start or TODAY
    if claim.start is not None or claim.end is not None:
        for offset in range((claim.end - start).days if claim.end else 10):
            assert holders(spans, start + timedelta(days=offset)) == [claim.value]
    if claim.end is not None:
        assert claim.value not in holders(spans, claim.end) or any(
            s.start == claim.end for s in spans if s.value == claim.value
        )
    spans = recorded(spans)
    before = deepcopy(spans)
    assert settle(claim, spans, TODAY) is Settled.ALREADY_SO
    assert spans == before


@given(st.lists(claims(), max_size=6))
def test_nothing_recorded_is_ever_moved_or_lengthened(made):
    spans: list[Span] = []
    for claim in made:
        spans = recorded(spans)
        before = deepcopy(spans)
        apply(claim, spans)
        for old, new in zip(before, spans, strict=False):
            assert (old.value, old.start, old.id) == (new.value, new.start, new.id)
            assert old.end == new.end or (new.end is not None and (old.end is None or new.end < old.end))


@given(st.lists(claims(), max_size=6))
def test_merging_says_the_same_of_every_day(made):
    made = [c for c in made if c.end is None or c.end > (c.start or TODAY)]

    def said(of: list[Claim], day: date) -> set[str]:
        return {str(c.value) for c in of if (c.start or TODAY) <= day and (c.end is None or day < c.end)}

    joined = merged(made, TODAY)
    for offset in range(-8, 14):
        day = TODAY + timedelta(days=offset)
        assert said(joined, day) == said(made, day)
    for one in joined:
        for other in joined:
            if one is not other and one.value == other.value:
                assert not overlap(one.start or TODAY, one.end, other.start or TODAY, other.end)


def test_overlap_of_half_open_stretches():
    a, b, c = (TODAY + timedelta(days=n) for n in (0, 1, 2))
    assert not overlap(a, b, b, c)
    assert overlap(a, c, b, None)
    assert overlap(a, None, c, None)
