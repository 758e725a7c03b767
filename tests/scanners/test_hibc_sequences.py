"""The symbols of one pack, sent one after the other."""

from __future__ import annotations

from datetime import date

import pytest

from scanners import Agency, Scan, parse
from scanners.hibc import is_secondary
from tests.scanners.golden import TODAY, golden
from tests.scanners.hibc_messages import SEPARATORS, checked
from tests.scanners.timing import LIMIT, best_seconds

PRIMARY = "+A123BJC5D6E71G"
SECONDARY = "+$$52001510X3GD"
SERIAL = checked("+$$+7SN1G")


def read(text: str) -> Scan:
    return parse(text, today=TODAY)


@pytest.mark.parametrize("row", golden("hibc.json")["more"], ids=lambda row: row["input"])
def test_strings_of_other_libraries(row):
    scan = read(row["input"])
    if row["expected"] is None:
        assert scan.error is not None and scan.di is None and scan.lot is None
        return
    days = {name: getattr(scan, name) for name in ("expiry", "manufactured")}
    told = scan._asdict() | {name: day and day.isoformat() for name, day in days.items()}
    names = ("di", "lot", "serial", "expiry", "manufactured", "quantity")
    assert scan.error is None
    assert {name: told[name] for name in names} == dict.fromkeys(names) | row["expected"]


@pytest.mark.parametrize("separator", SEPARATORS)
@pytest.mark.parametrize("symbols", [[PRIMARY, SECONDARY], [SECONDARY, PRIMARY]])
def test_primary_and_secondary_are_one_message(separator, symbols):
    scan = read(separator.join(symbols))
    assert (scan.agency, scan.di, scan.lot, scan.expiry) == (
        Agency.HIBC, "A123BJC5D6E71", "10X3", date(2020, 1, 15),
    )  # fmt: skip
    assert (scan.error, scan.repairs) == (None, ())
    assert [name for name, _ in scan.elements] == [
        "lic", "pcn", "unit_of_measure", "check",
        "reference", "expiry_format", "expiry", "lot", "link", "check",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        f"]A0{PRIMARY}\r]A0{SECONDARY}\r",
        f"]A0{PRIMARY}]A0{SECONDARY}",
        f"*{PRIMARY}**{SECONDARY}*",
        f"*{PRIMARY}*\n*{SECONDARY}*\n",
        f"]A0*{PRIMARY}*;]A0*{SECONDARY}*",
        f"{PRIMARY}\n*{SECONDARY}*",
        f"*{PRIMARY}*{SECONDARY}",
    ],
)
def test_identifiers_and_asterisks_before_each(text):
    scan = read(text)
    assert (scan.di, scan.lot, scan.error) == ("A123BJC5D6E71", "10X3", None)
    assert ("prefix_stripped" in scan.repairs) is ("*" in text)
    assert scan.symbology == ("]A0" if text[0] == "]" else None)


def test_three_symbols_of_one_pack():
    for symbols in ([PRIMARY, SECONDARY, SERIAL], [SERIAL, PRIMARY, SECONDARY]):
        scan = read("\n".join(symbols))
        assert (scan.di, scan.lot, scan.serial, scan.error) == ("A123BJC5D6E71", "10X3", "SN1", None)


def test_four_symbols_of_one_pack_and_no_more():
    made = checked("+16D20200101G")
    assert read("\n".join([PRIMARY, SECONDARY, SERIAL, made])).manufactured == date(2020, 1, 1)
    error = read("\n".join([PRIMARY, SECONDARY, SERIAL, made, made])).error
    assert error is not None and error.code == "length"


def test_the_shortest_secondary_says_nothing_and_is_one():
    assert read(PRIMARY + checked("+$G")).di == "A123BJC5D6E71"
    assert read(checked("+$G") + PRIMARY).di == "A123BJC5D6E71"


def test_two_secondaries_still_lack_their_device():
    scan = read(f"{SECONDARY}\n{SERIAL}")
    assert is_secondary(scan)
    assert (scan.di, scan.lot, scan.serial) == (None, "10X3", "SN1")
    again = read(f"{PRIMARY}\n{scan.raw}")
    assert (again.di, again.lot, again.serial, again.error) == ("A123BJC5D6E71", "10X3", "SN1", None)


