"""Files handed in through a page, and how far each has come; the first records of a product by its index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "intake_job",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("kept", sa.Text(), nullable=False),
        sa.Column("asked", postgresql.JSONB(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("handed_in_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), server_default="", nullable=False),
        sa.Column("done", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("total", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("rows", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("begun", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.Column("stopper_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.CheckConstraint("kind IN ('register', 'export')", name=op.f("ck_intake_job_kind")),
        sa.CheckConstraint(
            "state IN ('waiting', 'running', 'done', 'refused', 'stopped')", name=op.f("ck_intake_job_state")
        ),
        sa.CheckConstraint(
            "(state IN ('waiting', 'running')) = (finished_at IS NULL)", name=op.f("ck_intake_job_finished")
        ),
        sa.ForeignKeyConstraint(["batch_id"], ["register_batch.id"], name=op.f("fk_intake_job_batch_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_intake_job_person_id")),
        sa.ForeignKeyConstraint(["stopper_id"], ["person.id"], name=op.f("fk_intake_job_stopper_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_job")),
        sa.UniqueConstraint("kept", name=op.f("uq_intake_job_kept")),
    )
    op.create_index("ix_intake_job_kind", "intake_job", ["kind", "id"], unique=False)
    op.create_index(
        "ix_intake_job_open",
        "intake_job",
        ["place", "id"],
        unique=False,
        postgresql_where=sa.text("finished_at IS NULL"),
    )
    op.drop_index("ix_register_record_product", "register_record")
    op.create_index("ix_register_record_product", "register_record", ["product", "id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_register_record_product", "register_record")
    op.create_index("ix_register_record_product", "register_record", ["product"], unique=False)
    op.drop_table("intake_job")
