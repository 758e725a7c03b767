"""The same thing at the same instant: one of them wins, the others are told, nothing is doubled.

`TRACER_CONTENDED_UNITS` asks for more than a commit's worth of it.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, text

from tests.faults.crowd import Crowd, at_once
from tests.small_hospital import NURSE_STATION, STORE, SYRINGE_DI, new_key, udi
from tracer.access import once as once_module
from tracer.access.errors import KeyInFlight, KeyReused
from tracer.access.once import Once
from tracer.charging import recording_scans
from tracer.charging.errors import AlreadyReversed
from tracer.charging.reversing import ReverseScan, reverse_scan
from tracer.closing.invariants import check_invariants
from tracer.db.transaction import transaction
from tracer.stock.documents import Line
from tracer.stock.errors import UnitElsewhere
from tracer.stock.rules import MovementKind
from tracer.stock.sending import Send, send

DEVICES = 16
UNITS = int(os.environ.get("TRACER_CONTENDED_UNITS", "300"))
LIVE_CHARGES = """
    SELECT c.unit_id, count(*) AS live FROM charge c
     WHERE c.unit_id IS NOT NULL AND c.reverses_id IS NULL
       AND NOT EXISTS (SELECT FROM charge r WHERE r.reverses_id = c.id)
     GROUP BY c.unit_id
"""


@pytest.fixture
def crowd(fresh_database: Engine) -> Crowd:
    return Crowd.gather(fresh_database)


@pytest.fixture
def dice() -> random.Random:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    return random.Random(seed)


def everybody_scans(crowd: Crowd, labels: list[str], dice: random.Random) -> list[list[Any]]:
    """For each piece what its sixteen devices were answered; each device at a bed of its own."""

    def device(number: int) -> Callable[[], dict[str, Any]]:
        waiting: Iterator[str] = iter(labels)
        keys = iter([f"key-{number}-{place}-{dice.getrandbits(32)}" for place in range(len(labels))])
        return lambda: crowd.scan(next(waiting), next(keys), encounter=f"BED-{number}")

    got = at_once([device(number) for number in range(DEVICES)], rounds=len(labels))
    return [list(answers) for answers in zip(*got, strict=True)]


def test_a_piece_scanned_by_sixteen_devices_at_once_is_charged_once(
    crowd: Crowd, dice: random.Random
) -> None:
    labels = crowd.pieces(UNITS)
    for answers in everybody_scans(crowd, labels, dice):
        assert Counter(answer["outcome"] for answer in answers) == {"charged": 1, "refused": DEVICES - 1}
        (winner,) = (answer for answer in answers if answer["outcome"] == "charged")
        for loser in answers:
            if loser is not winner:
                assert "already_used" in {warning["code"] for warning in loser["warnings"]}
                assert winner["encounter"] not in str(loser["warnings"])  # when and where, never on whom
    live = crowd.ask(LIVE_CHARGES)
    assert len(live) == UNITS and {row.live for row in live} == {1}
    with transaction(crowd.engine) as session:
        assert check_invariants(session) == []


def test_without_the_index_the_harness_sees_doubles(crowd: Crowd, dice: random.Random) -> None:
    """The control: a harness that cannot see the bug proves nothing."""
    with crowd.engine.begin() as connection:
        connection.execute(text("DROP INDEX uq_movement_unit_step"))
    labels = crowd.pieces(40)
    answers = everybody_scans(crowd, labels, dice)
    assert any(sum(one["outcome"] == "charged" for one in each) > 1 for each in answers)
    assert any(row.live > 1 for row in crowd.ask(LIVE_CHARGES))
    with transaction(crowd.engine) as session:
        assert {finding.invariant for finding in check_invariants(session)} >= {"I2"}


def one_key_many_times(crowd: Crowd, times: int) -> list[Any]:
    """What each is answered who sends the same scan with the same key, at once, until it has an answer."""

    def insist() -> dict[str, Any]:
        while True:
            try:
                return crowd.scan(udi(SYRINGE_DI, lot="L1"), "one key")
            except KeyInFlight:
                continue

    return [got[0] for got in at_once([insist] * times)]


def test_one_key_fifty_times_at_once_has_one_effect_and_one_answer(crowd: Crowd) -> None:
    answers = one_key_many_times(crowd, 50)
    assert all(answer == answers[0] for answer in answers)
    assert sum(not answer.replayed for answer in answers) == 1
    assert [row.n for row in crowd.ask("SELECT count(*) AS n FROM charge")] == [1]
    with pytest.raises(KeyReused):
        crowd.scan(udi(SYRINGE_DI, lot="L1"), "one key", quantity=2)


def test_the_primary_key_alone_suffices(crowd: Crowd, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lock only spares a wait. Where it does not help, all write, one commits, and the others begin again
    and find its answer."""
    blind = "SELECT true AS held, k.* FROM (VALUES (1)) AS one LEFT JOIN request_key k ON k.key = :key"
    monkeypatch.setattr(once_module, "_CLAIM", text(blind))
    answers = one_key_many_times(crowd, 16)
    assert all(answer == answers[0] for answer in answers), answers
    assert [row.n for row in crowd.ask("SELECT count(*) AS n FROM charge")] == [1]


