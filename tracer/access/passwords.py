"""Passwords as Argon2id hashes (RFC 9106), checked in the same time whether or not there is one."""

from __future__ import annotations

import threading
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# 19 MiB and four passes: 50 to 100 ms on one core of a small server, and little enough memory
# that a whole shift may sign in at once. Older hashes keep their own parameters and still verify.
_hasher = PasswordHasher(time_cost=4, memory_cost=19_456, parallelism=1)
# Each check takes a core and 19 MiB: a flood of sign-ins must not take them all from the scans.
_turns = threading.BoundedSemaphore(2)


def hash_password(password: str) -> str:
    """What is kept of a password."""
    with _turns:
        return _hasher.hash(_plain(password))


def is_password(password: str, kept: str | None) -> bool:
    """Whether a password is the one kept; takes as long for `kept` None (no account, or a device's)."""
    with _turns:
        try:
            return _hasher.verify(kept or _nobodys(), _plain(password)) and bool(kept)
        except (VerificationError, InvalidHashError):
            return False


def _plain(password: str) -> str:
    # The same keys give the same password under every input method and on every keyboard.
    return unicodedata.normalize("NFKC", password)


@cache
def _nobodys() -> str:
    return _hasher.hash("a password that nobody has")
