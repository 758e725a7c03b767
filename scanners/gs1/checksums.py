"""GS1 check characters (General Specifications 7.9.1 and 7.9.5)."""

from __future__ import annotations

from scanners.gs1.charsets import CSET82, DIGITS

# The value of a character in a check pair is its place in CSET 82; the check characters
# themselves are drawn from 32 that are hard to confuse.
_CSET82_VALUE = {character: value for value, character in enumerate(CSET82)}
_CHECK_PAIR_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
# Weights from the right; enough for any length the reference implementation accepts.
_PRIMES = [n for n in range(2, 510) if all(n % divisor for divisor in range(2, int(n**0.5) + 1))]
CHECK_PAIR_LENGTHS = range(2, len(_PRIMES) + 3)


def check_digit(body: str) -> str:
    """The digit that follows these ASCII digits."""
    return next(digit for digit in DIGITS if check_digit_holds(body + digit))


def check_digit_holds(digits: str) -> bool:
    """Whether the last of these ASCII digits is the check digit of the others.

    Weights 1, 3, 1, ... from the right: all are summed once, and every other one twice more. ``0``
    is byte 48, which is taken off the sum at once instead of off each digit. This runs in every
    parse.
    """
    octets = digits.encode()
    thrice = octets[-2::-2]
    return (sum(octets) + 2 * sum(thrice) - 48 * (len(octets) + 2 * len(thrice))) % 10 == 0


def check_pair(body: str) -> str:
    """The two check characters after a GMN or master UDI-DI body (CSET 82, at most 97)."""
    length = len(body)
    total = sum(
        _CSET82_VALUE[character] * weight
        for character, weight in zip(body, reversed(_PRIMES[:length]), strict=True)
    )
    total %= 1021
    return _CHECK_PAIR_ALPHABET[total >> 5] + _CHECK_PAIR_ALPHABET[total & 31]
