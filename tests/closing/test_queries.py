"""The report says the same of a day before and after it is closed, and every figure opens its documents."""

from __future__ import annotations

import pytest

from tests.closing.test_closing_days import bill, close, use
from tests.small_hospital import NURSE_STATION, OTHER_WARD, SYRINGE_DI, TODAY, SmallHospital, udi
from tracer.access.rules import Actor, Grant, Role
from tracer.closing.documents import documents_of
from tracer.closing.errors import UnknownFilter
from tracer.closing.queries import Report, list_days, variance_of
from tracer.shared.errors import Forbidden
from tracer.stock.errors import UnknownLocation


def report(hospital: SmallHospital, **filters: str) -> Report:
    return variance_of(hospital.session, hospital.people["finance"], TODAY, **filters)


@pytest.fixture
def gaps(hospital: SmallHospital) -> SmallHospital:
    hospital.scan(udi(SYRINGE_DI, lot="L1"), quantity=3)
    use(hospital, 4)
    bill(hospital, 1, use=use(hospital, 10))
    return hospital


def test_provisional_and_closed_say_the_same(gaps: SmallHospital) -> None:
    before = report(gaps)
    assert before.provisional
    close(gaps)
    after = report(gaps)
    assert not after.provisional
    assert after.rows == before.rows
    assert after.summary == before.summary
    (breach,) = [row for row in after.rows if row.status == "BREACH"]
    assert (breach.location, breach.material, breach.charge_variance) == (NURSE_STATION, "WZ000002", -13)
    assert {(cause.cause, cause.units) for cause in breach.causes} == {
        ("used_not_charged", 4),
        ("packaging_factor", 9),
    }


def test_the_evidence_of_a_cause_is_among_the_rows_documents(gaps: SmallHospital) -> None:
    close(gaps)
    (breach,) = report(gaps, status="BREACH").rows
    documents = documents_of(gaps.session, gaps.people["finance"], TODAY, NURSE_STATION, "WZ000002")
    known = {f"movements:{one.id}" for one in documents.movements}
    known |= {f"charges:{one.id}" for one in documents.charges}
    cited = {evidence for cause in breach.causes for evidence in cause.evidence}
    assert cited
    assert cited <= known
    assert sum(one.quantity for one in documents.charges) == breach.billed
    flows = breach.transferred_in + breach.received - breach.used - breach.transferred_out
    assert sum(one.quantity for one in documents.movements) == flows


def test_figures_are_over_exactly_the_rows_shown(gaps: SmallHospital) -> None:
    close(gaps)
    everything, breaches = report(gaps), report(gaps, status="BREACH")
    assert everything.summary["rows"] == len(everything.rows)
    assert breaches.summary["rows"] == breaches.summary["breaches"] == 1
    by_department = report(gaps, location="CARD")
    assert {row.location for row in by_department.rows} == {NURSE_STATION}
    assert report(gaps, location=OTHER_WARD).rows == ()


def test_the_stored_summary_and_the_report_agree(gaps: SmallHospital) -> None:
    stored = close(gaps)
    shown = report(gaps).summary
    assert {name: stored[name] for name in shown} == shown


def test_filters_that_name_nothing_are_refused(gaps: SmallHospital) -> None:
    with pytest.raises(UnknownFilter):
        report(gaps, status="breach")
    with pytest.raises(UnknownFilter):
        report(gaps, category="none such")
    with pytest.raises(UnknownLocation):
        report(gaps, location="NOWHERE")


def test_scope_and_role_decide_what_is_seen(gaps: SmallHospital) -> None:
    finance = gaps.people["finance"]
    surgeon = Actor(finance.id, "x", "x", (Grant(Role.FINANCE, "/HOSP/SURG/"),))
    assert variance_of(gaps.session, surgeon, TODAY).rows == ()
    with pytest.raises(UnknownLocation):
        variance_of(gaps.session, surgeon, TODAY, location="CARD")
    with pytest.raises(Forbidden):
        variance_of(gaps.session, gaps.nurse, TODAY)


def test_the_trend_lists_closed_days(gaps: SmallHospital) -> None:
    assert list_days(gaps.session, gaps.people["finance"]) == []
    close(gaps)
    (point,) = list_days(gaps.session, gaps.people["finance"])
    assert (point.business_date, point.breaches, point.status) == (TODAY, 1, "BREACH")
