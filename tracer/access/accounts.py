"""What an account's name and password may be, and how long wrong ones shut it. Pure."""

from __future__ import annotations

import unicodedata
from datetime import timedelta

from tracer.shared.errors import Invalid

LONGEST_USERNAME = 64
LEAST_PASSWORD = 10
LONGEST_PASSWORD = 200

# What people choose when they are made to choose: as a whole, or as the word before some figures.
COMMON_PASSWORDS = frozenset(
    [
        "1q2w3e4r5t",
        "1qaz2wsx3edc",
        "5201314520",
        "1314520520",
        "zaq12wsxcde",
        "qwertyuiop",
        "asdfghjkl1",
        "abcdefghij",
        "p4ssw0rd12",
        "iloveyou1314",
        "woaini1314",
        "woaini5201314",
    ]
)
COMMON_WORDS = frozenset(
    [
        "abc",
        "abcd",
        "admin",
        "administrator",
        "asdfgh",
        "changeme",
        "doctor",
        "finance",
        "hospital",
        "hushi",
        "iloveyou",
        "letmein",
        "mima",
        "nurse",
        "passw0rd",
        "password",
        "qwerty",
        "tracer",
        "welcome",
        "woaini",
        "yiyuan",
    ]
)
FIGURES = "01234567890123456789"

FREE_ATTEMPTS = 5
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)


def username_of(typed: str) -> str:
    """The one spelling of an account's name: neither case nor a keyboard's full-width letters count.

    Raises Invalid.
    """
    name = unicodedata.normalize("NFKC", typed).strip().casefold()
    if not 1 <= len(name) <= LONGEST_USERNAME or not name.isprintable() or " " in name:
        raise Invalid(field="username", reason=f"1–{LONGEST_USERNAME} characters without spaces expected")
    return name


def is_acceptable_password(password: str, username: str) -> bool:
    """Long enough, and not what everybody tries first. Length is what counts, not a mix of kinds."""
    plain = unicodedata.normalize("NFKC", password).casefold()
    letters = "".join(character for character in plain if character.isalnum())
    word = letters.rstrip("0123456789")
    return (
        LEAST_PASSWORD <= len(password) <= LONGEST_PASSWORD
        and len(set(plain)) >= 5
        and letters not in COMMON_PASSWORDS
        and (not word or word not in COMMON_WORDS | {username})
        and letters not in FIGURES
    )


def wait_after(failures: int) -> timedelta:
    """How long an account stays shut after so many wrong passwords in a row: not at all, then ever longer."""
    if failures < FREE_ATTEMPTS:
        return timedelta()
    doublings: int = min(failures - FREE_ATTEMPTS, 10)
    return min(LONGEST_WAIT, FIRST_WAIT * (1 << doublings))
