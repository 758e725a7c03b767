"""The test tables of the GS1 syntax engine and of the dictionary's reference checks, every row.

Where our answer is another one, the row stands in a table here with the reason, and the tests hold
that too: each exception answers with exactly the error named, and none is listed in vain.
"""

from __future__ import annotations

import pytest

from scanners import Agency, Scan, parse
from scanners.gs1.brackets import split_brackets
from scanners.gs1.dictionary import IDENTIFIERS
from scanners.gs1.linters import linter, linter_names
from scanners.gs1.relations import Violation, invalid_pair, unmet, unsigned_serial
from tests.scanners.golden import GS, TODAY, golden

ENGINE = golden("gs1_engine.json")
LINTERS = golden("gs1_linters.json")

UNKNOWN_AIS = "upstream with unknown AIs permitted; General Specifications 3.2 lists all there are"
NAMES_FOR_NUMBERS = "names instead of AIs were deprecated in Digital Link 1.2 and are gone from 1.3"
PADDED = (
    "upstream with short GTINs forbidden; ours pads GTIN-8, -12 and -13, as Digital Link 1.0-1.2 let them"
)
RELATION = "upstream's table looks at form only; General Specifications 4.14 forbids it of the message"
PLAIN = "no GS1 data: upstream passes any text on, here it must be a code"

# (row, valid upstream) -> (our error, reason). None: read without an error.
EXCEPTIONS: dict[tuple[str, bool], tuple[str | None, str]] = {
    ("(89)ABC(89)ABC(89)ABC", True): ("unknown_ai", UNKNOWN_AIS),
    ("^81111234", True): ("association", RELATION),
    ("^81111234^10ABC123", True): ("association", RELATION),
    ("https://a/gtin/12312312312333", True): ("not_a_udi", NAMES_FOR_NUMBERS),
    ("https://a/sscc/006141411234567890", True): ("not_a_udi", NAMES_FOR_NUMBERS),
    ("https://a/01/2112345678900", False): (None, PADDED),
    ("https://a/01/02345673", False): (None, PADDED),
    ("https://a/8004/9520614141234567?01=2112345678900", False): (None, PADDED),
    ("https://example.com/01/12312312312326?99=000001&89=XXX&95=INT", True): ("unknown_ai", UNKNOWN_AIS),
    ("]Q1", True): ("empty", PLAIN),
    ("]d1", True): ("empty", PLAIN),
    **dict.fromkeys(
        (
            ("]Q1^TESTING", True),
            ("]Q1\\^TESTING", True),
            ("]Q1HtTps://example.com/01/12312312312333?99=TEST", True),
            ("]Q1TESTING|^99XYZ", True),
            ("]d1TESTING", True),
            ("]d1\\^TESTING", True),
            ("]J0TESTING", True),
            ("]J0^TESTING", True),
            ("]J0\\^TESTING", True),
        ),
        ("not_a_udi", PLAIN),
    ),
}


def told(scan: Scan) -> str | None:
    """The error; upstream asks no message for a GTIN, so the lack of one is forgiven here."""
    assert scan.error is None or scan.error.code == "missing_di" or scan.error.message
    return None if scan.error is None or scan.error.code == "missing_di" else scan.error.code.value


def check(row: str, valid: bool, scan: Scan) -> bool:
    """Whether the row is read; fails if it should be otherwise and is no exception."""
    if (row, valid) in EXCEPTIONS:
        assert told(scan) == EXCEPTIONS[row, valid][0]
        return False
    assert (told(scan) is None and scan.agency is Agency.GS1) is valid, scan
    return valid


def message(scan: Scan) -> str:
    """The elements in the engine's notation: ^ for FNC1."""
    text = "".join(
        code + value + ("" if IDENTIFIERS[code].predefined_length else "^") for code, value in scan.elements
    )
    return "^" + text.removesuffix("^")


