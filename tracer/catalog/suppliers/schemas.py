"""What the routes of suppliers take and answer."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from tracer.access.fields import LARGEST_ID, Code, Key, RecordId, Request, Text
from tracer.catalog.suppliers.queries import Entry, Listed, SoldItem, SupplierLine
from tracer.catalog.suppliers.reviewing import Decided, Reviewed
from tracer.catalog.suppliers.rules import Certified, Doubt, Outcome, State, Value
from tracer.catalog.suppliers.rules import Field as Said
from tracer.catalog.words import problem_text
from tracer.catalog.workflow_schemas import ProblemOut

LAST_PAGE = 10_000
MOST_ROWS = 5_000
MOST_ITEMS = 50_000
Ids = Annotated[tuple[RecordId, ...], Field(min_length=1, max_length=MOST_ITEMS)]


class EntryPath(BaseModel):
    entry: int = Field(ge=1, le=LARGEST_ID)


class SupplierPath(BaseModel):
    supplier: int = Field(ge=1, le=LARGEST_ID)


class PageQuery(BaseModel):
    model_config = {"extra": "forbid"}

    page: int = Field(1, ge=1, le=LAST_PAGE)


class SoldQuery(PageQuery):
    q: str = Field("", max_length=100)
    only: Literal["", "lacks", "waits", "returned"] = ""


class EntriesQuery(PageQuery):
    state: State | None = None


class RowIn(Request):
    """What is said of one item; an empty text says nothing. Read as a row of a file, and answered so."""

    material: Code = Field(description="The hospital's material code")
    insurance: Text = ""
    udi: Text = ""
    certificate: Text = Field("", description="A registration certificate's number")
    valid_until: Text = Field("", description="The certificate's last day, as 2029-12-31")
    price: Text = Field("", description="CNY for one base unit, as 12.50")


class EntriesIn(Request):
    idempotency_key: Key
    rows: Annotated[tuple[RowIn, ...], Field(min_length=1, max_length=MOST_ROWS)]


class FaultOut(BaseModel):
    column: str
    value: str
    zh: str
    en: str


class AnswerOut(BaseModel):
    row: int = Field(description="From 1, in the order given")
    material: str
    outcome: Outcome
    fields: dict[Said, Outcome]
    faults: list[FaultOut]


class EnteredOut(BaseModel):
    taken: int
    unchanged: int
    refused: int
    rows: list[AnswerOut]


class SaidOut(BaseModel):
    """A code, a certificate's number or an amount; a certificate's last day beside it."""

    value: str
    valid_until: date | None = None

    @classmethod
    def of(cls, value: Value | None) -> SaidOut | None:
        if value is None:
            return None
        if isinstance(value, Certified):
            return cls(value=value.number, valid_until=value.until)
        return cls(value=str(value))


class SoldItemOut(BaseModel):
    id: int
    material: str | None
    name: str
    specification: str
    unit: str
    insurance: str | None
    udi: str | None
    certificate: str
    valid_until: date | None
    price: str | None = Field(description="CNY for one base unit; only where it is the supplier's own")
    waiting: int
    returned: int

    @classmethod
    def of(cls, item: SoldItem) -> SoldItemOut:
        return cls(
            id=item.id,
            material=item.material,
            name=item.name,
            specification=item.specification,
            unit=item.unit,
            insurance=item.insurance,
            udi=item.udi,
            certificate=item.certificate,
            valid_until=item.certificate_until,
            price=None if item.price is None else str(item.price),
            waiting=item.waiting,
            returned=item.returned,
        )


class SoldItemsOut(BaseModel):
    found: int
    page: int
    pages: int
    items: list[SoldItemOut]


class EntryOut(BaseModel):
    id: int
    item: int
    material: str | None
    field: Said
    said: SaidOut | None
    state: State
    since: date | None
    why: str = Field(description="The hospital's reason for returning it")
    entered_at: datetime

    @classmethod
    def of(cls, entry: Entry) -> EntryOut:
        return cls(
            id=entry.id,
            item=entry.item_id,
            material=entry.material,
            field=entry.field,
            said=SaidOut.of(entry.value),
            state=entry.state,
            since=entry.since,
            why=entry.why,
            entered_at=entry.entered_at,
        )


class EntriesOut(BaseModel):
    found: int
    page: int
    pages: int
    entries: list[EntryOut]

    @classmethod
    def of(cls, listed: Listed[Entry]) -> EntriesOut:
        return cls(
            found=listed.found,
            page=listed.page,
            pages=listed.pages,
            entries=[EntryOut.of(one) for one in listed.rows],
        )


class WithdrawnOut(BaseModel):
    withdrawn: int


class SupplierOut(BaseModel):
    id: int
    code: str
    name: str
    items: int
    people: list[str]
    open: int = Field(description="Entries that wait for the hospital")

    @classmethod
    def of(cls, line: SupplierLine) -> SupplierOut:
        return cls(
            id=line.id,
            code=line.code,
            name=line.name,
            items=line.items,
            people=list(line.people),
            open=line.open,
        )


class SuppliersOut(BaseModel):
    suppliers: list[SupplierOut]


class SupplierIn(Request):
    code: Code
    name: Text


class SupplierMadeOut(BaseModel):
    id: int


class MaterialsIn(Request):
    materials: Annotated[tuple[Code, ...], Field(min_length=1, max_length=MOST_ITEMS)]


class AssignedOut(BaseModel):
    added: int
    already: int


class ItemsIn(Request):
    items: Ids


class PersonIn(Request):
    person: RecordId


class CountOut(BaseModel):
    count: int


class DifferenceOut(BaseModel):
    """An entry beside what holds and what a register says of the same device."""

    id: int
    item: int
    material: str | None
    field: Said
    said: SaidOut | None
    now: SaidOut | None
    register_says: list[str]
    doubts: list[Doubt] = Field(description="Why it is not approved in bulk")
    state: State

    @classmethod
    def of(cls, one: Reviewed) -> DifferenceOut:
        return cls(
            id=one.id,
            item=one.item_id,
            material=one.material,
            field=one.field,
            said=SaidOut.of(one.value),
            now=SaidOut.of(one.now),
            register_says=list(one.register_says),
            doubts=list(one.doubts),
            state=one.state,
        )


class DifferencesOut(BaseModel):
    entries: list[DifferenceOut]


class ApproveEntriesIn(Request):
    """Named entries; or none, for all of which nothing speaks for a look."""

    ids: Annotated[tuple[RecordId, ...], Field(max_length=MOST_ITEMS)] = ()
    undisputed: bool = Field(False, strict=True)
    why: Text = ""
    exception: Text = Field("", description="Why prices that break a rule come into force all the same")


class ReturnEntriesIn(Request):
    ids: Ids
    why: Text


class DecidedOut(BaseModel):
    approved: int
    once: int = Field(description="Prices that wait for another approver")
    refused: list[ProblemOut]

    @classmethod
    def of(cls, done: Decided, language: str) -> DecidedOut:
        refused = [
            ProblemOut(id=one.binding_id, code=one.code, message=problem_text(one.code, one.data, language))
            for one in done.refused
        ]
        return cls(approved=done.approved, once=done.once, refused=refused)
