"""What the bedside's routes take and answer."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from tracer.access.fields import BadField, Code, Count, Instant, Key, Name, PathId, RecordId, Request, Text
from tracer.catalog.rules import CodeSystem
from tracer.catalog.schemas import FiveCodesOut
from tracer.charging.bedside import RecordScan
from tracer.charging.posting import PostCharge, PostUse
from tracer.charging.reversing import ReverseScan
from tracer.orders.schemas import OrderOut
from tracer.stock.schemas import LineIn

# No symbol holds a quarter of this; what is longer than any code is still recorded, as pending.
LONGEST_RAW = 16_384


class OneRaw(BadField):
    zh = "raw 与 raw_b64 须给出且只给出一个"
    en = "exactly one of raw and raw_b64 is expected"


class NotBase64(BadField):
    zh = "raw_b64 不是有效的 Base64"
    en = "raw_b64 is not valid Base64"


class RawIn(Request):
    """What a scanner sent: as text, or byte for byte."""

    raw: Annotated[str, StringConstraints(max_length=LONGEST_RAW)] | None = Field(
        None, description="What the scanner sent, as text; control characters belong to it"
    )
    raw_b64: Annotated[str, StringConstraints(max_length=LONGEST_RAW * 4 // 3 + 4)] | None = Field(
        None, description="The same as Base64 of the bytes, for what is no UTF-8 text"
    )
    caps_lock: bool = Field(False, description="Whether Caps Lock was on while the scanner typed")

    @model_validator(mode="after")
    def _one_raw(self) -> Self:
        if (self.raw is None) == (self.raw_b64 is None):
            raise OneRaw()
        self.raw_bytes()
        return self

    def raw_bytes(self) -> bytes:
        """What the scanner sent, byte for byte. Raises NotBase64."""
        if self.raw is not None:
            return self.raw.encode()
        assert self.raw_b64 is not None
        try:
            return base64.b64decode(self.raw_b64, validate=True)
        except (binascii.Error, ValueError) as error:
            raise NotBase64() from error


class ScanIn(RawIn):
    """One pull of the trigger."""

    idempotency_key: Key
    location: Code
    encounter: Annotated[Name, Field(description="The reference on the wristband")]
    order_line: RecordId | None = None
    quantity: Count | None = Field(None, description="Base units; for a package, or several loose pieces")
    scanned_at: Instant | None = Field(None, description="The device's time; unset: now")
    device: Name = ""
    override_reason: Text | None = Field(
        None, description="Why a piece that was refused is used all the same"
    )

    def to_command(self) -> RecordScan:
        return RecordScan(
            key=self.idempotency_key,
            raw=self.raw_bytes(),
            location=self.location,
            encounter=self.encounter,
            order_line=self.order_line,
            quantity=self.quantity,
            scanned_at=self.scanned_at,
            device=self.device,
            caps_lock=self.caps_lock,
            override_reason=self.override_reason,
        )


class SentencesOut(BaseModel):
    """A reading in words, in the reader's language."""

    repairs: list[str]
    error: str | None


class ReadingOut(BaseModel):
    """What a scan says; nothing was recorded or booked."""

    raw: str
    symbology: str | None = Field(description="The AIM symbology identifier, if the scanner sends it")
    agency: Literal["GS1", "HIBC", "ICCBBA", "MA", "AHM", "INHOUSE", "UNKNOWN"]
    di: str | None
    level: Literal["unit", "package", "unknown"]
    lot: str | None
    serial: str | None
    expiry: str | None
    manufactured: str | None
    quantity: int | None
    elements: list[list[str]]
    repairs: list[str]
    error: dict[str, Any] | None = Field(description="`code`, `at` (a character of `raw`) and `message`")
    readings: list[dict[str, Any]] = Field([], description="Of an ambiguous text: how it can be read")
    sentences: SentencesOut


class ScanPath(BaseModel):
    scan: PathId


class ReversalIn(Request):
    """Undo a scan: its use and its charge together."""

    idempotency_key: Key
    reason: Text = ""

    def to_command(self, scan: int) -> ReverseScan:
        return ReverseScan(key=self.idempotency_key, scan=scan, reason=self.reason)


class EncounterPath(BaseModel):
    ref: str


class UseIn(Request):
    """A ward's consumption sheet: pieces used that nobody scanned."""

    idempotency_key: Key
    location: Code
    document: Code
    lines: Annotated[tuple[LineIn, ...], Field(max_length=500)]
    encounter: Name | None = None
    occurred_at: Instant | None = None

    def to_command(self) -> PostUse:
        return PostUse(
            key=self.idempotency_key,
            location=self.location,
            document=self.document,
            lines=tuple(line.to_line() for line in self.lines),
            encounter=self.encounter,
            occurred_at=self.occurred_at,
        )


