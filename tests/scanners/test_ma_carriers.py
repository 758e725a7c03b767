"""MA codes within web addresses and as XML."""

from __future__ import annotations

from datetime import date
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanners import parse
from tests.scanners.golden import TODAY
from tests.scanners.ma_codes import DI, identifiers, values
from tests.scanners.timing import LIMIT, best_seconds

CODE = f"{DI}.S1.LA.E20300131"
AS_CODE = (DI, "1", "A", date(2030, 1, 31))


def told(scan):
    return (scan.di, scan.serial, scan.lot, scan.expiry)


@pytest.mark.parametrize(
    "address",
    [
        f"http://www.example.cn/q?code={CODE}",
        f"https://example.cn/?a=1&code={CODE}&b=2#top",
        f"https://example.cn/{CODE}",
        f"https://example.cn/{CODE}/",
        f"https://example.cn/{CODE}?from=label",
        f"https://example.cn/{CODE}#top",
        f"HTTPS://EXAMPLE.CN/?{CODE}",
        f"https://example.cn/#/q?code={CODE}",
        f"https://example.cn/?code={CODE.replace('.', '%2E')}",
        f"]Q1https://example.cn/?code={CODE}\r\n",
    ],
)
def test_an_address_holds_the_code(address):
    scan = parse(address, today=TODAY)
    assert scan.error is None
    assert (scan.raw, scan.agency) == (address, "MA")
    assert told(scan) == AS_CODE


@settings(max_examples=200, deadline=None)
@given(identifiers(), values(20))
def test_an_escaped_value_is_unescaped(di, serial):
    scan = parse(f"https://example.cn/?code={quote(f'{di}.S{serial}', safe='')}", today=TODAY)
    assert (scan.error, scan.di, scan.serial) == (None, di, serial)


@settings(max_examples=200, deadline=None)
@given(identifiers(), values(20))
def test_a_plus_is_a_plus(di, serial):
    """Left as it is by a generator that escapes nothing: no code holds a blank."""
    text = serial.translate(dict.fromkeys(map(ord, "%&#?/"), "+"))
    scan = parse(f"https://example.cn/?code={di}.S{text}", today=TODAY)
    assert (scan.error, scan.di, scan.serial) == (None, di, text)


@pytest.mark.parametrize(
    ("address", "code", "at", "agency"),
    [
        ("https://example.cn/", "not_a_udi", 0, "UNKNOWN"),
        ("https://example.cn/MAIN", "not_a_udi", 0, "UNKNOWN"),
        (f"https://example.cn/x{CODE}", "not_a_udi", 0, "UNKNOWN"),
        ("https://example.cn/MA.html", "not_a_udi", 19, "UNKNOWN"),
        ("https://example.cn/MA.156.M0.100204.1335", "truncated", 40, "MA"),
        (f"https://example.cn/?code={DI}.E20241301", "date", 52, "MA"),
        (f"https://example.cn/?code={DI.replace('.', '%2E')}.E20241301", "date", 60, "MA"),
        (f"https://example.cn/?code={DI}.S%E5%BC%A0", "charset", 52, "MA"),
        (f"https://example.cn/?code={DI}.S%2", "charset", 52, "MA"),
        (f"https://example.cn/?a={DI}&b={DI}", "ambiguous", 50, "MA"),
    ],
)
def test_an_address_that_holds_none_or_a_broken_one(address, code, at, agency):
    scan = parse(address, today=TODAY)
    assert (scan.error.code, scan.error.at, scan.agency) == (code, at, agency)


def test_a_digital_link_goes_before_everything_else_in_its_query():
    scan = parse(f"https://example.cn/01/06901234567892?code={DI}", today=TODAY)
    assert (scan.agency, scan.di) == ("GS1", "06901234567892")


@pytest.mark.parametrize(
    "text",
    [
        f'<UDI IAC="MA"><DI>{DI}</DI><SN>1</SN><LOT>A</LOT><EXP>20300131</EXP></UDI>',
        f"<UDI IAC='MA'><SN>1</SN><LOT>A</LOT><EXP>20300131</EXP><DI>{DI}</DI></UDI>",
        f'<?xml version="1.0" encoding="UTF-8"?>\n<UDI  IAC = "MA" >\n <DI> {DI} </DI>\n <SN>1</SN>'
        "<LOT>A</LOT><EXP>20300131</EXP><MFG/><VAL></VAL>\n</UDI>\n",
        f'<UDI IAC="MA"><DI/><DI>{DI}</DI><SN>1</SN><LOT>A</LOT><VAL>300131</VAL></UDI>',
    ],
)
def test_xml_holds_the_code(text):
    scan = parse(text, today=TODAY)
    assert (scan.error, scan.agency) == (None, "MA")
    assert told(scan) == AS_CODE


@settings(max_examples=200, deadline=None)
@given(identifiers(), st.lists(st.sampled_from(["SN", "LOT"]), unique=True), values(64))
def test_xml_reads_as_it_was_written(di, names, value):
    elements = "".join(f"<{name}>{value}</{name}>" for name in names)
    scan = parse(f'<UDI IAC="MA"><DI>{di}</DI>{elements}</UDI>', today=TODAY)
    assert scan.error is None
    assert (scan.di, scan.serial) == (di, value if "SN" in names else None)
    assert scan.lot == (value if "LOT" in names else None)


HEAD = '<UDI IAC="MA">'


