"""What the routes of proposals, approvals and exceptions take and answer."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from tracer.access.fields import LARGEST_ID, Code, Day, Money, RecordId, Request, Text
from tracer.catalog.approving import Problem
from tracer.catalog.bindings import ApprovalReceipt, ProposedBinding
from tracer.catalog.price_report import PriceReport
from tracer.catalog.price_rules import PriceRule
from tracer.catalog.pricing import PriceReceipt, ProposedPrice
from tracer.catalog.rules import CodeSystem, PriceKind, WaiverKind
from tracer.catalog.schemas import FiveCodesOut
from tracer.catalog.searching import LAST_PAGE, Found
from tracer.catalog.words import problem_text

MOST_AT_ONCE = 50_000
Ids = Annotated[tuple[RecordId, ...], Field(min_length=1, max_length=MOST_AT_ONCE)]


class WaiverPath(BaseModel):
    waiver: int = Field(ge=1, le=LARGEST_ID)


class ItemsQuery(BaseModel):
    model_config = {"extra": "forbid"}

    q: str = Field("", max_length=200, description="Words that must all be found")
    page: int = Field(1, ge=1, le=LAST_PAGE)


class DayQuery(BaseModel):
    model_config = {"extra": "forbid"}

    on: Day | None = Field(None, description="The day that is asked about; today, if none is given")


class PricesQuery(DayQuery):
    rule: PriceRule | None = None


class FoundItemOut(BaseModel):
    id: int
    name: str
    specification: str
    maker: str
    certificate: str
    unit: str
    chargeable: bool
    codes: FiveCodesOut
    charge_price: str | None
    proposals: int = Field(description="Codes of the item that wait for approval")


class FoundItemsOut(BaseModel):
    found: int
    page: int
    pages: int
    items: list[FoundItemOut]

    @classmethod
    def of(cls, found: Found) -> FoundItemsOut:
        return cls(
            found=found.items,
            page=found.page,
            pages=found.pages,
            items=[
                FoundItemOut(
                    id=row.id,
                    name=row.name,
                    specification=row.specification,
                    maker=row.maker,
                    certificate=row.certificate,
                    unit=row.unit,
                    chargeable=row.chargeable,
                    codes=FiveCodesOut(
                        material=row.codes.material,
                        billing=row.codes.billing,
                        order=row.codes.order,
                        insurance=row.codes.insurance,
                        udi=row.codes.udi,
                    ),
                    charge_price=row.price,
                    proposals=row.proposals,
                )
                for row in found.rows
            ],
        )


class BindingIn(Request):
    """That an item should have a code from a day on."""

    item: RecordId
    system: CodeSystem
    code: Code
    valid_from: Day | None = Field(None, description="Unset: today")
    source: Text = ""
    moves: bool = Field(False, strict=True, description="The code may be taken from the item that has it")

    def to_proposal(self) -> ProposedBinding:
        return ProposedBinding(
            item_id=self.item,
            system=self.system,
            code=self.code,
            valid_from=self.valid_from,
            source=self.source,
            moves=self.moves,
        )


class BindingsIn(Request):
    bindings: Annotated[tuple[BindingIn, ...], Field(min_length=1, max_length=MOST_AT_ONCE)]


class PriceIn(Request):
    """What one base unit of an item should cost from a day on."""

    item: RecordId
    kind: PriceKind
    amount: Money
    valid_from: Day | None = Field(None, description="Unset: today")
    source: Text = ""

    def to_proposal(self) -> ProposedPrice:
        return ProposedPrice(
            item_id=self.item,
            kind=self.kind,
            amount=self.amount,
            valid_from=self.valid_from,
            source=self.source,
        )


class PricesIn(Request):
    prices: Annotated[tuple[PriceIn, ...], Field(min_length=1, max_length=MOST_AT_ONCE)]


class ApproveIn(Request):
    ids: Ids
    skip_refused: bool = Field(
        False, strict=True, description="Approve those that can be; else all of them or none"
    )


class ApprovePricesIn(ApproveIn):
    exception: Text = Field("", description="Why prices that break a rule may come into force nevertheless")


class RejectIn(Request):
    ids: Ids
    why: Text


class RetireIn(RejectIn):
    on: Day | None = Field(None, description="The first day without it; unset: today")


class WaiverIn(Request):
    item: RecordId
    kind: WaiverKind = Field(
        WaiverKind.UNSETTLED, description="What it lets pass: unsettled codes, or a certificate that ended"
    )
    why: Text
    until: Day = Field(description="The last day on which the item may be received so")


class ProposedOut(BaseModel):
    ids: list[int] = Field(description="In the order given")


class ProblemOut(BaseModel):
    id: int
    code: str
    message: str

    @classmethod
    def all_of(cls, problems: tuple[Problem, ...], language: str) -> list[ProblemOut]:
        return [
            cls(id=one.binding_id, code=one.code, message=problem_text(one.code, one.data, language))
            for one in problems
        ]


class LaterOut(BaseModel):
    id: int
    valid_from: date = Field(description="Later than proposed: approved late, or charged on that day already")


class ApprovedOut(BaseModel):
    """What an approval did; `once`, for prices only, wait for another approver."""

    approved: list[int]
    once: list[int]
    ended: list[int] = Field(description="What was in force before, and ends for it")
    excepted: list[int] = Field(description="Of prices, those that break a rule for the reason given")
    later: list[LaterOut]
    refused: list[ProblemOut]

    @classmethod
    def of(cls, receipt: ApprovalReceipt | PriceReceipt, language: str) -> ApprovedOut:
        return cls(
            approved=list(receipt.approved),
            once=list(receipt.once) if isinstance(receipt, PriceReceipt) else [],
            ended=list(receipt.ended),
            excepted=list(receipt.excepted) if isinstance(receipt, PriceReceipt) else [],
            later=[LaterOut(id=id_, valid_from=day) for id_, day in receipt.later.items()],
            refused=ProblemOut.all_of(receipt.refused, language),
        )


class RejectedOut(BaseModel):
    rejected: int


class EndOut(BaseModel):
    id: int
    valid_to: date = Field(description="The first day on which it no longer holds")


class RetiredOut(BaseModel):
    ended: list[EndOut]


class WaiverOut(BaseModel):
    id: int


class OpenWaiverOut(BaseModel):
    id: int
    kind: WaiverKind
    item: int
    material: str | None
    name: str
    why: str
    until: date
    over: bool = Field(description="Its last day is past; it allows nothing and waits to be closed")
    granted_by: str
    granted_at: datetime
    missing: list[str]
    ended: date | None = Field(description="The last day of a certificate that has ended")


class WaiversOut(BaseModel):
    waivers: list[OpenWaiverOut]


class DisagreementOut(BaseModel):
    item: int
    material: str | None
    name: str
    rule: PriceRule
    found: str | None
    expected: str | None
    difference: str | None
    prices: dict[str, str]
    exception: str | None = Field(description="Why it may be, where that was allowed for these two amounts")


class PriceReportOut(BaseModel):
    on: date
    items: int
    counts: dict[str, int]
    rows: list[DisagreementOut]

    @classmethod
    def of(cls, report: PriceReport) -> PriceReportOut:
        def told(amount: Any) -> str | None:
            return None if amount is None else str(amount)

        return cls(
            on=report.on,
            items=report.items,
            counts={str(rule): count for rule, count in report.counts.items()},
            rows=[
                DisagreementOut(
                    item=row.item_id,
                    material=row.material,
                    name=row.name,
                    rule=row.broken.rule,
                    found=told(row.broken.found),
                    expected=told(row.broken.expected),
                    difference=told(row.broken.difference),
                    prices={str(kind): str(amount) for kind, amount in row.prices.items()},
                    exception=row.allowed.why if row.allowed else None,
                )
                for row in report.rows
            ],
        )
