"""Who acts for which supplier, what each sells here, what it entered and how its files were answered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TABLES = ("supplier_entry", "supplier_answer", "supplier_upload", "supply", "supplier_person")


def upgrade() -> None:
    _people()
    _supply()
    _uploads()
    _entries()
    # An assignment ends; what was entered and how it was answered stays.
    for table in TABLES:
        op.execute(
            f"CREATE TRIGGER {table}_kept BEFORE DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )


def _people() -> None:
    op.create_table(
        "supplier_person",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("supplier_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        *_assigned("supplier_person"),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["supplier.id"], name=op.f("fk_supplier_person_supplier_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_supplier_person_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplier_person")),
    )
    op.create_index("ix_supplier_person_supplier_id", "supplier_person", ["supplier_id"])
    op.execute(
        "CREATE UNIQUE INDEX uq_supplier_person_now ON supplier_person (person_id) WHERE ended_at IS NULL"
    )


def _supply() -> None:
    op.create_table(
        "supply",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("supplier_id", sa.BigInteger(), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        *_assigned("supply"),
        sa.ForeignKeyConstraint(["supplier_id"], ["supplier.id"], name=op.f("fk_supply_supplier_id")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_supply_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supply")),
    )
    op.create_index("ix_supply_item_id", "supply", ["item_id"])
    op.execute("CREATE UNIQUE INDEX uq_supply_now ON supply (supplier_id, item_id) WHERE ended_at IS NULL")


def _assigned(table: str) -> list[sa.schema.SchemaItem]:
    """From when until when, and who said so."""
    return [
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("begun_by_id", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("ended_by_id", sa.BigInteger()),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (ended_by_id IS NULL)", name=op.f(f"ck_{table}_ended_by_somebody")
        ),
        sa.ForeignKeyConstraint(["begun_by_id"], ["person.id"], name=op.f(f"fk_{table}_begun_by_id")),
        sa.ForeignKeyConstraint(["ended_by_id"], ["person.id"], name=op.f(f"fk_{table}_ended_by_id")),
    ]


def _uploads() -> None:
    op.create_table(
        "supplier_upload",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("supplier_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("taken", sa.BigInteger(), nullable=False),
        sa.Column("unchanged", sa.BigInteger(), nullable=False),
        sa.Column("refused", sa.BigInteger(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["supplier.id"], name=op.f("fk_supplier_upload_supplier_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_supplier_upload_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplier_upload")),
    )
    op.create_index("ix_supplier_upload_supplier_id", "supplier_upload", ["supplier_id", "id"])
    op.create_table(
        "supplier_answer",
        sa.Column("upload_id", sa.BigInteger(), nullable=False),
        sa.Column("row", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("material", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("fields", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("faults", postgresql.JSONB(), server_default="[]", nullable=False),
        sa.CheckConstraint(
            "outcome IN ('taken', 'unchanged', 'refused')", name=op.f("ck_supplier_answer_outcome")
        ),
        sa.ForeignKeyConstraint(
            ["upload_id"], ["supplier_upload.id"], name=op.f("fk_supplier_answer_upload_id")
        ),
        sa.PrimaryKeyConstraint("upload_id", "row", name=op.f("pk_supplier_answer")),
    )


def _entries() -> None:
    op.create_table(
        "supplier_entry",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("supplier_id", sa.BigInteger(), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("valid_until", sa.Date()),
        sa.Column("binding_id", sa.BigInteger()),
        sa.Column("certificate_id", sa.BigInteger()),
        sa.Column("price_id", sa.BigInteger()),
        sa.Column("upload_id", sa.BigInteger()),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True)),
        sa.Column("withdrawn_by_id", sa.BigInteger()),
        sa.CheckConstraint(
            "field IN ('insurance', 'udi', 'certificate', 'price')", name=op.f("ck_supplier_entry_field")
        ),
        sa.CheckConstraint(
            "num_nonnulls(binding_id, certificate_id, price_id) = 1",
            name=op.f("ck_supplier_entry_proposes_one"),
        ),
        sa.CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)",
            name=op.f("ck_supplier_entry_withdrawn_by_somebody"),
        ),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_supplier_entry_{column}"))
            for column, table in (
                ("supplier_id", "supplier"),
                ("item_id", "item"),
                ("binding_id", "code_binding"),
                ("price_id", "price"),
                ("upload_id", "supplier_upload"),
                ("person_id", "person"),
                ("withdrawn_by_id", "person"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplier_entry")),
    )
    op.create_index("ix_supplier_entry_supplier_id", "supplier_entry", ["supplier_id", "id"])
    op.create_index("ix_supplier_entry_item_id", "supplier_entry", ["item_id", "supplier_id"])
    for one in ("binding", "certificate", "price"):
        op.execute(
            f"CREATE UNIQUE INDEX uq_supplier_entry_{one} ON supplier_entry ({one}_id, supplier_id)"
            f" WHERE {one}_id IS NOT NULL AND withdrawn_at IS NULL"
        )


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