@pytest.mark.parametrize(
    ("text", "code", "agency"),
    [
        ("<UDI", "not_a_udi", "UNKNOWN"),
        ("<?xml", "not_a_udi", "UNKNOWN"),
        ("<UDI></UDI>", "not_a_udi", "UNKNOWN"),
        (f'<UDI IAC="GS1"><DI>{DI}</DI></UDI>', "not_a_udi", "UNKNOWN"),
        (f'<UDI IAC="MA" x="1"><DI>{DI}</DI></UDI>', "not_a_udi", "UNKNOWN"),
        (f'<!DOCTYPE UDI [<!ENTITY a "{DI}">]>{HEAD}<DI>&a;</DI></UDI>', "not_a_udi", "UNKNOWN"),
        (f'<?xml?><!DOCTYPE UDI SYSTEM "file:///x">{HEAD}<DI>{DI}</DI></UDI>', "not_a_udi", "UNKNOWN"),
        (f"{HEAD}<DI>&a;</DI></UDI>", "not_a_udi", "MA"),
        (f"{HEAD}<DI>{DI}</DI><LOT>A&amp;B</LOT></UDI>", "not_a_udi", "MA"),
        (f"{HEAD}<DI>{DI}</DI><LOT><![CDATA[A]]></LOT></UDI>", "not_a_udi", "MA"),
        (f"{HEAD}<DI>{DI}</DI><LOT>A</SN></UDI>", "not_a_udi", "MA"),
        (f"{HEAD}<DI>{DI}</DI></UDI><UDI/>", "not_a_udi", "MA"),
        (f"{HEAD}<DI>{DI}</DI><QTY>1</QTY></UDI>", "unknown_ai", "MA"),
        (f"{HEAD}<DI>{DI}.S1</DI></UDI>", "length", "MA"),
        (f"{HEAD}<DI>{DI}</DI><DI>{DI}</DI></UDI>", "duplicate", "MA"),
        (f"{HEAD}<DI>{DI}</DI><SN>1</SN><SN>2</SN></UDI>", "duplicate", "MA"),
        (f"{HEAD}<DI>{DI}</DI><LOT>A.S9</LOT></UDI>", "charset", "MA"),  # no way to add a serial
        (f"{HEAD}<DI>{DI}</DI><EXP>20241301</EXP></UDI>", "date", "MA"),
        (f"{HEAD}<SN>1</SN></UDI>", "missing_di", "MA"),
        (f"{HEAD}</UDI>", "missing_di", "MA"),
        (f"{HEAD}<DI>{DI}</DI>", "truncated", "MA"),
        (f"{HEAD}<DI>MA.156", "truncated", "MA"),
        (HEAD, "truncated", "MA"),
        (f"{HEAD}<DI>06901234567892</DI></UDI>", "not_a_udi", "UNKNOWN"),
    ],
)  # fmt: skip
def test_other_xml_is_refused(text, code, agency):
    scan = parse(text, today=TODAY)
    assert (scan.error.code, scan.agency) == (code, agency)
    assert 0 <= scan.error.at <= len(text)


def test_an_error_points_into_the_xml():
    text = f"{HEAD}<EXP>20300131</EXP><SN>a b</SN><DI>{DI}</DI></UDI>"
    assert parse(text, today=TODAY).error.at == text.index("<SN>")
    text = f"{HEAD}<EXP>20301331</EXP><SN>1</SN><DI>{DI}</DI></UDI>"
    assert parse(text, today=TODAY).error.at == text.index("20301331")


@settings(max_examples=60, deadline=None)
@given(identifiers(), values(10))
def test_xml_cut_anywhere_is_an_error(di, serial):
    whole = f'<UDI IAC="MA"><DI>{di}</DI><SN>{serial}</SN></UDI>'
    for length in range(1, len(whole)):
        assert parse(whole[:length], today=TODAY).error is not None


PIECES = ["<UDI", ' IAC="MA"', ">", "<DI>", "</DI>", "<SN>", "</SN>", "</UDI>", DI, "<", "/", "&", "A",
          "<?xml", "?>", " ", "http://a/", "?", "=", "MA.", "%2E", "%", ".S1", "é"]  # fmt: skip


@settings(max_examples=500, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_no_text_raises_and_no_error_points_outside(text):
    scan = parse(text, today=TODAY)
    assert scan.error is None or 0 <= scan.error.at <= len(text)


@pytest.mark.parametrize(
    ("head", "piece"),
    [
        (HEAD, "<DI/>"), (HEAD, "<SN>1</SN>"), (HEAD, "<"), (HEAD, "A"), (HEAD, " "), (HEAD, "<A"),
        (HEAD, "<DI>"), (HEAD, "<AAAAAAAA"), (HEAD + "<DI>", "A"), (HEAD + "<", "A"), ("<?xml", "?"),
        ("<UDI", " "), ("<UDI IAC", " "),
        ('<UDI IAC="', "A"), ("http://a/?", "=MA."), ("http://a/?=MA.", "%2E"), ("http://a/?=MA.", "%"),
        (f"http://a/?={DI}", ".S1"), (f"http://a/?={DI}%2ES1", ".C1"), ("http://a/", "MA."),
    ],
)  # fmt: skip
def test_long_text_takes_far_less_than_five_milliseconds(head, piece):
    assert best_seconds((head + piece * 4096)[:4096]) < LIMIT
