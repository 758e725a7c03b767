"""The answer as an object and as JSON."""

from __future__ import annotations

import json

import pytest

from scanners import Scan, parse
from tests.scanners.golden import TODAY


def test_the_fields_are_those_that_others_rely_on():
    assert list(Scan._fields) == [
        "raw", "symbology", "agency", "di", "level", "lot", "serial", "expiry", "manufactured",
        "quantity", "elements", "repairs", "error", "readings",
    ]  # fmt: skip
    assert list(parse("").as_dict()) == list(Scan._fields[:-1])


def test_the_example_of_the_interface():
    text = "]d201069012345678921728113010LOT42A\x1d21SN000123"
    assert json.loads(parse(text, today=TODAY).to_json()) == {
        "raw": text,
        "symbology": "]d2",
        "agency": "GS1",
        "di": "06901234567892",
        "level": "unknown",
        "lot": "LOT42A",
        "serial": "SN000123",
        "expiry": "2028-11-30",
        "manufactured": None,
        "quantity": None,
        "elements": [["01", "06901234567892"], ["17", "281130"], ["10", "LOT42A"], ["21", "SN000123"]],
        "repairs": [],
        "error": None,
    }


def test_an_error_in_json():
    answer = json.loads(parse("]d20106901234567893").to_json())
    assert answer["error"] == {
        "code": "check_digit",
        "at": 18,
        "message": "(01) check digit of 06901234567893: expected 2, got 3",
    }


def test_the_readings_of_what_is_ambiguous_in_json():
    scan = parse("]d20106901234567892" + "10AB02921C", today=TODAY)
    answer = json.loads(scan.to_json())
    assert answer["error"]["code"] == "ambiguous"
    assert answer["readings"] == [reading.as_dict() for reading in scan.readings]
    assert [(reading["lot"], reading["serial"]) for reading in answer["readings"]] == [
        ("AB02921C", None),
        ("AB", "C"),
    ]
    assert "readings" not in json.loads(parse("]d20106901234567892").to_json())


@pytest.mark.parametrize("raw", ["\ud800", "a\u2028b\u0085c", "\0\x1c\x1d", "张三", "\U0001f600"])
def test_json_is_one_line_of_ascii_whatever_was_scanned(raw):
    line = parse(raw).to_json()
    assert line.isascii() and len(line.splitlines()) == 1
    assert json.loads(line)["raw"] == raw


def test_a_scan_cannot_be_changed():
    with pytest.raises(AttributeError):
        parse("").di = "06901234567892"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"\xff\xfe", "\udcff\udcfe"),
        (b"6901234567892", "6901234567892"),
        (bytearray(b"6901234567892"), "6901234567892"),
        ("６９".encode(), "６９"),
        (b"\xff" * 20000, "\xff" * 20000),
        (None, ""),
        (42, ""),
    ],
)
def test_bytes_are_text_and_anything_else_is_nothing(raw, text):
    scan = parse(raw)
    assert scan.raw == text
    assert (scan.error is None) is (text == "6901234567892")
