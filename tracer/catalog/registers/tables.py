"""Registers as tables: a release is imported as a batch, a device is one row, and every code on any of its
packs leads to it.

There are no foreign keys from codes to records: 30 million rows are written by one importer, which writes
both sides in one transaction, and a check for each would cost more than the rows.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from reconcile.registers.records import Register
from tracer.db.base import Base, Id, Instant, Json, one_of


class BatchStatus(StrEnum):
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"


class CodeKind(StrEnum):
    """What a code on a pack or in a register stands for."""

    SALES_UNIT = "sales_unit"
    USE_UNIT = "use_unit"
    DIRECT_MARK = "direct_mark"
    PACKAGE = "package"
    # Which of the four a DI is that the insurance catalogue names, it does not say.
    CATALOGUE_DI = "catalogue_di"
    INSURANCE = "insurance"
    MODEL = "model"
    REFERENCE = "reference"


DI_KINDS = (
    CodeKind.SALES_UNIT,
    CodeKind.USE_UNIT,
    CodeKind.DIRECT_MARK,
    CodeKind.PACKAGE,
    CodeKind.CATALOGUE_DI,
)


class RegisterBatch(Base):
    """One file given to the importer, how far it came and what it changed.

    `part_number` and `part_records` are where to go on: so many parts are behind, so many records of the
    next one. They move in the transaction that writes the records.
    """

    __tablename__ = "register_batch"
    __table_args__ = (
        CheckConstraint(one_of("status", BatchStatus), name="status"),
        Index("ix_register_batch_fingerprint", "fingerprint"),
    )

    id: Mapped[Id]
    file: Mapped[str] = mapped_column(Text)
    fingerprint: Mapped[str] = mapped_column(Text)
    wanted: Mapped[str] = mapped_column(Text, default="", server_default="")
    register: Mapped[str] = mapped_column(Text, default="", server_default="")
    status: Mapped[str] = mapped_column(Text)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    started_at: Mapped[Instant]
    updated_at: Mapped[Instant]
    finished_at: Mapped[Instant | None]
    bytes_total: Mapped[int]
    bytes_done: Mapped[int] = mapped_column(default=0, server_default="0")
    part_number: Mapped[int] = mapped_column(default=0, server_default="0")
    part_records: Mapped[int] = mapped_column(default=0, server_default="0")
    records: Mapped[int] = mapped_column(default=0, server_default="0")
    added: Mapped[int] = mapped_column(default=0, server_default="0")
    changed: Mapped[int] = mapped_column(default=0, server_default="0")
    unchanged: Mapped[int] = mapped_column(default=0, server_default="0")
    older: Mapped[int] = mapped_column(default=0, server_default="0")
    twice: Mapped[int] = mapped_column(default=0, server_default="0")
    refused: Mapped[int] = mapped_column(default=0, server_default="0")
    remarked: Mapped[int] = mapped_column(default=0, server_default="0")


class RegisterBad(Base):
    """What of a batch could not be read, or was read with a remark: where it stands, and why."""

    __tablename__ = "register_bad"
    __table_args__ = (Index("ix_register_bad_batch", "batch_id", "id"),)

    id: Mapped[Id]
    batch_id: Mapped[int] = mapped_column(ForeignKey("register_batch.id"))
    part: Mapped[str] = mapped_column(Text)
    number: Mapped[int | None]
    byte: Mapped[int | None]
    field: Mapped[str] = mapped_column(Text)
    value: Mapped[str] = mapped_column(Text)
    refused: Mapped[bool]
    code: Mapped[str] = mapped_column(Text)
    zh: Mapped[str] = mapped_column(Text)
    en: Mapped[str] = mapped_column(Text)


class RegisterProduct(Base):
    """What many records of a register have in common: name, maker, certificates; found by parts of them.

    `digest` stands for register and all texts. `words` are the texts, folded; `grams` the pairs of Chinese
    characters and the threes of other letters in them.
    """

    __tablename__ = "register_product"
    __table_args__ = (Index("ix_register_product_grams", "grams", postgresql_using="gin"),)

    digest: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    register: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    maker: Mapped[str] = mapped_column(Text)
    certificates: Mapped[str] = mapped_column(Text)
    words: Mapped[str] = mapped_column(Text)
    grams: Mapped[list[str]] = mapped_column(ARRAY(Text))


class RegisterRecord(Base):
    """A device as a register has it, in its newest version. Withdrawn ones stay."""

    __tablename__ = "register_record"
    __table_args__ = (
        CheckConstraint(one_of("register", Register), name="register"),
        Index("uq_register_record_key", "key", "register", unique=True),
        # With the id: a product may have thousands of records, and only its first are shown.
        Index("ix_register_record_product", "product", "id"),
    )

    id: Mapped[Id]
    register: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(Text(collation="C"))
    batch_id: Mapped[int]
    product: Mapped[int]
    version: Mapped[int]
    version_date: Mapped[date | None]
    correction: Mapped[int]
    digest: Mapped[int]
    di: Mapped[str] = mapped_column(Text)
    withdrawn: Mapped[str] = mapped_column(Text)
    said: Mapped[Json]


class RegisterCode(Base):
    """A code by which a record is found: a DI in its canonical form, an insurance code, a model.

    `sales_units` and `use_units`: how much a DI holds; null where the register leaves it open.
    """

    __tablename__ = "register_code"
    __table_args__ = (
        CheckConstraint(one_of("kind", CodeKind), name="kind"),
        Index("ix_register_code_record", "record_id"),
    )

    code: Mapped[str] = mapped_column(Text(collation="C"), primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    record_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    sales_units: Mapped[int | None]
    use_units: Mapped[int | None]


class RegisterSeen(Base):
    """The keys that the running batch has met: the second time is reported. Emptied by the next batch."""

    __tablename__ = "register_seen"

    hash: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
