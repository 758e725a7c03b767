"""What is told of an identifier: the pack it is on, the device, and whose insurance code that is too."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Engine

from tests.reconcile.registers.releases import GOLDEN, numbered, part, real_records
from tracer.catalog.registers.facts import RegisterFact, register_facts
from tracer.catalog.registers.importing import Progress

Imported = Callable[[bytes], Progress]


def facts(engine: Engine, di: str) -> RegisterFact | None:
    with engine.connect() as connection:
        return register_facts(connection, di)


def known(engine: Engine, di: str) -> RegisterFact:
    found = facts(engine, di)
    assert found is not None
    return found


def test_every_real_identifier_is_told_with_its_quantity(fresh_database: Engine, imported: Imported) -> None:
    real = real_records()
    imported(part(real))
    for record in real:
        fact = known(fresh_database, record["zxxsdycpbs"])
        assert (fact.kind, fact.use_units) == ("sales_unit", int(record["zxxsdyzsydydsl"]))
        assert (fact.name, fact.model, fact.maker) == tuple(
            record[name].strip() for name in ("cpmctymc", "ggxh", "ylqxzcrbarmc")
        )
        assert fact.carries_lot is (record["scbssfbhph"] == "是")
        if use := record.get("sydycpbs"):
            inner = known(fresh_database, use)
            assert (inner.kind, inner.use_units) == ("use_unit", 1)
            sold_in = {each["zxxsdycpbs"] for each in real if each.get("sydycpbs") == use}
            assert (inner.sales_unit in sold_in, inner.others) == (True, len(sold_in) - 1)


def test_the_shared_insurance_codes_are_shown_as_what_they_are(
    fresh_database: Engine, imported: Imported
) -> None:
    real = real_records()
    imported(part(real))
    told = {}
    for record in real:
        for insurance in known(fresh_database, record["zxxsdycpbs"]).insurance:
            told[insurance.code] = insurance
    assert len(told) == len({record["ybbm"] for record in real if "ybbm" in record})
    by_prefix: dict[str, set[str]] = {}
    by_code: dict[str, set[str]] = {}
    for record in real:
        if code := record.get("ybbm"):
            by_prefix.setdefault(code[:20], set()).add(code)
            by_code.setdefault(code, set()).add(record["zxxsdycpbs"])
    for code, insurance in told.items():
        assert insurance.models_of_kind == len(by_prefix[code[:20]])
        assert insurance.devices == len(by_code[code])
        assert insurance.shared == (len(by_code[code]) > 1)
    assert max(insurance.models_of_kind for insurance in told.values()) == 13


def test_one_specification_code_on_two_devices_is_flagged_and_a_short_one_is_not(
    fresh_database: Engine, imported: Imported
) -> None:
    first, second, third = numbered(3)
    specification, kind = "C01030100101016091540000010", "C0301010010101609154"
    imported(part([dict(one, ybbm=f"{specification},{kind}") for one in (first, second)] + [third]))
    fact = known(fresh_database, first["zxxsdycpbs"])
    assert {one.code: (one.devices, one.shared) for one in fact.insurance} == {
        specification: (2, True),
        kind: (2, False),
    }
    assert known(fresh_database, third["zxxsdycpbs"]).insurance == ()


def test_packs_of_all_kinds(fresh_database: Engine, imported: Imported) -> None:
    record = numbered(1, zxxsdyzsydydsl=5, sydycpbs="09999999999994", btcpbs="BT-1")[0]
    di = record["zxxsdycpbs"]
    record["packingList"] = [
        {"bzcpbs": "20000000000004", "bznhxyjcpbssl": "10", "bznhxyjbzcpbs": di},
        {"bzcpbs": "30000000000003", "bznhxyjcpbssl": "0", "bznhxyjbzcpbs": di},
    ]
    imported(part([record]))
    for asked, kind, sales, pieces in (
        (di, "sales_unit", 1, 5),
        (di.removeprefix("0"), "sales_unit", 1, 5),
        ("09999999999994", "use_unit", None, 1),
        ("BT-1", "direct_mark", None, 1),
        ("20000000000004", "package", 10, 50),
        ("30000000000003", "package", None, None),
    ):
        fact = known(fresh_database, asked)
        assert (fact.kind, fact.sales_units, fact.use_units, fact.sales_unit) == (kind, sales, pieces, di)
    assert facts(fresh_database, "00000000000000") is None


def test_the_register_of_the_country_and_what_is_still_sold_come_first(
    fresh_database: Engine, imported: Imported
) -> None:
    gone, here = numbered(2)
    di = here["zxxsdycpbs"]
    american = f'[{{"identifiers": [{{"id": "{di}", "type": "Primary", "issuing_agency": "GS1"}}]}}]'
    imported(american.encode())
    assert known(fresh_database, di).source == "gudid"
    imported(part([dict(gone, zxxsdycpbs=di, tsrq="2026-01-01", versionTime="2026-09-09")]))
    assert known(fresh_database, di).withdrawn == "2026-01-01"
    imported(part([here]))
    fact = known(fresh_database, di)
    assert (fact.source, fact.withdrawn, fact.others) == ("nmpa", "", 1)


def test_the_catalogue_adds_its_codes(fresh_database: Engine, imported: Imported) -> None:
    record = numbered(1)[0]
    rows = [
        "医用耗材代码,流水号,产品名称,耗材企业,规格,型号,UDI-DI",
        f"C0103010010101609154,0000010,支架,甲,4.8Fr,M1,{record['zxxsdycpbs']}",
        "C0103010010101609154,0000011,支架,甲,4.8Fr,M2,04999999999991",
    ]
    imported("\n".join(rows).encode())
    imported(part([record]))
    (insurance,) = known(fresh_database, record["zxxsdycpbs"]).insurance
    assert (insurance.code, insurance.source) == ("C01030100101016091540000010", "insurance")
    assert (insurance.devices, insurance.models_of_kind) == (1, 2)
    alone = known(fresh_database, "04999999999991")
    assert (alone.kind, alone.source, alone.model, alone.use_units) == (
        "catalogue_di",
        "insurance",
        "M2",
        None,
    )


def test_the_american_sample_with_its_hibc_identifiers(
    fresh_database: Engine, imported: Callable[[object], Progress]
) -> None:
    done = imported(GOLDEN / "gudid_2016_sample.json.gz")
    assert (done.records, done.added, done.refused) == (4238, 4238, 0)
    # As registered, with its check character; as a scanner answers it, without.
    for asked in ("H37312BSGTRI60P3M", "H37312BSGTRI60P3", "+H37312BSGTRI60P3M"):
        assert known(fresh_database, asked).sales_unit == "00733132620081"
    assert known(fresh_database, "M4400192Z1").brand == "CopiOs Extend"  # registered without one
    case = known(fresh_database, "30801902003646")
    assert (case.kind, case.sales_units) == ("package", 100)
    assert imported(GOLDEN / "gudid_2016_sample.json.gz").known
