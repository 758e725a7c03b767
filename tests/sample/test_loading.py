"""Loading: once, into an empty database, from where it stopped, alone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from fixtures import loading
from fixtures.loading import NotEmpty, Performer, is_loaded, load
from fixtures.sign_ins import sign_ins, told
from fixtures.steps import CloseDay, Step
from tests.small_hospital import build
from tracer.access.operator import OPERATOR
from tracer.access.passwords import is_password
from tracer.access.people import set_password
from tracer.shared.clock import SetClock

LEDGER = ("movement", "charge", "scan", "stock_count", "order_line", "balance", "day_row")


def digest(session: Session) -> dict[str, Any]:
    """What the ledger holds, table by table, whatever the order in which it was read."""
    sums = ", ".join(
        f"(SELECT md5(string_agg(t::text, E'\\n' ORDER BY t::text)) FROM {table} t) AS {table}"
        for table in LEDGER
    )
    return dict(session.execute(text(f"SELECT {sums}")).one()._mapping)


@pytest.fixture
def two_days(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The sample's first two days only, the first of them closed."""
    whole = loading.make_plan

    def short(*args: Any, **more: Any) -> Any:
        plan = whole(*args, **more)
        closes = [n for n, step in enumerate(plan.steps) if isinstance(step.do, CloseDay)]
        return replace(plan, steps=plan.steps[: closes[1]])

    monkeypatch.setattr(loading, "make_plan", short)
    yield


def test_a_second_load_changes_nothing(sample: Engine, sample_clock: SetClock) -> None:
    with Session(sample) as session:
        before = digest(session)
    assert load(sample, sample_clock) is False
    with Session(sample) as session:
        assert digest(session) == before


def test_the_sample_is_never_mixed_with_somebodys_hospital(
    fresh_database: Engine, sample_clock: SetClock
) -> None:
    with Session(fresh_database) as session:
        build(session)
        session.commit()
        before = digest(session)
    with pytest.raises(NotEmpty):
        load(fresh_database, sample_clock)
    with Session(fresh_database) as session:
        assert digest(session) == before


@pytest.mark.usefixtures("two_days")
def test_a_load_that_was_cut_off_goes_on_to_the_same_ledger(
    fresh_database: Engine, sample: Engine, sample_clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, done = Performer.perform, 0

    def dies(self: Performer, step: Step) -> None:
        nonlocal done
        done += 1
        if done == 100:
            raise KeyboardInterrupt
        whole(self, step)

    with monkeypatch.context() as patched:
        patched.setattr(Performer, "perform", dies)
        with pytest.raises(KeyboardInterrupt):
            load(fresh_database, sample_clock)
    with Session(fresh_database) as session:
        assert not is_loaded(session)
    assert load(fresh_database, sample_clock) is True
    with Session(fresh_database) as mended, Session(sample) as straight:
        assert is_loaded(mended)
        rows = text("SELECT r.* FROM day_row r ORDER BY location_id, item_id, business_date")
        first = mended.execute(rows).all()
        assert {row.business_date for row in first} == {first[0].business_date}
        theirs = [row for row in straight.execute(rows) if row.business_date == first[0].business_date]
        assert [row[2:] for row in first] == [row[2:] for row in theirs]


@pytest.mark.usefixtures("two_days")
def test_of_two_who_load_at_once_one_loads(fresh_database: Engine, sample_clock: SetClock) -> None:
    answers: list[bool] = []
    threads = [
        threading.Thread(target=lambda: answers.append(load(fresh_database, sample_clock))) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [False, True]


def test_the_printed_phrases_work_until_they_are_changed(sample: Engine, sample_clock: SetClock) -> None:
    with Session(sample) as session:
        known = sign_ins(session)
        assert [role for role, _, _ in known] == [
            *("nurse", "storekeeper", "procurement", "finance"),
            *("insurance_office", "supplier", "auditor", "admin"),
        ]
        rows = session.execute(text("SELECT username, password_hash FROM person"))
        kept = {row.username: row.password_hash for row in rows}
        assert all(is_password(password, kept[username]) for _, username, password in known)
        assert kept["sample-his"] is None
        set_password(session, OPERATOR, "finance", "somebody else's own phrase", sample_clock)
        assert "finance" not in {username for _, username, _ in sign_ins(session)}
        assert not any("plum-abacus" in line for line in told(session))
