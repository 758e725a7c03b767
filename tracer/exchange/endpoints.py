"""Who is told: endpoints made, changed, paused, ended and tried out by an administrator, each step audited.

A secret is shown once, when it is made, and stands in no audit entry.
"""

from __future__ import annotations

import ssl
import tempfile
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tracer.access.audit import record
from tracer.access.rules import Action, Actor
from tracer.db.transaction import constraint_of
from tracer.exchange.claiming import Ear, Taken, find_ear
from tracer.exchange.delivering import body_of
from tracer.exchange.errors import EndpointOver, NameInUse, UnknownEndpoint, WrongEndpoint
from tracer.exchange.posting import Outcome, Poster
from tracer.exchange.rules import (
    LONGEST_NAME,
    EndpointKind,
    EndpointState,
    Verdict,
    Wrong,
    fault_of_folder,
    fault_of_topics,
    fault_of_url,
)
from tracer.exchange.signing import key_of, new_secret
from tracer.exchange.tables import Endpoint
from tracer.shared.clock import Clock

TEST_TOPIC = "test"


@dataclass(frozen=True, slots=True)
class MakeEndpoint:
    """An endpoint wanted. `secret` of None: one is made. `folder` stands below the settings' drop folder."""

    name: str
    kind: EndpointKind
    url: str | None = None
    folder: str | None = None
    topics: tuple[str, ...] = ()
    ca_file: str | None = None
    source: str | None = None
    secret: str | None = None

    def __repr__(self) -> str:
        return f"MakeEndpoint({self.name!r})"


@dataclass(frozen=True, slots=True)
class ChangeEndpoint:
    """What an endpoint shall be from now on; its kind and its folder stay."""

    id: int
    name: str
    state: EndpointState
    url: str | None = None
    topics: tuple[str, ...] = ()
    ca_file: str | None = None
    source: str | None = None


def make_endpoint(
    session: Session, actor: Actor, command: MakeEndpoint, clock: Clock, folder: Path
) -> tuple[int, str | None]:
    """Make an endpoint; returns its id and, of a webhook, its secret, which is shown only now.

    It hears of everything that is committed after this. Raises Forbidden, WrongEndpoint, NameInUse.
    """
    actor.must(Action.MANAGE_EXCHANGE)
    is_webhook = command.kind is EndpointKind.WEBHOOK
    name = _name(command.name)
    _check(command, is_webhook)
    secret = _secret(command.secret) if is_webhook else None
    if not is_webhook:
        _make_folder(folder, command.folder or "")
    made = Endpoint(
        name=name,
        kind=command.kind.value,
        url=command.url if is_webhook else None,
        secret=secret,
        ca_file=(command.ca_file or None) if is_webhook else None,
        folder=None if is_webhook else command.folder,
        source=_source(command.source),
        topics=list(command.topics),
        created_at=clock.now(),
    )
    _after_all_tellers(session)
    session.add(made)
    _flush(session)
    session.refresh(made)
    record(
        session,
        actor,
        clock,
        action="make_endpoint",
        subject="endpoint",
        subject_id=made.id,
        after=_shown(made),
    )
    return made.id, secret


def change_endpoint(session: Session, actor: Actor, command: ChangeEndpoint, clock: Clock) -> None:
    """Change, pause, wake or end an endpoint. What still waits for an ended one is skipped.

    Raises Forbidden, UnknownEndpoint, EndpointOver, WrongEndpoint, NameInUse.
    """
    actor.must(Action.MANAGE_EXCHANGE)
    name = _name(command.name)
    _after_all_tellers(session)  # before the endpoint is held, for which a teller would wait in turn
    found = _get(session, command.id)
    is_webhook = found.kind == EndpointKind.WEBHOOK
    _check(command, is_webhook)
    before = _shown(found)
    found.name, found.state, found.topics = name, command.state.value, list(command.topics)
    found.source = _source(command.source)
    if is_webhook:
        found.url, found.ca_file = command.url, command.ca_file or None
    # A person who changed something wants to see at once whether it helps.
    found.due_at, found.failures = datetime.now(UTC), 0
    _flush(session)
    session.execute(_WAKE, {"endpoint": found.id})
    if command.state is EndpointState.ENDED:
        session.execute(_END, {"endpoint": found.id})
    record(
        session,
        actor,
        clock,
        action="change_endpoint",
        subject="endpoint",
        subject_id=found.id,
        before=before,
        after=_shown(found),
    )


def renew_secret(session: Session, actor: Actor, endpoint_id: int, clock: Clock) -> str:
    """Give a webhook another secret, which is shown only now; the old one signs nothing from here on.

    Raises Forbidden, UnknownEndpoint, EndpointOver, WrongEndpoint.
    """
    actor.must(Action.MANAGE_EXCHANGE)
    found = _get(session, endpoint_id)
    if found.kind != EndpointKind.WEBHOOK:
        raise WrongEndpoint.of(Wrong("secret", "文件目录没有密钥", "a folder has no secret"))
    found.secret = secret = new_secret()
    session.flush()
    record(session, actor, clock, action="renew_secret", subject="endpoint", subject_id=found.id)
    return secret


