"""AIs that may not stand together, and AIs that need others: General Specifications 4.14."""

from __future__ import annotations

import random
from datetime import date
from importlib.resources import files

import pytest

from scanners import Level, parse
from scanners.gs1.dictionary import IDENTIFIERS
from scanners.gs1.relations import (
    BESIDE_GTIN,
    BY_THEMSELVES,
    RELATIONS,
    are_usual,
    invalid_pair,
    unmet,
    unsigned_serial,
)
from tests.scanners.golden import GS, TODAY

DI = "06901234567892"
SSCC = "006141411234567890"


def read(text: str):
    return parse(text, today=TODAY)


def test_every_relation_of_the_dictionary_is_held():
    """Counted in the file itself: no attribute is overlooked, none means no AI at all."""
    text = files("scanners.gs1").joinpath("gs1-syntax-dictionary.txt").read_text(encoding="utf-8")
    lines = [line.split("#")[0].split() for line in text.splitlines() if line[:2].isdigit()]
    for words in lines:
        first = words[0].split("-")[0]
        written = [word for word in words if word.startswith(("ex=", "req="))]
        relations = RELATIONS[first]
        assert len(relations.required) == sum(word.startswith("req=") for word in written), first
        assert bool(relations.excluded) is any(word.startswith("ex=") for word in written), first
        assert all(member for groups in relations.required for group in groups for member in group), first
    assert sum(bool(relations.excluded) for relations in RELATIONS.values()) > 250
    assert sum(bool(relations.required) for relations in RELATIONS.values()) > 450


def test_a_pattern_stands_for_all_its_ais_but_the_one_it_belongs_to():
    assert RELATIONS["3103"].excluded == {"3100", "3101", "3102", "3104", "3105"}
    assert RELATIONS["01"].excluded == {"255", "37"}
    groups = RELATIONS["3922"].required[0]
    assert groups[0] == ({"01"}, {"30"})
    trade_measures = {code for code in IDENTIFIERS if code.startswith("31") and len(code) == 4}
    assert groups[1] == ({"01"}, trade_measures)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        (f"]d201{DI}10A{GS}21B{GS}235C", 25),  # (21) excludes (235); at the value of (21)
        (f"(01){DI}(255)5412345000150", 4),
        (f"]d201{DI}3103000123" + "3102001230", 23),
        (f"]d201{DI}{GS}250S", 23),  # a second serial needs a first
        (f"]d201{DI}37120", 5),  # a count of what is contained, of a thing that contains nothing
        (f"]d202{DI}3712", 21),  # the logistic unit's number is missing
        (f"]d202{DI}", 5),
        (f"]d201{DI}10A{GS}4303X", 27),  # a second address line without the first
        (f"https://x.example/01/{DI}?37=2", 21),
        (f"]E0{DI[1:]}|]e0250S", 23),
    ],
)
def test_a_broken_relation_is_an_error_that_points_at_the_ai(text, at):
    scan = read(text)
    assert scan.error is not None
    assert (scan.error.code, scan.error.at) == ("association", at)
    assert scan.di == DI  # each element stands for itself


def test_all_fields_stay_that_stand_for_themselves():
    scan = read(f"]d201{DI}17281130" + f"10LOT{GS}21SN{GS}235TPX")
    assert scan.error is not None and scan.error.message == "(21) must not stand with (235)"
    assert (scan.di, scan.lot, scan.serial, scan.expiry) == (DI, "LOT", "SN", date(2028, 11, 30))
    content = read(f"]d202{DI}3712")
    assert (content.level, content.quantity, content.di) == (Level.PACKAGE, 12, DI)


def test_strange_company_that_a_lost_character_explains_leaves_no_field():
    """Were it not for the company, a GTIN that took a digit of the next AI would pass for another's."""
    sound = "0189202030304081" + "17020101" + "10A"
    assert read(f"]d2{sound}").di == "89202030304081"
    lost = sound[:3] + sound[4:]  # now (01) (7020): a refurbishment lot without its place
    scan = read(f"]d2{lost}")
    assert scan.error is not None and scan.error.code == "association"
    assert (scan.di, scan.lot, scan.expiry) == (None, None, None)
    # The same company behind a separator is just that: nothing can have shifted there.
    assert read(f"]d20189202030304081{GS}7020101").di == "89202030304081"
    # Nor is it looked for in a message longer than any device's.
    many = "".join(f"{code}1{GS}" for code in range(90, 100)) + "".join(
        f"{code}1{GS}" for code in range(710, 718)
    )
    assert read(f"]d201{DI}{many}250S").di is None


