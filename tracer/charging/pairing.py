"""The two symbols of one HIBC pack: what each is alone, and whether two belong together. Pure.

A pack bears its article on the primary and its lot and expiry on a secondary, whose link character is the
primary's check character (ANSI/HIBC 2.6, 2.2.2). The scan page sends both as one scan, the primary first,
a line feed between.
"""

from __future__ import annotations

from scanners import Scan, parse
from scanners.hibc import is_primary_alone, is_secondary

BETWEEN = b"\n"


def lacks_its_second(reading: Scan) -> bool:
    """Whether lot and expiry may still stand on another symbol of the pack."""
    return is_primary_alone(reading)


def lacks_its_first(reading: Scan) -> bool:
    """Whether what it is of stands on another symbol of the pack."""
    return is_secondary(reading)


def is_mismatched(raw: bytes, reading: Scan, *, caps_lock: bool = False) -> bool:
    """Whether a scan that was refused is two sound symbols of different packs."""
    halves = raw.split(BETWEEN)
    if reading.error is None or len(halves) != 2:
        return False
    one, other = (parse(half, caps_lock=caps_lock) for half in halves)
    return (is_primary_alone(one) and is_secondary(other)) or (is_secondary(one) and is_primary_alone(other))