def endpoint_to_test(session: Session, actor: Actor, endpoint_id: int, clock: Clock) -> Ear:
    """What `send_test` needs; that it was asked for is audited.

    Apart from the sending, so that no transaction waits for another system.
    Raises Forbidden, UnknownEndpoint, EndpointOver.
    """
    actor.must(Action.MANAGE_EXCHANGE)
    found = _get(session, endpoint_id)
    record(session, actor, clock, action="test_endpoint", subject="endpoint", subject_id=found.id)
    ear = find_ear(session, found.id)
    assert ear is not None
    return ear


def send_test(ear: Ear, folder: Path) -> Outcome:
    """Post a message of the topic `test` now; in a folder, write a file and take it away again."""
    if ear.kind is not EndpointKind.WEBHOOK:
        return _try_folder(folder / (ear.folder or ""))
    assert ear.url is not None and ear.secret is not None
    poster = Poster(ear.url, key_of(ear.secret), ear.ca_file, 1)
    now = datetime.now(UTC)
    message = Taken(0, now, 0, 0, uuid.uuid4(), now, TEST_TOPIC, None, {"test": True})
    try:
        return poster.post(str(message.uid), body_of(message))
    finally:
        poster.close()


def _try_folder(folder: Path) -> Outcome:
    at = datetime.now(UTC)
    try:
        with tempfile.NamedTemporaryFile(prefix=".test-", dir=folder):
            pass
    except OSError as error:
        return Outcome(at, 0, Verdict.TROUBLE, None, error.strerror or str(error))
    return Outcome(at, 0, Verdict.DELIVERED, None, folder.name)


def _get(session: Session, endpoint_id: int) -> Endpoint:
    found = (
        session.get(Endpoint, endpoint_id, with_for_update={"key_share": True})
        if 0 < endpoint_id < 2**63
        else None
    )
    if found is None:
        raise UnknownEndpoint(endpoint=endpoint_id)
    if found.state == EndpointState.ENDED:
        raise EndpointOver()
    return found


def _name(name: str) -> str:
    name = name.strip()
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise WrongEndpoint.of(
            Wrong("name", f"应为 1–{LONGEST_NAME} 个字符", f"1 to {LONGEST_NAME} characters are wanted")
        )
    return name


def _source(source: str | None) -> str | None:
    source = (source or "").strip()
    if len(source) > LONGEST_NAME or not source.isprintable():
        raise WrongEndpoint.of(
            Wrong("source", f"应为至多 {LONGEST_NAME} 个字符", f"{LONGEST_NAME} characters at most")
        )
    return source or None


def _check(command: MakeEndpoint | ChangeEndpoint, is_webhook: bool) -> None:
    wrong = fault_of_topics(command.topics)
    if wrong is None and is_webhook:
        wrong = fault_of_url(command.url or "")
        if wrong is None and command.ca_file:
            wrong = _fault_of_certificates(command.ca_file)
    if wrong is not None:
        raise WrongEndpoint.of(wrong)


def _fault_of_certificates(path: str) -> Wrong | None:
    try:
        ssl.create_default_context(cafile=path)
    except (OSError, ValueError):  # no file, or none of certificates; which is not told
        return Wrong("ca_file", "不是可读的 PEM 证书文件", "a readable PEM file of certificates is wanted")
    return None


def _secret(given: str | None) -> str:
    if not given:
        return new_secret()
    try:
        key_of(given)
    except ValueError:
        raise WrongEndpoint.of(
            Wrong(
                "secret",
                "应为 whsec_ 加 24–64 字节的 base64",
                "whsec_ and 24 to 64 bytes in base64 are wanted",
            )
        ) from None
    return given


def _make_folder(root: Path, folder: str) -> None:
    """By a person's hand only: a deliverer never makes a folder (see `drop_files.put`)."""
    wrong = fault_of_folder(folder)
    if wrong is None:
        try:
            (root / folder).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            said = error.strerror or str(error)
            wrong = Wrong("folder", f"无法建立目录（{said}）", f"the folder cannot be made ({said})")
    if wrong is not None:
        raise WrongEndpoint.of(wrong)


def _shown(endpoint: Endpoint) -> dict[str, Any]:
    """For the audit; the secret is none of it."""
    return {
        name: getattr(endpoint, name)
        for name in ("name", "kind", "url", "ca_file", "folder", "source", "topics", "state")
    }


def _after_all_tellers(session: Session) -> None:
    """Wait for every transaction that is telling something, and let none begin until this is committed.

    So an event is either committed before an endpoint is made or changed, or sees it.
    """
    session.execute(text("LOCK TABLE event IN SHARE ROW EXCLUSIVE MODE"))


def _flush(session: Session) -> None:
    try:
        session.flush()
    except IntegrityError as error:
        if constraint_of(error) in {"uq_endpoint_name", "uq_endpoint_folder"}:
            raise NameInUse() from error
        raise


_WAKE = text(
    "UPDATE delivery SET due_at = now()"
    " WHERE endpoint_id = :endpoint AND state = 'waiting' AND due_at > now()"
)
_END = text(
    "UPDATE delivery SET state = 'skipped', settled_at = now()"
    " WHERE endpoint_id = :endpoint AND state IN ('waiting', 'dead')"
)
