"""The outbox: with what was done or not at all, unchangeable, in an item's order of commits."""

from __future__ import annotations

import threading
import time
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from tests.small_hospital import SmallHospital, build
from tracer.access.outbox import Announcement, tell, tell_many
from tracer.db.transaction import sqlstate, transaction


def told(session: Session) -> list[tuple[str, int | None, dict]]:
    rows = session.execute(text("SELECT topic, item_id, payload FROM event ORDER BY id"))
    return [(row.topic, row.item_id, row.payload) for row in rows]


def test_what_is_told_is_kept_with_who_and_when(hospital: SmallHospital) -> None:
    item = next(iter(hospital.items.values()))
    payload = {
        "price": Decimal("12.50"),
        "from": date(2026, 3, 1),
        "at": hospital.clock.now(),
        "名称": "支架",
    }
    tell(
        hospital.session,
        hospital.keeper,
        hospital.clock,
        topic="price.approved",
        item_id=item,
        payload=payload,
    )
    row = hospital.session.execute(text("SELECT * FROM event")).one()
    assert (row.topic, row.item_id, row.person_id) == ("price.approved", item, hospital.keeper.id)
    assert row.occurred_at == hospital.clock.now()
    assert row.payload == {
        "price": "12.50",
        "from": "2026-03-01",
        "at": hospital.clock.now().isoformat(),
        "名称": "支架",
    }


def test_nothing_is_told_of_what_was_undone(fresh_database: Engine) -> None:
    with transaction(fresh_database) as session:
        hospital = build(session)
    with pytest.raises(ZeroDivisionError), transaction(fresh_database) as session:
        tell(session, hospital.keeper, hospital.clock, topic="code.approved", item_id=None, payload={})
        raise ZeroDivisionError
    with Session(fresh_database) as session:
        assert told(session) == []


@pytest.mark.parametrize("topic", ["", "Code", "code.", ".code", "code approved", "code..x"])
def test_a_topic_is_dotted_words(hospital: SmallHospital, topic: str) -> None:
    with pytest.raises(IntegrityError, match="topic_is_dotted"):
        tell(hospital.session, None, hospital.clock, topic=topic, item_id=None, payload={})


@pytest.mark.parametrize("payload", [{"x": {1}}, {"x": float("nan")}, {"x": b"1"}])
def test_a_payload_is_json(hospital: SmallHospital, payload: dict) -> None:
    with pytest.raises((TypeError, ValueError)):
        tell(hospital.session, None, hospital.clock, topic="code", item_id=None, payload=payload)


@pytest.mark.parametrize(
    "change", ["UPDATE event SET topic = topic", "DELETE FROM event", "TRUNCATE event CASCADE"]
)
def test_events_are_append_only(hospital: SmallHospital, change: str) -> None:
    tell(hospital.session, None, hospital.clock, topic="code", item_id=None, payload={})
    with pytest.raises(DBAPIError) as refused:
        hospital.session.execute(text(change))
    assert sqlstate(refused.value) == "TR002"


def test_many_are_told_in_the_order_given(hospital: SmallHospital) -> None:
    one, other = list(hospital.items.values())[:2]
    many = [Announcement("code.approved", (one, other, None)[n % 3], {"n": n}) for n in range(3_000)]
    tell_many(hospital.session, hospital.keeper, hospital.clock, many)
    assert told(hospital.session) == [(each.topic, each.item_id, each.payload) for each in many]


def test_an_items_events_are_numbered_as_they_are_committed(fresh_database: Engine) -> None:
    """Who began to tell first and commits last must not have the smaller number."""
    with transaction(fresh_database) as session:
        hospital = build(session)
    stent, syringe = list(hospital.items.values())[:2]
    slow = Session(fresh_database)
    tell(slow, None, hospital.clock, topic="code", item_id=stent, payload={"who": "slow"})
    done: list[str] = []

    def quick(item: int, name: str) -> None:
        with transaction(fresh_database) as session:
            tell(session, None, hospital.clock, topic="code", item_id=item, payload={"who": name})
        done.append(name)

    threads = [
        threading.Thread(target=quick, args=each) for each in ((stent, "second"), (syringe, "another item"))
    ]
    for thread in threads:
        thread.start()
    threads[1].join(10)
    time.sleep(0.3)
    assert done == ["another item"]  # and the second waits
    slow.commit()
    slow.close()
    threads[0].join(10)
    with Session(fresh_database) as session:
        assert [one[2]["who"] for one in told(session) if one[1] == stent] == ["slow", "second"]
    assert done == ["another item", "second"]
