"""The variance report on the sample finds every planted discrepancy, with its size, and nothing else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from fixtures.describing import describe
from fixtures.loading import planned
from tracer.access.operator import OPERATOR
from tracer.catalog.price_report import price_report
from tracer.catalog.price_rules import PriceRule
from tracer.catalog.rules import CodeSystem
from tracer.charging.posting import PostCharge, PostUse, post_charge, post_use
from tracer.closing.closing_days import close_day
from tracer.closing.invariants import check_invariants
from tracer.closing.queries import list_days, variance_of
from tracer.shared.clock import SetClock
from tracer.stock.documents import Line

Row = tuple[str, str, str, int | None, str, str]


def planted_rows(session: Session, clock: SetClock) -> set[Row]:
    """The answer file as rows: date, location, material, units, status, causes."""
    return {
        (
            answer["business_date"],
            answer["location"],
            answer["material"],
            answer["units"],
            answer["status"],
            f"{answer['cause']}:{abs(answer['units'])}",
        )
        for answer in describe(session, clock)["planted"]
    }


def reported_rows(session: Session, clock: SetClock) -> set[Row]:
    """Every row of the two weeks and of today that is not in order in any figure."""
    plan = planned(session, clock)
    assert plan is not None
    found = set()
    for day in (*plan.days, plan.days[-1] + timedelta(days=1)):
        for row in variance_of(session, OPERATOR, day).rows:
            units = row.stock_variance if row.charge_variance is None else row.charge_variance
            if units or row.stock_variance or row.status != "OK" or row.cause:
                found.add((day.isoformat(), row.location, row.material, units, row.status, row.cause))
    return found


def test_the_report_is_the_answer_file(sample: Engine, sample_clock: SetClock) -> None:
    with Session(sample) as session:
        assert reported_rows(session, sample_clock) == planted_rows(session, sample_clock)


def test_closing_yesterday_finds_what_was_planted_there(sample: Engine, sample_clock: SetClock) -> None:
    with Session(sample) as session:
        plan = planned(session, sample_clock)
        assert plan is not None
        yesterday = plan.days[-1]
        assert [point.business_date for point in list_days(session, OPERATOR)] == list(plan.days[:-1])
        summary = close_day(session, OPERATOR, yesterday, sample_clock)
        theirs = [answer for answer in plan.planted if answer.business_date == yesterday]
        assert summary["breaches"] == len(theirs) >= 4
        assert reported_rows(session, sample_clock) == planted_rows(session, sample_clock)
        assert check_invariants(session) == []


def test_every_day_is_valued_at_purchase_prices(sample: Engine) -> None:
    with Session(sample) as session:
        assert all(point.gross_rate_value is not None for point in list_days(session, OPERATOR))


def test_prices_agree_but_for_four_items(sample: Engine) -> None:
    with Session(sample) as session:
        day = session.execute(text("SELECT max(business_date) FROM charge")).scalar_one()
        report = price_report(session, day)
    broken = {row.broken.rule for row in report.rows}
    assert (len(report.rows), broken) == (4, {PriceRule.CHARGE_NOT_AS_RULED})


def test_the_ledger_is_one_the_service_would_have_written(sample: Engine) -> None:
    with Session(sample) as session:
        assert check_invariants(session) == []
        balances = text("SELECT count(*) FILTER (WHERE quantity < 0), count(*) FROM balance")
        below_zero, kept = session.execute(balances).one()
        assert (below_zero, kept > 200) == (0, True)


# --- the comparison itself must be able to fail


def test_a_use_that_nobody_planted_is_seen(sample: Engine, sample_clock: SetClock) -> None:
    with Session(sample) as session:
        _use(session, sample_clock, pieces=2)
        assert reported_rows(session, sample_clock) != planted_rows(session, sample_clock)


def test_a_planted_fault_that_was_mended_is_missed(sample: Engine, sample_clock: SetClock) -> None:
    with Session(sample) as session:
        use = session.execute(
            text("""
                SELECT m.id, m.quantity, l.code AS location, c.code AS billing, m.occurred_at
                  FROM ledger_exception e JOIN movement m ON m.id = e.movement_id
                  JOIN location l ON l.id = m.origin_id
                  JOIN code_binding c ON c.item_id = m.item_id AND c.system = 'billing'
                 WHERE e.kind = 'used_not_charged' AND e.closed_at IS NULL ORDER BY m.id DESC LIMIT 1
            """)
        ).one()
        command = PostCharge(
            key="mended",
            encounter="ZY310017",
            location=use.location,
            system=CodeSystem.BILLING,
            code=use.billing,
            quantity=use.quantity,
            use=use.id,
            occurred_at=use.occurred_at,
        )
        post_charge(session, OPERATOR, command, sample_clock)
        missed = planted_rows(session, sample_clock) - reported_rows(session, sample_clock)
        assert len(missed) == 1


def _use(session: Session, clock: SetClock, *, pieces: int) -> dict[str, Any]:
    lot = session.execute(
        text("""
            SELECT l.code AS location, c.code AS material, b.lot FROM balance b
              JOIN location l ON l.id = b.location_id AND l.kind = 'ward'
              JOIN item i ON i.id = b.item_id AND i.tracking = 'LOT' AND i.chargeable
              JOIN code_binding c ON c.item_id = i.id AND c.system = 'material'
             WHERE b.quantity > :pieces ORDER BY i.id LIMIT 1
        """),
        {"pieces": pieces},
    ).one()
    line = Line(material=lot.material, quantity=pieces, lot=lot.lot)
    command = PostUse(
        key="dropped",
        location=lot.location,
        document="XH-X",
        lines=(line,),
        occurred_at=clock.now() - timedelta(days=1),
    )
    return post_use(session, OPERATOR, command, clock)
