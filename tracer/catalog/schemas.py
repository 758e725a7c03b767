"""What the catalogue's routes take and answer."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from tracer.access.fields import Instant
from tracer.catalog.codes_file.cells import LONGEST_CODE
from tracer.catalog.queries import Holding, ItemCard, Level
from tracer.catalog.rules import BindingStatus, CodeSystem, Tracking


def _iso_day(value: Any) -> Any:
    # Left alone, pydantic would take "0" for a day in 1970.
    if isinstance(value, str) and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
        raise PydanticCustomError("date_parsing", "a date is expected, as 2026-01-05")
    return value


class CodePath(BaseModel):
    """Which code in which system."""

    system: str = Field(
        description="material, billing, order, insurance or udi", json_schema_extra={"enum": list(CodeSystem)}
    )
    code: str = Field(
        max_length=LONGEST_CODE,
        description="For udi: the DI of the item or of a package; GTINs with 8, 12, 13 or 14 digits",
    )


class CodeQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    at: Annotated[date, BeforeValidator(_iso_day)] | None = Field(
        default=None, description="The day that is asked about; today, if none is given"
    )
    known_at: Instant | None = Field(
        default=None, description="As it was known then; now, if no instant is given"
    )


class FiveCodesOut(BaseModel):
    material: str | None
    billing: str | None
    order: str | None
    insurance: str | None
    udi: str | None


class ItemOut(BaseModel):
    name: str
    specification: str
    model: str
    maker: str
    certificate: str
    unit: str = Field(description="The base unit: the smallest piece that is used and charged")
    category: str
    tracking: Tracking
    chargeable: bool
    high_value: bool
    sterile: bool
    codes: FiveCodesOut


class HoldingOut(BaseModel):
    name: str
    material: str | None
    valid_from: date
    valid_to: date | None
    status: BindingStatus

    @classmethod
    def of(cls, holding: Holding) -> HoldingOut:
        return cls(
            name=holding.name,
            material=holding.material,
            valid_from=holding.valid_from,
            valid_to=holding.valid_to,
            status=holding.status,
        )


class CodeOut(BaseModel):
    """The item that has a code on a day."""

    item: ItemOut
    level: Level = Field(description="Whether the code stands for the item or for a package of it")
    base_units: int = Field(description="How many pieces one scan of the code stands for")
    at: date
    valid_from: date | None = Field(description="Null for a package")
    valid_to: date | None = Field(description="The first day on which it no longer holds; null: open-ended")
    history: list[HoldingOut] = Field(description="Everybody who ever had the code, the latest first")

    @classmethod
    def of(cls, card: ItemCard) -> CodeOut:
        codes = card.codes
        return cls(
            item=ItemOut(
                name=card.name,
                specification=card.specification,
                model=card.model,
                maker=card.maker,
                certificate=card.certificate,
                unit=card.unit,
                category=card.category,
                tracking=card.tracking,
                chargeable=card.chargeable,
                high_value=card.high_value,
                sterile=card.sterile,
                codes=FiveCodesOut(
                    material=codes.material,
                    billing=codes.billing,
                    order=codes.order,
                    insurance=codes.insurance,
                    udi=codes.udi,
                ),
            ),
            level=card.level,
            base_units=card.base_units,
            at=card.at,
            valid_from=card.valid_from,
            valid_to=card.valid_to,
            history=[HoldingOut.of(holding) for holding in card.history],
        )
