from __future__ import annotations

from datetime import date
from itertools import permutations

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
        (f"https://x.example/01/{DI}?98=A&98=A", "duplicate", 44),
        (f"https://x.example/01/{DI}?10=A", "unknown_ai", 36),  # could have stood in the path, so must
        (f"https://x.example/01/{DI}/22/V?10=A", "unknown_ai", 41),
        (f"https://x.example/01/{DI}?17=290331;10=A", "ambiguous", 45),  # once a divider, legal in a value
        (f"https://x.example/01/{DI}?999=A", "unknown_ai", 36),
        (f"https://x.example/01/{DI}/10/A%2", "charset", 40),
        (f"https://x.example/01/{DI}/10/" + "A" * 21, "length", 59),
        ("https://x.example/01/0690123456", "length", 31),
        ("https://x.example/414/9520123456788", "missing_di", 0),
        (f"https://x.example/gtin/{DI}", "not_a_udi", 0),
        ("https://x.example/ARFKk4XB0CDKWcnpq", "not_a_udi", 0),  # compressed
        (f"https://x.example/01/{DI}/", "not_a_udi", 0),
        (f"https://x.example/01/{DI}/21//10/A", "not_a_udi", 0),
        (f"https://x_y.example/01/{DI}", "not_a_udi", 0),
        (f"HtTps://x.example/01/{DI}", "not_a_udi", 0),
        ("https://x.example/login?next=/01/" + DI, "not_a_udi", 0),
        (f"https://x example/01/{DI}", "not_a_udi", 0),
    ],
)
def test_what_is_wrong_with_a_link(address, code, at):
    scan = parse(address, today=TODAY)
    assert scan.error is not None and (scan.error.code, scan.error.at) == (code, at)
    if code != "date":
        assert scan.di is None


@pytest.mark.parametrize(
    ("address", "elements"),
    [
        (f"https://[2001:db8::1]/01/{DI}", [("01", DI)]),
        (f"http://192.0.2.1:8080/01/{DI}", [("01", DI)]),
        (f"HTTPS://X.EXAMPLE/01/{DI}", [("01", DI)]),
        (f"https://x.example/00/faux/01/{DI}", [("01", DI)]),  # the last key is the key
        (f"https://x.example/01/{DI}?&&98=A&&&99=B&", [("01", DI), ("98", "A"), ("99", "B")]),
        (f"https://x.example/01/{DI}?17&98=A&linkType=all", [("01", DI), ("98", "A")]),
        (f"https://x.example/01/{DI}?note=A;B&98=C%3BD", [("01", DI), ("98", "C;D")]),
        (f"https://x.example/01/{DI}/235/T?10=A", [("01", DI), ("235", "T"), ("10", "A")]),
        (f"https://x.example/8004/95201?01={DI[1:]}", [("8004", "95201"), ("01", DI)]),
        (f"https://x.example/01/{DI}#a/01/b?c#d", [("01", DI)]),
    ],
)
def test_what_a_link_may_be(address, elements):
    scan = parse(address, today=TODAY)
    assert scan.error is None
    assert scan.elements == tuple(elements)


def test_each_choice_of_qualifiers_in_their_order_is_a_path():
    values = {"22": "V", "10": "A", "21": "B", "235": "T"}
    read = set()
    for order in permutations(values, 2):
        scan = parse(f"https://x.example/01/{DI}" + "".join(f"/{code}/{values[code]}" for code in order))
        if scan.error is None:
            read.add(order)
    assert read == {("22", "10"), ("22", "21"), ("10", "21")}
