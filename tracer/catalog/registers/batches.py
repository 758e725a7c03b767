"""Imports and how far they are: for the page, and for whoever asks over HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class Batch:
    """One import. `share` is how much of the file is behind, from 0 to 1."""

    id: int
    file: str
    register: str
    status: str
    started_at: datetime
    updated_at: datetime
    finished_at: datetime | None
    bytes_total: int
    bytes_done: int
    records: int
    added: int
    changed: int
    unchanged: int
    older: int
    twice: int
    refused: int
    remarked: int

    @property
    def share(self) -> float:
        return self.bytes_done / self.bytes_total if self.bytes_total else 1.0


@dataclass(frozen=True, slots=True)
class BadRow:
    id: int
    part: str
    number: int | None
    byte: int | None
    field: str
    value: str
    refused: bool
    code: str
    zh: str
    en: str


_COLUMNS: Final = ", ".join(f.name for f in Batch.__dataclass_fields__.values())
_BAD_COLUMNS: Final = ", ".join(f.name for f in BadRow.__dataclass_fields__.values())


def list_batches(reader: Connection | Session, *, most: int = PAGE) -> list[Batch]:
    """The newest imports."""
    asked = text(f"SELECT {_COLUMNS} FROM register_batch ORDER BY id DESC LIMIT :most")
    return [Batch(*row) for row in reader.execute(asked, {"most": most})]


def find_batch(reader: Connection | Session, batch_id: int) -> Batch | None:
    row: Any = reader.execute(
        text(f"SELECT {_COLUMNS} FROM register_batch WHERE id = :id"), {"id": batch_id}
    ).first()
    return Batch(*row) if row is not None else None


def list_bad(
    reader: Connection | Session, batch_id: int, *, after: int = 0, most: int = PAGE
) -> list[BadRow]:
    """What is bad in a batch, in the order of the file, from behind the row `after`."""
    asked = text(
        f"SELECT {_BAD_COLUMNS} FROM register_bad"
        " WHERE batch_id = :id AND id > :after ORDER BY id LIMIT :most"
    )
    return [BadRow(*row) for row in reader.execute(asked, {"id": batch_id, "after": after, "most": most})]
