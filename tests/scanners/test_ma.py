"""MA (IDcode): the plain code, its dates old and new, and what is no code of a device."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scanners import Level, parse
from scanners.ma import check_digit, resolve_day
from tests.scanners.golden import TODAY, golden
from tests.scanners.ma_codes import DI, DIGITS, IN_VALUES, check_again, codes, written
from tests.scanners.timing import LIMIT, best_seconds

VECTORS = golden("ma.json")


def day(value: str | None) -> date | None:
    if value is None:
        return None
    if len(value) == 6:
        value = ("20" if int(value[:2]) <= 76 else "19") + value
    return date.fromisoformat(value)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["input"][:40])
def test_every_shared_vector(vector):
    expected = vector["expected"]
    scan = parse(vector["input"], today=TODAY)
    elements = dict(scan.elements)
    if expected is None or expected.get("country") == "234":
        assert (scan.agency, scan.di) == ("UNKNOWN", None)  # "12345", and an agency MB that nobody knows
        return
    assert scan.agency == "MA"
    if "registrant" in expected:
        *_, registrant, product = scan.di.split(".")
        assert (registrant, product[0], product[1:-1], product[-1]) == tuple(
            expected[name] for name in ("registrant", "package_level", "item", "di_check")
        )
    for name, got in (
        ("di", scan.di),
        ("lot", scan.lot),
        ("serial", scan.serial),
        ("expiry", str(scan.expiry)),
        ("mfg_date", str(scan.manufactured)),
        ("sterilisation_lot", elements.get("sterilisation_lot")),
        ("valid_until", str(day(elements.get("valid_until")))),
    ):
        if name in expected:
            assert got == expected[name]
    doubts = [value for name, value in scan.elements if name == "unverified"]
    if "di_check_ok" in vector:
        assert ("di" in doubts) is not vector["di_check_ok"]
    if "pi_check_ok" in vector:
        assert ("check" in doubts) is not vector["pi_check_ok"]
        assert elements["check"] == expected["pi_check"]


def test_the_production_part_alone_lacks_its_identifier():
    scan = parse(".S1576130942.P190101.LABS20191201.E191201", today=TODAY)
    assert scan.error.code == "missing_di"
    assert (scan.lot, scan.serial, scan.expiry, scan.manufactured) == (
        "ABS20191201", "1576130942", date(2019, 12, 1), date(2019, 1, 1),
    )  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(codes(), st.booleans())
def test_a_code_reads_as_it_was_written(code, checked):
    di, fields = code
    if checked:
        fields = fields | {"C": check_again(written("", fields))}
    scan = parse(written(di, fields), today=TODAY)
    assert scan.error is None
    assert scan.repairs == ()
    assert (scan.agency, scan.di, scan.level, scan.quantity) == ("MA", di, Level.UNKNOWN, None)
    assert (scan.lot, scan.serial) == (fields.get("L"), fields.get("S"))
    assert scan.manufactured == day(fields.get("M", fields.get("P")))
    assert scan.expiry == day(fields.get("E", fields.get("V")))
    names = {"S": "serial", "L": "lot", "D": "sterilisation_lot", "Y": "insurance_code", "M": "manufactured",
             "P": "manufactured", "E": "expiry", "V": "valid_until", "C": "check"}  # fmt: skip
    assert scan.elements == (("di", di), *((names[letter], value) for letter, value in fields.items()))


@given(st.text(IN_VALUES + ".", max_size=80))
def test_the_check_is_the_described_one(text):
    assert check_digit(text) == check_again(text)


@settings(max_examples=200, deadline=None)
@given(codes(), st.data())
def test_a_wrong_check_is_named_and_never_refused(code, data):
    di, fields = code
    sound = check_again(written("", fields))
    wrong = data.draw(st.sampled_from(sorted(set(DIGITS) - {sound})))
    scan = parse(written(di, fields | {"C": wrong}), today=TODAY)
    assert scan.error is None
    assert scan.elements[-1] == ("unverified", "check")
    other = di[:-1] + data.draw(st.sampled_from(sorted(set(DIGITS) - {di[-1]})))
    scan = parse(written(other, fields | {"C": sound}), today=TODAY)
    assert (scan.error, scan.di) == (None, other)
    assert scan.elements[-1] == ("unverified", "di")


def test_a_check_is_of_what_stands_before_it():
    check = check_again(".S1")
    assert dict(parse(f"{DI}.S1.C{check}.LA", today=TODAY).elements).get("unverified") is None
    assert dict(parse(f"{DI}.S1.C{check}.LA.C{check}", today=TODAY).elements).get("unverified") is None
    assert check != check_again(f".S1.C{check}.LA")


@settings(max_examples=200, deadline=None)
@given(codes(), st.data())
def test_one_changed_digit_gives_no_other_device_unseen(code, data):
    """The check of a bank card sees any single wrong digit, and so does this one."""
    di, fields = code
    place = data.draw(
        st.sampled_from([at for at, character in enumerate(di) if character in DIGITS and at != 8])
    )
    digit = data.draw(st.sampled_from(sorted(set(DIGITS) - {di[place]})))
    scan = parse(written(di[:place] + digit + di[place + 1 :], fields), today=TODAY)
    assert scan.di != di
    assert scan.error is not None or ("unverified", "di") in scan.elements


@settings(max_examples=50, deadline=None)
@given(codes())
def test_cut_behind_the_identifier_it_is_still_that_device(code):
    di, fields = code
    whole = written(di, fields)
    for length in range(len(di), len(whole)):
        assert parse(whole[:length], today=TODAY).di == di
    for length in range(len(di)):
        scan = parse(whole[:length], today=TODAY)
        # The length of a product is not fixed, so a cut within it shows by its check alone, if at all.
        product = length - di.rindex(".") - 1
        assert scan.di is None or (product >= 8 and scan.di == di[:length])


@pytest.mark.parametrize(
    ("code", "error", "at", "agency"),
    [
        ("MA.", "truncated", 3, "UNKNOWN"),
        ("MA.15", "truncated", 5, "UNKNOWN"),
        ("MA.156", "truncated", 6, "UNKNOWN"),
        ("MA.156.", "truncated", 7, "MA"),
        ("MA.156.M", "truncated", 8, "MA"),
        ("MA.156.M0", "truncated", 9, "MA"),
        ("MA.156.M0.1002", "truncated", 14, "MA"),
        ("MA.156.M0.100204", "truncated", 16, "MA"),
        ("MA.156.M0.100204.", "truncated", 17, "MA"),
        ("MA.156.M0.100204.1335176", "truncated", 24, "MA"),
        ("MA.156.M0.1002.13351764", "length", 14, "MA"),
        ("MA.156.M0.1002044.13351764", "length", 16, "MA"),
        ("MA.156.M0.100204.1335.S1", "length", 21, "MA"),
        ("MA.156.M0.100204." + "1" * 33, "length", 49, "MA"),
        ("MA.156.M0..13351764", "length", 10, "MA"),
        ("MA.156.M0.100204..S1", "length", 17, "MA"),
        ("MA.156.M0.1002-4.13351764", "charset", 14, "MA"),
        ("MA.156.M0.100204.1335-764", "charset", 21, "MA"),
        ("MA.156.M0.100204.１３３５１７６４", "charset", 17, "MA"),
        ("MA.156.1003.1629/73.10000000.6/", "not_a_udi", 7, "MA"),  # another trade
        ("MA.156.m0.100204.13351764", "not_a_udi", 7, "MA"),
        ("MA.CHN.M0.100204.13351764", "not_a_udi", 0, "UNKNOWN"),
        ("MAB.156.M0.100204.13351764", "not_a_udi", 0, "UNKNOWN"),
        ("Ma.156.M0.100204.13351764", "not_a_udi", 0, "UNKNOWN"),
        (".Sale", "missing_di", 0, "MA"),
        (".Sale.Price", "not_a_udi", 0, "UNKNOWN"),
        (".gitignore", "not_a_udi", 0, "UNKNOWN"),
        (".E991301", "not_a_udi", 0, "UNKNOWN"),
        (".", "not_a_udi", 0, "UNKNOWN"),
    ],
)
def test_what_has_no_identifier(code, error, at, agency):
    scan = parse(code, today=TODAY)
    if "１" in code:
        assert (scan.error, scan.di, scan.repairs) == (None, DI, ("fullwidth",))
        return
    assert (scan.error.code, scan.error.at, scan.agency, scan.di) == (error, at, agency, None)


@pytest.mark.parametrize(
    ("fields", "error", "at", "lot", "serial", "expiry"),
    [
        (".", "truncated", 26, None, None, None),
        (".S", "truncated", 27, None, None, None),
        (".S1.", "truncated", 29, None, "1", None),
        (".S1..LA", "unknown_ai", 29, None, "1", None),
        (".S.LA", "length", 27, None, None, None),
        (".LA.S1.X9", "unknown_ai", 32, "A", None, None),  # may be serial "1.X9"
        (".LA.s1", "unknown_ai", 29, None, None, None),  # small letters are none of the fields'
        (".S1.LA B", "charset", 31, None, "1", None),
        (".S1.LA>B", "charset", 31, None, "1", None),  # a point with Shift stuck
        (".S1.LÄ", "charset", 30, None, "1", None),
        (".S1.L" + "A" * 65, "length", 95, None, "1", None),
        (".S1.E2401", "truncated", 34, None, "1", None),
        (".S1.E2401.LA", "length", 34, None, "1", None),
        (".S1.E240101012", "length", 39, None, "1", None),
        (".S1.E24010A", "charset", 35, None, "1", None),
        (".E240230.LA", "date", 27, "A", None, None),
        (".E240200.LA", "date", 27, "A", None, None),
        (".E000000.LA", "date", 27, "A", None, None),
        (".E00010101.LA", "date", 27, "A", None, None),
        (".E20240230.V20240101", "date", 27, None, None, None),
        (".LA.LA", None, None, "A", None, None),
        (".LA.LB.S1", "duplicate", 30, None, "1", None),
        (".E240101.E20240101", None, None, None, None, date(2024, 1, 1)),
        (".E240101.V240102.E240103", "duplicate", 43, None, None, None),
        (".M240101.P240102", "duplicate", 35, None, None, None),
        (".V240102", None, None, None, None, date(2024, 1, 2)),
        (".V240102.E240103", None, None, None, None, date(2024, 1, 3)),
    ],
)
def test_what_is_wrong_behind_the_identifier(fields, error, at, lot, serial, expiry):
    scan = parse(DI + fields, today=TODAY)
    assert (scan.error and scan.error.code, scan.error and scan.error.at) == (error, at)
    assert (scan.di, scan.lot, scan.serial, scan.expiry) == (DI, lot, serial, expiry)


def test_capitals_and_small_letters_are_different_codes():
    small = parse("MA.156.M0.100011.2cscp023.Ste002", today=TODAY)
    capital = parse("MA.156.M0.100011.2CSCP023.STE002", today=TODAY)
    assert (small.di, small.serial) == ("MA.156.M0.100011.2cscp023", "te002")
    assert (capital.di, capital.serial) == ("MA.156.M0.100011.2CSCP023", "TE002")


PIECES = ["MA.", "156", ".", "M0", "100204", "13351764", DI, ".S1", ".LA", ".E240101", ".E20240101", ".C3",
          ".Y", "\x1d", "A", "/", " ", "é"]  # fmt: skip


@settings(max_examples=500, deadline=None)
@given(
    st.one_of(
        st.lists(st.sampled_from(PIECES), max_size=12).map("".join), st.text("MA.1560SLE2", max_size=40)
    )
)
@example(".")
@example("MA.156.M0.100204." + "1" * 100)
def test_no_text_raises_and_no_error_points_outside(text):
    scan = parse(text, today=TODAY)
    assert scan.error is None or 0 <= scan.error.at <= len(text)
    if scan.error is None and scan.agency == "MA":
        assert scan.di is not None and scan.di in text


@pytest.mark.parametrize("piece", [".S1", ".C1", ".", ".E240101", "1", ".LA.LB", ".X"])
def test_long_text_takes_far_less_than_five_milliseconds(piece):
    assert best_seconds((DI + piece * 4096)[:4096]) < LIMIT


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("281130", date(2028, 11, 30)),
        ("281231", date(2028, 12, 31)),
        ("20281130", date(2028, 11, 30)),
        ("20281201", date(2028, 12, 1)),
        ("20280229", date(2028, 2, 29)),
        ("20270229", None),
        ("281100", None),
        ("20281100", None),
        ("20281330", None),
        ("18991231", None),
        ("19000101", date(1900, 1, 1)),
        ("21991231", date(2199, 12, 31)),
        ("22000101", None),
    ],
)
def test_a_date_of_six_or_eight_digits(written, meant):
    assert resolve_day(written, 2026) == meant
