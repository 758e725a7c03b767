"""Files for systems that read folders: numbered, whole or not there at all.

What stands in a file is decided and written down first, then the file is made beside its place and moved into
it. Whoever is killed in between leaves a number whose rows are known: the next deliverer makes that same file
again, and only then the next. So a reader that takes files by their numbers gets each event once, or sees a
file a second time with the same number and the same rows.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from tracer.db.transaction import in_transaction
from tracer.exchange.claiming import Ear, Taken, note_success, note_trouble, record_tries
from tracer.exchange.posting import Outcome
from tracer.exchange.rules import EndpointKind, Verdict, pause_after

MOST_ROWS = 5_000
LONGEST_CELL = 32_767  # of a workbook; what is longer would be cut off in silence
FIXED = ("event", "sequence", "topic", "occurred_at", "item")
STALE_SECONDS = 3_600
_FORMULA = re.compile(r"[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


@dataclass(frozen=True, slots=True)
class Batch:
    """The rows of one file, which are ours until then."""

    number: int
    leased_until: datetime
    rows: tuple[Taken, ...]


def drop_file(engine: Engine, ear: Ear, root: Path, rest: float, lease: timedelta, chance: Random) -> int:
    """Make an endpoint's next file, if anything waits for it; returns how many events are in it."""
    batch = in_transaction(engine, lambda session: take_file(session, ear.id, lease))
    if batch is None:
        return 0
    assert ear.folder is not None
    at, began = datetime.now(UTC), time.monotonic()
    rows, too_long = _fitting(batch.rows, ear.kind)
    name = f"events-{batch.number:08d}.{ear.kind}"
    try:
        if rows:
            put(root / ear.folder, name, content_of(rows, ear.kind))
    except OSError as error:
        said = f"{name}: {error.strerror or error}"
        pause = pause_after(ear.failures + 1, None, chance)
        in_transaction(engine, lambda session: _give_back(session, ear.id, batch, pause, said))
        return 0
    took = round((time.monotonic() - began) * 1000)
    written = Outcome(at, took, Verdict.DELIVERED, None, name)
    refused = Outcome(at, took, Verdict.REFUSED, None, f"> {LONGEST_CELL:,} characters in a cell")

    def write(session: Session) -> None:
        if not session.execute(_OURS, {"endpoint": ear.id, "lease": batch.leased_until}).scalar():
            return  # another deliverer made the same file meanwhile, and says so itself
        session.execute(_DELIVERED, {"ids": [one.id for one in rows]})
        session.execute(_DEAD, {"ids": [one.id for one in too_long]})
        session.execute(_HELD, {"endpoint": ear.id, "file": batch.number})
        record_tries(session, [(one.id, written) for one in rows] + [(one.id, refused) for one in too_long])
        note_success(session, ear.id, ear.failures, rest)

    in_transaction(engine, write)
    return len(rows)


def take_file(session: Session, endpoint_id: int, lease: timedelta) -> Batch | None:
    """The file begun and not finished, else a new one of what waits; None if nothing does, or it is taken."""
    held = session.execute(_HOLD, {"endpoint": endpoint_id, "lease": lease}).one_or_none()
    if held is None:
        return None
    number = held.last_file
    rows = _rows(session, endpoint_id, number)
    if not rows:
        number += 1
        session.execute(_FILL, {"endpoint": endpoint_id, "file": number, "most": MOST_ROWS})
        rows = _rows(session, endpoint_id, number)
    if not rows:
        session.rollback()  # what was held is free again
        return None
    session.execute(_NUMBER_IT, {"endpoint": endpoint_id, "file": number})
    return Batch(number, held.leased_until, rows)


def put(folder: Path, name: str, content: bytes) -> None:
    """Write a file whole, or not at all. Raises OSError, also if there is another file of that name.

    The folder is never made: where a share is not mounted, files would vanish below its place.
    """
    _sweep(folder)
    target = folder / name
    draft, path = tempfile.mkstemp(prefix=f".{name}.", suffix=".part", dir=folder)
    try:
        with open(draft, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(path, 0o644)  # read by another system's account; mkstemp makes it ours alone
        try:
            os.link(path, target)  # unlike a rename it never replaces what stands there
        except FileExistsError:
            if target.read_bytes() != content:
                raise FileExistsError(f"{target} holds something else") from None
        except OSError:  # a share without links
            if target.exists() and target.read_bytes() != content:
                raise FileExistsError(f"{target} holds something else") from None
            os.replace(path, target)
        _settle_folder(folder)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(path)


def content_of(rows: Sequence[Taken], kind: EndpointKind) -> bytes:
    """One row an event: what every event has, then a column for each word of the payloads."""
    words = list(dict.fromkeys(word for one in rows for word in one.payload))
    header = [*FIXED, *(f"data.{word}" if word in FIXED else word for word in words)]
    table = [[*_fixed(one), *(_text(one.payload.get(word)) for word in words)] for one in rows]
    return _csv(header, table) if kind is EndpointKind.CSV else _xlsx(header, table)


def _fixed(one: Taken) -> list[str]:
    item = "" if one.item_id is None else str(one.item_id)
    return [str(one.uid), str(one.event_id), one.topic, one.occurred_at.isoformat(), item]


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _csv(header: Sequence[str], table: Sequence[Sequence[str]]) -> bytes:
    """With a mark for UTF-8, without which spreadsheets in China read GB18030; nothing runs as a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for row in [header, *table]:
        writer.writerow([_defused(cell) for cell in row])
    return out.getvalue().encode("utf-8-sig")


def _defused(cell: str) -> str:
    """As the project's other files do it: an apostrophe, as OWASP advises, but not before a number."""
    return f"'{cell}" if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell) else cell


