"""At least once, in an item's order, whatever the receiver does."""

from __future__ import annotations

import base64
import hashlib
import hmac
import shutil
import ssl
import subprocess
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tests.exchange.house import House
from tests.exchange.receiver import Message, Receiver, Reply, receiving
from tracer.db.transaction import in_transaction
from tracer.exchange.claiming import Settled, Taken, settle, take
from tracer.exchange.deciding import send_again, skip
from tracer.exchange.errors import AlreadySettled, BeingSent
from tracer.exchange.posting import Outcome
from tracer.exchange.rules import DeliveryState, EndpointState, Verdict
from tracer.exchange.signing import key_of, new_secret


def wait_until(what, seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def test_a_message_is_signed_as_the_standard_says(house: House, receiver: Receiver) -> None:
    secret = new_secret()
    house.webhook(receiver.url, secret=secret)
    (item,) = house.items(1)
    house.tell([item], name="支架")
    assert house.deliverer().drain() == 1
    (message,) = receiver.messages
    signed = f"{message.id}.{message.second}.".encode() + message.body
    expected = base64.b64encode(hmac.new(key_of(secret), signed, hashlib.sha256).digest()).decode()
    assert message.signature == f"v1,{expected}"
    assert abs(message.second - time.time()) < 5
    content = message.content
    (event,) = house.rows("SELECT id, uid FROM event")
    assert content.pop("timestamp").startswith("2026-03-10T")
    assert message.id == str(event.uid)
    assert content == {
        "id": str(event.uid),
        "type": "code.approved",
        "sequence": event.id,
        "item": item,
        "data": {"n": 0, "name": "支架"},
    }
    assert message.headers["content-type"] == "application/json"
    assert house.states() == ["delivered"]


def test_the_published_vector_of_the_standard() -> None:
    """From the specification's own example."""
    from tracer.exchange.signing import signature

    key = key_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    body = b'{"test": 2432232314}'
    made = signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_only_topics_asked_for_are_told(house: House, receiver: Receiver) -> None:
    house.webhook(receiver.url, topics=("code", "price.approved"))
    for topic in ("code.approved", "code", "codes.approved", "price.approved", "price.proposed", "item.used"):
        house.tell([None], topic=topic)
    house.deliverer().drain()
    assert {m.content["type"] for m in receiver.messages} == {"code.approved", "code", "price.approved"}


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (Reply(500, words=b"it broke"), "it broke"),
        (Reply(503), ""),
        (Reply(302, {"Location": "/elsewhere"}), ""),
        (Reply(429, {"Retry-After": "1000"}), ""),
        (Reply(401, words="密钥不对\0".encode()), "密钥不对"),
        (Reply(close=True), "closed connection"),
        (Reply(hang=5), "no whole answer within 1 s"),
        (Reply(200, drip=True), "no whole answer within 1 s"),
    ],
)
def test_trouble_is_tried_again_until_it_is_over(
    house: House, receiver: Receiver, reply: Reply, said: str
) -> None:
    endpoint = house.webhook(receiver.url)
    first, second = house.items(2)
    house.tell([first, first, second])
    deliverer = house.deliverer(whole_seconds=1.0)
    receiver.reply = lambda message: reply
    deliverer.drain()
    assert house.states() == ["waiting"] * 3
    assert deliverer.drain() == 0  # it is left alone for a while
    (tried, *_) = house.rows("SELECT * FROM delivery_try ORDER BY id")
    assert said in tried.answer and tried.verdict == "trouble" and "\0" not in tried.answer
    (row,) = house.rows("SELECT *, due_at > now() AS rests FROM endpoint WHERE id = :e", e=endpoint)
    assert row.failures == 1 and row.rests
    receiver.reply = lambda message: Reply()
    for _ in range(4):
        house.hurry()
        deliverer.drain()
    assert house.states() == ["delivered"] * 3
    ids = [message.id for message in receiver.taken()]
    assert len(ids) == 3 and all(message.path == "/hear" for message in receiver.messages)
    assert receiver.by_item()[first][-1] == max(receiver.by_item()[first])


