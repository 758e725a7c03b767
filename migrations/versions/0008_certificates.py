"""Registration certificates and how long each is valid; prices that hold, or say why not."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

STAYS = """
    (NEW.item_id, NEW.number, NEW.valid_from, NEW.valid_until, NEW.source, NEW.created_at, NEW.proposer_id)
        IS DISTINCT FROM
    (OLD.item_id, OLD.number, OLD.valid_from, OLD.valid_until, OLD.source, OLD.created_at, OLD.proposer_id)
 OR OLD.status IN ('replaced', 'rejected') AND NEW IS DISTINCT FROM OLD
 OR OLD.status = 'approved' AND NEW.status NOT IN ('approved', 'replaced')
 OR OLD.status = 'approved' AND (NEW.approver_id, NEW.decided_at)
        IS DISTINCT FROM (OLD.approver_id, OLD.decided_at)
 OR OLD.status = 'proposed' AND NEW.status = 'replaced'
"""


def upgrade() -> None:
    _certificate()
    _waiver_kind()
    _markup_change()
    _price_exception()
    _former_end()


def _certificate() -> None:
    op.create_table(
        "certificate",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("item_id", sa.BigInteger()),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date()),
        sa.Column("valid_until", sa.Date()),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("proposer_id", sa.BigInteger(), nullable=False),
        sa.Column("approver_id", sa.BigInteger()),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("ended_by_id", sa.BigInteger()),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "status IN ('proposed', 'approved', 'replaced', 'rejected')", name=op.f("ck_certificate_status")
        ),
        sa.CheckConstraint("number <> ''", name=op.f("ck_certificate_number_not_empty")),
        sa.CheckConstraint("valid_until >= valid_from", name=op.f("ck_certificate_validity_in_order")),
        sa.CheckConstraint(
            "item_id IS NOT NULL OR valid_until IS NOT NULL", name=op.f("ck_certificate_says_something")
        ),
        sa.CheckConstraint(
            "status NOT IN ('approved', 'replaced') OR approver_id IS NOT NULL AND approver_id <> proposer_id"
            " AND decided_at IS NOT NULL",
            name=op.f("ck_certificate_two_people"),
        ),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_certificate_item_id")),
        sa.ForeignKeyConstraint(["proposer_id"], ["person.id"], name=op.f("fk_certificate_proposer_id")),
        sa.ForeignKeyConstraint(["approver_id"], ["person.id"], name=op.f("fk_certificate_approver_id")),
        sa.ForeignKeyConstraint(["ended_by_id"], ["person.id"], name=op.f("fk_certificate_ended_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate")),
    )
    op.create_foreign_key(
        op.f("fk_supplier_entry_certificate_id"), "supplier_entry", "certificate", ["certificate_id"], ["id"]
    )
    op.create_index("ix_certificate_number", "certificate", ["number"])
    op.create_index("ix_certificate_item", "certificate", ["item_id"])
    op.create_index(
        "uq_certificate_of_item",
        "certificate",
        ["item_id"],
        unique=True,
        postgresql_where=sa.text("status = 'approved' AND item_id IS NOT NULL"),
    )
    op.create_index(
        "uq_certificate_proposed",
        "certificate",
        ["item_id", "number", "valid_from", "valid_until"],
        unique=True,
        postgresql_where=sa.text("status = 'proposed'"),
        postgresql_nulls_not_distinct=True,
    )
    op.execute(
        "CREATE TRIGGER certificate_only_forward BEFORE UPDATE ON certificate"
        f" FOR EACH ROW WHEN ({STAYS}) EXECUTE FUNCTION refuse_rewriting()"
    )
    op.execute(
        "CREATE TRIGGER certificate_kept BEFORE DELETE ON certificate"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        "CREATE TRIGGER certificate_no_truncate BEFORE TRUNCATE ON certificate"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def _waiver_kind() -> None:
    op.add_column("waiver", sa.Column("kind", sa.Text(), server_default="unsettled", nullable=False))
    op.create_check_constraint(op.f("ck_waiver_kind"), "waiver", "kind IN ('unsettled', 'certificate')")
    op.execute("DROP INDEX uq_waiver_open")
    op.execute("CREATE UNIQUE INDEX uq_waiver_open ON waiver (item_id, kind) WHERE closed_at IS NULL")


def _markup_change() -> None:
    op.create_table(
        "markup_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("percent", sa.Numeric(6, 2)),
        sa.Column("cap", sa.Numeric(14, 2)),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("proposer_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approver_id", sa.BigInteger()),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("percent >= 0", name=op.f("ck_markup_change_percent_not_negative")),
        sa.CheckConstraint("cap >= 0", name=op.f("ck_markup_change_cap_not_negative")),
        sa.CheckConstraint(
            "percent IS NOT NULL OR cap IS NULL", name=op.f("ck_markup_change_cap_of_something")
        ),
        sa.CheckConstraint(
            "status IN ('proposed', 'approved', 'rejected')", name=op.f("ck_markup_change_status")
        ),
        sa.CheckConstraint(
            "status <> 'approved' OR approver_id IS NOT NULL AND approver_id <> proposer_id",
            name=op.f("ck_markup_change_two_people"),
        ),
        sa.ForeignKeyConstraint(["proposer_id"], ["person.id"], name=op.f("fk_markup_change_proposer_id")),
        sa.ForeignKeyConstraint(["approver_id"], ["person.id"], name=op.f("fk_markup_change_approver_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_markup_change")),
    )
    op.execute(
        "CREATE UNIQUE INDEX uq_markup_change_proposed ON markup_change (category) WHERE status = 'proposed'"
    )
    op.execute(
        "CREATE TRIGGER markup_change_only_forward BEFORE UPDATE ON markup_change FOR EACH ROW WHEN ("
        " OLD.status <> 'proposed' OR (NEW.category, NEW.percent, NEW.cap, NEW.proposer_id, NEW.created_at)"
        " IS DISTINCT FROM (OLD.category, OLD.percent, OLD.cap, OLD.proposer_id, OLD.created_at)"
        ") EXECUTE FUNCTION refuse_rewriting()"
    )
    op.execute(
        "CREATE TRIGGER markup_change_kept BEFORE DELETE ON markup_change"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )


def _price_exception() -> None:
    op.create_table(
        "price_exception",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("price_id", sa.BigInteger(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("found", sa.Numeric(14, 2), nullable=False),
        sa.Column("expected", sa.Numeric(14, 2), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "rule IN ('above_listed', 'not_volume_based', 'charge_not_as_ruled', 'no_charge', 'no_purchase')",
            name=op.f("ck_price_exception_rule"),
        ),
        sa.CheckConstraint("why <> ''", name=op.f("ck_price_exception_why_not_empty")),
        sa.ForeignKeyConstraint(["price_id"], ["price.id"], name=op.f("fk_price_exception_price_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_price_exception_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_exception")),
    )
    op.create_index("ix_price_exception_price_id", "price_exception", ["price_id"])
    op.execute(
        "CREATE TRIGGER price_exception_append_only BEFORE UPDATE OR DELETE ON price_exception"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        "CREATE TRIGGER price_exception_no_truncate BEFORE TRUNCATE ON price_exception"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


FORMER_END = """
CREATE FUNCTION keep_former_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO former_end (binding_id, valid_to, until)
    SELECT o.id, o.valid_to, coalesce(n.ended_at, now())
      FROM before o JOIN changed n ON n.id = o.id
     WHERE n.valid_to IS DISTINCT FROM o.valid_to AND o.status IN ('approved', 'retired');
    RETURN NULL;