@pytest.mark.parametrize(
    ("text", "code", "at"),
    [
        (f"{PRIMARY}\n{checked('+$LOTX')}", "value", 21),
        (f"{checked('+$LOTX')}\n{PRIMARY}", "value", 5),
        (f"{PRIMARY}{checked('+$LOTX')}", "value", 20),
        (f"{checked('+$LOTX')};{checked('+$+SNY')}", "value", 13),
        (f"{PRIMARY}\n{checked('+A99912345')}", "duplicate", 16),
        (f"{PRIMARY}\n{checked('+A99912345/$LOT')}", "duplicate", 16),
        (f"{checked('+A99912345/$LOT')}\n{SECONDARY}", "duplicate", 17),
        (f"{checked('+A99912345/$')}\n{SECONDARY}", "duplicate", 14),
        (f"{PRIMARY}\n+$$52001510X3GE", "check_digit", 30),
        (f"{PRIMARY[:-1]}H\n{SECONDARY}", "check_digit", 14),
        (f"{PRIMARY}\n+$$52001510x3GD", "charset", 27),
        (f"{PRIMARY}\n+/EO5232013", "not_a_udi", 16),
        (f"{PRIMARY}\n+", "not_a_udi", 16),
        (f"{PRIMARY}\nHRP-1", "charset", 15),
        (f"{PRIMARY}X{SECONDARY}", "check_digit", 30),
        (f"*{PRIMARY}*{checked('X$LOTG')}", "charset", 16),
        ("\n".join([PRIMARY, SECONDARY, SERIAL, SERIAL, SERIAL]), "length", 0),
    ],
)
def test_symbols_that_are_not_of_one_pack_are_refused(text, code, at):
    scan = read(text)
    assert scan.error is not None and (scan.error.code, scan.error.at) == (code, at)
    assert (scan.di, scan.lot, scan.serial, scan.expiry, scan.readings) == (None, None, None, None, ())


def test_the_message_says_that_it_is_two_packs():
    error = read(f"{PRIMARY}\n{checked('+$LOTX')}").error
    assert error is not None and "not of one pack" in error.message


def test_two_values_for_one_field_of_one_pack_are_not_chosen_between():
    scan = read("\n".join([PRIMARY, SECONDARY, checked("+$OTHERG")]))
    assert scan.error is not None and scan.error.code == "duplicate"
    assert (scan.di, scan.lot) == (None, None)


def test_a_plus_and_a_blank_are_characters_like_others():
    """The primary's check character is +, the secondary's a blank, between them nothing."""
    primary, secondary = checked("+A123BJCMD6E79"), checked("+$$52001510X3+")
    assert (primary[-1], secondary[-1]) == ("+", " ")
    for text in (
        primary + secondary,
        primary + " " + secondary,
        secondary + primary,
        secondary + " " + primary,
    ):
        scan = read(text)
        assert (scan.di, scan.lot, scan.error, scan.repairs) == ("A123BJCMD6E79", "10X3", None, ())


def test_pluses_wherever_they_may_stand():
    """In both references, as link and as check character of a secondary that comes first."""
    serials = (f"{number}" for number in range(10**4))
    secondary = next(
        whole for serial in serials if (whole := checked(f"+$$+7{serial}/$+{serial}+"))[-1] == "+"
    )
    assert secondary.count("+") == 5
    scan = read(secondary + checked("+A123BJCMD6E79"))
    assert (scan.di, scan.error) == ("A123BJCMD6E79", None)


def test_the_same_symbol_twice_is_one():
    scan = read(f"{PRIMARY}\n{PRIMARY}")
    assert (scan.di, scan.repairs) == ("A123BJC5D6E71", ("double_sent",))


@pytest.mark.parametrize("separators", ["\x1e", "; ", "\x1d", "~1"])
def test_thousands_of_separators_are_looked_at_once_each(separators):
    assert best_seconds("]C0+AI4U6CR1P" + separators * (4000 // len(separators))) < LIMIT


BLANK_IS_CHECK = "+$$520015LOTA2GJ"  # link G and check J; or, with the blank behind it, link J and check " "


@pytest.mark.parametrize("between", [" ", "\n", ""])
def test_of_two_ways_to_end_a_symbol_the_link_tells_which(between):
    assert checked(BLANK_IS_CHECK[:-1]) == BLANK_IS_CHECK and checked(BLANK_IS_CHECK)[-1] == " "
    scan = read(BLANK_IS_CHECK + between + PRIMARY)
    assert (scan.di, scan.lot, scan.error) == ("A123BJC5D6E71", "LOTA2", None)


def test_where_the_link_fits_both_ways_both_are_shown():
    secondary, primary = "+$$520015LOT09JJ", "+A123BLF1J"
    assert read(secondary + "\n" + primary).lot == "LOT09"
    scan = read(secondary + " " + primary)
    assert scan.error is not None and scan.error.code == "ambiguous"
    assert [(one.di, one.lot) for one in scan.readings] == [("A123BLF1", "LOT09"), ("A123BLF1", "LOT09J")]


@pytest.mark.parametrize("link", ["a", "#", "é", "９"])
def test_a_link_is_one_of_the_43_characters(link):
    """The check counts any other as 0, so it holds as it would without."""
    text = SECONDARY[:-2] + link + checked(SECONDARY[:-2])[-1]
    scan = read(text)
    assert scan.error is not None and (scan.error.code, scan.error.at) == ("charset", len(text) - 2)
    assert (scan.lot, scan.expiry) == (None, None)
