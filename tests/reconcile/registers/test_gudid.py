"""GUDID in each of the forms in which it is given out."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest

from reconcile.registers import DiKind, Register
from tests.reconcile.registers.reading import read, written
from tests.reconcile.registers.releases import GOLDEN, zipped


def sample() -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = json.loads(
        gzip.decompress((GOLDEN / "gudid_2016_sample.json.gz").read_bytes())
    )["records"]
    return records


def as_xml(record: dict[str, Any]) -> str:
    fields = []
    for name, value in record.items():
        if name == "identifiers":
            entries = "".join(
                "<identifier>"
                + "".join(f"<{k}>{escape(v)}</{k}>" for k, v in entry.items())
                + "</identifier>"
                for entry in value
            )
            fields.append(f"<identifiers>{entries}</identifiers>")
        elif isinstance(value, str):
            fields.append(f"<{name}>{escape(value)}</{name}>")
    return f'<device xmlns="http://www.fda.gov/cdrh/gudid">{"".join(fields)}</device>'


def test_the_real_sample_is_read_whole() -> None:
    records, bad = read(GOLDEN / "gudid_2016_sample.json.gz")
    assert len(records) == 4238
    assert {record.register for record in records} == {Register.GUDID}
    kinds = [identifier.kind for record in records for identifier in record.identifiers]
    counts = {kind: kinds.count(kind) for kind in DiKind}
    assert counts == {
        DiKind.SALES_UNIT: 4238 + 1056,
        DiKind.USE_UNIT: 483,
        DiKind.DIRECT_MARK: 2,
        DiKind.PACKAGE: 1835,
    }
    (nested,) = [r for r in records if any(i.di == "30801902003646" for i in r.identifiers)]
    assert {i.di: i.sales_units for i in nested.identifiers} == {
        "30801902003646": 100,
        "20801902003649": 50,
        "00801902003645": 1,
    }
    assert not any(one.refused for one in bad)


def test_xml_and_json_say_the_same(tmp_path: Path) -> None:
    records = sample()[:300]
    document = '<?xml version="1.0"?><gudid xmlns="http://www.fda.gov/cdrh/gudid"><header/>{}</gudid>'
    path = written(tmp_path, zipped({"FULL.xml": document.format("".join(map(as_xml, records))).encode()}))
    from_xml, bad = read(path)
    from_json, _ = read(GOLDEN / "gudid_2016_sample.json.gz")
    assert bad == []
    assert [r.identifiers for r in from_xml] == [r.identifiers for r in from_json[:300]]
    assert [r._replace(said={}) for r in from_xml] == [r._replace(said={}) for r in from_json[:300]]


def test_every_element_of_a_device() -> None:
    (record,), bad = read(GOLDEN / "gudid_full_layout.xml")
    assert (record.key, record.version, record.version_date) == ("00844588018923", 1, "2017-12-19")
    assert (record.carries_lot, record.carries_serial, record.carries_expiry) == (True, False, True)
    assert record.said["gmdnTerms"]["gmdn"][0]["gmdnCode"] == "43691"
    assert record.said["deviceSizes"]["deviceSize"][1]["sizeText"].startswith("SPACER LAT PEEK")
    # Its package holds an identifier that is not its own: that is so in the file.
    assert [(one.reason.code, one.value) for one in bad] == [("unknown_child", "00844868017264")]


@pytest.mark.parametrize("name", ["accessgudid_1.json", "accessgudid_2.json"])
def test_an_answer_of_accessgudid(name: str) -> None:
    (record,), bad = read(GOLDEN / name)
    assert bad == []
    assert record.identifiers[0].di == record.key
    assert record.version > 1
    assert isinstance(record.said["identifiers"], list)


def test_openfda_with_texts_for_numbers_and_null_for_nothing() -> None:
    (first, second), bad = read(GOLDEN / "openfda.json")
    assert bad == []
    assert (first.carries_lot, first.carries_serial) == (True, False)
    assert {i.di: (i.kind, i.sales_units) for i in second.identifiers} == {
        "05714880240504": (DiKind.SALES_UNIT, 1),
        "15714880240501": (DiKind.PACKAGE, 3),
    }


@pytest.mark.parametrize("identifiers", ["null", "[]", '[{"id": null, "type": "Primary"}]', "{}"])
def test_a_device_without_identifiers_is_refused_by_itself(tmp_path: Path, identifiers: str) -> None:
    good = json.dumps(sample()[0])
    content = f'{{"meta": {{}}, "results": [{{"identifiers": {identifiers}, "brand_name": "x"}}, {good}]}}'
    records, bad = read(written(tmp_path, content.encode(), "a.json"))
    assert len(records) == 1
    assert [(one.number, one.reason.code) for one in bad] == [(1, "no_key")]


def test_json_of_any_size_is_read_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reconcile.registers.objects.BLOCK", 777)
    records = sample()[:200]
    for content in (
        json.dumps({"meta": {"a": [1]}, "results": records}, indent=2),
        json.dumps(records),
        "\n".join(json.dumps(record) for record in records),
    ):
        found, bad = read(written(tmp_path, content.encode(), "a.json"))
        assert (len(found), bad) == (200, [])
    cut = json.dumps(records)[:-100]
    found, bad = read(written(tmp_path, cut.encode(), "a.json"))
    assert len(found) == 199
    assert [one.reason.code for one in bad] == ["cut_off"]


SIDES = {
    "contacts.txt": "PrimaryDI|phone|email\n00844588018923|1|a@b\n",
    "device.txt": "PrimaryDI|publicVersionNumber|brandName|versionModelNumber|deviceCount|deviceDescription\n"
    '00844588018923|2|"Soft" 1/4" tube|B|4|"Quoted ""all"" of it"\n'
    "00844588018930|1|Lone|C|1|\n",
    # Not in the order of the devices, and a secondary identifier of another agency.
    "identifiers.txt": "PrimaryDI|deviceId|deviceIdType|deviceIdIssuingAgency|containsDINumber|pkgQuantity"
    "|pkgDiscontinueDate|pkgStatus|pkgType\n"
    "00844588018923|30844588018924|Package|GS1|20844588018927|2||In Commercial Distribution|CASE\n"
    "00844588018930|00844588018930|Primary|GS1|||||\n"
    "00844588018923|20844588018927|Package|GS1|00844588018923|25||In Commercial Distribution|BOX\n"
    "00844588018923|B123TUBE1|Secondary|HIBCC|||||\n"
    "00844588018923|00844588018923|Primary|GS1|||||\n"
    "00844588018923|00844588018947|Unit of Use|GS1|||||\n",
}


@pytest.mark.parametrize("order", [1, -1], ids=["as released", "identifiers first"])
def test_the_delimited_release_has_its_packages_in_a_table_apart(tmp_path: Path, order: int) -> None:
    tables = {name: text.encode() for name, text in list(SIDES.items())[::order]}
    (record, lone), bad = read(written(tmp_path, zipped(tables)))
    assert (record.key, record.brand, record.version) == ("00844588018923", '"Soft" 1/4" tube', 2)
    assert record.name == 'Quoted "all" of it'
    assert {one.di: (one.kind, one.agency, one.sales_units, one.use_units) for one in record.identifiers} == {
        "00844588018923": (DiKind.SALES_UNIT, "GS1", 1, 4),
        "B123TUBE1": (DiKind.SALES_UNIT, "HIBCC", 1, 4),
        "00844588018947": (DiKind.USE_UNIT, "GS1", None, 1),
        "20844588018927": (DiKind.PACKAGE, "GS1", 25, 100),
        "30844588018924": (DiKind.PACKAGE, "GS1", 50, 200),
    }
    assert [one.di for one in lone.identifiers] == ["00844588018930"]
    # Nothing of it is refused: a release as it should be ends well.
    assert {(one.part, one.reason.code, one.refused) for one in bad} == {
        ("contacts.txt", "side_table", False),
        ("identifiers.txt", "side_table", False),
    }


def test_what_cannot_be_read_beside_the_devices_is_told(tmp_path: Path) -> None:
    broken = SIDES["identifiers.txt"].encode() + b"00844588018930|\xff\xfe\x80\xff|Package|GS1|||||\n"
    tables = {"device.txt": SIDES["device.txt"].encode(), "identifiers.txt": broken}
    records, bad = read(written(tmp_path, zipped(tables)))
    assert len(records) == 2
    assert ("identifiers.txt", 8, "encoding", True) in {
        (one.part, one.number, one.reason.code, one.refused) for one in bad
    }
    alone = {"identifiers.txt": SIDES["identifiers.txt"].encode()}
    records, bad = read(written(tmp_path, zipped(alone), "alone.zip"))
    assert (records, [(one.reason.code, one.refused) for one in bad]) == ([], [("unknown_part", True)])


def test_delimited_identifiers_of_one_device_are_one_record(tmp_path: Path) -> None:
    rows = [
        "primary_di|issuing_agency|device_id|id_type|contains_di|pkg_qty|lot|serial|mfg_date|exp_date|catalog_number",
        "00844588018923|GS1|00844588018923|Primary|||1|0|0|1|1107",
        "00844588018923|GS1|10844588018920|Package|00844588018923|25|1|0|0|1|1107",
        "00844588018916|GS1|00844588018916|Primary|||1|0|0|1|1108",
    ]
    (first, second), bad = read(written(tmp_path, "\n".join(rows).encode(), "device.txt"))
    assert bad == []
    assert {i.di: i.sales_units for i in first.identifiers} == {"00844588018923": 1, "10844588018920": 25}
    assert (second.reference, second.carries_lot, second.carries_serial) == ("1108", True, False)
