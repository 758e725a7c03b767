"""What the routes of stock documents take and answer."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from tracer.access.fields import (
    MOST_LINES,
    Code,
    Count,
    Day,
    Instant,
    Key,
    Money,
    Name,
    Request,
    Text,
)
from tracer.stock.counting import CountLine, CountStock
from tracer.stock.documents import MOST_UNITS, Line
from tracer.stock.receiving import ReceiptLine, Receive
from tracer.stock.rules import MovementKind, Ownership
from tracer.stock.sending import Send


class LineIn(Request):
    """So many base units of an item; pieces of a serialised item by label or serial."""

    material: Code
    quantity: Count = Field(description="Base units")
    lot: Name = ""
    units: Annotated[tuple[Code, ...], Field(max_length=MOST_UNITS)] = ()

    def to_line(self) -> Line:
        return Line(material=self.material, quantity=self.quantity, lot=self.lot, units=self.units)


class DocumentIn(Request):
    """What every document says."""

    idempotency_key: Key
    document: Code = Field(description="The document's number")
    occurred_at: Instant | None = Field(None, description="Unset: now")


class ReceiptLineIn(LineIn):
    """`units`: the makers' serials, where the pieces carry any."""

    expiry: Day | None = None
    unit_cost: Money | None = Field(None, description="CNY per base unit")

    def to_line(self) -> ReceiptLine:
        return ReceiptLine(
            material=self.material,
            quantity=self.quantity,
            lot=self.lot,
            units=self.units,
            expiry=self.expiry,
            unit_cost=self.unit_cost,
        )


class ReceiptIn(DocumentIn):
    """A supplier's delivery."""

    location: Code
    supplier: Code
    ownership: Ownership = Ownership.OWNED
    lines: Annotated[tuple[ReceiptLineIn, ...], Field(max_length=MOST_LINES)]

    def to_command(self) -> Receive:
        return Receive(
            key=self.idempotency_key,
            location=self.location,
            supplier=self.supplier,
            document=self.document,
            lines=tuple(line.to_line() for line in self.lines),
            occurred_at=self.occurred_at,
            ownership=self.ownership,
        )


class LeaveIn(DocumentIn):
    """Goods that leave the hospital: back to the supplier, or written off."""

    origin: Code
    lines: Annotated[tuple[LineIn, ...], Field(max_length=MOST_LINES)]
    reason: Text = ""

    def to_command(self, kind: MovementKind, target: str | None = None) -> Send:
        return Send(
            key=self.idempotency_key,
            kind=kind,
            origin=self.origin,
            target=target,
            document=self.document,
            lines=tuple(line.to_line() for line in self.lines),
            reason=self.reason,
            occurred_at=self.occurred_at,
        )


class SendIn(LeaveIn):
    """Goods that go to another shelf."""

    target: Code


class CountLineIn(Request):
    material: Code
    counted: Count = Field(description="Base units; 0: looked, found none")
    lot: Name = ""


class CountIn(DocumentIn):
    """What was found on a shelf."""

    location: Code
    blind: Annotated[bool, Field(strict=True)] = Field(True, description="Counted without seeing the book")
    lines: Annotated[tuple[CountLineIn, ...], Field(max_length=MOST_LINES)]

    def to_command(self) -> CountStock:
        return CountStock(
            key=self.idempotency_key,
            location=self.location,
            document=self.document,
            lines=tuple(
                CountLine(material=line.material, counted=line.counted, lot=line.lot) for line in self.lines
            ),
            blind=self.blind,
            occurred_at=self.occurred_at,
        )


class PostedOut(BaseModel):
    """What a document did."""

    document: str
    business_date: str
    movements: list[int] = Field(description="Ids in the ledger")
    labels: list[str] = Field(description="In-house labels made for the pieces of serialised items, in order")


class CountedLineOut(BaseModel):
    material: str
    lot: str
    counted: int
    book: int = Field(description="What the book said at that moment")


class CountedOut(BaseModel):
    document: str
    business_date: str
    lines: list[CountedLineOut]
