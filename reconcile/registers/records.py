"""What a register says of one device, in one shape for all of them; and what could not be read."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, NamedTuple

from reconcile.errors import Reason


class Register(StrEnum):
    NMPA = "nmpa"
    GUDID = "gudid"
    INSURANCE = "insurance"


class DiKind(StrEnum):
    """What a scanned identifier may stand for."""

    SALES_UNIT = "sales_unit"
    USE_UNIT = "use_unit"
    DIRECT_MARK = "direct_mark"
    PACKAGE = "package"


class Identifier(NamedTuple):
    """A DI as the register writes it, and how much it holds.

    `sales_units` and `use_units` are None where the register leaves it open or contradicts itself; a piece
    of a sales unit has no `sales_units`.
    """

    kind: DiKind
    di: str
    agency: str = ""
    sales_units: int | None = None
    use_units: int | None = None
    level: str = ""
    contains: str = ""
    quantity: int | None = None


class Record(NamedTuple):
    """One device. Texts are as the register has them; "" and None where it says nothing.

    `version`, `version_date` (ISO) and `correction` say which of two records with one key is the newer;
    a register without versions has 0. `said` is everything, by the register's own names.
    """

    register: Register
    key: str
    number: int
    di: str
    name: str
    said: dict[str, Any]
    identifiers: tuple[Identifier, ...] = ()
    version: int = 0
    version_date: str = ""
    correction: int = 0
    status: str = ""
    agency: str = ""
    brand: str = ""
    specification: str = ""
    model: str = ""
    reference: str = ""
    maker: str = ""
    maker_english: str = ""
    certificates: tuple[str, ...] = ()
    insurance_codes: tuple[str, ...] = ()
    carries_lot: bool | None = None
    carries_serial: bool | None = None
    carries_manufactured: bool | None = None
    carries_expiry: bool | None = None
    withdrawn: str = ""
    sheet: str = ""


class Bad(NamedTuple):
    """Something that could not be read, and where a person finds it.

    `part` is the way through the zips to the file inside; `number` counts devices or spreadsheet rows in it
    from 1; `offset` is the byte of the unpacked part at which the device begins. `refused`: the record is
    not in; otherwise it is, without this.
    """

    part: str
    reason: Reason
    number: int | None = None
    offset: int | None = None
    column: str = ""
    value: str = ""
    refused: bool = True
