"""What was approved is taken back by two people, as it was approved."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("settlement", sa.Column("undo_proposer_id", sa.BigInteger(), nullable=True))
    op.add_column("settlement", sa.Column("undo_proposed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("settlement", sa.Column("undo_why", sa.Text(), server_default="", nullable=False))
    op.add_column("settlement", sa.Column("undo_approver_id", sa.BigInteger(), nullable=True))
    for column in ("undo_proposer_id", "undo_approver_id"):
        op.create_foreign_key(op.f(f"fk_settlement_{column}"), "settlement", "person", [column], ["id"])
    op.create_check_constraint(
        op.f("ck_settlement_undo_proposed"),
        "settlement",
        "undo_proposer_id IS NULL OR (approver_id IS NOT NULL AND undo_proposed_at IS NOT NULL"
        " AND undo_why <> '')",
    )
    # What one person took back alone, before there were two: who had approved it is in the audit.
    op.execute("UPDATE settlement SET approver_id = NULL WHERE ruling <> 'approved'")
    op.create_check_constraint(
        op.f("ck_settlement_undo_two_people"),
        "settlement",
        "ruling = 'approved' OR approver_id IS NULL"
        " OR (undo_approver_id IS NOT NULL AND undo_proposer_id IS NOT NULL"
        " AND undo_approver_id <> undo_proposer_id)",
    )
    op.create_index(
        "ix_settlement_undo", "settlement", ["undo_proposed_at"],
        postgresql_where=sa.text("undo_proposer_id IS NOT NULL AND undo_approver_id IS NULL"),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_settlement_undo", "settlement")
    for name in ("undo_two_people", "undo_proposed"):
        op.drop_constraint(op.f(f"ck_settlement_{name}"), "settlement")
    for column in ("undo_approver_id", "undo_why", "undo_proposed_at", "undo_proposer_id"):
        op.drop_column("settlement", column)
