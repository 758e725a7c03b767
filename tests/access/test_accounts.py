"""Names and passwords of accounts, and how long wrong ones shut them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tracer.access.accounts import FREE_ATTEMPTS, is_acceptable_password, username_of, wait_after
from tracer.access.passwords import hash_password, is_password
from tracer.shared.errors import Invalid


@pytest.mark.parametrize("typed", ["nurse1", " Nurse1 ", "ＮＵＲＳＥ１", "NURSE1"])
def test_an_account_has_one_name_however_it_is_typed(typed: str):
    assert username_of(typed) == "nurse1"


@pytest.mark.parametrize("typed", ["", "  ", "a b", "a\x00b", "\ud800", "a\nb", "x" * 65])
def test_a_name_that_cannot_be_one_is_refused(typed: str):
    with pytest.raises(Invalid):
        username_of(typed)


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "ninechars",
        "aaaaaaaaaaaa",
        "1234567890",
        "password123",
        "Password2026!",
        "admin123456",
        "1qaz2wsx3edc",
        "wang123456",
        "woaini1314",
        "ｐａｓｓｗｏｒｄ１２３",
        "x" * 3000,
    ],
)
def test_a_password_that_everybody_tries_is_refused(password: str):
    assert not is_acceptable_password(password, "wang")


@pytest.mark.parametrize(
    "password", ["four words in here", "8x3kfq-dj2m", "今天天气不错我们去散步", "20260310-77-ward"]
)
def test_a_long_password_is_enough(password: str):
    assert is_acceptable_password(password, "wang")


def test_waits_begin_late_grow_and_stop_growing():
    waits = [wait_after(failures) for failures in range(40)]
    assert waits[:FREE_ATTEMPTS] == [timedelta()] * FREE_ATTEMPTS
    assert waits[FREE_ATTEMPTS] == timedelta(seconds=30)
    assert waits == sorted(waits)
    assert waits[-1] == timedelta(minutes=15)


def test_a_hash_is_argon2id_salted_and_tells_one_password():
    first, second = hash_password("correct horse battery"), hash_password("correct horse battery")
    assert first.startswith("$argon2id$") and first != second
    assert is_password("correct horse battery", first)
    assert not is_password("Correct horse battery", first)


def test_full_width_letters_of_an_input_method_are_the_same_password():
    assert is_password("ｃｏｒｒｅｃｔ１２３", hash_password("correct123"))


@pytest.mark.parametrize("kept", [None, "", "not a hash", "$argon2id$v=19$m=8,t=1,p=1$AAAA$BBBB"])
def test_no_password_fits_an_account_without_one(kept: str | None):
    assert not is_password("a password that nobody has", kept)
