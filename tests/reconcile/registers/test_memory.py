"""A file larger than the memory: what reading holds does not grow with it."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

from reconcile.registers import open_package, parse
from tests.reconcile.registers.reading import written
from tests.reconcile.registers.releases import device, numbered

MB = 2**20


def peak(path: Path) -> tuple[int, int, float]:
    """(records, bad, megabytes at the most) of reading a file."""
    count = bad = 0
    tracemalloc.start()
    try:
        for chunk in open_package(path).chunks():
            parsed = parse(chunk)
            count += len(parsed.records)
            bad += len(parsed.bad)
        return count, bad, tracemalloc.get_traced_memory()[1] / MB
    finally:
        tracemalloc.stop()


def test_a_large_part_takes_no_more_than_a_small_one(tmp_path: Path) -> None:
    body = "".join(device(one) for one in numbered(1000)).encode()
    took = {}
    for times in (3, 12):
        path = written(tmp_path, b"<udid><devices>" + body * times + b"</devices></udid>", f"{times}.xml")
        count, bad, took[times] = peak(path)
        assert (count, bad) == (times * 1000, 0)
    assert len(body) > MB
    assert took[12] - took[3] < 2, took


def test_what_has_no_end_is_not_held(tmp_path: Path) -> None:
    for begin in (b"<udid><devices><device>", b"<udid><devices><!--", b"<udid><devices><device><![CDATA["):
        count, bad, took = peak(written(tmp_path, begin + b"x" * (60 * MB), "part.xml"))
        assert (count, bad, took < 25) == (0, 1, True), (begin, took)


def test_a_line_without_end_is_not_held(tmp_path: Path) -> None:
    content = "最小销售单元产品标识,产品名称/通用名称\n1,甲\n".encode() + b"x" * (60 * MB) + b"\n2,y\n"
    count, bad, took = peak(written(tmp_path, content, "a.csv"))
    assert (count >= 2, bad >= 1, took < 25) == (True, True, True), (count, bad, took)
