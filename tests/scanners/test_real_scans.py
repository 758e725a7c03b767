"""Strings decoded from real packs: each read as its finder read it, or refused for the right reason."""

from __future__ import annotations

from datetime import date

import pytest

from scanners import parse
from tests.scanners.golden import TODAY, golden

REAL = golden("real_scans.json")
WHOLE = [vector for vector in REAL if "gtin" in vector]


@pytest.mark.parametrize("vector", WHOLE, ids=lambda vector: vector["input"][:30])
def test_a_real_pack_reads_as_its_finder_read_it(vector):
    scan = parse(vector["input"], today=TODAY)

    assert scan.error is None
    assert scan.raw == vector["input"]
    assert scan.di == vector["gtin"]
    assert scan.lot == vector.get("lot")
    assert scan.serial == vector.get("serial")
    assert scan.expiry == (date.fromisoformat(vector["expiry"]) if "expiry" in vector else None)
    assert scan.manufactured == (date.fromisoformat(vector["mfg"]) if "mfg" in vector else None)
    assert dict(scan.elements).get("240") == vector.get("ai240")
    assert scan.repairs == (("no_date",) if vector.get("expiry_raw") == "000000" else ())


def test_every_real_pack_is_in_the_test_above_or_below_or_in_an_envelope():
    in_envelopes = [vector for vector in REAL if vector["input"].startswith("[)>")]  # test_iso15434.py
    assert (len(WHOLE), len(in_envelopes), len(REAL)) == (9, 2, 13)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("(01)0081705102232(11)121120210A63098\x1d", "length"),  # 13 digits, and no "(10)"
        ("1021072911172405310100693570007182", "ambiguous"),  # three ways to split it
    ],
)
def test_what_cannot_be_read_for_certain_gives_no_value_at_all(text, code):
    scan = parse(text, today=TODAY)

    assert scan.error is not None and scan.error.code == code
    assert (scan.di, scan.lot, scan.serial, scan.expiry, scan.manufactured, scan.elements) == (
        None, None, None, None, None, (),
    )  # fmt: skip
    assert text in [vector["input"] for vector in REAL]