@pytest.mark.parametrize("vector", ENGINE["bracketed_ai"], ids=lambda vector: vector["bracketed"])
def test_bracketed_text(vector):
    scan = parse(vector["bracketed"], today=TODAY)
    if check(vector["bracketed"], vector["valid"], scan):
        assert message(scan) == vector["message"]


@pytest.mark.parametrize("vector", ENGINE["fnc1_ai_data"], ids=lambda vector: vector["message"])
def test_element_strings(vector):
    row = vector["message"]
    text = "]d2" + row[1:].replace("^", GS) if row.startswith("^") else row
    scan = parse(text, today=TODAY)
    if check(row, vector["valid"], scan):
        assert message(scan) == row.removesuffix("^")


@pytest.mark.parametrize("vector", ENGINE["dl_uri_parse"], ids=lambda vector: vector["uri"])
def test_digital_links(vector):
    scan = parse(vector["uri"], today=TODAY)
    if check(vector["uri"], vector["valid"], scan):
        assert message(scan) == vector["message"]


@pytest.mark.parametrize(
    "vector", [vector for vector in ENGINE["dl_uri_generate"] if vector["valid"]], ids=lambda v: v["uri"]
)
def test_a_digital_link_reads_back_to_the_elements_it_was_made_of(vector):
    scan = parse(vector["uri"], today=TODAY)
    if check(vector["uri"], True, scan):
        assert set(scan.elements) == set(parse(vector["bracketed"], today=TODAY).elements)


def test_what_upstream_makes_no_link_of_is_no_link_of_ours():
    """We make no links; of the rows that upstream refuses, none holds one to read."""
    refused = [vector for vector in ENGINE["dl_uri_generate"] if not vector["valid"]]
    assert len(refused) == 6 and all(vector["uri"] == "" for vector in refused)


@pytest.mark.parametrize("vector", ENGINE["linter_on_ai"], ids=lambda vector: vector["bracketed"])
def test_faults_of_content(vector):
    """A fault of content, or of form where ours notices first; never one of how the AIs relate."""
    scan = parse(vector["bracketed"], today=TODAY)
    assert told(scan) != "association"
    check(vector["bracketed"], vector["result"] == "OK", scan)


@pytest.mark.parametrize("vector", ENGINE["scan_data"], ids=lambda vector: repr(vector["scan"]))
def test_scan_data(vector):
    scan = parse(vector["scan"], today=TODAY)
    if check(vector["scan"], vector["valid"], scan):
        assert _as_elements(vector["message"]) == message(scan)


@pytest.mark.parametrize(
    "vector", [vector for vector in ENGINE["generate_scan_data"] if vector["scan"]], ids=lambda v: v["scan"]
)
def test_generated_scan_data_reads_back(vector):
    scan = parse(vector["scan"], today=TODAY)
    if check(vector["scan"], True, scan):
        assert _as_elements(vector["message"]) == message(scan)


def _as_elements(text: str) -> str:
    """The engine's notation of a symbol's message as one row of elements, linear and composite part."""
    if text.startswith("https:"):
        return message(parse(text, today=TODAY))
    linear, _, composite = text.removesuffix("^").partition("|^")
    if not linear.startswith("^"):
        linear = "^01" + linear.zfill(14)
    if not composite:
        return linear
    last = parse("]d2" + linear[1:].replace("^", GS)).elements[-1][0]
    return linear + ("" if IDENTIFIERS[last].predefined_length else "^") + composite


# --- how AIs relate: upstream switches one rule on at a time, so each is asked of its own function ----------

RULES = {
    "validateAImutex": lambda values: invalid_pair(values),
    "validateAIrequisites": lambda values: next((broken for broken, _ in unmet(values)), None),
    "validateDigSigRequiresSerialisedKey": lambda values: unsigned_serial(values),
}


