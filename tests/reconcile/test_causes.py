"""Causes: each states its evidence and its units; what nothing shows stays unexplained."""

from __future__ import annotations

import json
from typing import Any

import duckdb
import pandas as pd
import pytest

from reconcile import VarianceResult, variance
from tests.reconcile.frames import charges, counts, in_duckdb, movements, opening, row_of

D0, D1, D2 = "2026-02-28", "2026-03-01", "2026-03-02"
AT = {D0: f"{D0}T23:30:00", D1: f"{D1}T09:00:00", D2: f"{D2}T09:00:00"}
MORE = ("occurred_at", "id", "reference", "serial")


def use(day: str, item: str, n: int, id_: str, **more: Any) -> tuple[Any, ...]:
    at, reference, serial = more.get("at", AT[day]), more.get("reference"), more.get("serial")
    return (day, "W1", item, more.get("kind", "use"), n, at, id_, reference, serial)


def charge(day: str, item: str, n: int, id_: str, **more: Any) -> tuple[Any, ...]:
    return (day, "W1", item, n, more.get("at", AT[day]), id_, more.get("reference"), more.get("serial"))


MOVED = [
    # Charged the next day: the charge says when it happened.
    use(D1, "late charge", 3, "u1"),
    use(D2, "late charge", 2, "u2"),
    # Used late in the evening, booked the next day, charged on the spot.
    use(D1, "late use", 1, "u3", at=AT[D0]),
    # Both late: nothing is off.
    use(D1, "both late", 1, "u4", at=AT[D0]),
    # Charge tied to the use by its reference, on another day.
    use(D1, "other day", 2, "u5", reference="r5"),
    # One pack charged for ten pieces, and the reverse; with and without a tie.
    use(D1, "pack", 10, "u6"),
    use(D1, "pack tied", 1, "u7", reference="r7"),
    use(D1, "pack tied", 4, "u8", reference="r8"),
    use(D1, "no pack", 10, "u9"),
    # Nothing on the other side.
    use(D1, "not charged", 2, "u10"),
    use(D1, "not charged", 1, "u11"),
    use(D1, "one not charged", 1, "u12", serial="S1"),
    use(D1, "one not charged", 1, "u13", serial="S2"),
    use(D1, "undone", 1, "u14", serial="S3"),
    use(D1, "undone", 1, "u15", serial="S3", kind="use_reversal"),
    # Both sides, nothing ties them: no direct evidence.
    use(D1, "unclear", 5, "u16"),
]
BILLED = [
    charge(D2, "late charge", 3, "c1", at=AT[D1]),
    charge(D2, "late charge", 2, "c2"),
    charge(D0, "late use", 1, "c3"),
    charge(D1, "both late", 1, "c4", at=AT[D0]),
    charge(D2, "other day", 2, "c5", reference="r5"),
    charge(D1, "pack", 1, "c6"),
    charge(D1, "pack tied", 10, "c7", reference="r7"),
    charge(D1, "pack tied", 4, "c8", reference="r8"),
    charge(D1, "no pack", 1, "c9"),
    charge(D1, "one not charged", 1, "c12", serial="S1"),
    charge(D1, "not used", 2, "c13"),
    charge(D1, "undone", 1, "c14", serial="S3"),
    charge(D1, "unclear", 3, "c16"),
    charge(D1, "only counted", 1, "c17"),
]
COUNTED = counts((D1, "W1", "only counted", 6))
OPENED = opening(("W1", "only counted", 10))
PACKS = pd.DataFrame({"material": ["pack", "pack tied", "no pack"], "pack_quantity": [10, 10, 1]})

EXPECTED = {
    (D1, "late charge"): [("late_posting", 3, ["charges:c1"])],
    (D2, "late charge"): [("late_posting", 3, ["charges:c1"])],
    (D0, "late use"): [("late_posting", 1, ["movements:u3"])],
    (D1, "late use"): [("late_posting", 1, ["movements:u3"])],
    (D1, "other day"): [("late_posting", 2, ["movements:u5"])],
    (D2, "other day"): [("late_posting", 2, ["charges:c5"])],
    (D1, "pack"): [("packaging_factor", 9, ["charges:c6", "movements:u6"])],
    (D1, "pack tied"): [("packaging_factor", 9, ["charges:c7", "movements:u7"])],
    (D1, "no pack"): [("unexplained", 9, [])],
    (D1, "not charged"): [("used_not_charged", 3, ["movements:u10", "movements:u11"])],
    (D1, "one not charged"): [("used_not_charged", 1, ["movements:u13"])],
    (D1, "not used"): [("charged_not_used", 2, ["charges:c13"])],
    (D1, "undone"): [("charged_not_used", 1, ["charges:c14", "movements:u14", "movements:u15"])],
    (D1, "unclear"): [("unexplained", 2, [])],
    # The count says four went, nobody booked a use: only a count shows it.
    (D1, "only counted"): [("unexplained", 3, [])],
}


