"""Found by whatever is in hand: any identifier, a model or a part of it, words of the label."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest
from sqlalchemy import Engine

from tests.reconcile.registers.releases import numbered, part, real_records
from tracer.catalog.registers import searching
from tracer.catalog.registers.errors import SearchTooShort
from tracer.catalog.registers.importing import Progress
from tracer.catalog.registers.searching import Found, search_registers

Imported = Callable[[bytes], Progress]


def look(engine: Engine, typed: str, most: int = 200) -> Found:
    with engine.connect() as connection:
        return search_registers(connection, typed, most=most)


@pytest.fixture
def real(fresh_database: Engine, imported: Imported) -> list[dict[str, str]]:
    records = real_records()
    imported(part(records))
    return records


def keys_with(records: list[dict[str, str]], *words: str) -> set[str]:
    columns = ("cpmctymc", "ylqxzcrbarmc", "ylqxzcrbarywmc", "zczbhhzbapzbh", "spmc")
    whole = {
        record["deviceRecordKey"]: " ".join(str(record.get(column, "")) for column in columns).casefold()
        for record in records
    }
    return {key for key, text in whole.items() if all(word.casefold() in text for word in words)}


@pytest.mark.parametrize(
    "words",
    [
        ("输尿管支架",),
        ("支架", "优泰"),
        ("UROTECH",),
        ("rotec",),
        ("国械注进20223140363",),
        ("20223140363",),
        ("取石", "Urotech", "国械注进"),
        ("敷料",),
        ("艾目思",),
    ],
)
def test_words_find_what_holds_all_of_them(
    fresh_database: Engine, real: list[dict[str, str]], words: tuple[str, ...]
) -> None:
    expected = keys_with(real, *words)
    assert expected
    assert {hit.key for hit in look(fresh_database, " ".join(words)).hits} == expected


def test_codes_whole_and_their_beginnings(fresh_database: Engine, real: list[dict[str, str]]) -> None:
    first = real[0]
    key = first["deviceRecordKey"]
    for typed in (
        *("04054585068524", "4054585068524", "405458506852", "0405458506852", "MR-414818-XS", "mr-414818"),
        *("ＭＲ－４１４８１８", "414818", "C01030100101016091540000010", "C0103010010101609154"),
    ):
        assert key in {hit.key for hit in look(fresh_database, typed).hits}, typed
    inner = next(record for record in real if "sydycpbs" in record)
    (hit,) = [h for h in look(fresh_database, str(inner["sydycpbs"])).hits if h.kind == "use_unit"]
    assert (hit.key, hit.di) == (inner["deviceRecordKey"], inner["zxxsdycpbs"])


@pytest.mark.parametrize(
    ("name", "model", "few"),
    [("支架", "MR-4148", 200), ("急救呼吸机", "MEDU", 3), ("支架", "MR-4148", 1)],
    ids=["few codes", "few of that name", "many of both"],
)
def test_a_model_among_the_words(
    fresh_database: Engine,
    real: list[dict[str, str]],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    model: str,
    few: int,
) -> None:
    """From whichever side it is looked for, the same is found."""
    monkeypatch.setattr(searching, "FEW", few)
    monkeypatch.setattr(searching, "FIRST_PRODUCTS", 1)
    hits = look(fresh_database, f"{name} {model}").hits
    expected = {
        record["deviceRecordKey"]
        for record in real
        if name in record["cpmctymc"] and record["ggxh"].startswith(model)
    }
    assert expected and {hit.key for hit in hits} == expected
    assert look(fresh_database, f"手套 {model}").hits == ()


def test_a_page_and_whether_there_are_more(fresh_database: Engine, real: list[dict[str, str]]) -> None:
    found = look(fresh_database, "输尿管支架", most=5)
    assert (len(found.hits), found.more) == (5, True)
    exact = look(fresh_database, "04054585068524", most=1)
    assert (exact.hits[0].di, len(exact.hits)) == ("04054585068524", 1)


@pytest.mark.parametrize("typed", ["", "架", "ab", "a 架", "  ", "-/ %_"])
def test_too_short(fresh_database: Engine, typed: str) -> None:
    with pytest.raises(SearchTooShort):
        look(fresh_database, typed)


@pytest.mark.parametrize(
    "typed",
    ["%%%%", "___", "'; DROP TABLE item; --", "\\\\\\", "🩹🩹🩹", "\ud800x" * 3, "{}{}{}", "x" * 5000],
)
def test_strange_words_find_nothing_and_break_nothing(
    fresh_database: Engine, real: list[dict[str, str]], typed: str
) -> None:
    with suppress(SearchTooShort):
        assert look(fresh_database, typed).hits == ()


def test_what_changed_is_not_found_by_what_it_was(fresh_database: Engine, imported: Imported) -> None:
    (record,) = numbered(1)
    imported(part([record]))
    imported(part([dict(record, versionNumber="7", cpmctymc="改名后的产品", ggxh="NEW-1")]))
    assert look(fresh_database, record["cpmctymc"]).hits == ()
    assert look(fresh_database, record["ggxh"]).hits == ()
    assert [hit.name for hit in look(fresh_database, "改名后").hits] == ["改名后的产品"]
