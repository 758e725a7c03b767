"""26,000 codes approved at once, and the catalogue searched with 26,000 items in it.

The approval's yardstick is the plainest thing that writes as much: one UPDATE of 26,000 rows in a copy
of the table that has its indexes and none of its guards.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from statistics import median
from typing import TypeVar

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from benchmarks.serving import data_folder
from tracer.access.rules import Actor, Grant, Role
from tracer.catalog.bindings import ProposedBinding, approve_bindings, propose_bindings
from tracer.catalog.rules import CodeSystem
from tracer.catalog.searching import read_names, search_items
from tracer.db import embedded, migrating
from tracer.db.engine import make_engine
from tracer.settings import Settings
from tracer.shared.clock import SystemClock

T = TypeVar("T")

ITEMS = 26_000

_PEOPLE = text("""
    INSERT INTO person (username, name, created_at)
    VALUES ('buyer', '采购', now()), ('office', '医保办', now())
    RETURNING id""")
_ITEMS = text("""
    INSERT INTO item (name, specification, model, maker, certificate, created_at)
    SELECT (ARRAY['冠状动脉药物洗脱支架', '一次性使用无菌注射器', '可吸收缝合线', '人工髋关节假体',
                  '中心静脉导管包', '医用外科口罩'])[1 + n % 6] || '（' || n || '型）',
           n % 40 || 'mm×' || n % 90 || 'cm', 'M-' || n, '第' || n % 300 || '医疗器械有限公司',
           '国械注准' || 20153000000 + n, now()
      FROM generate_series(1, :items) n""")
_CODES = text("""
    INSERT INTO code_binding (item_id, system, code, valid_from, status, taken_over, created_at)
    SELECT i.id, s.system,
           CASE s.system WHEN 'material' THEN 'WZ' || lpad(i.id::text, 8, '0')
                         WHEN 'billing' THEN 'JF' || lpad(i.id::text, 8, '0')
                         WHEN 'order' THEN 'YZ' || lpad(i.id::text, 8, '0')
                         WHEN 'insurance' THEN 'C' || lpad(i.id::text, 26, '0')
                         ELSE 'DI' || lpad(i.id::text, 12, '0') END,
           DATE '2024-01-01', 'approved', true, now()
      FROM item i, unnest(ARRAY['material', 'billing', 'order', 'insurance', 'udi']) AS s (system)""")
_PLAIN = (
    "CREATE TABLE plain_binding (LIKE code_binding INCLUDING ALL)",
    "INSERT INTO plain_binding OVERRIDING SYSTEM VALUE SELECT * FROM code_binding",
    "ANALYZE plain_binding",
)
_PLAIN_UPDATE = """
    UPDATE plain_binding SET status = 'approved', approver_id = 1, decided_at = now()
     WHERE status = 'proposed'"""


def main() -> None:
    """Print a table of figures."""
    with data_folder() as data, embedded.server(data) as url:
        migrating.upgrade(url)
        engine = make_engine(url)
        buyer, office = _fill(engine)
        print(f"{ITEMS:,} items, {5 * ITEMS:,} codes in force")
        _approvals(engine, buyer, office)
        _searches(engine)
        engine.dispose()


def _fill(engine: Engine) -> tuple[Actor, Actor]:
    with Session(engine) as session:
        buyer, office = session.execute(_PEOPLE).scalars().all()
        session.execute(text("SET LOCAL statement_timeout = 0"))
        session.execute(_ITEMS, {"items": ITEMS})
        session.execute(_CODES)
        session.commit()
        session.execute(text("ANALYZE"))
        session.commit()
    return (
        Actor(buyer, "buyer", "采购", (Grant(Role.PROCUREMENT),)),
        Actor(office, "office", "医保办", (Grant(Role.INSURANCE_OFFICE),)),
    )


def _approvals(engine: Engine, buyer: Actor, office: Actor) -> None:
    """Every item gets a new insurance code: 26,000 approvals, each of which ends another code."""
    clock = SystemClock(Settings().timezone)
    with Session(engine) as session:
        items = session.execute(text("SELECT id FROM item ORDER BY id")).scalars().all()
        wanted = [
            ProposedBinding(
                item_id=id_,
                system=CodeSystem.INSURANCE,
                code=f"C{10**25 + id_:026}",
                valid_from=date(2024, 2, 1),
                source="bench",
            )
            for id_ in items
        ]
        proposed, ids = _timed(lambda: propose_bindings(session, buyer, clock, wanted))
        session.commit()
        for statement in _PLAIN:
            session.execute(text(statement))
        session.commit()
        plain, _ = _timed(lambda: (session.execute(text(_PLAIN_UPDATE)), session.commit()))
        approved, receipt = _timed(
            lambda: (approve_bindings(session, office, clock, ids), session.commit())[0]
        )
        assert len(receipt.approved) == len(receipt.ended) == ITEMS
        events = session.execute(text("SELECT count(*) FROM event")).scalar_one()
    print(f"{'':<34}{'seconds':>9}{'plain UPDATE':>14}{'ratio':>8}")
    print(f"{'26,000 proposals':<34}{proposed:>9.2f}")
    ratio = approved / plain
    print(f"{'26,000 approvals, 26,000 ends':<34}{approved:>9.2f}{plain:>14.2f}{ratio:>8.1f}")
    print(f"({events:,} events written with them)")


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    began = time.perf_counter()
    result = work()
    return time.perf_counter() - began, result


# What people type: a name, a part of one, initials, a model, a maker, a certificate, codes, two words,
# something that is not there, and nothing.
SEARCHES = (
    "冠状动脉药物洗脱支架",
    "支架",
    "ywzjcg",
    "Ｍ-１２３４",
    "第77医疗器械",
    "国械注准20153012345",
    "WZ00012345",
    "JF0001",
    "缝合线 第88",
    "没有这个",
    "",
)
ROUNDS = 30


def _searches(engine: Engine) -> None:
    day = date.today()
    with Session(engine) as session:
        while read_names(session, 5000):
            session.commit()
    print(f"\n{'search':<28}{'found':>8}{'p50 ms':>9}{'p99 ms':>9}")
    everything: list[float] = []
    with Session(engine) as session:
        for words in SEARCHES:
            took = []
            for _ in range(ROUNDS):
                seconds, found = _timed(lambda words=words: search_items(session, words, day))
                took.append(seconds * 1000)
            everything += took
            print(f"{words or '(nothing)':<28}{found.items:>8,}{median(took):>9.1f}{max(took):>9.1f}")
        everything.sort()
    print(f"{'all':<36}{median(everything):>9.1f}{everything[int(0.99 * len(everything))]:>9.1f}")