# The other rows that are invalid with upstream, and which of our errors says so.
DECIDED_OTHERWISE = {
    # Nothing but the GTIN is missing; that has its own error.
    "(21)ABC123": "missing_di",
    "(8030)DIGSIG": "missing_di",
    "(8030)DIGSIG(8006)123456789012310102": "missing_di",
    "(8030)DIGSIG(8010)1234567890": "missing_di",
    # The dictionary ends at (3335): five decimals.
    "(3338)030333(3333)333333": "unknown_ai",
    "(3300)000000(3333)333333(3338)030333": "unknown_ai",
    **dict.fromkeys(
        (row["bracketed"] for row in ENGINE["ai_relationships"] if "(89)" in row["bracketed"]), "unknown_ai"
    ),
}
RELATIONSHIPS = pytest.mark.parametrize(
    "vector", ENGINE["ai_relationships"], ids=lambda vector: vector["bracketed"]
)


@RELATIONSHIPS
def test_how_ais_relate_one_rule_at_a_time(vector):
    row, rule = vector["bracketed"], RULES.get(vector["check"])
    if rule is None:  # repeats are the reading's own: the next test
        return
    elements, error = split_brackets(row, 0, len(row))
    if DECIDED_OTHERWISE.get(row) == "unknown_ai":
        assert error is not None
        return
    broken: Violation | None = rule({ai.code: value for ai, value, _ in elements})
    assert (broken is None) is vector["valid"], broken


@RELATIONSHIPS
def test_how_ais_relate_all_rules_at_once(vector):
    """What is valid for one rule may break another; what is invalid for one is an error of the scan."""
    row, error = vector["bracketed"], parse(vector["bracketed"], today=TODAY).error
    if (row, vector["valid"]) in EXCEPTIONS:
        assert error is not None and error.code == EXCEPTIONS[row, True][0]
    elif vector["valid"]:
        assert error is None if "(01)" in row or "(02)" in row else error is not None
        assert error is None or error.code == "missing_di"
    else:
        own = "duplicate" if vector["check"] == "validateAIrepeats" else "association"
        assert error is not None and error.code == DECIDED_OTHERWISE.get(row, own)


@pytest.mark.parametrize("name", sorted(LINTERS))
def test_a_component_check_agrees_with_the_reference(name):
    check = linter(name)
    assert [value for value in LINTERS[name]["good"] if check(value) is not None] == []
    assert [value for value in LINTERS[name]["bad"] if check(value) is None] == []


def test_company_prefixes_are_not_looked_up():
    """Eight rows are bad only to a reader that has GS1's register of company prefixes, on line or not.

    The register grows daily; a parser that refuses a new maker's pack is worse than none.
    """
    rows = [(name, value) for name in LINTERS for value in LINTERS[name].get("by_register", ())]
    assert len(rows) == 8
    assert [(name, value) for name, value in rows if linter(name)(value) is not None] == []


@pytest.mark.parametrize("name", sorted(LINTERS))
def test_a_fault_points_into_the_value_or_at_its_end(name):
    for value in LINTERS[name]["bad"]:
        fault = linter(name)(value)
        assert fault is not None and 0 <= fault.offset <= len(value)


def test_every_check_has_vectors_and_every_vector_a_check():
    assert linter_names() == LINTERS.keys()


@pytest.mark.parametrize("name", sorted(LINTERS))
@pytest.mark.parametrize("value", ["", "\u0661\u0662\u0663", "\ud800", "\0", "é" * 6, "1" * 5000])
def test_no_check_raises(name, value):
    linter(name)(value)


def test_all_rows_are_there():
    assert sum(len(rows) for rows in ENGINE.values()) == 366
    values = [value for rows in LINTERS.values() for kind in rows.values() for value in kind]
    assert len(set(values)) > 2000


def test_no_exception_is_listed_in_vain():
    rows = {
        (
            vector.get("bracketed") or vector.get("uri") or vector.get("scan") or vector.get("message") or "",
            True,
        )
        for table in ENGINE.values()
        for vector in table
    }
    rows |= {(row, False) for row, _ in rows} | {
        (vector["uri"], True) for vector in ENGINE["dl_uri_generate"]
    }
    assert EXCEPTIONS.keys() <= rows