def test_nobody_there_is_trouble_too(house: House) -> None:
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        house.webhook(f"http://127.0.0.1:{free.getsockname()[1]}/")
        house.tell([None])
        house.deliverer().drain()
    (tried,) = house.rows("SELECT * FROM delivery_try")
    assert "refused" in tried.answer and tried.status is None


def test_what_the_receiver_asks_for_is_waited(house: House, receiver: Receiver) -> None:
    house.webhook(receiver.url)
    house.tell([None])
    receiver.reply = lambda message: Reply(429, {"Retry-After": "1000"})
    house.deliverer().drain()
    (row,) = house.rows(
        "SELECT extract(epoch FROM d.due_at - now()) AS event, extract(epoch FROM p.due_at - now()) AS ear"
        "  FROM delivery d JOIN endpoint p ON p.id = d.endpoint_id"
    )
    assert 990 < row.event <= 1000 and 990 < row.ear <= 1000


def test_an_endpoint_that_is_down_is_knocked_at_not_stormed(house: House, receiver: Receiver) -> None:
    house.webhook(receiver.url)
    house.tell(house.items(100))
    receiver.reply = lambda message: Reply(503)
    deliverer = house.deliverer()
    deliverer.drain()
    first = len(receiver.messages)
    assert first <= 8  # those that were under way at once
    for n in range(3):
        house.run("UPDATE endpoint SET due_at = now()")  # its pause is over; the events' own waits are not
        deliverer.drain()
        assert len(receiver.messages) == first + n + 1
    receiver.reply = lambda message: Reply()
    house.run("UPDATE endpoint SET due_at = now()")
    assert deliverer.drain() == 100  # whatever they waited for: it is there again
    assert house.states() == ["delivered"] * 100


@pytest.mark.parametrize("status", [400, 413, 415, 422])
def test_a_refused_event_is_dead_at_once_and_holds_only_its_item(
    house: House, receiver: Receiver, status: int
) -> None:
    endpoint = house.webhook(receiver.url)
    other = house.webhook(receiver.url.replace("hear", "other"))
    bad, good = house.items(2)
    house.tell([bad, good, bad, good, None])
    receiver.reply = lambda message: (
        Reply(status, words=b"no such code") if message.item == bad and message.path == "/hear" else Reply()
    )
    house.deliverer().drain()
    assert house.states(endpoint) == ["dead", "delivered", "waiting", "delivered", "delivered"]
    assert house.states(other) == ["delivered"] * 5


def test_tries_have_an_end(house: House, receiver: Receiver) -> None:
    house.webhook(receiver.url)
    house.tell([None])
    receiver.reply = lambda message: Reply(500)
    deliverer = house.deliverer(tries=3)
    for _ in range(5):
        deliverer.drain()
        house.hurry()
    assert len(receiver.messages) == 3 and house.states() == ["dead"]


def test_a_person_sends_a_dead_letter_again_and_its_item_goes_on(house: House, receiver: Receiver) -> None:
    endpoint = house.webhook(receiver.url)
    (item,) = house.items(1)
    house.tell([item, item, item])
    first, *_ = [row.id for row in house.rows("SELECT id FROM event ORDER BY id")]
    receiver.reply = lambda message: Reply(422 if message.sequence == first else 200)
    deliverer = house.deliverer()
    deliverer.drain()
    assert house.states() == ["dead", "waiting", "waiting"]
    receiver.reply = lambda message: Reply()
    house.decide(send_again, first, endpoint, "对方已修复")
    deliverer.drain()
    assert house.states() == ["delivered"] * 3
    assert receiver.by_item()[item] == [first, first, first + 1, first + 2]
    assert receiver.messages[0].id == receiver.messages[1].id
    (entry,) = house.rows("SELECT * FROM audit_entry WHERE action = 'send_again'")
    assert (entry.subject_id, entry.why, entry.person_id) == (str(first), "对方已修复", house.admin.id)
    assert entry.before == {"endpoint": endpoint, "state": "dead", "tries": 1}


