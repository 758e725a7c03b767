"""What the registers' routes take and answer."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from reconcile.registers.records import Register
from tracer.catalog.registers.facts import RegisterFact
from tracer.catalog.registers.searching import LONGEST_SEARCH, Found
from tracer.catalog.registers.tables import CodeKind


class DiPath(BaseModel):
    di: str = Field(max_length=200, description="A device identifier as scanned; GTINs with 8 to 14 digits")


class SearchQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    q: str = Field(min_length=1, max_length=LONGEST_SEARCH, description="A code or its beginning, or words")
    limit: int = Field(default=20, ge=1, le=100)


class InsuranceOut(BaseModel):
    code: str
    source: str = Field(description="Who says so: nmpa, insurance, or both joined by +")
    devices: int = Field(description="How many devices have this very code")
    models_of_kind: int = Field(description="How many 27-character codes begin with its first 20")
    shared: bool = Field(description="A 27-character code on more than one device")


class PackOut(BaseModel):
    kind: CodeKind
    di: str
    sales_units: int | None
    use_units: int | None = Field(
        description="Pieces as they are used; null where the register leaves it open"
    )


class FactOut(BaseModel):
    """What the registers say of a device identifier."""

    asked: str
    kind: CodeKind = Field(description="Which of the device's packs the identifier is on")
    sales_units: int | None
    use_units: int | None
    source: Register
    key: str
    sales_unit: str
    agency: str
    name: str
    brand: str
    specification: str
    model: str
    reference: str
    maker: str
    maker_english: str
    certificates: list[str]
    insurance: list[InsuranceOut]
    packs: list[PackOut]
    carries_lot: bool | None
    carries_serial: bool | None
    carries_manufactured: bool | None
    carries_expiry: bool | None
    withdrawn: str
    version: int
    version_date: str
    status: str
    others: int = Field(description="How many other devices of the register have the same identifier")

    @classmethod
    def of(cls, fact: RegisterFact) -> FactOut:
        return cls.model_validate(fact, from_attributes=True)


class HitOut(BaseModel):
    register_name: Register = Field(serialization_alias="register")
    key: str
    di: str
    name: str
    model: str
    maker: str
    certificates: list[str]
    withdrawn: str
    kind: str = Field(description="Which kind of code was found; empty if its words were")
    code: str


class FoundOut(BaseModel):
    hits: list[HitOut]
    more: bool

    @classmethod
    def of(cls, found: Found) -> FoundOut:
        hits = [
            HitOut(
                register_name=hit.register,
                key=hit.key,
                di=hit.di,
                name=hit.name,
                model=hit.model,
                maker=hit.maker,
                certificates=list(hit.certificates),
                withdrawn=hit.withdrawn,
                kind=hit.kind,
                code=hit.code,
            )
            for hit in found.hits
        ]
        return cls(hits=hits, more=found.more)
