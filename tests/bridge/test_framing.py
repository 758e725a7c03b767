"""Where a scan ends: every terminator, none, and what is no scan."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracer.bridge.framing import LONGEST, STALE_SECONDS, Dropped, Framer, Piece, Pulled, Why

UDI = b"]d20106901234567892\x1d10A B\x1d"


def raws(pieces: list[Piece]) -> list[bytes]:
    return [piece.raw for piece in pieces if isinstance(piece, Pulled)]


@pytest.mark.parametrize(
    ("terminator", "ends"),
    [
        ("any", [b"\r", b"\n", b"\r\n", b"\t", b"\r\r", b"\n\r"]),
        ("cr", [b"\r", b"\r\r"]),
        ("lf", [b"\n", b"\n\n"]),
        ("crlf", [b"\r\n", b"\r\n\r\n"]),
        ("tab", [b"\t", b"\t\t"]),
    ],
)
def test_each_terminator_ends_one_scan_however_the_bytes_arrive(terminator: str, ends: list[bytes]) -> None:
    for end in ends:
        stream = UDI + end + b"\x00\xff\xfe " + end
        for size in (1, 2, 3, 7, len(stream)):
            framer, found = Framer(terminator), []
            for at in range(0, len(stream), size):
                found += framer.feed(stream[at : at + size], at)
            assert raws(found) == [UDI, b"\x00\xff\xfe "], (end, size)
            assert framer.cut() == []


@pytest.mark.parametrize(("terminator", "within"), [("crlf", b"\r\t\n"), ("tab", b"\r\n"), ("cr", b"\n\t")])
def test_what_is_not_the_terminator_belongs_to_the_scan(terminator: str, within: bytes) -> None:
    end = {"crlf": b"\r\n", "tab": b"\t", "cr": b"\r"}[terminator]
    assert raws(Framer(terminator).feed(b"<UDI>" + within + b"</UDI>" + end, 0)) == [
        b"<UDI>" + within + b"</UDI>"
    ]


def test_without_a_terminator_silence_ends_a_scan_and_a_line_end_is_its_own() -> None:
    framer = Framer("none", silence_seconds=0.1)
    assert framer.feed(b"TR00\r", 1.0) + framer.quiet(1.05) + framer.feed(b"00", 1.08) == []
    assert framer.quiet(1.17) == []
    assert framer.quiet(1.19) == [Pulled(b"TR00\r00", 1.0, 1.08)]
    assert framer.quiet(9.0) == []
    framer.feed(b"\r\n", 10.0)
    assert framer.quiet(11.0) == []


def test_bytes_that_are_read_late_are_one_scan_all_the_same() -> None:
    """The machine stood still for a second: nobody saw the port silent."""
    framer = Framer("none", silence_seconds=0.1)
    framer.feed(b"TR00", 1.0)
    framer.feed(b"0042", 2.0)
    assert raws(framer.quiet(2.1)) == [b"TR000042"]


def test_a_pause_inside_a_terminated_scan_does_not_cut_it() -> None:
    framer = Framer("any")
    framer.feed(b"0106901234", 0.0)
    assert framer.quiet(STALE_SECONDS - 0.1) == []
    assert raws(framer.feed(b"567892\r", 1.9)) == [b"0106901234567892"]


def test_what_lacks_its_terminator_is_told_and_not_glued_to_the_next_scan() -> None:
    framer = Framer("cr")
    framer.feed(b"0106901234", 0.0)
    assert framer.quiet(STALE_SECONDS) == [Dropped(Why.NO_END, 10)]
    assert raws(framer.feed(b"TR000000004292\r", 5.0)) == [b"TR000000004292"]
    framer.feed(b"\n", 6.0)  # the other half of a terminator nobody told us of
    assert framer.quiet(60.0) == []


@pytest.mark.parametrize("terminator", ["any", "crlf", "none"])
def test_a_megabyte_without_an_end_is_told_once_and_not_kept(terminator: str) -> None:
    framer, found = Framer(terminator), []
    for at in range(256):
        found += framer.feed(b"0" * 4096, at / 1000)
        assert len(framer._pending) <= LONGEST + 4096
    assert [piece.why for piece in found if isinstance(piece, Dropped)] == [Why.TOO_LONG]
    assert raws(found) == []
    # Its end is no scan, and the next one is whole.
    rest = framer.feed(b"000\r\n", 0.3) if terminator != "none" else framer.quiet(5.0)
    assert rest == []
    rest = framer.feed(b"TR000000004292\r\n", 6.0) + framer.quiet(9.0)
    assert [raw.strip() for raw in raws(rest)] == [b"TR000000004292"]


def test_a_scan_that_is_too_long_is_dropped_though_it_came_at_once() -> None:
    pieces = Framer().feed(b"0" * 1_000_000 + b"\rTR000000004292\r" + b"1" * LONGEST + b"\r", 0)
    assert pieces[0] == Dropped(Why.TOO_LONG, 1_000_000)
    assert raws(pieces) == [b"TR000000004292", b"1" * LONGEST]


def test_unplugging_drops_what_had_begun() -> None:
    framer = Framer()
    assert raws(framer.feed(b"whole\rha", 0)) == [b"whole"]
    assert framer.cut() == [Dropped(Why.UNPLUGGED, 2)]
    assert raws(framer.feed(b"next\r", 1)) == [b"next"]
    assert framer.cut() == []


def test_a_scan_is_timed_by_its_own_bytes() -> None:
    framer = Framer()
    framer.feed(b"AB", 1.0)
    (first,) = framer.feed(b"C\r", 1.2)
    (second,) = framer.feed(b"ABC\r", 1.4)
    assert first == Pulled(b"ABC", 1.0, 1.2)
    assert second == Pulled(b"ABC", 1.4, 1.4)


@given(
    st.lists(st.binary(min_size=1, max_size=30).filter(lambda raw: not set(raw) & set(b"\r\n\t"))),
    st.sampled_from([b"\r", b"\n", b"\r\n", b"\t"]),
    st.lists(st.integers(1, 9), min_size=1),
)
def test_no_byte_is_lost_or_moved_whatever_the_chunks(
    codes: list[bytes], end: bytes, sizes: list[int]
) -> None:
    stream = b"".join(code + end for code in codes)
    framer, found, at, turn = Framer(), [], 0, 0
    while at < len(stream):
        size = sizes[turn % len(sizes)]
        found += framer.feed(stream[at : at + size], 0)
        at, turn = at + size, turn + 1
    assert raws(found) == codes
