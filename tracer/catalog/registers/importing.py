"""A release of a register is taken in: read by all processors, merged in order, and gone on with after a
crash.

A batch is written in steps of some ten thousand records, each in one transaction with the place to go on
from. So a killed import has every record before that place and none after it, and the same file given again
goes on from there; given again when it is done, it changes nothing.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, fields
from multiprocessing import get_context, parent_process
from pathlib import Path
from threading import Thread
from typing import Any, Final

from sqlalchemy import Connection, Engine, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from reconcile.registers import Bad, Chunk, Place, Register, open_package, reasons
from tracer.access import audit
from tracer.access.rules import WHOLE_HOSPITAL, Action, Actor
from tracer.catalog.registers.errors import ImportRunning, NoSuchFile
from tracer.catalog.registers.merging import merge
from tracer.catalog.registers.preparing import Prepared, prepare
from tracer.catalog.registers.tables import BatchStatus, RegisterBad, RegisterBatch
from tracer.shared.clock import Clock

# The number is arbitrary, but ours for ever.
IMPORTING: Final = 7_412_660_003
STEP_RECORDS: Final = 20_000
STEP_BYTES: Final = 64 * 2**20
# While a step is written, the next one is read: so many chunks that nobody waits, some 50 MB of them.
CHUNKS_AHEAD: Final = 48
# What is kept of what is bad; all of it is counted.
MOST_BAD_KEPT: Final = 100_000
# Below this, starting processes takes longer than reading.
SMALL_BYTES: Final = 2 * 2**20
PATIENCE_SECONDS: Final = 2.0
_batches: Any = RegisterBatch.__table__
_bad: Any = RegisterBad.__table__


@dataclass(slots=True)
class Progress:
    """How far a batch has come. Bytes are of the file as it lies there, packed or not."""

    batch_id: int
    file: str
    register: str = ""
    status: str = BatchStatus.RUNNING
    bytes_total: int = 0
    bytes_done: int = 0
    part_number: int = 0
    part_records: int = 0
    records: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    older: int = 0
    twice: int = 0
    refused: int = 0
    remarked: int = 0
    resumed: bool = False
    known: bool = False

    @property
    def is_change(self) -> bool:
        return bool(self.added or self.changed)


Watch = Callable[[Progress], None]
_Work = tuple[Chunk, int, int]


def import_register(
    engine: Engine,
    actor: Actor,
    path: Path,
    *,
    clock: Clock,
    register: Register | None = None,
    watch: Watch = lambda progress: None,
    workers: int | None = None,
    file: str = "",
) -> Progress:
    """Take in one file. `watch` is called after each step. `file`: what its sender calls it.

    Raises Forbidden, NoSuchFile, ImportRunning. What is bad in the file is no error: it is counted, kept
    with its place, and the rest is taken.
    """
    actor.must(Action.IMPORT_CODES, at=WHOLE_HOSPITAL)
    file = file or path.name
    try:
        fingerprint = _fingerprint(path)
        package = open_package(path, register=register)
    except OSError as error:
        raise NoSuchFile(file=file, reason=error.strerror or type(error).__name__) from error
    with _alone(engine, file) as connection:
        progress = _begin(connection, actor, clock, file, fingerprint, package.size, register)
        if progress.known:
            return progress
        place = Place(progress.part_number, progress.part_records)
        small = package.size < SMALL_BYTES
        try:
            watch(progress)
            work = _numbered(package.chunks(place), progress.batch_id, _first_free_id(connection))
            for step in _steps(_prepared(work, 0 if small else workers)):
                _write(connection, clock, progress, step)
                watch(progress)
        except BaseException:
            with connection.begin():
                _save(connection, clock, progress, BatchStatus.STOPPED)
            raise
        with connection.begin():
            # What waits to be sorted into the index is read by every search until then.
            connection.execute(text("SELECT gin_clean_pending_list('ix_register_product_grams')"))
            _save(connection, clock, progress, BatchStatus.DONE)
            with Session(connection, join_transaction_mode="create_savepoint") as session:
                counts = {k: v for k, v in asdict(progress).items() if isinstance(v, int) and k != "batch_id"}
                audit.record(
                    session,
                    actor,
                    clock,
                    action="import_register",
                    subject="register_batch",
                    subject_id=progress.batch_id,
                    after={"file": progress.file, **counts},
                )
                session.commit()
        watch(progress)
        return progress


# --- one step --------------------------------------------------------------------------------------------


def _write(connection: Connection, clock: Clock, progress: Progress, step: Sequence[Prepared]) -> None:
    """Merge the records of a step and move the batch's place on, in one transaction."""
    with connection.begin():
        merged = merge(connection, step)
        bad = [one for prepared in step for one in prepared.bad]
        bad += [
            Bad(part, reasons.TWICE, number, value=key, refused=False) for part, number, key in merged.twice
        ]
        kept = max(MOST_BAD_KEPT - progress.refused - progress.remarked, 0)
        if bad[:kept]:
            connection.execute(insert(_bad), [_bad_row(progress.batch_id, one) for one in bad[:kept]])
        last = step[-1]
        progress.bytes_done = min(last.done, progress.bytes_total)
        progress.part_number, progress.part_records = last.part_number, last.until
        progress.register = next((one.register for one in step if one.register), progress.register)
        progress.records += sum(prepared.rows for prepared in step)
        for verdict, number in merged.counts.items():
            if verdict != "twice":
                setattr(progress, verdict, getattr(progress, verdict) + number)
        progress.twice += len(merged.twice)
        progress.refused += sum(one.refused for one in bad)
        progress.remarked += sum(not one.refused for one in bad)
        _save(connection, clock, progress, BatchStatus.RUNNING)


