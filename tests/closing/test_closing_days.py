"""A closed day says what was used and billed, why they differ, and never changes."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tests.small_hospital import (
    NURSE_STATION,
    SYRINGE_DI,
    TODAY,
    SmallHospital,
    build,
    new_key,
    udi,
)
from tracer.catalog.rules import CodeSystem
from tracer.charging.posting import PostCharge, PostUse, post_charge, post_use
from tracer.closing.closing_days import close_day
from tracer.closing.errors import DayNotOver, EarlierDayOpen
from tracer.shared.errors import Forbidden
from tracer.stock.counting import CountLine, CountStock, count_stock
from tracer.stock.documents import Line


def close(hospital: SmallHospital, day: date = TODAY) -> dict[str, object]:
    return close_day(hospital.session, hospital.people["finance"], day, hospital.clock)


def row(
    hospital: SmallHospital, item: str, location: str = NURSE_STATION, day: date = TODAY
) -> dict[str, object]:
    found = hospital.session.execute(
        text(
            "SELECT r.* FROM day_row r JOIN location l ON l.id = r.location_id"
            " WHERE r.business_date = :day AND l.code = :location AND r.item_id = :item"
        ),
        {"day": day, "location": location, "item": hospital.items[item]},
    ).one()
    return dict(found._mapping)


def use(hospital: SmallHospital, pieces: int) -> int:
    command = PostUse(
        key=new_key(),
        location=NURSE_STATION,
        document="XH1",
        lines=(Line(material="WZ000002", quantity=pieces, lot="L1"),),
    )
    return post_use(hospital.session, hospital.keeper, command, hospital.clock)["movements"][0]


def bill(hospital: SmallHospital, pieces: int, use: int | None = None) -> None:
    command = PostCharge(
        key=new_key(),
        encounter="E1",
        location=NURSE_STATION,
        system=CodeSystem.BILLING,
        code="JF000002",
        quantity=pieces,
        use=use,
    )
    post_charge(hospital.session, hospital.people["his"], command, hospital.clock)


def test_a_day_of_scans_closes_without_a_variance(hospital: SmallHospital) -> None:
    for _ in range(3):
        hospital.scan(udi(SYRINGE_DI, lot="L1"))
    summary = close(hospital)
    assert summary["breaches"] == 0
    assert summary["status"] == "OK"
    closed = row(hospital, "syringe")
    assert (closed["opening"], closed["transferred_in"], closed["used"], closed["billed"]) == (0, 50, 3, 3)
    assert (closed["book_closing"], closed["charge_variance"], closed["status"]) == (47, 0, "OK")
    store = row(hospital, "syringe", "STORE")
    assert (store["received"], store["transferred_out"], store["book_closing"]) == (100, 50, 50)


def test_each_gap_states_its_cause_and_size(hospital: SmallHospital) -> None:
    use(hospital, 4)
    close(hospital)
    found = row(hospital, "syringe")
    assert (found["charge_variance"], found["status"], found["cause"]) == (-4, "BREACH", "used_not_charged:4")


def test_a_charge_without_a_use_is_named(hospital: SmallHospital) -> None:
    bill(hospital, 2)
    close(hospital)
    assert (row(hospital, "syringe")["charge_variance"], row(hospital, "syringe")["cause"]) == (
        2,
        "charged_not_used:2",
    )


def test_a_box_billed_as_one_piece_is_a_packaging_factor(hospital: SmallHospital) -> None:
    bill(hospital, 1, use=use(hospital, 10))
    close(hospital)
    found = row(hospital, "syringe")
    assert (found["charge_variance"], found["cause"]) == (-9, "packaging_factor:9")


def test_a_charge_that_comes_after_the_close_is_late(hospital: SmallHospital) -> None:
    used = use(hospital, 4)
    occurred_at = hospital.clock.now()
    close(hospital)
    hospital.advance(days=1)
    command = PostCharge(
        key=new_key(),
        encounter="E1",
        location=NURSE_STATION,
        system=CodeSystem.MATERIAL,
        code="WZ000002",
        quantity=4,
        use=used,
        occurred_at=occurred_at,
    )
    answer = post_charge(hospital.session, hospital.people["his"], command, hospital.clock)
    tomorrow = TODAY + timedelta(days=1)
    assert answer["business_date"] == tomorrow.isoformat()
    close(hospital, tomorrow)
    found = row(hospital, "syringe", day=tomorrow)
    assert (found["opening"], found["charge_variance"], found["cause"]) == (46, 4, "late_posting:4")


def test_a_count_becomes_the_next_opening(hospital: SmallHospital) -> None:
    hospital.scan(udi(SYRINGE_DI, lot="L1"), quantity=5)
    count_stock(
        hospital.session,
        hospital.keeper,
        CountStock(
            key=new_key(),
            location=NURSE_STATION,
            document="PD1",
            lines=(CountLine(material="WZ000002", counted=40, lot="L1"),),
        ),
        hospital.clock,
    )
    hospital.scan(udi(SYRINGE_DI, lot="L1"), quantity=10)  # after the count, on the same day
    close(hospital)
    found = row(hospital, "syringe")
    assert (found["book_closing"], found["counted"], found["stock_variance"]) == (35, 30, -5)
    assert (found["consumed"], found["billed"], found["charge_variance"]) == (20, 15, -5)
    hospital.advance(days=1)
    hospital.scan(udi(SYRINGE_DI, lot="L1"))
    tomorrow = TODAY + timedelta(days=1)
    close(hospital, tomorrow)
    assert row(hospital, "syringe", day=tomorrow)["opening"] == 30


def test_a_count_rolled_below_zero_by_later_use_still_closes(hospital: SmallHospital) -> None:
    count_stock(
        hospital.session,
        hospital.keeper,
        CountStock(
            key=new_key(),
            location=NURSE_STATION,
            document="PD1",
            lines=(CountLine(material="WZ000002", counted=0, lot="L1"),),
        ),
        hospital.clock,
    )
    hospital.scan(udi(SYRINGE_DI, lot="L1"), quantity=2)
    close(hospital)
    assert (row(hospital, "syringe")["counted"], row(hospital, "syringe")["stock_variance"]) == (-2, -50)


def test_closing_again_changes_nothing(hospital: SmallHospital) -> None:
    use(hospital, 4)
    first = close(hospital)
    rows = hospital.count("day_row")
    assert close(hospital) == first
    assert hospital.count("day_row") == rows


def test_nothing_is_posted_into_a_closed_day(hospital: SmallHospital) -> None:
    close(hospital)
    answer = hospital.scan(udi(SYRINGE_DI, lot="L1"))
    assert answer["business_date"] == (TODAY + timedelta(days=1)).isoformat()
    assert "late_posting" in {warning["code"] for warning in answer["warnings"]}
    with pytest.raises(DBAPIError, match="is closed"):
        hospital.session.execute(
            text(
                "INSERT INTO movement (origin_id, target_id, item_id, quantity, kind, occurred_at,"
                " recorded_at, business_date, person_id)"
                " VALUES (1, 101, :item, 1, 'receipt', now(), now(), :day, 1)"
            ),
            {"item": hospital.items["cotton"], "day": TODAY},
        )


def test_days_close_in_order_and_not_ahead(hospital: SmallHospital) -> None:
    hospital.advance(days=2)
    hospital.scan(udi(SYRINGE_DI, lot="L1"))
    with pytest.raises(EarlierDayOpen, match=TODAY.isoformat()):
        close(hospital, TODAY + timedelta(days=2))
    with pytest.raises(DayNotOver):
        close(hospital, TODAY + timedelta(days=3))
    with pytest.raises(Forbidden):
        close_day(hospital.session, hospital.nurse, TODAY, hospital.clock)


def test_what_a_bundle_expected_ends_as_not_used_with_the_day(hospital: SmallHospital) -> None:
    from tracer.orders.placing import OrderedCode, PlaceOrder, place_order
    from tracer.orders.queries import list_orders

    command = PlaceOrder(
        key=new_key(),
        order_no="O1",
        encounter="E1",
        location=NURSE_STATION,
        lines=(OrderedCode(order_code="YZB001"),),
    )
    placed = place_order(hospital.session, hospital.people["his"], command, hospital.clock)
    assert [line["state"] for line in placed["lines"]] == ["expected"] * 3
    assert hospital.count("charge") == 0
    hospital.scan(udi(SYRINGE_DI, lot="L1"))
    close(hospital)
    (order,) = list_orders(hospital.session, order_no="O1")
    assert [str(line.state) for line in order.lines] == ["not_used", "used", "not_used"]
    assert hospital.count("charge") == 1


def test_a_posting_on_another_day_does_not_wait_for_a_close(fresh_database: Engine) -> None:
    """And one on the day itself does, and then goes to the next open day."""
    with Session(fresh_database) as session:
        hospital = build(session)
        session.commit()
    with Session(fresh_database) as closing, Session(fresh_database) as other:
        close_day(closing, hospital.people["finance"], TODAY, hospital.clock)
        other.execute(text("SET LOCAL lock_timeout = '300ms'"))
        hospital.session, yesterday = other, hospital.clock.now() - timedelta(days=1)
        hospital.advance(days=1)
        assert hospital.scan(udi(SYRINGE_DI, lot="L1"))["outcome"] == "charged"
        with pytest.raises(DBAPIError, match="lock timeout"):
            hospital.scan(udi(SYRINGE_DI, lot="L1"), scanned_at=yesterday)
        other.rollback()
        closing.commit()
        answer = hospital.scan(udi(SYRINGE_DI, lot="L1"), scanned_at=yesterday)
        assert answer["business_date"] == (TODAY + timedelta(days=1)).isoformat()
