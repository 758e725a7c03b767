from __future__ import annotations

from datetime import date

import pytest

from scanners import Agency, parse
from tests.scanners.golden import TODAY

DI = "06901234567892"


def test_a_link_with_all_its_parts():
    scan = parse(
        f"]Q1https://id.example.com/a/b/01/{DI}/22/V/10/L%2F1/21/S+1?17=290331&x=y&30=4#top", today=TODAY
    )
    assert (scan.agency, scan.symbology, scan.di) == (Agency.GS1, "]Q1", DI)
    assert (scan.lot, scan.serial, scan.expiry, scan.quantity) == ("L/1", "S+1", date(2029, 3, 31), 4)
    assert [code for code, _ in scan.elements] == ["01", "22", "10", "21", "17", "30"]


@pytest.mark.parametrize("written", ["06901234567892", "6901234567892", "96385074", "036000291452"])
def test_short_gtins_are_padded(written):
    assert parse(f"http://x.example/01/{written}").di == written.zfill(14)


@pytest.mark.parametrize(
    ("address", "code", "at"),
    [
        ("https://x.example/01/06901234567893", "check_digit", 34),
        ("https://x.example/01/6901234567893", "check_digit", 33),
        (f"https://x.example/01/{DI}/21/A/10/B", "unknown_ai", 39),  # order
        (f"https://x.example/01/{DI}/235/A/10/B", "unknown_ai", 40),  # two alternatives mixed
        (f"https://x.example/01/{DI}?89=A", "unknown_ai", 36),
        (f"https://x.example/01/{DI}?21=A", "unknown_ai", 36),  # a serial belongs in the path
        (f"https://x.example/01/{DI}?17=281330", "date", 41),
        (f"https://x.example/01/{DI}?01={DI}", "duplicate", 39),
        (f"https://x.example/01/{DI}/10/A%2", "charset", 40),
        (f"https://x.example/01/{DI}/10/" + "A" * 21, "length", 59),
        ("https://x.example/01/0690123456", "length", 31),
        ("https://x.example/414/9520123456788", "missing_di", 0),
        (f"https://x.example/gtin/{DI}", "not_a_udi", 0),
        ("https://x.example/login?next=/01/" + DI, "not_a_udi", 0),
        (f"https://x example/01/{DI}", "not_a_udi", 0),
    ],
)
def test_what_is_wrong_with_a_link(address, code, at):
    scan = parse(address, today=TODAY)
    assert scan.error is not None and (scan.error.code, scan.error.at) == (code, at)
    if code != "date":
        assert scan.di is None
