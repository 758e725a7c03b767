"""A piece of a part, small enough to hold and to hand to another process."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, NamedTuple

from reconcile.errors import Reason
from reconcile.registers.records import Bad


class Layout(StrEnum):
    """How a part is written."""

    NMPA_XML = "nmpa_xml"
    NMPA_TABLE = "nmpa_table"
    GUDID_XML = "gudid_xml"
    GUDID_JSON = "gudid_json"
    GUDID_TABLE = "gudid_table"
    INSURANCE_TABLE = "insurance_table"


class Raw(NamedTuple):
    """One record, not yet parsed: bytes of XML, a JSON object, or a row's cells by column.

    `trouble`: it could not even be cut out; then `content` is None. `number` counts devices of the part, or
    is the row that a person sees in the `sheet`.
    """

    number: int
    offset: int | None
    content: Any
    trouble: Reason | None = None
    value: str = ""
    sheet: str = ""


class Chunk(NamedTuple):
    """Some records of one part, in order; where a part ends, an empty one that stands after it.

    With it, `part_number` parts and `until` records of the next are behind. `done` is how many bytes of
    the file that are. `bad` is what is wrong with the part itself.
    """

    part: str
    part_number: int
    layout: Layout | None
    raws: tuple[Raw, ...]
    until: int
    done: int
    bad: tuple[Bad, ...] = ()
