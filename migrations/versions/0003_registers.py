"""What the national and the American device registers say, kept as they say it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

COUNTS = (
    *("bytes_done", "part_number", "part_records", "records", "added", "changed", "unchanged", "older"),
    *("twice", "refused", "remarked"),
)


def upgrade() -> None:
    op.create_table(
        "register_batch",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("wanted", sa.Text(), server_default="", nullable=False),
        sa.Column("register", sa.Text(), server_default="", nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("bytes_total", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), server_default="0", nullable=False) for name in COUNTS),
        sa.CheckConstraint("status IN ('running', 'done', 'stopped')", name=op.f("ck_register_batch_status")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_register_batch_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_batch")),
    )
    op.create_index("ix_register_batch_fingerprint", "register_batch", ["fingerprint"])
    op.create_table(
        "register_bad",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column("byte", sa.BigInteger(), nullable=True),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("refused", sa.Boolean(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("zh", sa.Text(), nullable=False),
        sa.Column("en", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["register_batch.id"], name=op.f("fk_register_bad_batch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_bad")),
    )
    op.create_index("ix_register_bad_batch", "register_bad", ["batch_id", "id"])
    op.create_table(
        "register_product",
        sa.Column("digest", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("register", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("maker", sa.Text(), nullable=False),
        sa.Column("certificates", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("grams", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_register_product")),
    )
    op.create_index("ix_register_product_grams", "register_product", ["grams"], postgresql_using="gin")
    op.create_table(
        "register_record",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("register", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(collation="C"), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("product", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("version_date", sa.Date(), nullable=True),
        sa.Column("correction", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.BigInteger(), nullable=False),
        sa.Column("di", sa.Text(), nullable=False),
        sa.Column("withdrawn", sa.Text(), nullable=False),
        sa.Column("said", postgresql.JSONB(), nullable=False),
        sa.CheckConstraint(
            "register IN ('nmpa', 'gudid', 'insurance')", name=op.f("ck_register_record_register")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_record")),
    )
    op.create_index("uq_register_record_key", "register_record", ["key", "register"], unique=True)
    op.create_index("ix_register_record_product", "register_record", ["product"])
    op.create_table(
        "register_code",
        sa.Column("code", sa.Text(collation="C"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("record_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sales_units", sa.BigInteger(), nullable=True),
        sa.Column("use_units", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('sales_unit', 'use_unit', 'direct_mark', 'package', 'catalogue_di', 'insurance',"
            " 'model', 'reference')",
            name=op.f("ck_register_code_kind"),
        ),
        sa.PrimaryKeyConstraint("code", "kind", "record_id", name=op.f("pk_register_code")),
    )
    op.create_index("ix_register_code_record", "register_code", ["record_id"])
    op.create_table(
        "register_seen",
        sa.Column("hash", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_register_seen")),
    )


def downgrade() -> None:
    for table in ("seen", "code", "record", "product", "bad", "batch"):
        op.drop_table(f"register_{table}")
