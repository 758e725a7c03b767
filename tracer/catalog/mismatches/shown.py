"""What the workbench's pages are made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Totals:
    """Open findings by class, and what waits for whom."""

    open: dict[str, int]
    groups: int
    suggested: int
    sure: int
    proposed: int
    to_take_back: int
    unheeded: int

    @property
    def findings(self) -> int:
        return sum(self.open.values())


@dataclass(frozen=True, slots=True)
class FindingRow:
    class_: str
    system: str
    field: str
    values: tuple[str, ...]
    sources: tuple[str, ...]
    remove: tuple[str, ...]
    is_proved: bool


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group with open findings, the worst class first."""

    key: str
    name: str
    codes: tuple[str, ...]
    findings: tuple[FindingRow, ...]
    owner: str | None
    due_on: date | None
    settlement: SettlementRow | None


@dataclass(frozen=True, slots=True)
class SettlementRow:
    """`undo_…`: who wants it taken back, while that waits for another."""

    id: int
    kind: str
    score: float | None
    is_complete: bool
    ruling: str
    group_keys: tuple[str, ...]
    items: list[dict[str, Any]]
    reasons: list[dict[str, Any]]
    differences: list[dict[str, Any]]
    proposer_id: int | None
    proposer: str | None
    proposed_at: datetime | None
    approver: str | None
    decided_at: datetime | None
    why: str
    undo_proposer_id: int | None
    undo_proposer: str | None
    undo_proposed_at: datetime | None
    undo_why: str
    corrections: tuple[CorrectionRow, ...] = ()


@dataclass(frozen=True, slots=True)
class CorrectionRow:
    """`cells`: (column, before, after) of what changes; `is_new`, `is_gone`: a whole row comes or goes."""

    source: str
    codes: tuple[tuple[str, str], ...]
    cells: tuple[tuple[str, str, str], ...]
    is_new: bool
    is_gone: bool
    heed: str


@dataclass(frozen=True, slots=True)
class ClaimRow:
    source: str
    row: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A system and its last export."""

    name: str
    owns: tuple[str, ...]
    file: str
    rows: int
    bad_rows: int
    bad: tuple[dict[str, str], ...]
    loaded_at: datetime
    loaded_by: str
    awaited: int
    followed: int
    silent: int
    contradicted: int


@dataclass(frozen=True, slots=True)
class Sought:
    """What the workbench is asked for; empty means all."""

    class_: str = ""
    system: str = ""
    search: str = ""
    owner_id: int | None = None
    state: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class Found:
    rows: tuple[GroupRow, ...]
    total: int
    page: int
    pages: int