def test_a_person_skips_a_dead_letter_and_its_item_goes_on(house: House, receiver: Receiver) -> None:
    endpoint = house.webhook(receiver.url)
    (item,) = house.items(1)
    house.tell([item, item])
    first, second = [row.id for row in house.rows("SELECT id FROM event ORDER BY id")]
    receiver.reply = lambda message: Reply(400 if message.sequence == first else 200)
    deliverer = house.deliverer()
    deliverer.drain()
    house.decide(skip, first, endpoint)
    deliverer.drain()
    assert house.states() == ["skipped", "delivered"]
    with pytest.raises(AlreadySettled):
        house.decide(skip, second, endpoint)
    house.decide(send_again, second, endpoint)
    deliverer.drain()
    assert receiver.by_item()[item] == [first, second, second]


def test_what_is_being_sent_is_not_decided_upon(house: House, receiver: Receiver) -> None:
    endpoint = house.webhook(receiver.url)
    house.tell([None])
    (event,) = [row.id for row in house.rows("SELECT id FROM event")]
    receiver.reply = lambda message: Reply(hang=1.0)
    thread = threading.Thread(target=house.deliverer().drain)
    thread.start()
    wait_until(lambda: receiver.messages)
    for decision in (skip, send_again):
        with pytest.raises(BeingSent):
            house.decide(decision, event, endpoint)
    thread.join()
    assert house.states() == ["delivered"]


def test_a_paused_endpoint_misses_nothing_and_an_ended_one_hears_nothing(
    house: House, receiver: Receiver
) -> None:
    endpoint = house.webhook(receiver.url)
    deliverer = house.deliverer()
    house.change(endpoint, receiver.url, EndpointState.PAUSED)
    house.tell([None])
    assert deliverer.drain() == 0
    house.change(endpoint, receiver.url)
    assert deliverer.drain() == 1
    house.tell([None])
    house.change(endpoint, receiver.url, EndpointState.ENDED)
    house.tell([None])
    assert deliverer.drain() == 0
    assert house.states() == ["delivered", "skipped"]


def test_an_endpoint_hears_of_all_that_is_committed_after_it(house: House, receiver: Receiver) -> None:
    """Also of what began to be told before, and found the endpoint not there yet."""
    from sqlalchemy.orm import Session

    from tracer.access.outbox import tell

    slow = Session(house.engine)
    tell(slow, None, house.hospital.clock, topic="code", item_id=None, payload={"who": "before"})
    made = threading.Event()

    def make() -> None:
        house.webhook(receiver.url)
        made.set()

    thread = threading.Thread(target=make)
    thread.start()
    assert not made.wait(0.5)  # it waits: otherwise the event would be committed after it, and unheard
    slow.commit()
    slow.close()
    thread.join(10)
    house.tell([None], who="after")
    house.deliverer().drain()
    assert [message.content["data"]["who"] for message in receiver.messages] == ["after"]


def test_a_changed_address_is_used_for_what_waits(house: House, receiver: Receiver) -> None:
    endpoint = house.webhook(receiver.url)
    house.tell(house.items(200))
    changed = threading.Event()

    def reply(message: Message) -> Reply:
        if not changed.is_set():
            changed.set()
            house.change(endpoint, receiver.url + "/new")
        return Reply()

    receiver.reply = reply
    deliverer = house.deliverer()
    deliverer.drain()
    deliverer.drain()
    paths = [message.path for message in receiver.messages]
    assert 0 < paths.count("/hear") <= 64 and paths.count("/hear/new") == 200 - paths.count("/hear")


def test_a_slow_endpoint_holds_no_other(house: House, receiver: Receiver) -> None:
    house.webhook(receiver.url.replace("hear", "slow"))
    house.webhook(receiver.url)
    house.tell(house.items(50))
    receiver.reply = lambda message: Reply(hang=3.0 if message.path == "/slow" else 0.0)
    deliverer = house.deliverer(whole_seconds=10.0)
    thread = threading.Thread(target=deliverer.run, args=(0.05,))
    began = time.monotonic()
    thread.start()
    wait_until(lambda: sum(m.path == "/hear" for m in receiver.messages) == 50)
    assert time.monotonic() - began < 3.0
    deliverer.stop()
    thread.join(8)
    assert not thread.is_alive()  # what was under way is waited for, and not the 42 that were taken


