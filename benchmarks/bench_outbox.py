"""Events told and delivered a second, beside bare urllib3 posting the same bodies to the same receiver.

    python -m benchmarks.bench_outbox

Telling is beside an INSERT of the same rows into a table with the same indexes and nothing else.

The receiver is a process of its own that reads a request and answers 204. Bare posting signs nothing, writes
nothing down and keeps no order: one thread, and as many as the deliverer has. Rounds alternate, and the best
of each counts, so that a busy machine slows all alike.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter
from zoneinfo import ZoneInfo

import urllib3
from sqlalchemy import Engine, text

from tracer.access.operator import OPERATOR
from tracer.access.outbox import Announcement, tell_many
from tracer.db import embedded, migrating
from tracer.db.engine import make_engine
from tracer.db.transaction import in_transaction
from tracer.exchange.delivering import AT_ONCE, Deliverer
from tracer.exchange.endpoints import MakeEndpoint, make_endpoint
from tracer.exchange.rules import EndpointKind
from tracer.shared.clock import SystemClock

ITEMS = 26_000
EVENTS = 5_000
ROUNDS = 3
CLOCK = SystemClock(ZoneInfo("Asia/Shanghai"))
PAYLOAD = {
    "item": 1, "system": "billing", "code": "JF0000001", "valid_from": "2026-12-01",
    "replaces": {"binding": 1, "code": "JF0000000"}, "name": "药物洗脱冠状动脉支架系统",
}  # fmt: skip


def main() -> None:
    """Print two tables."""
    with tempfile.TemporaryDirectory(prefix="tracer-bench-") as name, receiver() as url:
        folder = Path(name)
        folder.chmod(0o711)  # as root, the database's own user passes through it
        with embedded.server(folder / "data") as database:
            migrating.upgrade(database)
            engine = make_engine(database)
            _items(engine)
            print(f"{'26,000 events told at once, to':<34}{'seconds':>9}{'of bare':>9}")
            for number in range(4):
                if number:
                    _endpoint(engine, f"{url}/{number}", folder)
                bare, told = _bare(engine), _told(engine, ITEMS)
                name = f"{number} endpoints" if number else "nobody"
                print(f"{name:<34}{told:>9.2f}{told / bare:>9.2f}")
            _forget(engine)
            _endpoint(engine, url, folder)
            _compare(engine, url, folder)
            engine.dispose()


def _compare(engine: Engine, url: str, folder: Path) -> None:
    body = b"x" * 430  # what an event of this payload weighs
    pools = urllib3.PoolManager(1, maxsize=AT_ONCE, block=True)

    def post(_: int) -> None:
        pools.request("POST", url, body=body, headers={"Content-Type": "application/json"})

    def alone() -> None:
        for number in range(EVENTS):
            post(number)

    def together() -> None:
        with ThreadPoolExecutor(AT_ONCE) as threads:
            list(threads.map(post, range(EVENTS)))

    def delivered() -> None:
        found = Deliverer(engine, tries=48, folder=folder, file_seconds=0).drain()
        assert found == EVENTS, found

    best = {"alone": 0.0, "together": 0.0, "delivered": 0.0}
    for _ in range(ROUNDS):
        _told(engine, EVENTS)
        for name, work in (("alone", alone), ("together", together), ("delivered", delivered)):
            best[name] = max(best[name], EVENTS / _seconds(work))
    print(f"\n{f'{EVENTS:,} events to one endpoint':<34}{'events/s':>9}{'of bare':>9}")
    print(f"{'bare urllib3, 1 thread':<34}{best['alone']:>9,.0f}")
    print(f"{f'bare urllib3, {AT_ONCE} threads':<34}{best['together']:>9,.0f}{1:>9.2f}")
    ratio = best["delivered"] / best["together"]
    print(f"{'in order, signed, written down':<34}{best['delivered']:>9,.0f}{ratio:>9.2f}")


def _told(engine: Engine, count: int) -> float:
    with engine.connect() as connection:
        items = connection.execute(text("SELECT id FROM item ORDER BY id LIMIT :n"), {"n": count}).scalars()
        events = [Announcement("binding.approved", item, PAYLOAD) for item in items]
    return _seconds(
        lambda: in_transaction(engine, lambda session: tell_many(session, OPERATOR, CLOCK, events))
    )


def _bare(engine: Engine) -> float:
    """The same rows into a table with the same indexes and no guard, key or turn."""
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE IF EXISTS bare"))
        connection.execute(text("CREATE TABLE bare (LIKE event INCLUDING ALL)"))
        values = {"payload": json.dumps(PAYLOAD, ensure_ascii=False), "n": ITEMS}
        return _seconds(lambda: connection.execute(_BARE, values))


_BARE = text("""
    INSERT INTO bare (occurred_at, topic, item_id, payload, person_id)
    SELECT now(), 'binding.approved', n, CAST(:payload AS jsonb), 1 FROM generate_series(1, :n) n
""")


def _items(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(
            text("INSERT INTO item (name, created_at) SELECT '耗材', now() FROM generate_series(1, :n)"),
            {"n": ITEMS},
        )


def _endpoint(engine: Engine, url: str, folder: Path) -> None:
    command = MakeEndpoint(name=url, kind=EndpointKind.WEBHOOK, url=url)
    in_transaction(engine, lambda session: make_endpoint(session, OPERATOR, command, CLOCK, folder))


def _forget(engine: Engine) -> None:
    """Nothing waits, and nobody else is told: the next table is of one endpoint alone."""
    with engine.begin() as connection:
        connection.execute(text("UPDATE endpoint SET state = 'ended'"))
        connection.execute(text("UPDATE delivery SET state = 'skipped' WHERE state = 'waiting'"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE delivery"))


def _seconds(work: Callable[[], object]) -> float:
    began = perf_counter()
    work()
    return perf_counter() - began


@contextmanager
def receiver() -> Iterator[str]:
    """The address of a receiver in a process of its own."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_receive, args=(there,), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{here.recv()}/hear"
    finally:
        process.terminate()
        process.join()


def _receive(told: Connection) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
                await reader.readexactly(length)
                writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def serve() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        told.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(serve())


if __name__ == "__main__":
    main()
