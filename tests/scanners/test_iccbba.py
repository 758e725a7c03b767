"""ICCBBA: device identifiers in ISBT 128 messages, and what of ISBT 128 is no device."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scanners import ErrorCode, Level, parse
from scanners.iccbba import resolve_ordinal
from scanners.isbt128 import STRUCTURES, donation_check
from tests.scanners.golden import TODAY, golden
from tests.scanners.timing import LIMIT, best_seconds

ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
FACILITY = ALPHANUMERIC.replace("O", "")
ANY_CASE = ALPHANUMERIC + ALPHANUMERIC[10:].lower()
DI = "A9999XYZ100T0944"


def text(alphabet: str, length: int) -> st.SearchStrategy[str]:
    return st.text(alphabet, min_size=length, max_size=length)


def ordinal(day: date) -> str:
    return f"{day.year % 1000:03}{day.timetuple().tm_yday:03}"


days = st.dates(date(2000, 1, 1), date(2399, 12, 31))
donations = st.builds(
    "{}{}{}00".format, text(FACILITY.replace("0", ""), 1), text(FACILITY, 2), text("0123456789", 10)
)


@st.composite
def messages(draw: st.DrawFn) -> dict[str, str]:
    """The structures of a device, in any order: identifier to content. A donation's identifier is "="."""
    parts = {"=/": draw(text(FACILITY, 5)) + draw(text(ALPHANUMERIC, 11))}
    for identifier, strategy in (
        ("=,", text(ALPHANUMERIC, 6)),
        ("=", donations),
        ("=>", days.map(ordinal)),
        ("=}", days.map(ordinal)),
        ("&,1", text(ALPHANUMERIC, 18)),
    ):
        if draw(st.booleans()):
            parts[identifier] = draw(strategy)
    return dict(draw(st.permutations(list(parts.items()))))


def written(parts: dict[str, str]) -> str:
    return "".join(identifier + content for identifier, content in parts.items())


VECTORS = golden("iccbba.json")
# Examples that are printed with a check which is not that of their text: read, and refused for it.
WRONG_CHECKS = {"00208851107345": "GS1", "H123PARTNO1234567890120": "HIBC"}


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["input"][:20])
def test_every_shared_vector(vector):
    expected = vector["expected"]
    scan = parse(vector["input"], today=TODAY)
    for number, agency in WRONG_CHECKS.items():
        if number in vector["input"]:
            assert (scan.agency, scan.error.code, scan.di) == (agency, "check_digit", None)
            return
    assert scan.error is None
    assert (scan.agency, scan.di) == ("ICCBBA", expected["di"])
    assert scan.serial == expected.get("serialNumber")
    assert scan.lot == expected.get("lotNumber", expected.get("lot"))
    assert str(scan.expiry or "") == expected.get("expirationDate", "")
    assert str(scan.manufactured or "") == expected.get("manufacturingDate", "")
    assert dict(scan.elements).get("donation_id") == expected.get("donationId")


def test_the_elements_have_names_of_their_own_and_the_contents_as_they_stand():
    scan = parse(VECTORS[0]["input"], today=TODAY)
    assert scan.elements == (
        ("di", DI),
        ("serial", "000025"),
        ("donation_id", "A99971312345600"),
        ("expiry", "014032"),
        ("manufactured", "013032"),
        ("lot", "000000000000XYZ123"),
    )


@settings(max_examples=250, deadline=None)
@given(messages(), st.sampled_from(["", "compound"]), st.sampled_from(["", "]C0", "]C4", "]d1"]))
def test_a_message_reads_as_it_was_written(parts, form, identifier):
    head = f"=+{len(parts):02}000" if form else ""
    scan = parse(identifier + head + written(parts), today=date(2200, 1, 1))
    assert scan.error is None
    assert scan.repairs == ()
    assert (scan.agency, scan.di, scan.quantity) == ("ICCBBA", parts["=/"], None)
    assert (scan.serial, scan.lot) == (parts.get("=,"), parts.get("&,1"))
    assert dict(scan.elements).get("donation_id") == parts.get("=")
    for day, structure in ((scan.expiry, "=>"), (scan.manufactured, "=}")):
        assert (ordinal(day) if day else None) == parts.get(structure)
        assert day is None or 1700 < day.year < 2700


@settings(max_examples=60, deadline=None)
@given(messages())
def test_text_cut_anywhere_never_gives_another_device(parts):
    whole = written(parts)
    counted = f"=+{len(parts):02}000{whole}"
    for length in range(len(whole)):
        assert parse(whole[:length], today=TODAY).di in (None, parts["=/"])
    for length in range(len(counted)):
        assert parse(counted[:length], today=TODAY).error is not None


