"""Whatever is claimed: the same groups and findings as the plain way, and the fewest claims to give up."""

from __future__ import annotations

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from reconcile.codes import SYSTEMS, CodesResult, reconcile_codes
from tests.reconcile.codes import plain
from tests.reconcile.codes.plain import COMPARED, Row

CODES = {system: st.sampled_from(["", *(f"{system[0].upper()}{n}" for n in range(4))]) for system in SYSTEMS}
WORDS = {"maker": st.sampled_from(["", "甲", "乙"]), "unit": st.sampled_from(["", "pc", "PC ", "box"])}
ROWS = st.lists(
    st.fixed_dictionaries(CODES | WORDS).filter(lambda row: any(row[system] for system in SYSTEMS)),
    min_size=1,
    max_size=9,
)
OWNED = st.dictionaries(st.sampled_from(SYSTEMS), st.sets(st.sampled_from(["M0", "B1", "O2", "I0", "U3"])))


def report(rows: list[Row], sources: int, owned: dict[str, set[str]] | None = None) -> CodesResult:
    """The rows dealt out to so many sources."""
    frames = {
        f"s{n}": pd.DataFrame(
            rows[n::sources], columns=[*SYSTEMS, *WORDS], index=range(n, len(rows), sources)
        )
        for n in range(min(sources, len(rows)))
    }
    frames = {name: frame.assign(row=frame.index + 2) for name, frame in frames.items()}
    return reconcile_codes(frames, owners=owned or {})


@given(rows=ROWS, sources=st.integers(1, 3), owned=OWNED)
@settings(max_examples=60)
def test_groups_and_findings_are_those_of_the_plain_way(
    rows: list[Row], sources: int, owned: dict[str, set[str]]
) -> None:
    result = report(rows, sources, owned)
    by_group = result.claims.groupby("group")["row"].agg(lambda of: frozenset(int(row) - 2 for row in of))
    assert set(by_group) == {frozenset(group) for group in plain.groups_of(rows)}
    for number, members in by_group.items():
        of_group = [rows[row] for row in sorted(members)]
        found = result.findings[result.findings["group"] == number]
        told = set(zip(found["class"], found["system"] + found["field"], strict=True))
        assert told == plain.findings_of(of_group, set(SYSTEMS), owned)
        assert len(told) == len(found)
        shown = result.groups.set_index("group").loc[number]
        for system in SYSTEMS:
            assert shown[system] == "|".join(sorted(plain.values_of(of_group, system)))
        worst = min(
            (status for status, _ in told), key="CONFLICT DANGLING MISMATCH MISSING".index, default="OK"
        )
        assert shown["status"] == worst
    assert sum(result.summary.values()) == 2 * result.summary["groups"] == 2 * len(by_group)


@given(rows=ROWS)
@settings(max_examples=60)
def test_no_smaller_set_of_claims_separates_a_group(rows: list[Row]) -> None:
    result = report(rows, 1)
    assert set(result.findings["proved"]) <= {"", "1"}
    for _, found in result.findings[result.findings["class"] == "CONFLICT"].groupby("group"):
        assert found["remove"].nunique() == 1
        members = result.claims.loc[result.claims["group"] == found["group"].iloc[0], "row"] - 2
        gone = {int(label.partition(":")[2]) - 2 for label in found["remove"].iloc[0].split("|")}
        assert plain.separates([rows[row] for row in members if row not in gone])
        assert len(gone) == plain.fewest_to_remove([rows[row] for row in members])


@given(rows=ROWS, order=st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_neither_the_order_of_files_nor_of_rows_matters(rows: list[Row], order) -> None:  # type: ignore[no-untyped-def]
    frames = {f"s{n}": pd.DataFrame(rows[n::2]) for n in range(min(2, len(rows)))}
    numbered = {name: frame.assign(row=range(2, len(frame) + 2)) for name, frame in frames.items()}
    one = reconcile_codes(numbered)
    names = list(numbered)
    order.shuffle(names)
    mixed = {name: numbered[name].sample(frac=1, random_state=order.randrange(2**32)) for name in names}
    other = reconcile_codes(mixed)
    pd.testing.assert_frame_equal(one.groups, other.groups)
    pd.testing.assert_frame_equal(one.findings, other.findings)
    pd.testing.assert_frame_equal(one.claims, other.claims)


def test_the_columns_compared_are_those_of_the_contract() -> None:
    row = {"material": "M1"}
    rows = [row | dict.fromkeys(COMPARED, "a"), row | dict.fromkeys(COMPARED, "b") | {"name": "x"}]
    assert set(reconcile_codes({"s": pd.DataFrame(rows)}).findings["field"]) == set(COMPARED)
