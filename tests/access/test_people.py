"""Accounts: made, changed and ended by those who may; what ends with them."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.access.application import PASSWORD, add
from tracer.access.errors import (
    AccountEnded,
    NameTaken,
    UnknownPerson,
    UnknownRole,
    UnknownScope,
    WeakPassword,
)
from tracer.access.operator import OPERATOR
from tracer.access.people import add_person, deactivate, set_password, set_roles
from tracer.access.queries import find_actor, find_by_session
from tracer.access.rules import Action, Actor, Grant, Role
from tracer.access.signing_in import SignedIn, sign_in
from tracer.access.tables import Person, Token
from tracer.access.tokens import (
    PREFIX,
    digest_of,
    find_actor_by_token,
    issue_token,
    revoke_tokens,
    token_for,
)
from tracer.shared.clock import SetClock
from tracer.shared.errors import Forbidden

CARD = "/HOSP/CARD/"


@pytest.fixture
def wang(session: Session, clock: SetClock) -> Actor:
    add(session, clock, "wang", Grant(Role.NURSE, CARD))
    found = find_actor(session, "wang")
    assert found is not None
    return found


def is_signed_in(session: Session, clock: SetClock, secret: str) -> bool:
    return find_by_session(session, digest_of(secret), clock.now()) is not None


def test_a_password_is_kept_as_a_hash_only(session: Session, clock: SetClock, wang: Actor):
    kept = session.execute(select(Person.password_hash).where(Person.id == wang.id)).scalar_one()
    assert kept.startswith("$argon2id$") and PASSWORD not in kept


def test_two_accounts_cannot_have_one_name(session: Session, clock: SetClock, wang: Actor):
    with pytest.raises(NameTaken):
        add(session, clock, "WANG")


def test_a_weak_password_is_refused(session: Session, clock: SetClock, wang: Actor):
    with pytest.raises(WeakPassword):
        set_password(session, wang, "wang", "password123", clock)
    with pytest.raises(WeakPassword):
        add(session, clock, "zhao", password="zhao123456")


@pytest.mark.parametrize(
    "act",
    [
        lambda s, who, c: add_person(s, who, username="x", name="X", grants=[Grant(Role.ADMIN)], clock=c),
        lambda s, who, c: set_roles(s, who, "wang", [Grant(Role.ADMIN)], c),
        lambda s, who, c: set_password(s, who, "li", "another pass phrase", c),
        lambda s, who, c: deactivate(s, who, "li", c, why="?"),
        lambda s, who, c: issue_token(s, "pda", Role.ADMIN, "/", c, actor=who),
        lambda s, who, c: revoke_tokens(s, who, 1, c),
    ],
)
def test_only_who_manages_people_changes_accounts(session: Session, clock: SetClock, wang: Actor, act):
    add(session, clock, "li", Grant(Role.FINANCE))
    with pytest.raises(Forbidden):
        act(session, wang, clock)


def test_everybody_changes_their_own_password_and_is_signed_out(session, clock, wang):
    before = sign_in(session, "wang", PASSWORD, clock, "").secret
    set_password(session, wang, "wang", "another pass phrase", clock)
    assert not is_signed_in(session, clock, before)
    assert isinstance(sign_in(session, "wang", "another pass phrase", clock, ""), SignedIn)


def test_new_roles_end_sessions_and_hold_for_tokens_at_once(session, clock, wang):
    secret = sign_in(session, "wang", PASSWORD, clock, "").secret
    token = issue_token(session, "wang", Role.NURSE, CARD, clock)
    set_roles(session, OPERATOR, "wang", [Grant(Role.AUDITOR)], clock)
    assert not is_signed_in(session, clock, secret)
    now = find_actor_by_token(session, token)
    assert now is not None and not now.may(Action.SCAN) and now.may(Action.VIEW_VARIANCE)


def test_an_ended_account_takes_its_sessions_and_tokens_with_it(session, clock, wang):
    secret = sign_in(session, "wang", PASSWORD, clock, "").secret
    token = issue_token(session, "wang", Role.NURSE, CARD, clock)
    deactivate(session, OPERATOR, "wang", clock, why="left")
    assert not is_signed_in(session, clock, secret)
    assert find_actor_by_token(session, token) is None
    assert find_actor(session, "wang") is None
    with pytest.raises(AccountEnded):
        issue_token(session, "wang", Role.NURSE, CARD, clock)


def test_an_account_switched_off_by_hand_is_off(session: Session, clock: SetClock, wang: Actor):
    secret = sign_in(session, "wang", PASSWORD, clock, "").secret
    token = issue_token(session, "wang", Role.NURSE, CARD, clock)
    session.execute(update(Person).where(Person.id == wang.id).values(active=False))
    assert not is_signed_in(session, clock, secret)
    assert find_actor_by_token(session, token) is None


def test_nobody_unknown_can_be_changed(session: Session, clock: SetClock):
    with pytest.raises(UnknownPerson):
        deactivate(session, OPERATOR, "nobody", clock, why="")


# --- tokens ----------------------------------------------------------------------------------------------


def test_a_token_is_told_once_and_kept_as_a_digest(session: Session, clock: SetClock):
    token = issue_token(session, "HIS", Role.HIS, "/", clock)
    assert token.startswith(PREFIX) and len(token) >= 47
    assert [bytes(d) for d in session.execute(select(Token.digest)).scalars()] == [digest_of(token)]
    actor = find_actor_by_token(session, token)
    assert actor is not None and actor.username == "his" and actor.grants == (Grant(Role.HIS),)


@pytest.mark.parametrize("wrong", ["", "trc_", "x" * 5000, "\x00", "trc_' OR true --"])
def test_any_other_text_is_no_token(session: Session, clock: SetClock, wrong: str):
    issue_token(session, "his", Role.HIS, "/", clock)
    assert find_actor_by_token(session, wrong) is None


def test_the_same_role_again_gets_another_token_of_the_same_account(session: Session, clock: SetClock):
    first = issue_token(session, "pda-7", Role.NURSE, CARD, clock)
    second = issue_token(session, "PDA-7", Role.NURSE, CARD, clock)
    one, other = find_actor_by_token(session, first), find_actor_by_token(session, second)
    assert first != second and one is not None and one == other


@pytest.mark.parametrize(("role", "scope"), [(Role.ADMIN, CARD), (Role.NURSE, "/"), (Role.NURSE, "/HOSP/")])
def test_a_name_with_another_role_or_scope_is_taken(session, clock, role, scope):
    issue_token(session, "pda-7", Role.NURSE, CARD, clock)
    with pytest.raises(NameTaken):
        issue_token(session, "pda-7", role, scope, clock)


def test_nobody_becomes_the_operator(session: Session, clock: SetClock):
    with pytest.raises(NameTaken):
        issue_token(session, "Operator", Role.ADMIN, "/", clock)


def test_a_revoked_token_is_dead(session: Session, clock: SetClock):
    token = issue_token(session, "pda-7", Role.NURSE, CARD, clock)
    actor = find_actor_by_token(session, token)
    assert actor is not None and revoke_tokens(session, OPERATOR, actor.id, clock) == 1
    assert find_actor_by_token(session, token) is None
    assert revoke_tokens(session, OPERATOR, actor.id, clock) == 0


def test_an_operators_words_are_checked(session: Session, clock: SetClock):
    with pytest.raises(UnknownRole):
        token_for(session, "pda-7", "nuse", None, clock)
    with pytest.raises(UnknownScope):
        token_for(session, "pda-7", "nurse", "NOWHERE", clock)
    actor = find_actor_by_token(session, token_for(session, "pda-7", "nurse", "PATIENT", clock))
    assert actor is not None and actor.grants == (Grant(Role.NURSE, "/~PATIENT/"),)
