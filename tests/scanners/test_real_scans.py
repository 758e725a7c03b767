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


def test_every_real_pack_is_in_the_test_above_or_below():
    assert len(WHOLE) == 9 and len(REAL) == 13


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("(01)0081705102232(11)121120210A63098\x1d", "length"),  # 13 digits, and no "(10)"
        ("1021072911172405310100693570007182", "ambiguous"),  # three ways to split it
        ("[)>\x1e05\x1d0105000456013482\x1e06\x1dS0000000001\x1d1T00001\x1dD201200\x1e\x04", "not_a_udi"),
        (
            "[)>\x1e06\x1d9N111234568408\x1d1TF17L715034\x1dD180800\x1dSXVTR75973491946876\x1e\x04",
            "not_a_udi",
        ),
    ],
)
def test_what_cannot_be_read_for_certain_gives_no_value_at_all(text, code):
    scan = parse(text, today=TODAY)

    assert scan.error is not None and scan.error.code == code
    assert (scan.di, scan.lot, scan.serial, scan.expiry, scan.manufactured, scan.elements) == (
        None, None, None, None, None, (),
    )  # fmt: skip
    assert text in [vector["input"] for vector in REAL]