@pytest.fixture(scope="module", params=["pandas", "duckdb"])
def result(request: pytest.FixtureRequest) -> VarianceResult:
    frames: dict[str, Any] = {
        "movements": movements(*MOVED, extra=MORE),
        "charges": charges(*BILLED, extra=MORE),
        "counts": COUNTED,
        "opening": OPENED,
        "codes": PACKS,
    }
    if request.param == "duckdb":
        connection = duckdb.connect()
        frames = {name: in_duckdb(connection, f"t_{name}", given) for name, given in frames.items()}
    return variance(**frames)


def test_every_cause_states_its_units_and_its_records(result: VarianceResult) -> None:
    found: dict[tuple[str, str], list[Any]] = {}
    for day, _, item, cause, units, evidence in result.causes.itertuples(index=False):
        found.setdefault((str(day)[:10], item), []).append((cause, units, json.loads(evidence)))
    assert found == EXPECTED


def test_the_rows_say_the_same_in_short(result: VarianceResult) -> None:
    rows = result.rows if isinstance(result.rows, pd.DataFrame) else result.rows.df()
    said = {
        (str(day)[:10], item): cause
        for day, item, cause in rows[["business_date", "material", "cause"]].to_numpy()
        if cause
    }
    assert said == {
        key: "|".join(f"{cause}:{units}" for cause, units, _ in causes) for key, causes in EXPECTED.items()
    }


def test_a_cause_never_explains_more_than_there_is() -> None:
    # Two uses without charge, and a charge without use beside them: one unit is off, one is explained.
    mixed = variance(
        movements(use(D1, "M", 1, "u1", serial="S1"), use(D1, "M", 1, "u2", serial="S2"), extra=MORE),
        charges(charge(D1, "M", 1, "c1", serial="S9"), extra=MORE),
    )
    assert row_of(mixed, D1, "W1", "M")["cause"] == "used_not_charged:1"


def test_a_late_charge_is_given_to_one_day_only() -> None:
    # One use, charged on both of the next days: the first charge is late, the second has no use.
    doubled = variance(
        movements(use(D0, "M", 1, "u1", reference="r1"), extra=MORE),
        charges(
            charge(D1, "M", 1, "c1", reference="r1"), charge(D2, "M", 1, "c2", reference="r1"), extra=MORE
        ),
    )
    causes = {day: row_of(doubled, day, "W1", "M")["cause"] for day in (D0, D1, D2)}
    assert causes == {D0: "late_posting:1", D1: "late_posting:1", D2: "charged_not_used:1"}


def test_several_causes_share_a_row_and_the_rest_stays_open() -> None:
    shared = variance(
        movements(use(D1, "M", 2, "u1", reference="r1"), use(D1, "M", 3, "u2", reference="r2"), extra=MORE),
        charges(charge(D2, "M", 3, "c2", at=AT[D1], reference="r2"), extra=MORE),
        opening=opening(("W1", "M", 20)),
        counts=counts((D1, "W1", "M", 14)),
    )
    # Six went by the count, five were used: 3 charged late, 2 not charged, 1 nobody can show.
    cause = row_of(shared, D1, "W1", "M")["cause"]
    assert cause == "late_posting:3|used_not_charged:2|unexplained:1"


def test_a_late_receipt_explains_a_count_that_found_too_much() -> None:
    late = ("2026-03-02", "W1", "M", "receipt", 5, AT[D1], "g1", None, None)
    result = variance(
        movements(late, extra=MORE),
        charges(),
        opening=opening(("W1", "M", 10)),
        counts=counts((D1, "W1", "M", 15), (D2, "W1", "M", 15)),
    )
    first, second = (row_of(result, day, "W1", "M") for day in (D1, D2))
    assert (first["status"], first["charge_variance"], first["cause"]) == ("INVALID", 5, "late_posting:5")
    assert (second["status"], second["charge_variance"], second["cause"]) == ("BREACH", -5, "late_posting:5")


def test_times_with_an_offset_are_read_in_the_hospitals_zone() -> None:
    # 23:30 UTC on the last day of February is the morning of 1 March in Shanghai: nothing is late.
    moved = movements((D1, "W1", "M", "use", 1, "2026-02-28T23:30:00+00:00"), extra=("occurred_at",))
    assert row_of(variance(moved, charges()), D1, "W1", "M")["cause"] == "used_not_charged:1"
    stored = moved.assign(occurred_at=pd.to_datetime(moved["occurred_at"], utc=True))
    assert row_of(variance(stored, charges()), D1, "W1", "M")["cause"] == "used_not_charged:1"


def test_records_without_ids_are_causes_without_evidence() -> None:
    result = variance(movements((D1, "W1", "M", "use", 1)), charges())
    assert list(result.causes["evidence"]) == ["[]"]
