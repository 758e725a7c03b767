"""Whether a system's export says what the system was told."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest

from reconcile.drift import Drift, Extract, Seen, Told, watch

CHINA = timezone(timedelta(hours=8))
NOON = datetime(2026, 3, 10, 12, tzinfo=CHINA)
LATER = NOON + timedelta(days=5)
PATIENCE = 3


def change(
    old: str | None,
    new: str | None,
    *,
    event: int = 1,
    field: str = "billing",
    at: datetime = NOON,
    **more: Any,
) -> Told:
    wanted = {"source": "his", "item": "WZ000001"} | more
    return Told(event=event, field=field, old=old, new=new, at=at, **wanted)


def extract(*values: str, at: datetime = LATER, field: str = "billing", source: str = "his") -> Extract:
    said = {("WZ000001", field): values} if values else {}
    return Extract(source=source, at=at, fields=frozenset({"material", field}), says=said)


def drift(told: Told | list[Told], seen: Extract) -> list[Drift]:
    changes = told if isinstance(told, list) else [told]
    return [one.drift for one in watch(changes, seen, patience_days=PATIENCE)]


@pytest.mark.parametrize(
    ("old", "new", "said", "found"),
    [
        ("A", "B", ["B"], Drift.FOLLOWED),
        ("A", "B", ["A"], Drift.SILENT),
        ("A", "B", ["C"], Drift.CONTRADICTS),
        ("A", "B", [], Drift.CONTRADICTS),  # it had a code and has none
        ("A", "B", ["A", "B"], Drift.SILENT),  # the new one came, the old one did not go
        ("A", "B", ["B", "C"], Drift.CONTRADICTS),
        ("A", "B", ["A", "C"], Drift.CONTRADICTS),
        (None, "B", [], Drift.SILENT),
        (None, "B", ["B"], Drift.FOLLOWED),
        (None, "B", ["C"], Drift.CONTRADICTS),
        ("A", None, [], Drift.FOLLOWED),
        ("A", None, ["A"], Drift.SILENT),
        ("A", None, ["C"], Drift.CONTRADICTS),
    ],
)
def test_what_an_extract_says_of_a_change(
    old: str | None, new: str | None, said: list[str], found: Drift
) -> None:
    assert drift(change(old, new), extract(*said)) == [found]


@pytest.mark.parametrize(
    ("after", "found", "days"),
    [
        (timedelta(0), Drift.WAITING, 0),
        (timedelta(days=PATIENCE), Drift.WAITING, 3),
        (timedelta(days=PATIENCE, seconds=1), Drift.SILENT, 3),
        (timedelta(days=40), Drift.SILENT, 40),
    ],
)
def test_silence_begins_when_more_than_the_days_have_passed(
    after: timedelta, found: Drift, days: int
) -> None:
    (seen,) = watch([change("A", "B")], extract("A", at=NOON + after), patience_days=PATIENCE)
    assert (seen.drift, seen.days, seen.said) == (found, days, ("A",))


def test_a_contradiction_needs_no_patience() -> None:
    assert drift(change("A", "B"), extract("C", at=NOON + timedelta(hours=1))) == [Drift.CONTRADICTS]


def test_what_holds_from_a_later_day_is_due_from_then() -> None:
    told = change("A", "B", effective=date(2026, 4, 1))
    first = datetime(2026, 4, 1, tzinfo=CHINA)
    assert drift(told, extract("A", at=LATER)) == [Drift.WAITING]
    assert drift(told, extract("A", at=first + timedelta(days=PATIENCE))) == [Drift.WAITING]
    assert drift(told, extract("A", at=first + timedelta(days=PATIENCE, minutes=1))) == [Drift.SILENT]
    assert drift(told, extract("B", at=LATER)) == [Drift.FOLLOWED]


def test_only_the_last_that_was_told_before_the_extract_is_looked_for() -> None:
    told = [change("A", "B", event=1), change("B", "C", event=2, at=NOON + timedelta(hours=1))]
    assert drift(told, extract("C")) == [Drift.SUPERSEDED, Drift.FOLLOWED]
    assert drift(told, extract("B")) == [Drift.SUPERSEDED, Drift.SILENT]
    assert drift(told, extract("A")) == [Drift.SUPERSEDED, Drift.SILENT]  # it followed neither
    assert drift(told, extract("D")) == [Drift.SUPERSEDED, Drift.CONTRADICTS]
    early = extract("B", at=NOON + timedelta(minutes=30))
    assert drift(told, early) == [Drift.FOLLOWED, Drift.UNSEEN]


def test_told_back_again_the_first_value_is_the_right_one() -> None:
    told = [change("A", "B", event=1), change("B", "A", event=2)]
    assert drift(told, extract("A")) == [Drift.SUPERSEDED, Drift.FOLLOWED]
    assert drift(told, extract("B")) == [Drift.SUPERSEDED, Drift.SILENT]


def test_what_an_extract_cannot_show_is_not_held_against_it() -> None:
    assert drift(change("A", "B"), extract("x", field="order")) == [Drift.UNSEEN]
    assert drift(change("A", "B"), extract("A", at=NOON - timedelta(seconds=1))) == [Drift.UNSEEN]
    assert drift(change("A", "B"), extract("A", source="hrp")) == []


@pytest.mark.parametrize(
    ("field", "told", "said"),
    [
        ("billing", "JF001", " ＪＦ００１ "),
        ("udi", "06901234567892", "6901234567892"),
        ("price", "12.50", "12.5"),
        ("maker", "ACME Medical", "acme ｍedical"),
    ],
)
def test_values_are_compared_as_codes_and_attributes_are(field: str, told: str, said: str) -> None:
    assert drift(change("X", told, field=field), extract(said, field=field)) == [Drift.FOLLOWED]


@pytest.mark.parametrize(("told", "said"), [("JF001", "jf001"), ("0123", "123"), ("012.50", "12.5")])
def test_a_code_is_not_compared_as_a_number_or_a_word(told: str, said: str) -> None:
    assert drift(change("X", told), extract(said)) == [Drift.CONTRADICTS]


def test_the_order_of_what_comes_in_does_not_matter() -> None:
    dice = random.Random(7)
    told = [
        change(f"A{n % 3}", f"B{n}", event=n, item=f"WZ{n % 7}", field=("billing", "price")[n % 2])
        for n in range(60)
    ]
    says = {(f"WZ{n}", field): [f"B{n}", "C"] for n in range(7) for field in ("billing", "price")}

    def run() -> list[Seen]:
        dice.shuffle(told)
        turned = {key: dice.sample(values, len(values)) for key, values in says.items()}
        fields = frozenset({"billing", "price"})
        seen = Extract(source="his", at=LATER, fields=fields, says=turned)
        return watch(told, seen, patience_days=PATIENCE)

    first = run()
    assert len(first) == 60 and all(run() == first for _ in range(5))
