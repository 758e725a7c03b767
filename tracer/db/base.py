"""The declarative base: one naming convention for constraints, one column type for each idea."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

from sqlalchemy import BigInteger, DateTime, Identity, Index, MetaData, Numeric, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column

# Alembic can only drop what it can name, so every constraint has a name that follows from its columns.
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

Id = Annotated[int, mapped_column(BigInteger, Identity(always=True), primary_key=True)]
Money = Annotated[Decimal, mapped_column(Numeric(14, 2))]
Instant = Annotated[datetime, mapped_column(DateTime(timezone=True))]
Json = Annotated[dict[str, Any], mapped_column(JSONB)]


def one_of(column: str, words: type[StrEnum]) -> str:
    """The text of a check that a column holds one of an enumeration's words."""
    return f"{column} IN ({', '.join(repr(str(word)) for word in words)})"


def unique_if_present(name: str, *columns: str) -> Index:
    """A unique index over rows in which the first column is not null."""
    return Index(name, *columns, unique=True, postgresql_where=text(f"{columns[0]} IS NOT NULL"))


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {int: BigInteger}  # noqa: RUF012 - SQLAlchemy reads it from the class
