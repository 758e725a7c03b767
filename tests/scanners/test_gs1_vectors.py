"""The test tables of the GS1 syntax engine and of the dictionary's reference checks."""

from __future__ import annotations

import pytest

from scanners import Agency, Scan, parse
from scanners.gs1.dictionary import IDENTIFIERS
from scanners.gs1.linters import linter, linter_names
from tests.scanners.golden import GS, TODAY, golden

ENGINE = golden("gs1_engine.json")
LINTERS = golden("gs1_linters.json")

# Upstream answers these with an option switched that we do not have.
OTHER_OPTIONS = {
    ("https://a/gtin/12312312312333", True),  # names instead of numbers: no longer in the standard
    ("https://a/sscc/006141411234567890", True),
    ("https://a/01/2112345678900", False),  # short GTINs refused: ours are padded
    ("https://a/01/02345673", False),
    ("https://a/8004/9520614141234567?01=2112345678900", False),
    ("(89)ABC(89)ABC(89)ABC", True),  # AIs that do not exist
}


def read(scan: Scan) -> bool:
    """The engine asks no message for a GTIN; ours does, and only that difference is forgiven."""
    return scan.agency is Agency.GS1 and (scan.error is None or scan.error.code == "missing_di")


def message(scan: Scan) -> str:
    """The elements in the engine's notation: ^ for FNC1."""
    text = "".join(
        code + value + ("" if IDENTIFIERS[code].predefined_length else "^") for code, value in scan.elements
    )
    return "^" + text.removesuffix("^")


@pytest.mark.parametrize("vector", ENGINE["bracketed_ai"], ids=lambda vector: vector["bracketed"])
def test_bracketed_text(vector):
    scan = parse(vector["bracketed"], today=TODAY)
    assert read(scan) is vector["valid"]
    if vector["valid"]:
        assert message(scan) == vector["message"]


@pytest.mark.parametrize("vector", ENGINE["fnc1_ai_data"], ids=lambda vector: vector["message"])
def test_element_strings(vector):
    message = vector["message"]
    text = "]d2" + message[1:].replace("^", GS) if message.startswith("^") else message
    assert read(parse(text, today=TODAY)) is vector["valid"]


@pytest.mark.parametrize("vector", ENGINE["dl_uri_parse"], ids=lambda vector: vector["uri"])
def test_digital_links(vector):
    if (vector["uri"], vector["valid"]) in OTHER_OPTIONS:
        return
    scan = parse(vector["uri"], today=TODAY)
    assert read(scan) is vector["valid"]
    if vector["valid"]:
        assert message(scan) == vector["message"]


@pytest.mark.parametrize("vector", ENGINE["ai_repeats"], ids=lambda vector: vector["bracketed"])
def test_repeated_ais(vector):
    if (vector["bracketed"], vector["valid"]) in OTHER_OPTIONS:
        return
    assert read(parse(vector["bracketed"], today=TODAY)) is vector["valid"]


@pytest.mark.parametrize("vector", ENGINE["linter_on_ai"], ids=lambda vector: vector["bracketed"])
def test_faults_of_content(vector):
    assert read(parse(vector["bracketed"], today=TODAY)) is (vector["result"] == "OK")


@pytest.mark.parametrize("vector", ENGINE["scan_data"], ids=lambda vector: repr(vector["scan"]))
def test_scan_data(vector):
    """Ours reads what holds AIs or a GTIN; the engine also passes on any other text."""
    text = vector["message"] or ""
    holds_gs1 = bool(vector["valid"]) and (text[:1] in ("^", "2", "0") or text.startswith("https:"))
    assert read(parse(vector["scan"], today=TODAY)) is holds_gs1


@pytest.mark.parametrize("name", sorted(LINTERS))
def test_a_component_check_agrees_with_the_reference(name):
    check = linter(name)
    assert [value for value in LINTERS[name]["good"] if check(value) is not None] == []
    assert [value for value in LINTERS[name]["bad"] if check(value) is None] == []


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
