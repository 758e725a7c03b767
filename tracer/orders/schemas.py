"""What the routes of orders take and answer."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from tracer.access.fields import MOST_LINES, Code, Count, Instant, Key, Name, Request
from tracer.orders.placing import OrderedCode, PlaceOrder


class OrderedIn(Request):
    """An order code of an item or of a bundle."""

    order_code: Code
    quantity: Count = 1


class OrderIn(Request):
    """An order as the HIS tells of it."""

    idempotency_key: Key
    order_no: Code
    encounter: Name
    location: Code
    lines: Annotated[tuple[OrderedIn, ...], Field(max_length=MOST_LINES)]
    ordered_at: Instant | None = Field(None, description="Unset: now")
    patient_name: Name = Field("", description="Shown masked, to tell patients apart")
    bed: Name = ""

    def to_command(self) -> PlaceOrder:
        return PlaceOrder(
            key=self.idempotency_key,
            order_no=self.order_no,
            encounter=self.encounter,
            location=self.location,
            lines=tuple(OrderedCode(order_code=one.order_code, quantity=one.quantity) for one in self.lines),
            ordered_at=self.ordered_at,
            patient_name=self.patient_name,
            bed=self.bed,
        )


class OrderPath(BaseModel):
    order_no: Code


class OrderLineOut(BaseModel):
    """What an order expects; nothing of it is charged before it is used."""

    id: int
    line_no: int
    bundle: str | None = Field(description="The order code of the bundle it was unpacked from")
    bundle_name: str | None
    material: str | None
    name: str
    specification: str
    expected: int
    used: int
    state: Literal["expected", "used", "not_used"]


class OrderOut(BaseModel):
    order_no: str
    encounter: str
    location: str
    ordered_at: str
    ended_at: str | None
    lines: list[OrderLineOut]
