"""The messy exports: every inconsistency that was planted is found as what it is, and nothing else is."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import pandas as pd
import pytest

from fixtures.messy import ORDINARY, OTHER, OWNERS, Answers, Style, make_messy, read_exports
from fixtures.messy.plants import KINDS
from fixtures.messy.rows import COLUMNS, SYSTEMS
from fixtures.messy.truth import true_items
from fixtures.messy.writing import FILES, HEADINGS
from reconcile.codes import CodesResult, reconcile_codes
from reconcile.codes.claims import canonical_udi

ITEMS, PLANTS = 1_300, 391


@pytest.fixture(scope="module", params=[ORDINARY, OTHER], ids=lambda style: style.name)
def messy(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Answers, CodesResult]:
    style: Style = request.param
    folder = tmp_path_factory.mktemp("messy")
    answers = make_messy(folder, ITEMS, PLANTS, style=style)
    return answers, reconcile_codes(read_exports(folder), owners=OWNERS)


def groups_of_plants(answers: Answers, result: CodesResult) -> dict[int, set[int]]:
    """Group → the plants whose codes are in it."""
    plant_of = {code: number for number, plant in enumerate(answers.plants) for code in plant.codes}
    found: defaultdict[int, set[int]] = defaultdict(set)
    for row in result.groups.itertuples():
        for system in SYSTEMS:
            for shown in filter(None, str(getattr(row, system)).split("|")):
                code = canonical_udi(shown) if system == "udi" else shown
                if f"{system}:{code}" in plant_of:
                    found[row.group].add(plant_of[f"{system}:{code}"])
    return found


def test_every_group_that_is_not_in_order_is_one_plants(messy: tuple[Answers, CodesResult]) -> None:
    answers, result = messy
    found = groups_of_plants(answers, result)
    bad = result.groups.loc[result.groups["status"] != "OK", "group"]
    assert {group: len(found[group]) for group in bad} == dict.fromkeys(bad, 1)


def test_every_plant_is_found_as_what_it_is(messy: tuple[Answers, CodesResult]) -> None:
    answers, result = messy
    statuses = dict(zip(result.groups["group"], result.groups["status"], strict=True))
    shown: defaultdict[int, set[str]] = defaultdict(set)
    for group, plants in groups_of_plants(answers, result).items():
        for plant in plants:
            shown[plant].add(statuses[group])
    expected = {number: set(plant.statuses) for number, plant in enumerate(answers.plants)}
    kinds = [plant.kind for plant in answers.plants]
    assert {(kinds[n], *sorted(shown[n])) for n in expected if shown[n] != expected[n]} == set()


def test_as_many_of_every_kind_as_were_asked_for(messy: tuple[Answers, CodesResult]) -> None:
    answers, _ = messy
    assert len(answers.plants) == PLANTS
    assert set(answers.by_kind()) == set(KINDS)


def test_no_item_is_touched_twice(messy: tuple[Answers, CodesResult]) -> None:
    answers, _ = messy
    codes = [code for plant in answers.plants for code in plant.codes]
    assert len(codes) == len(set(codes))


def test_without_plants_there_is_nothing_to_find_however_it_is_typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fixtures.messy.making.shares", lambda total: dict.fromkeys(KINDS, 0))
    make_messy(tmp_path, 300, 0, style=Style(harmless=0.9))
    frames = read_exports(tmp_path)
    assert any(not code.isascii() for code in frames["hrp"]["material"])
    assert any(code != code.strip() for code in frames["his"]["order"])
    assert any(len(code) == 13 for code in frames["nmpa"]["udi"])
    result = reconcile_codes(frames, owners=OWNERS)
    assert result.summary["ok"] == result.summary["groups"] == 300


def test_the_wrong_cells_are_those_that_differ_from_the_truth(tmp_path: Path) -> None:
    """A cell outside the answers says what is true, or nothing; one of the answers says something else."""
    answers = make_messy(tmp_path, ITEMS, PLANTS, style=Style(harmless=0))
    truth = {item.material: item for item in true_items(ITEMS)}
    retired = {code for plant in answers.plants for code in plant.retired}
    right = {(material, field): text for plant in answers.plants for material, field, text in plant.values}
    hrp = read_exports(tmp_path)["hrp"]
    differing = set()
    for row in hrp.to_dict("records"):
        if f"material:{row['material']}" in retired:
            continue
        item = truth[row["material"]]
        said = {"price": f"{item.price:.2f}", "pack_quantity": str(item.pack_quantity)}
        for column in set(COLUMNS["hrp"]) - {"valid_from"}:
            known = right.get((item.material, column)) or said.get(column) or str(getattr(item, column))
            if row[column] not in ("", known):
                differing.add(f"hrp:{row['row']}:{column}")
    assert differing == {cell for plant in answers.plants for cell in plant.wrong if cell.startswith("hrp:")}


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("first", "second", "other")]
    for folder, seed in zip(folders, (5, 5, 6), strict=True):
        make_messy(folder, 300, 60, seed)
    for name in (*FILES.values(), "answers.json"):
        first, second, other = ((folder / name).read_bytes() for folder in folders)
        assert first == second != other


def test_the_answers_stand_beside_the_exports(tmp_path: Path) -> None:
    answers = make_messy(tmp_path, 300, 60)
    written = json.loads((tmp_path / "answers.json").read_text(encoding="utf-8"))
    assert [plant["kind"] for plant in written["plants"]] == [plant.kind for plant in answers.plants]
    assert written["items"] == 300


def test_too_many_for_so_few_items_is_said(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="too few items"):
        make_messy(tmp_path, 100, 400)


def test_every_column_of_an_export_has_its_heading() -> None:
    for source, columns in COLUMNS.items():
        assert set(columns) <= set(HEADINGS[source])


def test_codes_come_out_of_the_spreadsheet_as_text(tmp_path: Path) -> None:
    make_messy(tmp_path, 300, 60)
    codes = read_exports(tmp_path)["supplier"]["udi"]
    assert pd.api.types.is_string_dtype(codes) and not codes.str.contains("[.eE]", regex=True).any()