def test_a_fault_of_content_that_a_lost_character_explains_leaves_no_field():
    sound = "0100700000003031" + "17030101" + "10A"
    assert read(f"]d2{sound}").error is None
    scan = read("]d2" + sound[:4] + sound[5:])  # now (7030): a processor of a country that does not exist
    assert scan.error is not None and scan.error.code == "value"
    assert scan.di is None
    # What only a lot or a serial would swallow explains nothing: those take any characters.
    assert read(f"]d201{DI}1728023110LOT42A").di == DI


def test_what_is_needed_is_told():
    def message(text: str) -> str:
        error = read(text).error
        assert error is not None
        return error.message

    assert message(f"]d202{DI}3712") == "(37) needs (00) with (02) or (00) with (8026)"
    assert message(f"]d201{DI}10A{GS}3922100").startswith(
        "(3922) needs (01) with (30) or (01) with one of (3100)-(3165)"
    )


@pytest.mark.parametrize(
    "text",
    [
        f"]d201{DI}21A{GS}250B",
        f"]d200{SSCC}02{DI}3712",
        f"]d201{DI}30{12}{GS}3922100",
        f"]d201{DI}3103000123{'3922100'}",
        f"]d201{DI}10A{GS}21B{GS}24012{GS}241C{GS}710D{GS}8012E{GS}91F",
        f"]d201{DI}10A{GS}01{DI}10A",  # the same twice is once
    ],
)
def test_what_is_needed_and_there_is_no_error(text):
    assert read(text).error is None


@pytest.mark.parametrize("text", ["]d221ABC", "]d21728113010A", f"]d2250A{GS}21B", "(8030)DIGSIG"])
def test_a_missing_gtin_is_its_own_error(text):
    error = read(text).error
    assert error is not None and (error.code, error.at) == ("missing_di", 0)


def test_a_message_without_gtin_may_break_a_relation_that_no_gtin_would_mend():
    assert read("]d24300X").error.code == "association"  # (00) is missing
    assert read("]d200" + SSCC + "4300X").error.code == "missing_di"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f"]d201{DI}17281330250S", "date"),
        (f"]d201{DI}10A{GS}10B{GS}250S", "duplicate"),
        (f"]d201{DI}250S{GS}89X", "unknown_ai"),
        (f"]d201{DI[:-1]}3250S", "check_digit"),
    ],
)
def test_other_errors_go_before(text, code):
    """What follows from a message's elements is asked only of a message whose elements are all right."""
    assert read(text).error.code == code


def test_a_signature_is_over_a_key_with_its_serial_number():
    assert unsigned_serial({"253": "1234567890128", "8030": "A"}).code == "253"
    assert unsigned_serial({"253": "1234567890128X", "8030": "A"}) is None
    assert unsigned_serial({"253": "1234567890128"}) is None
    assert read(f"]d201{DI}21A{GS}8030ABC{GS}253" + "1234567890128").error.code == "association"


def test_the_quick_answer_is_the_long_one():
    """Whatever stands beside a GTIN and is in the set breaks nothing; what is not in it may."""
    random_ = random.Random(20260115)
    for _ in range(400):
        codes = {"01", *random_.sample(sorted(BESIDE_GTIN), k=random_.randrange(0, 9))}
        assert invalid_pair(codes) is None and next(unmet(codes), None) is None
    for code in sorted(IDENTIFIERS.keys() - BESIDE_GTIN):
        with_gtin = {"01", code}
        alone = invalid_pair(with_gtin) is None and next(unmet(with_gtin), None) is None
        assert not alone or any(invalid_pair({"01", code, other}) for other in BESIDE_GTIN), code


def test_what_stands_by_itself_asks_for_nothing():
    for code in BY_THEMSELVES:
        assert invalid_pair({code}) is None and next(unmet({code}), None) is None
    assert are_usual({"00": SSCC}) and are_usual({"8004": "1", "91": "2"})
    assert not are_usual({"00": SSCC, "37": "1"}) and not are_usual({"21": "A"})
    assert not are_usual({"8030": "A", "253": "1234567890128"})


def test_the_quick_answer_covers_what_devices_carry():
    device = "01 10 11 13 15 16 17 20 21 22 240 241 30 400 410 414 422 710 715 7003 8012 90 91 99"
    assert set(device.split()) <= BESIDE_GTIN
    assert "235" not in BESIDE_GTIN and "250" not in BESIDE_GTIN and "37" not in BESIDE_GTIN
