"""Rows worked out by hand from the domain page, one branch each."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

from reconcile import variance
from tests.reconcile.frames import charges, counts, movements, opening, row_of

D1, D2, D3, D4 = "2026-03-01", "2026-03-02", "2026-03-03", "2026-03-04"
FLOWS = ["opening", "received", "transferred_in", "transferred_out", "used", "written_off", "book_closing"]
NO_CHARGES = charges()


def only_row(**frames: pd.DataFrame) -> dict[str, object]:
    """The row of a hospital in which one pair lives one day."""
    result = variance(
        frames.get("movements", movements()),
        frames.get("charges", NO_CHARGES),
        opening=frames.get("opening"),
        counts=frames.get("counts"),
        codes=frames.get("codes"),
    )
    return row_of(result, D1, "W1", "M1")


def test_every_flow_has_its_sign() -> None:
    row = only_row(
        opening=opening(("W1", "M1", 100)),
        movements=movements(
            (D1, "W1", "M1", "receipt", 50),
            (D1, "W1", "M1", "supplier_return", 7),
            (D1, "W1", "M1", "transfer_in", 11),
            (D1, "W1", "M1", "transfer_out", 13),
            (D1, "W1", "M1", "use", 20),
            (D1, "W1", "M1", "use_reversal", 3),
            (D1, "W1", "M1", "write_off", 2),
        ),
        charges=charges((D1, "W1", "M1", 17)),
    )
    assert [row[name] for name in FLOWS] == [100, 43, 11, 13, 17, 2, 122]
    assert (row["counted"], row["stock_variance"]) == (None, None)
    assert (row["consumed"], row["billed"], row["charge_variance"]) == (17, 17, 0)
    assert (row["rate"], row["status"], row["cause"]) == ("0.000000", "OK", "")


def test_a_count_decides_what_was_consumed() -> None:
    row = only_row(
        opening=opening(("W1", "M1", 100)),
        movements=movements((D1, "W1", "M1", "use", 20)),
        charges=charges((D1, "W1", "M1", 20)),
        counts=counts((D1, "W1", "M1", 75)),
    )
    assert (row["book_closing"], row["counted"], row["stock_variance"]) == (80, 75, -5)
    assert (row["consumed"], row["charge_variance"]) == (25, -5)
    assert (row["rate"], row["status"]) == ("0.200000", "BREACH")


def test_a_count_of_zero_is_a_count() -> None:
    row = only_row(opening=opening(("W1", "M1", 4)), counts=counts((D1, "W1", "M1", 0)))
    assert (row["counted"], row["stock_variance"], row["consumed"]) == (0, -4, 4)
    assert (row["charge_variance"], row["status"]) == (-4, "BREACH")


def test_a_count_above_what_use_explains_is_invalid() -> None:
    cases = {  # item → counted, used, reversed; consumed, status. Each began with 10.
        "one more than there can be": (11, 0, 0, -1, "INVALID"),
        "all there": (10, 0, 0, 0, "OK"),
        "two came back from patients, and the count shows them": (12, 0, 2, -2, "OK"),
        "one more than came back": (13, 0, 2, -3, "INVALID"),
        "use counts for nothing below zero": (11, 5, 0, -1, "INVALID"),
        "fewer missing than used": (9, 5, 0, 1, "BREACH"),
    }
    kinds = {"use": 1, "use_reversal": 2}
    result = variance(
        movements(
            *(
                (D1, "W1", item, kind, case[at])
                for item, case in cases.items()
                for kind, at in kinds.items()
                if case[at]
            )
        ),
        charges(*((D1, "W1", item, case[1] - case[2]) for item, case in cases.items())),
        opening=opening(*(("W1", item, 10) for item in cases)),
        counts=counts(*((D1, "W1", item, case[0]) for item, case in cases.items())),
    )
    for item, (*_, consumed, status) in cases.items():
        row = row_of(result, D1, "W1", item)
        assert (row["consumed"], row["status"]) == (consumed, status), item
        assert (row["rate"] is None) == (status == "INVALID"), item


def test_invalid_rows_are_first_and_in_no_rate() -> None:
    result = variance(
        movements((D1, "A1", "M1", "use", 10), (D1, "A2", "M1", "use", 10)),
        charges((D1, "A1", "M1", 10), (D1, "A2", "M1", 5)),
        counts=counts((D1, "Z9", "M1", 3)),
    )
    assert list(result.rows["status"]) == ["INVALID", "BREACH", "OK"]
    assert list(result.rows["location"]) == ["Z9", "A2", "A1"]
    assert result.summary["invalid"] == 1
    assert result.summary["breaches"] == 1
    assert result.summary["gross_rate"] == "0.250000"  # 5 of 20; the 3 found are nowhere in it
    assert result.summary["by_location"]["Z9"]["gross_rate"] == "0.000000"


def test_the_rate_is_taken_of_the_larger_side() -> None:
    cases = [  # used, billed; rate, status
        (0, 0, "0.000000", "OK"),
        (20, 19, "0.050000", "OK"),  # exactly the tolerance
        (19, 18, "0.052632", "BREACH"),
        (19, 20, "0.050000", "OK"),
        (0, 1, "1.000000", "BREACH"),
        (1, 0, "1.000000", "BREACH"),
        (-2, -2, "0.000000", "OK"),  # late reversals and refunds only
        (-20, -19, "0.050000", "OK"),
        (-1, 1, "2.000000", "BREACH"),  # opposite signs: above 1, not clipped
        (3, 2, "0.333333", "BREACH"),
        (6, 5, "0.166667", "BREACH"),  # half-up
    ]
    kinds = {1: "use", -1: "use_reversal", 0: "transfer_in"}
    result = variance(
        movements(*((D1, "W1", f"{u}/{b}", kinds[(u > 0) - (u < 0)], abs(u) or 1) for u, b, *_ in cases)),
        charges(*((D1, "W1", f"{u}/{b}", b) for u, b, *_ in cases)),
    )
    for used, billed, rate, status in cases:
        row = row_of(result, D1, "W1", f"{used}/{billed}")
        assert (row["used"], row["billed"], row["rate"], row["status"]) == (used, billed, rate, status)


def test_the_tolerance_is_compared_exactly() -> None:
    # 0.1 + 0.2 territory: 3 of 30 against 10 % must be OK although no float holds 0.1.
    moved, billed = movements((D1, "W1", "M1", "use", 30)), charges((D1, "W1", "M1", 27))
    assert variance(moved, billed, tolerance=Decimal("0.1")).summary["status"] == "OK"
    assert variance(moved, billed, tolerance=Decimal("0.099999")).summary["status"] == "BREACH"


def test_refunds_are_taken_off_what_was_billed() -> None:
    row = only_row(
        movements=movements((D1, "W1", "M1", "use", 2)),
        charges=charges((D1, "W1", "M1", 3), (D1, "W1", "M1", -1)),
    )
    assert (row["billed"], row["charge_variance"], row["status"]) == (2, 0, "OK")


def test_openings_are_carried_from_the_last_row_and_restart_at_a_count() -> None:
    result = variance(
        movements(
            (D1, "W1", "M1", "receipt", 30),
            (D1, "W1", "M1", "use", 4),
            (D3, "W1", "M1", "use", 6),
            (D4, "W1", "M1", "use", 1),
            (D1, "W2", "M1", "use", 1),
        ),
        NO_CHARGES,
        opening=opening(("W1", "M1", 10), ("W9", "M9", 5)),
        counts=counts((D2, "W1", "M1", 33), (D3, "W1", "M1", 26)),
    )
    carried = [
        (row["opening"], row["book_closing"], row["counted"])
        for row in (row_of(result, day, "W1", "M1") for day in (D1, D2, D3, D4))
    ]
    assert carried == [(10, 36, None), (36, 36, 33), (33, 27, 26), (26, 25, None)]
    assert row_of(result, D1, "W2", "M1")["opening"] == 0
    # Nothing happened to W9's stock: no row.
    assert set(result.rows["location"]) == {"W1", "W2"}


def test_several_openings_and_counts_of_a_pair_add_up() -> None:
    row = only_row(
        opening=opening(("W1", "M1", 10), ("W1", "M1", 5)),
        counts=counts((D1, "W1", "M1", 9), (D1, "W1", "M1", 6)),
    )
    assert (row["opening"], row["counted"], row["stock_variance"]) == (15, 15, 0)


def test_book_stock_may_be_below_zero() -> None:
    row = only_row(opening=opening(("W1", "M1", -3)), movements=movements((D1, "W1", "M1", "use", 2)))
    assert row["book_closing"] == -5


def test_a_charge_alone_makes_a_row() -> None:
    row = only_row(charges=charges((D1, "W1", "M1", 2)))
    assert (row["consumed"], row["charge_variance"], row["status"]) == (0, 2, "BREACH")


NOT_CHARGEABLE = pd.DataFrame({"material": ["M1"], "chargeable": [0], "price": ["3.00"]})


def test_what_is_not_chargeable_is_checked_by_stock_alone() -> None:
    cases = {  # location → counted; stock variance, rate, status. Each began with 100 and used 20.
        "not counted": (None, None, "0.000000", "OK"),
        "all there": (80, 0, "0.000000", "OK"),
        "one missing": (79, -1, "0.047619", "OK"),  # of 21 that went
        "ten missing": (70, -10, "0.333333", "BREACH"),
        "two too many": (82, 2, "0.100000", "BREACH"),  # of the 20 booked: 18 went
    }
    result = variance(
        movements(*((D1, place, "M1", "use", 20) for place in cases)),
        NO_CHARGES,
        opening=opening(*((place, "M1", 100) for place in cases)),
        counts=counts(*((D1, place, "M1", case[0]) for place, case in cases.items() if case[0] is not None)),
        codes=NOT_CHARGEABLE,
    )
    for place, (_, stock_variance, rate, status) in cases.items():
        row = row_of(result, D1, place, "M1")
        assert (row["charge_variance"], row["variance_value"]) == (None, None)
        assert (row["stock_variance"], row["rate"], row["status"]) == (stock_variance, rate, status), place


def test_what_is_not_chargeable_stays_out_of_the_rates_but_not_of_the_counts() -> None:
    result = variance(
        movements((D1, "W1", "M1", "use", 20), (D1, "W1", "M2", "use", 10)),
        charges((D1, "W1", "M2", 9)),
        opening=opening(("W1", "M1", 100)),
        counts=counts((D1, "W1", "M1", 40)),
        codes=NOT_CHARGEABLE,
    )
    assert result.summary["gross_rate"] == "0.100000"
    assert (result.summary["rows"], result.summary["breaches"]) == (2, 2)


def test_a_charge_for_what_may_not_be_charged_is_shown() -> None:
    row = only_row(charges=charges((D1, "W1", "M1", 2)), codes=NOT_CHARGEABLE)
    assert (row["billed"], row["charge_variance"], row["cause"]) == (2, None, "not_chargeable:2")


def test_nothing_given_is_changed() -> None:
    given = {"movements": movements((D1, "W1", "M1", "use", 1)), "charges": charges((D1, "W1", "M1", 1))}
    before = {name: frame.copy(deep=True) for name, frame in given.items()}
    variance(**given)
    for name, frame in given.items():
        pd.testing.assert_frame_equal(frame, before[name])