@settings(max_examples=200, deadline=None)
@given(messages(), st.data())
def test_a_lost_or_added_character_gives_no_other_device(parts, data):
    whole = written(parts)
    place = data.draw(st.integers(0, len(whole) - 1))
    more = data.draw(st.sampled_from(ALPHANUMERIC))
    for damaged in (whole[:place] + whole[place + 1 :], whole[:place] + more + whole[place:]):
        scan = parse(damaged, today=TODAY)
        assert scan.di in (None, parts["=/"])
        # A letter in front may be what is left of an identifier: taken away, by name.
        assert scan.error is not None or (place == 0 and scan.repairs == ("prefix_stripped",))


@given(donations, st.integers(0, 12), st.data())
def test_a_donation_that_carries_its_check_is_checked(donation, place, data):
    body = donation[:13]
    sound = f"=/{DI}={body}{60 + donation_check(body)}"
    assert parse(sound, today=TODAY).error is None
    other = data.draw(st.sampled_from(sorted(set("123456789") - {body[place]})))
    wrong = f"=/{DI}={body[:place]}{other}{body[place + 1 :]}{60 + donation_check(body)}"
    scan = parse(wrong, today=TODAY)
    assert (scan.error.code, scan.error.at, scan.di) == ("check_digit", len(f"=/{DI}={body}"), DI)
    assert scan.serial is None


def test_the_check_of_a_donation_is_that_of_the_standards_example():
    assert donation_check("G123417654321") == 10  # ST-001, appendix A


@pytest.mark.parametrize(
    ("message", "di", "code", "at"),
    [
        ("=/A9999XYZ100T0944", DI, None, None),
        ("=)1TE123456A", "1TE123456A", None, None),
        ("&)RZ12345678=)1TE123456A", "1TE123456A", None, None),
        ("=/A9999XYZ100T094", None, "truncated", 17),
        ("=/A9999XYZ100T094=,000025", None, "charset", 17),
        ("=/A9999XYZ100T09444=,000025", None, "unknown_ai", 18),
        ("=/O9999XYZ100T0944", None, "charset", 2),  # no facility has the letter O
        ("=/a9999XYZ100T0944=,000025", None, "charset", 2),
        ("=/A9999XYZ100T0944=,00002", DI, "truncated", 25),
        ("=/A9999XYZ100T0944=", None, "truncated", 19),
        ("=/A9999XYZ100T0944&,", None, "truncated", 20),
        ("=/A9999XYZ100T0944=>014366", DI, "date", 23),
        ("=/A9999XYZ100T0944=}014000", DI, "date", 23),
        ("=/A9999XYZ100T0944&>0140322460", DI, "date", 26),
        ("=/A9999XYZ100T0944&>0140322360", DI, "date", 26),
        ("=/A9999XYZ100T0944&>0140322359", DI, None, None),
        ("=/A9999XYZ100T0944=]202612", DI, None, None),
        ("=/A9999XYZ100T0944=]202613", DI, "date", 20),
        ("=/A9999XYZ100T0944=]202600", DI, "date", 20),
        ("=/A9999XYZ100T0944=]189912", DI, "date", 20),
        ("=/A9999XYZ100T0944=]220001", DI, "date", 20),
        ("=/A9999XYZ100T0944=/A9999XYZ100T0944", DI, None, None),
        ("=/A9999XYZ100T0944=/A9999XYZ100T0945", None, "duplicate", 20),
        ("=/A9999XYZ100T0944=)1TE123456A", None, "duplicate", 20),
        ("=+02000=/A9999XYZ100T0944=,000025", DI, None, None),
        ("=+03000=/A9999XYZ100T0944=,000025", None, "truncated", 33),
        ("=+01000=/A9999XYZ100T0944=,000025", None, "length", 27),
        ("=/A9999XYZ100T0944=+01000=,000025", None, "length", 20),
        ("=+02000=/A9999XYZ100T0944=%6200", DI, None, None),
        ("=+02000=/A9999XYZ100T0944&$0101000100010100", DI, None, None),
        ("=+02000=/A9999XYZ100T0944&$02010001000101", None, "truncated", 41),
        ("=%6200", None, "not_a_udi", 0),
        ("=%620", None, "truncated", 5),
        ("=<E0206000", None, "not_a_udi", 0),
        ("=A99971312345600=<E0206000", None, "not_a_udi", 0),
        ("=A99971312345600", None, "missing_di", 0),
        ("=A99971312345600=,000025", None, "missing_di", 0),
        ("=+00000", None, "not_a_udi", 0),
        ("=-NN12345678", None, "not_a_udi", 0),
        ("&a123", None, "not_a_udi", 0),
        ("&nbsp;", None, "not_a_udi", 0),
        ("==", None, "not_a_udi", 0),
    ],
)
def test_what_is_no_device_and_what_is_broken(message, di, code, at):
    scan = parse(message, today=TODAY)
    assert (scan.error and scan.error.code, scan.error and scan.error.at) == (code, at)
    if code is None:
        assert scan.di == di


