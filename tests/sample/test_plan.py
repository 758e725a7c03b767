"""The plan is a pure function; what is real in it is real, what is invented is visibly so."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from fixtures.catalogue import assortment, breadth
from fixtures.places import LARGE, SIGN_INS, SMALL, bedside
from fixtures.plan import DAYS, Plan, Scale, make_plan
from fixtures.records import american_devices, chinese_devices
from fixtures.steps import CloseDay
from scanners import gtin, parse
from tracer.access.accounts import is_acceptable_password
from tracer.access.rules import Role
from tracer.catalog.rules import Tracking, is_insurance_code
from tracer.charging.bedside import RecordScan
from tracer.orders.placing import PlaceOrder

ZONE = ZoneInfo("Asia/Shanghai")
FIRST_DAY = date(2026, 2, 24)
DIGEST = (
    "import hashlib, datetime, zoneinfo; from fixtures.plan import make_plan;"
    "plan = make_plan(datetime.date(2026, 2, 24), zoneinfo.ZoneInfo('Asia/Shanghai'));"
    "print(hashlib.sha256(repr(plan).encode()).hexdigest())"
)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return make_plan(FIRST_DAY, ZONE)


def test_the_same_arguments_give_the_same_plan_in_every_process() -> None:
    digests = {
        subprocess.run(
            [sys.executable, "-c", DIGEST],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1


def test_another_seed_is_another_hospital(plan: Plan) -> None:
    assert make_plan(FIRST_DAY, ZONE, seed=plan.seed + 1).steps != plan.steps


@pytest.mark.parametrize("first_day", [date(2028, 2, 20), date(2026, 12, 25), date(2027, 10, 31)])
def test_any_day_of_the_year_will_do(first_day: date) -> None:
    shifted = make_plan(first_day, ZONE)
    assert [answer.units for answer in shifted.planted] == [
        answer.units for answer in make_plan(FIRST_DAY, ZONE).planted
    ]


def test_time_never_goes_back_and_leaves_the_last_day_to_whoever_loads_it(plan: Plan) -> None:
    moments = [step.at for step in plan.steps]
    assert moments == sorted(moments)
    today = FIRST_DAY + timedelta(days=DAYS)
    assert (moments[0].date(), moments[-1].date()) == (FIRST_DAY, today)
    assert {type(step.do) for step in plan.steps if step.at.date() == today} == {PlaceOrder}
    assert sum(isinstance(step.do, CloseDay) for step in plan.steps) == DAYS - 1


def test_an_ordinary_day_has_orders_scans_and_mistakes(plan: Plan) -> None:
    scans = Counter(step.at.date() for step in plan.steps if isinstance(step.do, RecordScan))
    assert all(30 <= scans[day] <= 60 for day in plan.days)
    outcomes = {step.outcome for step in plan.steps if step.outcome}
    assert outcomes == {"charged", "used", "refused", "unresolved", "needs_choice"}
    assert {type(step.do).__name__ for step in plan.steps} == {
        *("Receive", "Send", "PlaceOrder", "EndOrder", "RecordScan", "ReverseScan"),
        *("CountStock", "PostUse", "PostCharge", "CloseDay"),
    }


def test_every_kind_of_fault_is_planted_on_closed_days_and_on_yesterday(plan: Plan) -> None:
    causes = {"used_not_charged", "charged_not_used", "packaging_factor", "late_posting", "unexplained"}
    yesterday = plan.days[-1]
    assert {answer.cause for answer in plan.planted if answer.business_date < yesterday} == causes
    assert {answer.cause for answer in plan.planted if answer.business_date == yesterday} == causes
    assert len({answer.id for answer in plan.planted}) == len(plan.planted) >= 15
    assert len({answer.units for answer in plan.planted}) >= 10


# --- what is real


def test_the_57_chinese_records_keep_their_real_codes(plan: Plan) -> None:
    real = {item.device.di: item.insurance for item in plan.items if item.device.certificate}
    assert len(real) == len(set(real.values())) == 57
    assert real["04054585068524"] == "C01030100101016091540000010"
    assert {device.insurance for device in chinese_devices()} == set(real.values())


def test_every_identifier_has_a_right_check_digit() -> None:
    devices = [*chinese_devices(), *american_devices().values()]
    identifiers = [device.di for device in devices] + [di for device in devices for di, _ in device.packs]
    assert len(identifiers) > 29_000
    assert len(set(identifiers)) == len(identifiers)
    assert all(di == di[:-1] + gtin.check_digit(di[:-1]) for di in identifiers)


def test_a_large_hospital_has_26_000_items_with_five_codes_each_its_own() -> None:
    items = [*assortment(), *breadth(26_000)]
    assert len(items) == 26_000
    codes = [
        code
        for item in items
        for code in (item.material, item.billing, item.order, item.insurance, item.device.di)
        if code is not None
    ]
    assert len(set(codes)) == len(codes)
    chargeable = [item for item in items if item.chargeable]
    assert len(chargeable) > 25_900
    assert all(item.insurance and len(item.insurance) == 27 for item in chargeable)
    assert all(is_insurance_code(item.insurance or "") for item in chargeable)
    invented = [item.insurance or "" for item in chargeable if not item.device.certificate]
    assert all(code.startswith("C99") for code in invented)


def test_a_scan_says_what_its_pack_carries_and_keeps_for_a_year(plan: Plan) -> None:
    load_day = plan.days[-1] + timedelta(days=1)
    serial = {item.device.di for item in plan.items if item.tracking is Tracking.SERIAL}
    for step in plan.steps:
        if isinstance(step.do, RecordScan) and step.outcome == "charged":
            reading = parse(step.do.raw, today=load_day)
            assert reading.error is None
            assert reading.lot is not None
            assert (reading.serial is not None) == (reading.di in serial)
            if reading.di != "00801741067303":  # the lot that runs out during the two weeks
                assert reading.expiry is not None
                assert reading.expiry > load_day + timedelta(days=365)


# --- what is invented


def test_nobody_in_it_has_a_name(plan: Plan) -> None:
    assert len(plan.encounters) >= 40
    assert all(len(one.patient_name.rstrip("*")) == 1 for one in plan.encounters)
    assert all("示例" in person.name for person in plan.people)


def test_each_role_that_signs_in_has_one_acceptable_phrase() -> None:
    assert {person.role for person in SIGN_INS} == set(Role) - {Role.HIS}
    assert len({person.password for person in SIGN_INS}) == len(SIGN_INS)
    assert all(is_acceptable_password(person.password or "", person.username) for person in SIGN_INS)


def test_the_large_hospital_plants_in_every_place_of_its_own() -> None:
    large = make_plan(FIRST_DAY, ZONE, scale=Scale.HOSPITAL)
    added = set(bedside(LARGE)) - set(bedside(SMALL))
    assert len(large.places) >= 40
    assert len(added) == 24
    assert {answer.location for answer in large.planted} >= added
