"""National XML packages: everything of a device, damaged ones beside good ones, and nothing from outside."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconcile.registers import DiKind, Place, open_package
from reconcile.registers.archives import Limits
from tests.reconcile.registers.reading import read, written
from tests.reconcile.registers.releases import device, numbered, part, real_records, zipped


def test_the_real_records_come_back_as_they_are(tmp_path: Path) -> None:
    real = real_records()
    path = written(tmp_path, zipped({"PART1.xml": part(real[:50]), "PART2.xml": part(real[50:])}))
    records, bad = read(path)
    assert bad == []
    assert [record.said for record in records] == [{k: str(v) for k, v in each.items()} for each in real]
    assert [record.key for record in records] == [each["deviceRecordKey"] for each in real]
    tens = [record for record in records if record.identifiers[0].use_units == 10]
    assert len(tens) == 5
    for record in tens:
        kinds = {identifier.kind: identifier for identifier in record.identifiers}
        assert kinds[DiKind.USE_UNIT].use_units == 1
        assert kinds[DiKind.SALES_UNIT].sales_units == 1
    coded = [record for record in records if record.insurance_codes]
    assert len(coded) == 57
    assert {len(code) for record in coded for code in record.insurance_codes} == {27}


def test_packages_of_packages_are_counted_out(tmp_path: Path) -> None:
    record = numbered(1, zxxsdyzsydydsl=5, sydycpbs="09999999999994", btcpbs="BT-1")[0]
    di = record["zxxsdycpbs"]
    record["packingList"] = [
        {"bzcpbs": "30000000000003", "cpbzjb": "箱", "bznhxyjcpbssl": 4, "bznhxyjbzcpbs": "20000000000004"},
        {"bzcpbs": "20000000000004", "cpbzjb": "盒", "bznhxyjcpbssl": 10, "bznhxyjbzcpbs": di},
    ]
    (found,), bad = read(written(tmp_path, part([record]), "one.xml"))
    assert bad == []
    assert {(i.kind, i.di): (i.sales_units, i.use_units) for i in found.identifiers} == {
        (DiKind.SALES_UNIT, di): (1, 5),
        (DiKind.USE_UNIT, "09999999999994"): (None, 1),
        (DiKind.DIRECT_MARK, "BT-1"): (None, 1),
        (DiKind.PACKAGE, "30000000000003"): (40, 200),
        (DiKind.PACKAGE, "20000000000004"): (10, 50),
    }


@pytest.mark.parametrize(
    ("levels", "reason"),
    [
        ([("A", "2", "B"), ("B", "3", "A")], "circular"),
        ([("A", "2", "A")], "circular"),
        ([("A", "0", "sales")], "zero_package"),
        ([("A", "-3", "sales")], "not_a_quantity"),
        ([("A", "ten", "sales")], "not_a_quantity"),
        ([("A", "2.5", "sales")], "not_a_quantity"),
        ([("A", "2", "nowhere")], "unknown_child"),
        ([("A", "2", "")], "unknown_child"),
        ([("A", "2", "sales"), ("A", "3", "sales")], "two_contents"),
        ([("A", "999999999", "B"), ("B", "999999999", "sales")], "huge_package"),
    ],
)
def test_packaging_that_cannot_be_is_told_and_has_no_quantity(
    tmp_path: Path, levels: list[tuple[str, str, str]], reason: str
) -> None:
    record = numbered(1)[0]
    record["packingList"] = [
        {
            "bzcpbs": di,
            "bznhxyjcpbssl": count,
            "bznhxyjbzcpbs": record["zxxsdycpbs"] if child == "sales" else child,
        }
        for di, count, child in levels
    ]
    (found,), bad = read(written(tmp_path, part([record]), "one.xml"))
    assert {one.reason.code for one in bad} == {reason}
    assert not any(one.refused for one in bad)
    (package,) = [one for one in found.identifiers if one.di == "A"]
    if reason != "two_contents":
        assert (package.sales_units, package.use_units) == (None, None)


DAMAGED = {
    "a bare ampersand": "<device><deviceRecordKey>X</deviceRecordKey><cpms>A & B</cpms></device>",
    "an illegal character": "<device><deviceRecordKey>X</deviceRecordKey><cpms>A\x0bB</cpms></device>",
    "an illegal reference": "<device><deviceRecordKey>X</deviceRecordKey><cpms>A&#11;B</cpms></device>",
    "tags that do not match": "<device><deviceRecordKey>X</cpms></device>",
    "no end": "<device><deviceRecordKey>X</deviceRecordKey>",
    "an entity": "<device><deviceRecordKey>X</deviceRecordKey><cpms>&xxe;</cpms></device>",
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_damaged_device_takes_no_other_with_it(tmp_path: Path, damage: str) -> None:
    good = numbered(40)
    content = part([*good[:13], DAMAGED[damage], *good[13:]])
    records, bad = read(written(tmp_path, zipped({"d/PART7.xml": content})))
    assert [record.key for record in records] == [each["deviceRecordKey"] for each in good]
    (one,) = bad
    assert (one.part, one.number, one.refused) == ("d/PART7.xml", 14, True)
    assert one.offset == content.index(DAMAGED[damage].encode())


def test_wrong_bytes_refuse_their_device_only(tmp_path: Path) -> None:
    good = numbered(3)
    content = part(good).replace(b"MX-000001", b"MX-\xff\xfe001")
    records, bad = read(written(tmp_path, content, "p.xml"))
    assert [record.model for record in records] == ["MX-000000", "MX-000002"]
    assert [one.number for one in bad] == [2]


@pytest.mark.parametrize("encoding", ["GB18030", "GB2312", "UTF-16"])
def test_other_encodings(tmp_path: Path, encoding: str) -> None:
    real = real_records()[:9]
    records, bad = read(written(tmp_path, part(real, encoding), "p.xml"))
    assert bad == []
    assert [record.name for record in records] == [each["cpmctymc"] for each in real]


def test_a_mark_before_the_text_and_what_looks_like_a_device_but_is_none(tmp_path: Path) -> None:
    first, second = (device(each) for each in numbered(2))
    hidden = f"<!-- {first} -->" + second.replace("<cpms>", "<cpms><![CDATA[</device><device>]]>")
    records, bad = read(written(tmp_path, b"\xef\xbb\xbf" + part([hidden]), "p.xml"))
    assert bad == []
    assert [record.model for record in records] == ["MX-000001"]
    assert str(records[0].said["cpms"]).startswith("</device><device>")


def test_nothing_is_fetched_and_nothing_expands(tmp_path: Path) -> None:
    secret = written(tmp_path, b"secret", "secret.txt")
    good = device(numbered(1)[0])
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))
    content = (
        f'<?xml version="1.0"?><!DOCTYPE udid [<!ENTITY xxe SYSTEM "{secret.as_uri()}">'
        f'<!ENTITY l0 "ha">{laughs}]>'
        f"<udid><devices>{good}<device><deviceRecordKey>&xxe;</deviceRecordKey></device>"
        "<device><deviceRecordKey>&l8;</deviceRecordKey></device></devices></udid>"
    )
    records, bad = read(written(tmp_path, content.encode(), "p.xml"))
    assert len(records) == 1
    assert [one.number for one in bad] == [2, 3]
    assert "secret" not in str(records) + str([one.value for one in bad if one.value != "secret.txt"])


def test_every_cut_of_the_stream_gives_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = part([*numbered(4), DAMAGED["no end"], *numbered(3), "<!-- <device> -->"])
    path = written(tmp_path, content, "p.xml")
    whole = read(path)
    for block in (33, 47, 101, 1009):
        monkeypatch.setattr("reconcile.registers.splitting.BLOCK", block)
        monkeypatch.setattr("reconcile.registers.layouts.HEAD", 300)
        assert read(path) == whole


def test_it_goes_on_from_any_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reconcile.registers.cutting.CHUNK_RECORDS", 7)
    parts = {f"P{n}.xml": part(numbered(20)) for n in range(3)}
    path = written(tmp_path, zipped({**parts, "Q.xml": b"not xml", "R.xml": part(numbered(5))}))
    chunks = list(open_package(path).chunks())
    for behind in range(1, len(chunks)):
        last = chunks[behind - 1]
        again = list(open_package(path).chunks(Place(last.part_number, last.until)))
        assert again == chunks[behind:], behind


def test_zips_in_zips_and_what_is_none_of_ours(tmp_path: Path) -> None:
    inner = zipped({"A.xml": part(numbered(3)), "读我.pdf": b"%PDF-1.7"})
    path = written(
        tmp_path, zipped({"day1.zip": inner, "deep/week.zip": zipped({"d.zip": inner}), "__MACOSX/x": b"x"})
    )
    records, bad = read(path)
    assert len(records) == 6
    assert [(one.part, one.reason.code) for one in bad] == [
        ("day1.zip/读我.pdf", "unknown_part"),
        ("deep/week.zip/d.zip/读我.pdf", "unknown_part"),
    ]


def test_bombs_are_not_unpacked(tmp_path: Path) -> None:
    bomb = b"<udid><devices>" + b" " * (20 * 2**20)
    good = part(numbered(2))
    path = written(tmp_path, zipped({"bomb.xml": bomb, "good.xml": good}))
    records, bad = read(path)
    assert len(records) == 2
    assert [(one.part, one.reason.code) for one in bad] == [("bomb.xml", "zip_bomb")]
    nested = zipped({"a.xml": good})
    for _ in range(6):
        nested = zipped({"n.zip": nested})
    records, bad = read(written(tmp_path, nested))
    assert records == []
    assert [one.reason.code for one in bad] == ["too_deep"]
    package = open_package(
        written(tmp_path, zipped({f"{n}.xml": good for n in range(9)})), limits=Limits(parts=5)
    )
    records, bad = read(path, package)
    assert len(records) == 10
    assert [one.reason.code for one in bad] == ["too_many_parts"]


@pytest.mark.parametrize("chunk", [500, 10**6])
def test_damage_to_the_zip_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    monkeypatch.setattr("reconcile.registers.cutting.CHUNK_RECORDS", chunk)
    monkeypatch.setattr("reconcile.registers.cutting.CHUNK_BYTES", 2**40)
    expected = [each["deviceRecordKey"] for each in numbered(2600)]
    good = part(numbered(2600))
    content = bytearray(zipped({"a.xml": good, "b.xml": good}))
    content[len(content) // 2 - 2000] ^= 0xFF  # near the end of the first member
    records, bad = read(written(tmp_path, bytes(content)))
    found = [record.key for record in records]
    assert found[-2600:] == expected
    before = found[:-2600]
    assert before == expected[: len(before)]
    assert len(before) > 2000
    assert [(one.part, one.reason.code, one.number) for one in bad] == [("a.xml", "cut_off", len(before))]
    records, bad = read(written(tmp_path, bytes(content[:-200])))
    assert records == []
    assert [one.reason.code for one in bad] == ["broken_zip"]


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"<html/>", b"PK\x03\x04", b"\x1f\x8bx", b"<udid></udid>"]
)
def test_a_file_that_is_nothing(tmp_path: Path, content: bytes) -> None:
    records, bad = read(written(tmp_path, content, "x"))
    assert records == []
    assert len(bad) == 1
    assert bad[0].refused
