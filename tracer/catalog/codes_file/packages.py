"""Packages with identifiers of their own: each belongs to one item, holds so many base units, and is
never the identifier of a single piece."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tracer.catalog.codes_file.known import Known
from tracer.catalog.codes_file.one_to_one import Names, Owner
from tracer.catalog.codes_file.rows import Reading, Row


@dataclass(frozen=True, slots=True)
class StatedPackage:
    """A package of the file; `id` and `before` are those of the recorded one, if there is one."""

    di: str
    base_units: int
    id: int | None = None
    before: int | None = None

    @property
    def is_changed(self) -> bool:
        return self.before != self.base_units


@dataclass(frozen=True, slots=True)
class _Said:
    owner: Owner
    base_units: int
    row: int


def check_packages(
    reading: Reading, owners: Sequence[Owner], known: Known, names: Names
) -> list[list[StatedPackage]]:
    """The packages the file states for each owner, in its order; what is wrong is added to the findings."""
    units = {udi: owner for owner in owners for row in owner.rows if (udi := row.get("udi")) is not None}
    items = _items_to_name(owners, known)
    told = names(items) if items else {}
    said: dict[str, _Said] = {}
    result: list[list[StatedPackage]] = []
    for owner in owners:
        stated_here: list[StatedPackage] = []
        for row in owner.rows:
            _check_unit(reading, row, known, told)
            if stated := _check_package(reading, row, owner, said, units, known, told):
                stated_here.append(stated)
        result.append(stated_here)
    return result


def _items_to_name(owners: Sequence[Owner], known: Known) -> set[int]:
    """The few items that can appear in a message: whose package, or whose UDI, the file names as package."""
    dis = {di for owner in owners for row in owner.rows if (di := row.get("package_di")) is not None}
    units = {known.units[di] for di in dis if di in known.units}
    return units | {package.item_id for package in known.packages.values()}


def _check_unit(reading: Reading, row: Row, known: Known, told: dict[int, tuple[str, str]]) -> None:
    udi = row.get("udi")
    if udi is not None and (package := known.packages.get(udi)):
        material = told[package.item_id][1]
        reading.find(row.number, "udi", "unit_is_package", udi, material=material)


def _check_package(
    reading: Reading,
    row: Row,
    owner: Owner,
    said: dict[str, _Said],
    units: dict[str, Owner],
    known: Known,
    told: dict[int, tuple[str, str]],
) -> StatedPackage | None:
    di, pieces = row.get("package_di"), row.get("pack_quantity")
    if di is None or pieces is None:
        return None
    if pieces == 1 and row.get("udi") == di:
        return None  # the piece itself, as registers list it among its packages
    unit_of = units.get(di)
    recorded_unit = known.units.get(di)
    if unit_of is not None or recorded_unit is not None:
        material = unit_of.material if unit_of else told[recorded_unit or 0][1]
        reading.find(row.number, "package_di", "package_is_unit", di, material=material)
        return None
    if (earlier := said.get(di)) is not None:
        if earlier.owner is not owner:
            data = {"row": earlier.row, "material": earlier.owner.material}
            reading.find(row.number, "package_di", "package_of_two_items", di, **data)
        elif earlier.base_units != pieces:
            data = {"row": earlier.row, "other": earlier.base_units}
            reading.find(row.number, "pack_quantity", "package_quantity_differs", pieces, **data)
        return None
    said[di] = _Said(owner, pieces, row.number)
    recorded = known.packages.get(di)
    if recorded is None:
        return StatedPackage(di, pieces)
    if recorded.item_id != owner.item_id:
        name, material = told[recorded.item_id]
        reading.find(row.number, "package_di", "package_of_other_item", di, name=name, material=material)
        return None
    return StatedPackage(di, pieces, id=recorded.id, before=recorded.base_units)
