"""Files for systems that read folders: whole, numbered, in order, and no formula in them."""

from __future__ import annotations

import csv
import io
import threading
from itertools import chain
from pathlib import Path

import openpyxl
import pytest

from tests.exchange.house import House
from tracer.exchange import drop_files
from tracer.exchange.drop_files import put
from tracer.exchange.errors import NameInUse, WrongEndpoint
from tracer.exchange.rules import EndpointKind

FORMULA = '=HYPERLINK("http://evil","x")'


def files(house: House, folder: str = "his") -> list[Path]:
    return sorted((house.folder / folder).iterdir())


def rows_of(file: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.read_bytes().decode("utf-8-sig"), newline="")))


def test_a_csv_file_holds_what_was_told(house: House) -> None:
    house.drop("his")
    (item,) = house.items(1)
    house.tell([item, None], name="支架\n二", item="own", codes=["a", 1], price="-5.50", note=FORMULA)
    assert house.deliverer().drain() == 2
    (file,) = files(house)
    assert file.name == "events-00000001.csv" and file.stat().st_mode & 0o777 == 0o644
    first, second = rows_of(file)
    (event, _) = house.rows("SELECT id, uid FROM event ORDER BY id")
    assert first == {
        "event": str(event.uid),
        "sequence": str(event.id),
        "topic": "code.approved",
        "occurred_at": first["occurred_at"],
        "item": str(item),
        "n": "0",
        "name": "支架\n二",
        "data.item": "own",
        "codes": '["a", 1]',
        "price": "-5.50",
        "note": f"'{FORMULA}",
    }
    assert second["item"] == ""
    (tried, _) = house.rows("SELECT * FROM delivery_try ORDER BY id")
    assert (tried.verdict, tried.answer) == ("delivered", "events-00000001.csv")


def test_a_workbook_holds_what_was_told_and_runs_nothing(house: House) -> None:
    house.drop("his", EndpointKind.XLSX)
    house.tell([None], note=FORMULA, code="06901234567892")
    house.deliverer().drain()
    (file,) = files(house)
    sheet = openpyxl.load_workbook(file).active
    header, row = ([cell for cell in line] for line in sheet.iter_rows())
    found = dict(zip([cell.value for cell in header], row, strict=True))
    assert found["note"].value == FORMULA and {cell.data_type for cell in row} <= {"s", "n", "inlineStr"}
    assert found["note"].data_type == "s" and found["code"].value == "06901234567892"


def test_each_batch_is_the_next_number_and_never_before_its_time(house: House) -> None:
    house.drop("his")
    deliverer = house.deliverer(file_seconds=1000.0)
    house.tell([None])
    assert deliverer.drain() == 1
    house.tell([None])
    assert deliverer.drain() == 0
    house.hurry()
    assert deliverer.drain() == 1
    assert [file.name for file in files(house)] == ["events-00000001.csv", "events-00000002.csv"]


def test_a_file_holds_no_more_than_a_reader_can_take(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drop_files, "MOST_ROWS", 10)
    house.drop("his")
    (item,) = house.items(1)
    house.tell([item] * 25)
    while house.deliverer().drain():
        pass
    sequences = [[int(row["sequence"]) for row in rows_of(file)] for file in files(house)]
    assert [len(one) for one in sequences] == [10, 10, 5]
    assert list(chain(*sequences)) == sorted(chain(*sequences))


def test_many_at_once_make_each_file_once_and_in_order(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drop_files, "MOST_ROWS", 7)
    house.drop("his")
    items = house.items(5)
    house.tell([items[n % 5] for n in range(200)])

    def work() -> None:
        deliverer = house.deliverer()
        while "waiting" in house.states():
            deliverer.drain()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    sequence = [int(row["sequence"]) for file in files(house) for row in rows_of(file)]
    assert len(sequence) == 200 and sequence == sorted(sequence)


def test_a_folder_that_is_gone_is_trouble_and_is_not_made(house: House) -> None:
    endpoint = house.drop("his")
    (house.folder / "his").rmdir()
    house.tell([None])
    assert house.deliverer().drain() == 0
    assert house.states() == ["waiting"] and not (house.folder / "his").exists()
    (row,) = house.rows("SELECT * FROM endpoint WHERE id = :e", e=endpoint)
    assert row.failures == 1 and "No such file" in row.last_failure
    (house.folder / "his").mkdir()
    house.hurry()
    assert house.deliverer().drain() == 1
    assert [file.name for file in files(house)] == ["events-00000001.csv"]


def test_a_disk_that_fills_leaves_no_half_file(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.drop("his")
    house.tell([None])

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(drop_files.os, "fsync", full)
    assert house.deliverer().drain() == 0
    assert files(house) == [] and house.states() == ["waiting"]


def test_a_file_of_that_name_with_something_else_is_not_overwritten(house: House) -> None:
    house.drop("his")
    there = house.folder / "his" / "events-00000001.csv"
    there.write_text("not read yet")
    house.tell([None])
    assert house.deliverer().drain() == 0
    assert there.read_text() == "not read yet" and house.states() == ["waiting"]


def test_the_same_file_again_is_no_trouble(tmp_path: Path) -> None:
    put(tmp_path, "events-00000001.csv", b"rows")
    put(tmp_path, "events-00000001.csv", b"rows")
    assert [file.name for file in tmp_path.iterdir()] == ["events-00000001.csv"]


def test_what_no_cell_can_hold_is_a_dead_letter_and_holds_its_item(house: House) -> None:
    house.drop("his", EndpointKind.XLSX)
    one, other = house.items(2)
    house.tell([one], note="x" * 40_000)
    house.tell([one, other])
    deliverer = house.deliverer()
    while deliverer.drain():
        pass
    assert house.states() == ["dead", "waiting", "delivered"]


@pytest.mark.parametrize("folder", ["", "..", "../his", "/etc", "a/../b", ".hidden", "a//b", "a b\n", "a/"])
def test_a_folder_is_below_the_drop_folder(house: House, folder: str) -> None:
    with pytest.raises(WrongEndpoint, match="folder"):
        house.drop(folder)


def test_two_endpoints_never_share_a_folder(house: House) -> None:
    house.drop("his")
    with pytest.raises(NameInUse):
        house.drop("his", name="another")
