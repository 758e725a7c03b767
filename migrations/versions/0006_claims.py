"""What other systems' own exports claim, what is wrong with it, and what was decided."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "claim_source",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("owns", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_source")),
        sa.UniqueConstraint("name", name=op.f("uq_claim_source_name")),
    )
    op.create_table(
        "claim_extract",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("source_id", sa.BigInteger(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("bad", postgresql.JSONB(), server_default="[]", nullable=False),
        sa.Column("bad_rows", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("given", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_claim_extract_person_id")),
        sa.ForeignKeyConstraint(["source_id"], ["claim_source.id"], name=op.f("fk_claim_extract_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_extract")),
    )
    op.create_index("ix_claim_extract_source_id", "claim_extract", ["source_id"], unique=False)
    op.create_table(
        "claim",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("source_id", sa.BigInteger(), nullable=False),
        sa.Column("row", sa.BigInteger(), nullable=False),
        sa.Column("material", sa.Text(), server_default="", nullable=False),
        sa.Column("billing", sa.Text(), server_default="", nullable=False),
        sa.Column("order", sa.Text(), server_default="", nullable=False),
        sa.Column("insurance", sa.Text(), server_default="", nullable=False),
        sa.Column("udi", sa.Text(), server_default="", nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("specification", sa.Text(), server_default="", nullable=False),
        sa.Column("model", sa.Text(), server_default="", nullable=False),
        sa.Column("maker", sa.Text(), server_default="", nullable=False),
        sa.Column("certificate", sa.Text(), server_default="", nullable=False),
        sa.Column("unit", sa.Text(), server_default="", nullable=False),
        sa.Column("pack_quantity", sa.Text(), server_default="", nullable=False),
        sa.Column("price", sa.Text(), server_default="", nullable=False),
        sa.Column("valid_from", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["claim_source.id"], name=op.f("fk_claim_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim")),
        sa.UniqueConstraint("source_id", "row", name=op.f("uq_claim_source_id_row")),
    )
    op.create_index(
        "ix_claim_billing", "claim", ["billing"], unique=False, postgresql_where=sa.text("\"billing\" <> ''")
    )
    op.create_index(
        "ix_claim_insurance",
        "claim",
        ["insurance"],
        unique=False,
        postgresql_where=sa.text("\"insurance\" <> ''"),
    )
    op.create_index(
        "ix_claim_material",
        "claim",
        ["material"],
        unique=False,
        postgresql_where=sa.text("\"material\" <> ''"),
    )
    op.create_index(
        "ix_claim_order", "claim", ["order"], unique=False, postgresql_where=sa.text("\"order\" <> ''")
    )
    op.create_index("ix_claim_udi", "claim", ["udi"], unique=False, postgresql_where=sa.text("\"udi\" <> ''"))
    op.create_table(
        "code_finding",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("group_key", sa.Text(), nullable=False),
        sa.Column("class", sa.Text(), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("values", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("sources", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("remove", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("is_proved", sa.Boolean(), nullable=False),
        sa.Column("codes", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("owner_id", sa.BigInteger(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "class IN ('CONFLICT', 'DANGLING', 'MISMATCH', 'MISSING')", name=op.f("ck_code_finding_class")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_code_finding_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code_finding")),
    )
    op.create_index("ix_code_finding_closed", "code_finding", ["closed_at"], unique=False)
    op.create_index("ix_code_finding_group", "code_finding", ["group_key"], unique=False)
    op.create_index("ix_code_finding_opened", "code_finding", ["opened_at"], unique=False)
    op.create_index(
        "uq_code_finding_open",
        "code_finding",
        ["fingerprint"],
        unique=True,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "settlement",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("group_keys", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("is_complete", sa.Boolean(), nullable=False),
        sa.Column("items", postgresql.JSONB(), nullable=False),
        sa.Column("reasons", postgresql.JSONB(), nullable=False),
        sa.Column("differences", postgresql.JSONB(), nullable=False),
        sa.Column("ruling", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proposer_id", sa.BigInteger(), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approver_id", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "ruling <> 'approved' OR (approver_id IS NOT NULL AND approver_id <> proposer_id)",
            name=op.f("ck_settlement_two_people"),
        ),
        sa.CheckConstraint(
            "ruling = 'suggested' OR (proposer_id IS NOT NULL AND proposed_at IS NOT NULL)",
            name=op.f("ck_settlement_proposed_by"),
        ),
        sa.CheckConstraint(
            "ruling IN ('suggested', 'proposed', 'approved', 'rejected')", name=op.f("ck_settlement_ruling")
        ),
        sa.ForeignKeyConstraint(["approver_id"], ["person.id"], name=op.f("fk_settlement_approver_id")),
        sa.ForeignKeyConstraint(["proposer_id"], ["person.id"], name=op.f("fk_settlement_proposer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement")),
    )
    op.create_index(
        "ix_settlement_groups", "settlement", ["group_keys"], unique=False, postgresql_using="gin"
    )
    op.create_index("ix_settlement_ruling", "settlement", ["ruling", "score"], unique=False)
    op.create_index(
        "uq_settlement_pending",
        "settlement",
        ["fingerprint"],
        unique=True,
        postgresql_where=sa.text("ruling IN ('suggested', 'proposed')"),
    )
    op.create_table(
        "correction",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("settlement_id", sa.BigInteger(), nullable=False),
        sa.Column("source_id", sa.BigInteger(), nullable=False),
        sa.Column("before", postgresql.JSONB(), nullable=True),
        sa.Column("after", postgresql.JSONB(), nullable=True),
        sa.Column("heed", sa.Text(), server_default="awaited", nullable=False),
        sa.Column("heeded_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "heed IN ('awaited', 'followed', 'silent', 'contradicted')", name=op.f("ck_correction_heed")
        ),
        sa.CheckConstraint("before IS DISTINCT FROM after", name=op.f("ck_correction_changes_something")),
        sa.CheckConstraint(
            "before IS NOT NULL OR after IS NOT NULL", name=op.f("ck_correction_says_something")
        ),
        sa.ForeignKeyConstraint(
            ["settlement_id"], ["settlement.id"], name=op.f("fk_correction_settlement_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["source_id"], ["claim_source.id"], name=op.f("fk_correction_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction")),
    )
    op.create_index("ix_correction_heed", "correction", ["source_id", "heed"], unique=False)
    op.create_index("ix_correction_settlement_id", "correction", ["settlement_id"], unique=False)


def downgrade() -> None:
    for table in ("correction", "settlement", "code_finding", "claim", "claim_extract", "claim_source"):
        op.drop_table(table)
