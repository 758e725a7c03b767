"""Four prices: approved by two others, dated, used on their days, and whether they agree."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tests.small_hospital import STENT_DI, SYRINGE_DI, TODAY, SmallHospital, build, udi
from tracer.access.rules import Role
from tracer.catalog.errors import ApprovalRefused, MarkupDecided, MarkupProposed, UnknownMarkup
from tracer.catalog.price_holding import Chargeable, Dated, breaks, passing
from tracer.catalog.price_markups import (
    MarkupRow,
    approve_markup,
    list_markups,
    markup_rules,
    propose_markup,
    reject_markup,
)
from tracer.catalog.price_report import as_csv, as_xlsx, price_report
from tracer.catalog.price_rules import Disagreement, MarkupRule, PriceRule, disagreements, markup_for
from tracer.catalog.pricing import PriceReceipt, ProposedPrice, approve_prices, propose_prices, reject_prices
from tracer.catalog.rules import PriceKind
from tracer.shared.errors import Forbidden, Invalid

TOMORROW = TODAY + timedelta(days=1)
L, V, P, C = PriceKind.LISTED, PriceKind.VOLUME_BASED, PriceKind.PURCHASE, PriceKind.CHARGE


class Prices:
    def __init__(self, hospital: SmallHospital) -> None:
        self.hospital, self.session, self.clock = hospital, hospital.session, hospital.clock
        self.people = hospital.people

    def propose(
        self, item: str, kind: PriceKind, amount: str, since: date | None = None, who=Role.PROCUREMENT
    ):
        wanted = ProposedPrice(
            item_id=self.hospital.items[item], kind=kind, amount=Decimal(amount), valid_from=since
        )
        (made,) = propose_prices(self.session, self.people[who], self.clock, [wanted])
        return made

    def approve(self, *ids: int, who: Role = Role.FINANCE, **more) -> PriceReceipt:
        return approve_prices(self.session, self.people[who], self.clock, ids, **more)

    def refused(self, *ids: int, who: Role) -> list[str]:
        with pytest.raises(ApprovalRefused) as refusal, self.session.begin_nested():
            self.approve(*ids, who=who)
        return [problem.code for problem in refusal.value.problems]

    def both(
        self, item: str, kind: PriceKind, amount: str, since: date | None = None, exception: str = ""
    ) -> PriceReceipt:
        made = self.propose(item, kind, amount, since)
        assert self.approve(made).once == (made,)
        return self.approve(made, who=Role.INSURANCE_OFFICE, exception=exception)

    def together(self, item: str, amounts: dict[PriceKind, str], since: date | None = None, **more):
        ids = [self.propose(item, kind, amount, since) for kind, amount in amounts.items()]
        self.approve(*ids)
        return self.approve(*ids, who=Role.INSURANCE_OFFICE, **more)

    def refused_later(self, item: str, amounts: dict[PriceKind, str], since: date | None = None) -> list[str]:
        with self.session.begin_nested() as undone:
            ids = [self.propose(item, kind, amount, since) for kind, amount in amounts.items()]
            self.approve(*ids)
            codes = self.refused(*ids, who=Role.INSURANCE_OFFICE)
            undone.rollback()
        return codes

    def markup(self, percent: str, cap: str | None = None, category: str = "") -> None:
        made = propose_markup(
            self.session,
            self.people[Role.FINANCE],
            self.clock,
            category=category,
            percent=Decimal(percent),
            cap=decimal(cap),
        )
        approve_markup(self.session, self.people[Role.INSURANCE_OFFICE], self.clock, made)

    def charged(self, item_di: str = SYRINGE_DI, lot: str = "L1") -> str:
        return str(self.hospital.scan(udi(item_di, lot=lot))["charge"]["unit_price"])


@pytest.fixture
def prices(session: Session) -> Prices:
    return Prices(build(session))


def test_a_price_is_used_after_two_others_have_approved_it_and_not_before(prices: Prices):
    made = prices.propose("syringe", C, "2.40")
    assert prices.charged() == "1.85"
    assert prices.approve(made) == PriceReceipt(once=(made,))
    assert prices.charged() == "1.85"
    receipt = prices.approve(made, who=Role.INSURANCE_OFFICE)
    assert receipt.approved == (made,) and len(receipt.ended) == 1
    assert receipt.later == {made: TOMORROW}  # it was charged today at the old price
    assert prices.charged() == "1.85"
    prices.hospital.advance(days=1)
    assert prices.charged() == "2.40"
    told = prices.session.execute(text("SELECT topic, payload FROM event")).all()
    assert [topic for topic, _ in told] == ["price.approved"]
    assert told[0].payload["replaces"]["amount"] == "1.85"


def test_a_scheduled_price_holds_from_its_first_day_and_charges_of_the_day_before_keep_theirs(prices: Prices):
    prices.both("syringe", C, "2.40", TODAY + timedelta(days=3))
    seen = []
    for _ in range(5):
        seen.append(prices.charged())
        prices.hospital.advance(days=1)
    assert seen == ["1.85", "1.85", "1.85", "2.40", "2.40"]
    # A scan kept offline belongs to its own day.
    late = prices.hospital.scan(udi(SYRINGE_DI, lot="L1"), scanned_at=prices.clock.now() - timedelta(days=3))
    assert (late["business_date"], late["charge"]["unit_price"]) == (
        str(TODAY + timedelta(days=2)),
        "1.85",
    )


class TestWhoApproves:
    def test_three_people(self, prices: Prices):
        made = prices.propose("syringe", C, "2.40", who=Role.ADMIN)
        assert prices.refused(made, who=Role.ADMIN) == ["own_proposal"]
        prices.approve(made, who=Role.FINANCE)
        assert prices.refused(made, who=Role.FINANCE) == ["approved_by_you"]
        assert prices.refused(made, who=Role.ADMIN) == ["own_proposal"]
        prices.approve(made, who=Role.INSURANCE_OFFICE)
        assert prices.refused(made, who=Role.FINANCE) == ["not_open"]

    @pytest.mark.parametrize("role", [Role.PROCUREMENT, Role.NURSE, Role.AUDITOR, Role.SUPPLIER, Role.HIS])
    def test_not_everybody(self, prices: Prices, role: Role):
        made = prices.propose("syringe", C, "2.40")
        with pytest.raises(Forbidden):
            prices.approve(made, who=role)

    def test_the_database_holds_it(self, prices: Prices):
        made = prices.propose("syringe", P, "1.50")
        for attempt in (
            "UPDATE price SET status = 'approved' WHERE id = :id",
            "UPDATE price SET status = 'approved', first_approver_id = 1 WHERE id = :id",
            "UPDATE price SET status = 'approved', first_approver_id = 1, second_approver_id = 1"
            " WHERE id = :id",
            "UPDATE price SET status = 'approved', first_approver_id = proposer_id, second_approver_id = 1"
            " WHERE id = :id",
            "UPDATE price SET amount = 1 WHERE kind = 'charge' AND :id > 0",
            "UPDATE price SET valid_from = '2025-01-01' WHERE kind = 'charge' AND :id > 0",
            "DELETE FROM price WHERE id = :id",
            "INSERT INTO price (item_id, kind, amount, valid_from, status, taken_over)"
            " SELECT item_id, 'listed', 1, valid_from, 'approved', true FROM price WHERE id = :id",
        ):
            with pytest.raises(DBAPIError), prices.session.begin_nested():
                prices.session.execute(text(attempt), {"id": made})


def test_the_database_lets_no_price_end_before_a_charge_made_at_it(prices: Prices):
    assert prices.charged() == "1.85"
    end = text("UPDATE price SET valid_to = :day WHERE amount = 1.85")
    with pytest.raises(DBAPIError, match=r"was made at 1\.85"), prices.session.begin_nested():
        prices.session.execute(end, {"day": TODAY})
    prices.session.execute(end, {"day": TOMORROW})


def test_of_two_prices_from_one_day_one_is_chosen(prices: Prices):
    one, other = prices.propose("syringe", P, "1.85"), prices.propose("syringe", P, "1.60")
    prices.approve(one, other)
    assert prices.refused(one, other, who=Role.INSURANCE_OFFICE) == ["rival", "rival"]
    assert prices.approve(one, who=Role.INSURANCE_OFFICE).approved == (one,)


def test_a_price_before_one_that_is_scheduled_is_refused_until_that_is_withdrawn(prices: Prices):
    scheduled = prices.both("syringe", C, "2.40", TODAY + timedelta(days=9)).approved
    made = prices.propose("syringe", C, "2.00")
    prices.approve(made)
    assert prices.refused(made, who=Role.INSURANCE_OFFICE) == ["later_price"]
    office = prices.people[Role.INSURANCE_OFFICE]
    reject_prices(prices.session, office, prices.clock, scheduled, why="推迟")
    assert prices.charged() == "1.85"
    prices.hospital.advance(days=10)
    assert prices.charged() == "1.85"  # it goes on: its end was for the price that was withdrawn


@pytest.mark.parametrize("amount", ["-0.01", "1.005", "NaN", "Infinity", "1000000.01"])
def test_what_cannot_be_a_price(prices: Prices, amount: str):
    with pytest.raises(Invalid):
        prices.propose("syringe", C, amount)


CASES = {
    "all agree": ({L: "9", P: "8", C: "8"}, []),
    "above the listed": ({L: "7", P: "8", C: "8"}, [(PriceRule.ABOVE_LISTED, "8", "7")]),
    "as listed": ({L: "8", P: "8", C: "8"}, []),
    "won and bought so": ({L: "9", V: "5", P: "5", C: "5"}, []),
    "won and bought dearer": ({L: "9", V: "5", P: "6", C: "6"}, [(PriceRule.NOT_VOLUME_BASED, "6", "5")]),
    "won and not priced": ({V: "5", C: "5"}, [(PriceRule.NOT_VOLUME_BASED, None, "5")]),
    "marked up": ({P: "8", C: "8.01"}, [(PriceRule.CHARGE_NOT_AS_RULED, "8.01", "8")]),
    "below cost": ({P: "8", C: "7.99"}, [(PriceRule.CHARGE_NOT_AS_RULED, "7.99", "8")]),
    "not charged": ({P: "8"}, [(PriceRule.NO_CHARGE, None, "8")]),
    "nothing": ({}, [(PriceRule.NO_CHARGE, None, None)]),
    "never bought": ({C: "8"}, [(PriceRule.NO_PURCHASE, None, None)]),
    "free of charge": ({P: "0", C: "0"}, []),
    "two at once": (
        {L: "7", V: "5", P: "8", C: "8"},
        [(PriceRule.ABOVE_LISTED, "8", "7"), (PriceRule.NOT_VOLUME_BASED, "8", "5")],
    ),
}


def decimal(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)


@pytest.mark.parametrize(("given", "expected"), CASES.values(), ids=CASES)
def test_the_rules_under_zero_markup(given, expected):
    found = list(
        disagreements({k: Decimal(a) for k, a in given.items()}, MarkupRule(Decimal(0)), chargeable=True)
    )
    assert found == [Disagreement(rule, decimal(a), decimal(b)) for rule, a, b in expected]


def test_what_is_not_charged_for_needs_no_charge_price():
    assert list(disagreements({P: Decimal(8)}, MarkupRule(Decimal(0)), chargeable=False)) == []


@pytest.mark.parametrize(
    ("percent", "cap", "purchase", "charge"),
    [
        ("5", None, "100", "105.00"),
        ("5", "3", "100", "103.00"),
        ("5", None, "0.30", "0.32"),
        ("0", "9", "8", "8.00"),
    ],
)
def test_a_markup_is_capped_and_rounded_half_up(percent, cap, purchase, charge):
    assert MarkupRule(Decimal(percent), decimal(cap)).charge_for(Decimal(purchase)) == Decimal(charge)


def test_a_categorys_own_rule_goes_before_that_of_all():
    rules = {"": MarkupRule(Decimal(5)), "耗材": MarkupRule(Decimal(3))}
    assert markup_for("耗材", rules).percent == 3
    assert markup_for("支架", rules).percent == 5
    assert markup_for("支架", {}).percent == 0


class TestReport:
    def test_every_item_whose_prices_disagree(self, prices: Prices):
        prices.both("syringe", P, "1.50", exception="旧合同")
        prices.both("stent", P, "12800.00")
        report = price_report(prices.session, TODAY)
        assert report.items == 3
        (row,) = report.rows
        assert (row.material, row.broken.rule) == ("WZ000002", PriceRule.CHARGE_NOT_AS_RULED)
        assert row.broken.difference == Decimal("0.35")
        assert report.counts[PriceRule.CHARGE_NOT_AS_RULED] == 1
        assert price_report(prices.session, TODAY, PriceRule.ABOVE_LISTED).rows == ()

    def test_the_hospitals_own_rule(self, prices: Prices):
        prices.both("syringe", P, "1.68", exception="旧合同")
        prices.markup("10")
        broken = {row.material: row.broken for row in price_report(prices.session, TODAY).rows}
        assert "WZ000002" not in broken  # 1.68 + 10 % = 1.848, and 1.85 is charged
        assert broken["WZ000001"].rule is PriceRule.NO_PURCHASE

    @pytest.mark.parametrize("language", ["zh", "en"])
    def test_as_files_without_a_formula(self, prices: Prices, language: str):
        prices.session.execute(text("UPDATE item SET name = '=HYPERLINK(\"x\")' WHERE tracking = 'LOT'"))
        prices.both("syringe", P, "1.50", exception="=1+1")
        rows = price_report(prices.session, TODAY, PriceRule.CHARGE_NOT_AS_RULED).rows
        written = as_csv(rows, language).decode("utf-8-sig").splitlines()
        assert len(written) == 2 and "'=HYPERLINK" in written[1] and ",0.35," in written[1]
        sheet = load_workbook(BytesIO(as_xlsx(rows, language))).active
        cells = [cell for row in sheet.iter_rows() for cell in row]
        assert all(cell.data_type != "f" for cell in cells)
        assert sheet["B2"].value == '=HYPERLINK("x")' and sheet["H2"].value == 0.35


def test_a_stents_price_at_midnight(prices: Prices):
    prices.both("stent", C, "9000.00", TOMORROW)
    clock = prices.clock
    clock.move_to(clock.now().replace(hour=23, minute=59))
    before = prices.hospital.scan(udi(STENT_DI, lot="A1", serial="S1"))
    clock.advance(timedelta(minutes=1))
    after = prices.hospital.scan(udi(STENT_DI, lot="A1", serial="S2"))
    assert [one["charge"]["unit_price"] for one in (before, after)] == ["12800.00", "9000.00"]


class TestRulesHold:
    def test_a_price_that_breaks_a_rule_is_refused_with_both_prices_and_the_rule(self, prices: Prices):
        made = prices.propose("syringe", P, "1.50")
        prices.approve(made)
        with pytest.raises(ApprovalRefused) as refusal, prices.session.begin_nested():
            prices.approve(made, who=Role.INSURANCE_OFFICE)
        (problem,) = refusal.value.problems
        assert (problem.binding_id, problem.code) == (made, "charge_not_as_ruled")
        for language in ("zh", "en"):
            said = refusal.value.message(language)
            assert "1.50" in said and "1.85" in said and str(TODAY) in said
        assert price_report(prices.session, TODAY).counts[PriceRule.CHARGE_NOT_AS_RULED] == 0

    def test_purchase_and_charge_change_at_once(self, prices: Prices):
        receipt = prices.together("syringe", {P: "1.50", C: "1.50", L: "1.60", V: "1.50"})
        assert len(receipt.approved) == 4 and receipt.excepted == ()
        assert prices.refused_later("syringe", {L: "1.40"}, TOMORROW) == ["above_listed"]
        assert prices.refused_later("syringe", {V: "1.30"}, TOMORROW) == ["not_volume_based"]
        assert len(prices.together("syringe", {P: "1.30", C: "1.30", V: "1.30"}, TOMORROW).approved) == 3

    def test_they_begin_together_where_one_must_wait(self, prices: Prices):
        assert (
            prices.charged() == "1.85"
        )  # so the charge price cannot begin today, nor may the purchase price
        receipt = prices.together("syringe", {P: "1.50", C: "1.50"})
        assert set(receipt.later.values()) == {TOMORROW} and len(receipt.later) == 2

    def test_a_scheduled_price_is_looked_at_on_its_day(self, prices: Prices):
        prices.together("syringe", {P: "1.50", C: "1.50"})
        july = date(2026, 7, 1)
        prices.together("syringe", {P: "1.20", C: "1.20"}, july)
        # It agrees with everything until July, and then no more.
        assert prices.refused_later("syringe", {L: "1.10"}, july) == ["above_listed"]
        assert prices.refused_later("syringe", {V: "1.50"}) == ["not_volume_based"]
        assert prices.both("syringe", L, "1.50").approved

    def test_what_disagrees_already_does_not_stop_what_has_no_part_in_it(self, prices: Prices):
        prices.both("syringe", P, "1.50", exception="旧合同")
        assert prices.both("syringe", L, "1.60").approved

    def test_those_left_out_are_left_out_together_with_what_hung_on_them(self, prices: Prices):
        prices.both("syringe", P, "1.85")
        # The charge price agrees with the new purchase price, which does not pass.
        ids = [
            prices.propose("syringe", kind, amount, TOMORROW)
            for kind, amount in ((P, "2.00"), (C, "2.00"), (V, "1.85"))
        ]
        stent = prices.propose("stent", L, "20000")
        prices.approve(*ids, stent)
        receipt = prices.approve(*ids, stent, who=Role.INSURANCE_OFFICE, skip_refused=True)
        assert receipt.approved == (stent,)
        assert {p.binding_id: p.code for p in receipt.refused} == {
            ids[0]: "not_volume_based",
            ids[1]: "charge_not_as_ruled",
            ids[2]: "not_volume_based",
        }

    def test_an_exception_is_recorded_and_listed_until_it_no_longer_disagrees(self, prices: Prices):
        receipt = prices.both("syringe", P, "1.50", exception="旧合同未满期")
        assert receipt.excepted == receipt.approved
        report = price_report(prices.session, TODAY, PriceRule.CHARGE_NOT_AS_RULED)
        (row,) = report.rows
        assert row.allowed is not None and row.allowed.why == "旧合同未满期" and report.allowed == 1
        assert "旧合同未满期" in as_csv(report.rows, "zh").decode("utf-8-sig")
        assert prices.session.execute(
            text("SELECT why FROM audit_entry WHERE action = 'approve_price' AND why IS NOT NULL")
        ).scalars().all() == ["旧合同未满期"]
        for change in ("UPDATE price_exception SET why = 'x'", "DELETE FROM price_exception"):
            with pytest.raises(DBAPIError, match="append-only"), prices.session.begin_nested():
                prices.session.execute(text(change))
        # Another amount is another disagreement, for which nobody has answered.
        prices.markup("5")
        (row,) = price_report(prices.session, TODAY, PriceRule.CHARGE_NOT_AS_RULED).rows
        assert row.allowed is None
        prices.markup("0")
        prices.both("syringe", C, "1.50", TOMORROW)
        assert price_report(prices.session, TOMORROW, PriceRule.CHARGE_NOT_AS_RULED).rows == ()


SINCE = date(2026, 1, 1)
KINDS = st.sampled_from(list(PriceKind))
AMOUNTS = st.integers(1, 3).map(Decimal)
DAYS = st.integers(0, 9).map(lambda n: SINCE + timedelta(days=n))


@given(
    st.dictionaries(KINDS, st.tuples(AMOUNTS, DAYS), min_size=1),
    st.dictionaries(KINDS, st.lists(st.tuples(AMOUNTS, DAYS), max_size=3, unique_by=lambda one: one[1])),
    st.booleans(),
)
def test_what_breaks_is_what_a_calendar_shows(coming, standing, chargeable):
    """Against a calendar that is filled in day by day, and asked on every day."""
    old = []
    for kind, lane in standing.items():
        lane = sorted(lane, key=lambda one: one[1])
        ends = [start for _, start in lane[1:]] + [None]
        old += [
            Dated(item_id=1, kind=kind, amount=amount, start=start, end=end)
            for (amount, start), end in zip(lane, ends, strict=False)
            if kind not in coming or start < coming[kind][1]  # a later one of the kind is refused elsewhere
        ]
    new = [
        Dated(id=n, item_id=1, kind=kind, amount=amount, start=start)
        for n, (kind, (amount, start)) in enumerate(coming.items(), start=1)
    ]
    expected = set()
    for day in (SINCE + timedelta(days=n) for n in range(12)):
        held = {one.kind: one.amount for one in old if one.holds(day)}
        fresh = {one.kind: one.amount for one in new if one.start <= day}
        held |= fresh
        purchase, charge = held.get(P), held.get(C)
        if purchase is None:
            continue
        if L in held and purchase > held[L] and fresh.keys() & {P, L}:
            expected.add((PriceRule.ABOVE_LISTED, purchase, held[L]))
        if V in held and purchase != held[V] and fresh.keys() & {P, V}:
            expected.add((PriceRule.NOT_VOLUME_BASED, purchase, held[V]))
        if chargeable and charge not in (None, purchase) and fresh.keys() & {P, C}:
            expected.add((PriceRule.CHARGE_NOT_AS_RULED, charge, purchase))
    items = {1: Chargeable(chargeable, MarkupRule(Decimal(0)))}
    found = {(one.broken.rule, one.broken.found, one.broken.expected) for one in breaks(new, old, items)}
    assert found == expected
    held_, _ = passing(new, old, items)
    assert breaks(held_, old, items) == []
    assert bool(expected) == (len(held_) < len(new))


class TestMarkups:
    def test_two_people_and_every_category_has_a_rule(self, prices: Prices):
        finance, office = prices.people[Role.FINANCE], prices.people[Role.INSURANCE_OFFICE]
        session, clock = prices.session, prices.clock
        session.execute(text("UPDATE item SET category = '支架' WHERE tracking = 'SERIAL'"))

        def propose(percent: str | None, category: str = "支架", cap: str | None = None) -> int:
            return propose_markup(
                session,
                finance,
                clock,
                category=category,
                percent=decimal(percent),
                cap=decimal(cap),
                why="文件",
            )

        made = propose("5", cap="100")
        assert markup_rules(session) == {}
        with pytest.raises(MarkupProposed):
            propose("6")
        with pytest.raises(MarkupDecided):
            approve_markup(session, finance, clock, made)
        approve_markup(session, office, clock, made)
        with pytest.raises(MarkupDecided):
            approve_markup(session, office, clock, made)
        assert markup_rules(session) == {"支架": MarkupRule(Decimal("5.00"), Decimal("100.00"))}
        assert [(row.category, row.items) for row in list_markups(session)] == [("", 2), ("支架", 1)]
        reject_markup(session, office, clock, propose("7"))
        assert markup_rules(session)["支架"].percent == 5
        approve_markup(session, office, clock, propose(None))
        assert markup_rules(session) == {}
        rows: list[MarkupRow] = list_markups(session)
        assert [(row.category, row.items, row.change) for row in rows] == [("", 3, None), ("支架", 1, None)]
        with pytest.raises(UnknownMarkup):
            approve_markup(session, office, clock, made + 100)
        topics = session.execute(text("SELECT topic FROM event ORDER BY id")).scalars().all()
        assert topics == ["markup.approved"] * 2

    @pytest.mark.parametrize(
        ("percent", "cap"),
        [("-1", None), ("1000.01", None), ("1.005", None), ("NaN", None), ("5", "-1"), (None, "1")],
    )
    def test_what_cannot_be_a_markup(self, prices: Prices, percent: str | None, cap: str | None):
        with pytest.raises(Invalid):
            propose_markup(
                prices.session,
                prices.people[Role.FINANCE],
                prices.clock,
                category="",
                percent=decimal(percent),
                cap=decimal(cap),
            )

    def test_not_everybody(self, prices: Prices):
        with pytest.raises(Forbidden):
            propose_markup(
                prices.session, prices.people[Role.PROCUREMENT], prices.clock, category="", percent=Decimal(1)
            )
