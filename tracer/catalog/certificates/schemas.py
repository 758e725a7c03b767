"""What the routes of certificates take and answer."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import BaseModel, Field

from tracer.access.fields import Day, RecordId, Request, Text
from tracer.catalog.certificates.deciding import CertificateReceipt
from tracer.catalog.certificates.listing import Certificates
from tracer.catalog.certificates.proposing import ProposedCertificate
from tracer.catalog.certificates.rules import Standing
from tracer.catalog.workflow_schemas import MOST_AT_ONCE, DayQuery, ProblemOut


class CertificatesQuery(DayQuery):
    standing: Standing | None = Field(None, description="Only those that stand so")
    page: int = Field(1, ge=1, le=10_000)


class CertificateIn(Request):
    """How long a certificate is valid, and which item it covers."""

    item: RecordId | None = Field(None, description="Unset: only its validity is meant, for all its items")
    number: Text = Field(
        description="As 国械注准20153771234, 国械备20150012号, 国食药监械(准)字2010第3770123号"
    )
    valid_until: Day | None = Field(None, description="The last day on which it is valid; a filing has none")
    valid_from: Day | None = Field(None, description="Unset: for every day before, too")
    source: Text = ""

    def to_proposal(self) -> ProposedCertificate:
        return ProposedCertificate(
            item_id=self.item,
            number=self.number,
            valid_until=self.valid_until,
            valid_from=self.valid_from,
            source=self.source,
        )


class CertificatesIn(Request):
    certificates: Annotated[tuple[CertificateIn, ...], Field(min_length=1, max_length=MOST_AT_ONCE)]


class CertificatesApprovedOut(BaseModel):
    approved: list[int]
    replaced: list[int] = Field(description="Records in whose place others stand now")
    items: list[int] = Field(description="Every item that the change concerns")
    refused: list[ProblemOut]

    @classmethod
    def of(cls, receipt: CertificateReceipt, language: str) -> CertificatesApprovedOut:
        return cls(
            approved=list(receipt.approved),
            replaced=list(receipt.replaced),
            items=list(receipt.items),
            refused=ProblemOut.all_of(receipt.refused, language),
        )


class CoveredItemOut(BaseModel):
    id: int
    material: str
    name: str
    specification: str
    unit: str
    stock: int = Field(description="In base units, in the places the asker may see")


class CertificateOut(BaseModel):
    number: str
    readable: bool = Field(description="Whether it is written as certificates are")
    standing: Standing
    valid_from: date | None
    valid_until: date | None
    days_left: int | None
    items: list[CoveredItemOut]
    suppliers: list[str]


class CertificatesOut(BaseModel):
    on: date
    found: int
    page: int
    pages: int
    counts: dict[str, int]
    certificates: list[CertificateOut]

    @classmethod
    def of(cls, listed: Certificates) -> CertificatesOut:
        return cls(
            on=listed.on,
            found=listed.found,
            page=listed.page,
            pages=listed.pages,
            counts={str(standing): count for standing, count in listed.counts.items()},
            certificates=[
                CertificateOut(
                    number=row.number,
                    readable=row.covered.is_readable,
                    standing=row.covered.standing,
                    valid_from=row.covered.valid_from,
                    valid_until=row.covered.valid_until,
                    days_left=row.days_left,
                    items=[
                        CoveredItemOut(
                            id=item.id,
                            material=item.material,
                            name=item.name,
                            specification=item.specification,
                            unit=item.unit,
                            stock=item.stock,
                        )
                        for item in row.items
                    ],
                    suppliers=list(row.suppliers),
                )
                for row in listed.rows
            ],
        )