END $$;

CREATE TRIGGER code_binding_former_end AFTER UPDATE ON code_binding
    REFERENCING NEW TABLE AS changed OLD TABLE AS before
    FOR EACH STATEMENT EXECUTE FUNCTION keep_former_end();
"""


def _former_end() -> None:
    op.create_table(
        "former_end",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("binding_id", sa.BigInteger(), nullable=False),
        sa.Column("valid_to", sa.Date()),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["binding_id"], ["code_binding.id"], name=op.f("fk_former_end_binding_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_former_end")),
    )
    op.create_index("ix_former_end_binding", "former_end", ["binding_id", "until"])
    # Of what has ended by now it is known when that was recorded, and that it had no end before.
    op.execute(
        "INSERT INTO former_end (binding_id, until) SELECT id, ended_at FROM code_binding"
        " WHERE ended_at IS NOT NULL AND status IN ('approved', 'retired') ORDER BY id"
    )
    op.execute(FORMER_END)
    op.execute(
        "CREATE TRIGGER former_end_append_only BEFORE UPDATE OR DELETE ON former_end"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        "CREATE TRIGGER former_end_no_truncate BEFORE TRUNCATE ON former_end"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER code_binding_former_end ON code_binding")
    op.execute("DROP FUNCTION keep_former_end")
    op.drop_table("former_end")
    op.drop_table("price_exception")
    op.drop_table("markup_change")
    # An exception of the new kind would let pass what it was not granted for.
    op.execute("ALTER TABLE waiver DISABLE TRIGGER waiver_kept")
    op.execute("DELETE FROM waiver WHERE kind <> 'unsettled'")
    op.execute("ALTER TABLE waiver ENABLE TRIGGER waiver_kept")
    op.execute("DROP INDEX uq_waiver_open")
    op.execute("CREATE UNIQUE INDEX uq_waiver_open ON waiver (item_id) WHERE closed_at IS NULL")
    op.drop_constraint(op.f("ck_waiver_kind"), "waiver")
    op.drop_column("waiver", "kind")
    # What waits for a certificate that nobody remembers waits for nothing.
    op.execute("ALTER TABLE supplier_entry DISABLE TRIGGER USER")
    op.execute("DELETE FROM supplier_entry WHERE certificate_id IS NOT NULL")
    op.execute("ALTER TABLE supplier_entry ENABLE TRIGGER USER")
    op.drop_constraint(op.f("fk_supplier_entry_certificate_id"), "supplier_entry")
    op.drop_table("certificate")
