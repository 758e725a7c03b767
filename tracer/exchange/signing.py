"""How a receiver knows that a message is ours: Standard Webhooks 1.0 (standardwebhooks.com), scheme v1.

A secret is `whsec_` and 24 to 64 bytes in base64. What is signed is the message's id, the Unix second it was
sent at and its body, joined by dots; a receiver refuses a time that is minutes off, so that nobody sends an
old message again, and knows a message that comes twice by its id.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets

PREFIX = "whsec_"
LEAST, MOST, OURS = 24, 64, 32


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(OURS)).decode()


def key_of(secret: str) -> bytes:
    """The bytes a secret stands for. Raises ValueError for what is none; its text is not in the error."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX).encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        key = b""
    if not secret.startswith(PREFIX) or not LEAST <= len(key) <= MOST:
        raise ValueError(f"{PREFIX} and {LEAST} to {MOST} bytes in base64 were expected")
    return key


def signature(key: bytes, message: str, second: int, body: bytes) -> str:
    """The value of the header `webhook-signature`."""
    signed = f"{message}.{second}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