def test_without_the_key_the_harness_sees_doubles(crowd: Crowd, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: no look at the key, and no constraint on it."""

    def unkept(session: Any, actor: Any, *, key: str, operation: str, payload: Any) -> Once:
        return Once(session, actor, key, operation, once_module.fingerprint(payload))

    monkeypatch.setattr(recording_scans, "once", unkept)
    with crowd.engine.begin() as connection:
        connection.execute(text("ALTER TABLE request_key DROP CONSTRAINT pk_request_key"))
        connection.execute(text("ALTER TABLE scan DROP CONSTRAINT uq_scan_idempotency_key"))
    one_key_many_times(crowd, 10)
    assert [row.n for row in crowd.ask("SELECT count(*) AS n FROM charge")] == [10]


def test_a_use_is_undone_once_however_many_undo_it(crowd: Crowd) -> None:
    (label,) = crowd.pieces(1)
    for raw in (label, udi(SYRINGE_DI, lot="L1")):
        scan = crowd.scan(raw, new_key())["scan"]

        def undo(scan: int = scan) -> dict[str, Any]:
            command = ReverseScan(key=new_key("undo"), scan=scan)
            nurse, clock = crowd.hospital.nurse, crowd.hospital.clock
            return crowd.do(lambda session: reverse_scan(session, nurse, command, clock))

        got = [one[0] for one in at_once([undo] * 8)]
        assert sum(isinstance(one, AlreadyReversed) for one in got) == 7, got
    assert [row.total for row in crowd.ask("SELECT sum(amount) AS total FROM charge")] == [0]


def test_a_piece_carried_away_while_it_is_scanned_is_charged_all_the_same(crowd: Crowd) -> None:
    """The shelf's transfer may come too late; the nurse has the piece in her hand."""
    labels = crowd.pieces(60, STORE)

    def carry(label: str) -> Any:
        line = Line(material="WZ000001", quantity=1, lot="A1", units=(label,))
        command = Send(
            key=new_key("carry"),
            kind=MovementKind.TRANSFER,
            origin=STORE,
            target="SURG-W1",
            document="D",
            lines=(line,),
        )
        keeper, clock = crowd.hospital.keeper, crowd.hospital.clock
        return crowd.do(lambda session: send(session, keeper, command, clock))

    for label in labels:
        works: list[Callable[[], Any]] = [lambda label=label: crowd.scan(label, new_key())]  # type: ignore[misc]
        works += [lambda label=label: carry(label)] * 2  # type: ignore[misc]
        scanned, *carried = (got[0] for got in at_once(works))
        assert isinstance(scanned, dict), scanned
        assert scanned["outcome"] == "charged"
        assert all(isinstance(one, (dict, UnitElsewhere)) for one in carried), carried
    assert {row.live for row in crowd.ask(LIVE_CHARGES)} == {1}
    with transaction(crowd.engine) as session:
        assert check_invariants(session) == []
    shelves = crowd.ask(
        f"SELECT quantity FROM balance JOIN location l ON l.id = location_id WHERE code = '{NURSE_STATION}'"
    )
    assert all(row.quantity >= 0 for row in shelves)