def _bad_row(batch_id: int, bad: Bad) -> dict[str, Any]:
    return {
        "batch_id": batch_id,
        "part": _storable(bad.part),
        "number": bad.number,
        "byte": bad.offset,
        "field": bad.column,
        "value": _storable(bad.value)[:200],
        "refused": bad.refused,
        "code": bad.reason.code,
        "zh": bad.reason.zh,
        "en": bad.reason.en,
    }


def _storable(value: str) -> str:
    return value.encode("utf-8", "replace").decode().replace("\0", "\ufffd")


def _save(connection: Connection, clock: Clock, progress: Progress, status: BatchStatus) -> None:
    progress.status = status
    now = clock.now()
    saved = {c.name for c in _batches.columns} & {f.name for f in fields(progress)}
    values = {name: getattr(progress, name) for name in saved}
    values["updated_at"] = now
    if status is BatchStatus.DONE:
        values["finished_at"] = now
        values["bytes_done"] = progress.bytes_done = progress.bytes_total
    connection.execute(update(_batches).where(_batches.c.id == progress.batch_id).values(values))


# --- beginning and going on ------------------------------------------------------------------------------


@contextmanager
def _alone(engine: Engine, file: str) -> Iterator[Connection]:
    """A connection while no other import runs; whoever dies gives way, as soon as the server notices."""
    with engine.connect() as connection:
        until = time.monotonic() + PATIENCE_SECONDS
        while not _locked(connection, "pg_try_advisory_lock"):
            if time.monotonic() > until:
                raise ImportRunning(file=file)
            time.sleep(0.1)
        try:
            yield connection
        finally:
            with suppress(DBAPIError):
                connection.rollback()
                _locked(connection, "pg_advisory_unlock")
            connection.invalidate()  # not given back: the tables it made for itself go with it


def _locked(connection: Connection, function: str) -> bool:
    done = bool(connection.execute(text(f"SELECT {function}(:what)"), {"what": IMPORTING}).scalar())
    connection.commit()
    return done


def _begin(
    connection: Connection,
    actor: Actor,
    clock: Clock,
    file: str,
    fingerprint: str,
    size: int,
    register: Register | None,
) -> Progress:
    """The batch for this file: known and done, begun and to be gone on with, or new."""
    with connection.begin():
        found = connection.execute(
            select(_batches)
            .where(_batches.c.fingerprint == fingerprint, _batches.c.wanted == (register or ""))
            .order_by(_batches.c.id.desc())
            .limit(1)
        ).first()
        if found is not None:
            saved = {f.name: getattr(found, f.name) for f in fields(Progress) if hasattr(found, f.name)}
            progress = Progress(
                batch_id=found.id, known=found.status == BatchStatus.DONE, resumed=True, **saved
            )
            if progress.known:
                return progress
            newest = connection.execute(text("SELECT max(id) FROM register_batch")).scalar_one()
            if newest != found.id:  # the keys in there are another batch's
                connection.execute(text("TRUNCATE register_seen"))
            _save(connection, clock, progress, BatchStatus.RUNNING)
            return progress
        connection.execute(text("TRUNCATE register_seen"))
        now = clock.now()
        batch_id = connection.execute(
            insert(_batches).returning(_batches.c.id),
            {
                "file": _storable(file),
                "fingerprint": fingerprint,
                "wanted": register or "",
                "status": BatchStatus.RUNNING,
                "person_id": actor.id,
                "started_at": now,
                "updated_at": now,
                "bytes_total": size,
            },
        ).scalar_one()
        return Progress(batch_id, file, bytes_total=size)


def _fingerprint(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# --- reading, by all processors --------------------------------------------------------------------------


def _steps(prepared: Iterable[Prepared]) -> Iterator[list[Prepared]]:
    step: list[Prepared] = []
    count = size = 0
    for one in prepared:
        step.append(one)
        count += one.rows + len(one.bad)
        size += len(one.records)
        if count >= STEP_RECORDS or size >= STEP_BYTES:
            yield step
            step, count, size = [], 0, 0
    if step:
        yield step


def _numbered(chunks: Iterator[Chunk], batch_id: int, first_id: int) -> Iterator[_Work]:
    """Each chunk with the batch and the ids that its records may have."""
    for chunk in chunks:
        yield chunk, batch_id, first_id
        first_id += len(chunk.raws)


def _first_free_id(connection: Connection) -> int:
    """Only one import runs, and nobody else writes records: no sequence is needed to keep ids apart."""
    with connection.begin():
        return int(
            connection.execute(text("SELECT coalesce(max(id), 0) + 1 FROM register_record")).scalar_one()
        )


def _prepared(work: Iterator[_Work], workers: int | None) -> Iterator[Prepared]:
    """The chunks prepared, in their order. `workers` of 0: in this process."""
    if workers is None:
        workers = min(os.cpu_count() or 1, 4)
    if not workers:
        for one in work:
            yield prepare(*one)
        return
    # Not forked: a child must not inherit the database's connection.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_die_with_parent) as pool:
        waiting: deque[Future[Prepared]] = deque()
        try:
            for one in work:
                waiting.append(pool.submit(prepare, *one))
                if len(waiting) > CHUNKS_AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _die_with_parent() -> None:
    """A killed importer leaves nobody behind who waits for work for ever."""
    parent = parent_process()
    assert parent is not None

    def wait() -> None:
        parent.join()
        os._exit(1)

    Thread(target=wait, daemon=True).start()