def _xlsx(header: Sequence[str], table: Sequence[Sequence[str]]) -> bytes:
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False})
    # The same rows are the same file, byte for byte: it may be made twice.
    book.set_properties({"created": datetime(2000, 1, 1)})
    sheet = book.add_worksheet("events")
    for at, row in enumerate([header, *table]):
        for column, cell in enumerate(row):
            sheet.write_string(at, column, cell)
    sheet.freeze_panes(1, 0)
    book.close()
    return out.getvalue()


def _fitting(rows: Sequence[Taken], kind: EndpointKind) -> tuple[list[Taken], list[Taken]]:
    """What can stand in such a file, and what cannot; what follows an item's dead letter waits behind it."""
    fits: list[Taken] = []
    too_long: list[Taken] = []
    held: set[int] = set()
    for one in rows:
        if one.item_id in held:
            continue
        longest = max((len(_text(value)) for value in one.payload.values()), default=0)
        if kind is EndpointKind.XLSX and longest > LONGEST_CELL:
            too_long.append(one)
            held |= {one.item_id} if one.item_id is not None else set()
        else:
            fits.append(one)
    return fits, too_long


def _sweep(folder: Path) -> None:
    """Take away what killed deliverers left half written."""
    for each in folder.glob(".events-*.part"):
        with suppress(FileNotFoundError):
            if time.time() - each.stat().st_mtime > STALE_SECONDS:
                each.unlink()


def _settle_folder(folder: Path) -> None:
    """The name too must survive a power cut."""
    with suppress(OSError):  # not every share can
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _rows(session: Session, endpoint_id: int, number: int) -> tuple[Taken, ...]:
    found = session.execute(_ROWS, {"endpoint": endpoint_id, "file": number})
    return tuple(Taken(**row._mapping) for row in found)


def _give_back(session: Session, endpoint_id: int, batch: Batch, pause: float, said: str) -> None:
    if session.execute(_OURS, {"endpoint": endpoint_id, "lease": batch.leased_until}).scalar():
        note_trouble(session, endpoint_id, pause, said)


# One file of an endpoint is made at a time: two at once could put an item's later event into the earlier.
_HOLD = text("""
    UPDATE endpoint SET leased_until = clock_timestamp() + :lease
     WHERE id = (SELECT id FROM endpoint
                  WHERE id = :endpoint AND state = 'active' AND due_at <= now()
                    AND (leased_until IS NULL OR leased_until < now())
                    FOR UPDATE SKIP LOCKED)
    RETURNING last_file, leased_until
""")
_FILL = text("""
    UPDATE delivery SET file = :file
     WHERE id IN (
        SELECT d.id FROM delivery d
         WHERE d.endpoint_id = :endpoint AND d.state = 'waiting'
           AND NOT EXISTS (SELECT FROM delivery b
                            WHERE b.endpoint_id = d.endpoint_id AND b.item_id = d.item_id
                              AND b.event_id < d.event_id AND b.state = 'dead')
         ORDER BY d.event_id LIMIT :most)
""")
_ROWS = text("""
    SELECT d.id, d.due_at AS leased_until, d.tries, e.id AS event_id, e.uid, e.occurred_at, e.topic,
           e.item_id, e.payload
      FROM delivery d JOIN event e ON e.id = d.event_id
     WHERE d.endpoint_id = :endpoint AND d.file = :file AND d.state = 'waiting'
     ORDER BY e.id
""")
_NUMBER_IT = text("UPDATE endpoint SET last_file = :file WHERE id = :endpoint")
_OURS = text(
    "UPDATE endpoint SET leased_until = NULL WHERE id = :endpoint AND leased_until = :lease RETURNING true"
)
_DELIVERED = text("""
    UPDATE delivery SET state = 'delivered', tries = tries + 1, settled_at = now()
     WHERE id = ANY(:ids) AND state = 'waiting'
""")
_DEAD = text("""
    UPDATE delivery SET state = 'dead', tries = tries + 1, settled_at = now()
     WHERE id = ANY(:ids) AND state = 'waiting'
""")
_HELD = text(
    "UPDATE delivery SET file = NULL WHERE endpoint_id = :endpoint AND file = :file AND state <> 'delivered'"
)
