"""The columns of claims, groups and findings, and the classes of findings."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

SYSTEMS: Final = ("material", "billing", "order", "insurance", "udi")
ATTRIBUTES: Final = (
    "name", "specification", "model", "maker", "certificate", "unit", "pack_quantity", "price", "valid_from",
)  # fmt: skip
COMPARED: Final = ("specification", "model", "maker", "certificate", "unit", "pack_quantity", "price")
"""What must agree within a group. A name is each system's own wording, a start of validity each one's day."""
NUMBERS: Final = ("pack_quantity", "price")

GROUP_COLUMNS: Final = ("group", "status", *SYSTEMS)
FINDING_COLUMNS: Final = ("group", "class", "system", "field", "values", "sources", "remove", "proved")
JOINT: Final = "|"


class Status(StrEnum):
    """What a group is, and the class of a finding; the first in this order is the worst."""

    CONFLICT = "CONFLICT"
    DANGLING = "DANGLING"
    MISMATCH = "MISMATCH"
    MISSING = "MISSING"
    OK = "OK"