class ChargeIn(Request):
    """A charge that the HIS made."""

    idempotency_key: Key
    encounter: Name
    location: Code
    system: CodeSystem = CodeSystem.BILLING
    code: Code
    quantity: Count
    occurred_at: Instant | None = None
    document: Name = ""
    use: RecordId | None = Field(
        None, description="The movement of the use it is for, where the HIS knows it"
    )

    def to_command(self) -> PostCharge:
        fields = {name: getattr(self, name) for name in ChargeIn.model_fields if name != "idempotency_key"}
        return PostCharge(key=self.idempotency_key, **fields)


class ScannedItemOut(BaseModel):
    name: str
    specification: str
    unit: str = Field(description="The base unit")
    codes: FiveCodesOut


class ChargeOut(BaseModel):
    id: int
    quantity: int
    unit_price: str = Field(description="CNY")
    amount: str = Field(description="CNY")


class RefundOut(ChargeOut):
    reverses: int = Field(description="The charge that is refunded")


class WarningOut(BaseModel):
    code: str
    message: str
    data: dict[str, Any]


class ScanOut(BaseModel):
    """What became of a scan."""

    scan: int
    outcome: Literal["charged", "used", "needs_choice", "unresolved", "refused"]
    item: ScannedItemOut | None
    quantity: int
    lot: str | None
    expiry: str | None
    serial: str | None
    encounter: str
    location: str
    order_line: int | None
    business_date: str
    scanned_at: str
    charge: ChargeOut | None
    choices: list[dict[str, Any]]
    warnings: list[WarningOut]


class ReversalOut(BaseModel):
    scan: int
    outcome: Literal["reversed"]
    encounter: str
    location: str
    quantity: int
    business_date: str
    charge: RefundOut | None


class PlaceOut(BaseModel):
    code: str
    name: str
    name_en: str


class SeenScanOut(BaseModel):
    """A scan on the patient's list."""

    scan: int
    outcome: Literal["charged", "used", "needs_choice", "unresolved", "refused"]
    reversed: bool
    scanned_at: str
    by: str
    location: str
    item: ScannedItemOut | None
    quantity: int
    lot: str | None
    serial: str | None
    order_line: int | None
    charge: ChargeOut | None
    warnings: list[WarningOut]


class EncounterOut(BaseModel):
    ref: str
    known: bool = Field(description="False: nothing was heard of it yet; a scan for it is taken all the same")
    confirmed: bool = Field(description="Whether the HIS told of it")
    name: str = Field(description="Masked: the first character and a star")
    bed: str
    location: PlaceOut | None
    charged: str = Field(description="CNY: its charges less its refunds")
    orders: list[OrderOut]
    scans: list[SeenScanOut] = Field(description="The latest 50, newest first, pending ones too")


class HisItemOut(BaseModel):
    name: str
    codes: FiveCodesOut


class HisChargeOut(BaseModel):
    charge: ChargeOut
    business_date: str
    item: HisItemOut


class ImageQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    frame: bool = Field(
        False, description="One of many frames of a camera: look at it once, and not as hard as at a photo"
    )


class ImageReadingOut(BaseModel):
    """What a code says."""

    agency: Literal["GS1", "HIBC", "ICCBBA", "MA", "AHM", "INHOUSE", "UNKNOWN"]
    di: str | None
    level: Literal["unit", "package", "unknown"]
    lot: str | None
    serial: str | None
    expiry: str | None
    manufactured: str | None
    quantity: int | None
    repairs: list[str]
    error: dict[str, Any] | None = Field(description="`code`, `at` and `message`, or null")


class ImageSymbolOut(BaseModel):
    """One code in the picture."""

    format: str
    symbology: str | None = Field(description="The AIM symbology identifier")
    text: str
    raw_b64: str = Field(description="As `raw_b64` of POST /api/v1/scans: identifier and payload")
    engine: str
    position: list[list[int]] | None = Field(description="Its four corners, in pixels of the picture as seen")
    reading: ImageReadingOut


class ImageChoiceOut(BaseModel):
    """One thing that may be meant."""

    raw_b64: str = Field(description="What to send for it as `raw_b64` of POST /api/v1/scans")
    symbols: list[int] = Field(description="The codes it covers, by their place in `symbols`")
    device: bool = Field(description="False: no device identifier; a wristband, or anything")
    certain: bool = Field(description="False: ask a person, even if it is the only one")
    reading: ImageReadingOut


class ImageOut(BaseModel):
    """What a picture holds."""

    symbols: list[ImageSymbolOut]
    choices: list[ImageChoiceOut] = Field(
        description="What may be meant; if more than one is a device, a person has to say which"
    )