@pytest.mark.parametrize(
    ("message", "serial", "lot", "expiry"),
    [
        ("=,000025=>014366", "000025", None, None),  # 2014 has 365 days
        ("=,000025=,000026&,1000000000000XYZ123", None, "000000000000XYZ123", None),
        ("=>014032=,00002", None, None, date(2014, 2, 1)),
        ("&>0140321200=,000025", "000025", None, date(2014, 2, 1)),
        ("=>014032&>0140322359", None, None, date(2014, 2, 1)),
        ("=>014032&>0140332359", None, None, None),
        ("&>0140322460", None, None, None),
        ("=]202602", None, None, date(2026, 2, 28)),
        ("=]202613", None, None, None),
    ],
)
def test_what_is_certain_stays_and_nothing_else(message, serial, lot, expiry):
    scan = parse(f"=/{DI}{message}", today=TODAY)
    assert (scan.di, scan.serial, scan.lot, scan.expiry) == (DI, serial, lot, expiry)


def test_without_a_device_the_production_part_is_shown():
    scan = parse("=,000025&,1000000000000XYZ123", today=TODAY)
    assert scan.error.code is ErrorCode.MISSING_DI
    assert (scan.agency, scan.serial, scan.lot) == ("ICCBBA", "000025", "000000000000XYZ123")


@pytest.mark.parametrize(
    "content", ["=#0119800131", "&#0108PAT12345", "=;A99990000222244445555", "='A999900395A"]
)
def test_what_names_a_person_is_shown_to_nobody(content):
    scan = parse(content, today=TODAY)
    assert scan.error.code is ErrorCode.NOT_A_UDI
    assert scan.elements == ()
    assert parse(f"=/{DI}{content}", today=TODAY).elements == (("di", DI),)


def test_a_carton_of_blood_bags_is_a_package():
    assert parse("=)zTE123456A", today=TODAY).level is Level.PACKAGE
    assert parse("=)1TE123456A", today=TODAY).level is Level.UNKNOWN


@given(st.integers(1950, 2450), st.dates())
def test_a_date_means_the_year_closest_to_this_one(this_year, day):
    meant = resolve_ordinal(f"{day.year % 1000:03}001", this_year)
    assert meant is not None
    assert meant.year % 1000 == day.year % 1000 and abs(meant.year - this_year) <= 500


@given(st.integers(0, 999), st.integers(0, 999))
def test_exactly_the_days_of_the_calendar_exist(year, number):
    meant = resolve_ordinal(f"{year:03}{number:03}", 2026)
    first = date(2000 + year if year < 526 else 1000 + year, 1, 1)
    exists = 1 <= number <= (first.replace(month=12, day=31) - first).days + 1
    assert meant == (first + timedelta(days=number - 1) if exists else None)


def test_a_year_beyond_the_calendar_is_no_day():
    assert resolve_ordinal("000001", 1) is None
    assert resolve_ordinal("999001", 9999) == date(9999, 1, 1)


def test_no_two_structures_share_an_identifier():
    for identifier in STRUCTURES:
        assert not any(other != identifier and other.startswith(identifier) for other in STRUCTURES)


PIECES = ["=/", "=)", "=,", "=", "&,1", "&)", "=>", "=}", "=+02000", "&$", "&%001", "&#0110", DI, "014032",
          "A99971312345600", "000025", "0", "z", "&", "é", "\x1d"]  # fmt: skip


@settings(max_examples=500, deadline=None)
@given(
    st.one_of(st.lists(st.sampled_from(PIECES), max_size=12).map("".join), st.text("=&/,)>+%0A", max_size=30))
)
@example("&%999")
@example("=+99999")
@example("0140320014032")  # pieces that make an EAN-13
def test_no_text_raises_and_no_error_points_outside(message):
    scan = parse(message, today=TODAY)
    assert scan.error is None or 0 <= scan.error.at <= len(message)
    if scan.error is None and not scan.repairs and scan.agency == "ICCBBA":
        assert scan.di is not None
        assert "=/" + scan.di in message or "=)" + scan.di in message


@pytest.mark.parametrize(
    "piece",
    [
        "=,000025",
        "=",
        "=/",
        "&$00",
        "&%999",
        "&#0199",
        "=+01000",
        f"=/{DI}",
        "=A99971312345660",
        "&,1" + "0" * 18,
    ],
)
def test_long_text_takes_far_less_than_five_milliseconds(piece):
    assert best_seconds(piece * (4096 // len(piece))) < LIMIT