def troubled(message: Message) -> Reply:
    """Every kind of failure, by the message's own id: the same one fails in its own way, but not always."""
    luck = hash((message.id, int(time.monotonic() * 20))) % 10
    return {
        0: Reply(500),
        1: Reply(close=True),
        2: Reply(429, {"Retry-After": "0"}),
        3: Reply(200, hang=0.05),
    }.get(luck, Reply())


def test_an_items_order_is_held_under_failures_by_three_deliverers(house: House, receiver: Receiver) -> None:
    house.webhook(receiver.url)
    items = house.items(20)
    for _ in range(3):
        house.tell([items[n % 20] for n in range(200)])
    receiver.reply = troubled
    deliverers = [house.deliverer(lease=timedelta(seconds=30), whole_seconds=5.0) for _ in range(3)]
    stop = threading.Event()

    def work(deliverer) -> None:
        while not stop.is_set():
            if not deliverer.drain():
                time.sleep(0.01)

    threads = [threading.Thread(target=work, args=(one,)) for one in deliverers]
    for thread in threads:
        thread.start()

    def over() -> bool:
        house.run("UPDATE endpoint SET due_at = now()")
        house.run("UPDATE delivery SET due_at = now() WHERE state = 'waiting' AND due_at > now()")
        return set(house.states()) == {"delivered"}

    try:
        wait_until(over, 60)
    finally:
        stop.set()
        for thread in threads:
            thread.join(20)
    assert len(receiver.taken()) == 600
    for sequence in receiver.by_item().values():
        assert sequence == sorted(sequence)  # the same again may stand beside itself, never an earlier one
        assert len(set(sequence)) == 30


def test_a_database_that_goes_away_is_awaited(house: House, receiver: Receiver) -> None:
    house.webhook(receiver.url)
    receiver.reply = lambda message: Reply(hang=0.02)
    items = house.items(20)
    house.tell([items[n % 20] for n in range(300)])
    # The lease is shorter than a test's patience, and longer than what a try may take.
    deliverer = house.deliverer(lease=timedelta(seconds=7), whole_seconds=1.0)
    thread = threading.Thread(target=deliverer.run, args=(0.05,))
    thread.start()
    apart = replace(house, engine=create_engine(house.engine.url, poolclass=NullPool))
    for _ in range(5):
        time.sleep(0.2)
        apart.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    wait_until(lambda: set(apart.states()) == {"delivered"}, 60)
    deliverer.stop()
    thread.join(20)
    assert len(receiver.taken()) == 300
    for sequence in receiver.by_item().values():
        assert list(dict.fromkeys(sequence)) == sorted(set(sequence))


def test_no_try_is_begun_that_could_outlast_its_lease(house: House, receiver: Receiver) -> None:
    """Or another deliverer could send the same and what comes after it, before this one is heard."""
    endpoint = house.webhook(receiver.url)
    house.tell(house.items(40))
    # Eight at a time for half a second each; with a lease of 7 s none may be begun after the first second.
    receiver.reply = lambda message: Reply(hang=0.5)
    deliverer = house.deliverer(lease=timedelta(seconds=7), whole_seconds=1.0)
    thread = threading.Thread(target=deliverer.drain)
    thread.start()
    thread.join(60)
    assert house.states(endpoint) == ["delivered"] * 40
    arrived = sorted(message.arrived for message in receiver.messages)
    assert len(arrived) == 40
    rounds = house.rows("SELECT DISTINCT settled_at FROM delivery")
    assert len(rounds) >= 2  # in one go it would have been five times half a second


def test_tries_are_append_only(house: House, receiver: Receiver) -> None:
    house.webhook(receiver.url)
    house.tell([None])
    house.deliverer().drain()
    for change in (
        "UPDATE delivery_try SET answer = ''",
        "DELETE FROM delivery_try",
        "TRUNCATE delivery_try",
    ):
        with pytest.raises(DBAPIError, match="append-only"):
            house.run(change)


def test_who_lost_its_lease_changes_nothing(house: House, receiver: Receiver) -> None:
    """A machine that was frozen wakes, and writes what it believes."""
    endpoint = house.webhook(receiver.url)
    house.tell([None])

    def expired(session: Session) -> list[Taken]:
        return take(session, endpoint, 10, timedelta(0))

    (frozen,) = in_transaction(house.engine, expired)
    assert house.deliverer().drain() == 1
    outcome = Outcome(datetime.now(UTC), 1, Verdict.REFUSED, 422, "late")
    late = [Settled(frozen, DeliveryState.DEAD, outcome=outcome)]
    in_transaction(house.engine, lambda session: settle(session, late))
    assert house.states() == ["delivered"]
    assert len(house.rows("SELECT FROM delivery_try")) == 2  # that it tried is a fact all the same


def test_a_mistake_at_one_endpoint_is_seen_and_stops_no_other(house: House, receiver: Receiver) -> None:
    broken = house.webhook(receiver.url.replace("hear", "broken"))
    house.webhook(receiver.url)
    house.run("UPDATE endpoint SET secret = 'written by hand' WHERE id = :e", e=broken)
    house.tell([None])
    said: list[str] = []
    deliverer = house.deliverer(say=said.append)
    thread = threading.Thread(target=deliverer.run, args=(0.05,))
    thread.start()
    wait_until(lambda: house.states() == ["waiting", "delivered"] and bool(said))
    deliverer.stop()
    thread.join(10)
    (row,) = house.rows("SELECT * FROM endpoint WHERE id = :e", e=broken)
    assert row.failures >= 1 and "whsec_" in row.last_failure
    assert "written by hand" not in row.last_failure + "".join(said)


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate of 127.0.0.1 that nobody but its owner vouches for, and its key."""
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("MISSING: openssl — get it with: sudo apt-get install -y openssl")
    made, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    subprocess.run(
        [program, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
         "2", "-subj", "/CN=his", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", made],
        check=True, capture_output=True,
    )  # fmt: skip
    return made, key


def test_a_certificate_is_verified_and_the_houses_own_authority_is_taken(
    house: House, certificate: tuple[Path, Path]
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    with receiving(context) as server:
        stranger = house.webhook(server.url, name="stranger")
        house.webhook(server.url, name="trusted", ca_file=str(certificate[0]))
        house.tell([None, None])
        house.deliverer().drain()
        assert house.states(stranger) == ["waiting", "waiting"]
        (row,) = house.rows("SELECT * FROM endpoint WHERE id = :e", e=stranger)
        assert "CERTIFICATE_VERIFY_FAILED" in row.last_failure
        assert len(server.messages) == 2
        server.reply = lambda message: Reply(200, drip=True)
        house.tell([None])
        house.deliverer(whole_seconds=1.0).drain()  # the line is cut under TLS too
        assert house.states().count("waiting") == 4


def test_several_deliverers_send_everything_once(house: House, receiver: Receiver) -> None:
    house.webhook(receiver.url)
    house.tell([item for item in house.items(300) for _ in range(3)])
    threads = [threading.Thread(target=house.deliverer().drain) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    house.deliverer().drain()
    assert len(receiver.messages) == 900 == len(receiver.taken())
    assert set(house.states()) == {"delivered"}


def test_thousands_of_events_arrive(house: House, receiver: Receiver) -> None:
    house.webhook(receiver.url)
    items = house.items(300)
    house.tell([items[n % 300] for n in range(3_000)])
    assert house.deliverer().drain() == 3_000
    assert len(receiver.messages) == 3_000
    assert all(sequence == sorted(set(sequence)) for sequence in receiver.by_item().values())
