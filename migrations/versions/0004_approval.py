"""Nothing in force without a second person: codes, prices, items coming into use.

What was in force before this rule stays in force and says so: it was *taken over*. More can be taken
over only until the first code (or price) was approved here; from then on the door is shut, for direct
SQL too.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TWO_PEOPLE = (
    "status NOT IN ('approved', 'retired') OR taken_over"
    " OR proposer_id IS NOT NULL AND approver_id IS NOT NULL AND approver_id <> proposer_id"
)
THREE_PEOPLE = (
    "status <> 'approved' OR taken_over"
    " OR proposer_id IS NOT NULL AND first_approver_id IS NOT NULL AND second_approver_id IS NOT NULL"
)
OURS = {
    "code_binding": "NOT taken_over AND status IN ('approved', 'retired')",
    "price": "NOT taken_over AND status = 'approved'",
}

# What was decided is not decided again, and says for ever what it said. A WHEN is asked without a call,
# so that 26,000 approvals cost nothing here. An approved binding or price that has not begun may still
# be withdrawn; the clock that counts is the one of the record, since tests and histories have their own.
WITHDRAWN = (
    "OLD.status = 'approved' AND NEW.status = 'rejected' AND NEW.ended_at IS NOT NULL"
    " AND (NEW.ended_at AT TIME ZONE 'UTC')::date < OLD.valid_from"
)
BINDING_STAYS = f"""
    (NEW.item_id, NEW.system, NEW.code, NEW.source, NEW.created_at, NEW.taken_over, NEW.moves)
        IS DISTINCT FROM
    (OLD.item_id, OLD.system, OLD.code, OLD.source, OLD.created_at, OLD.taken_over, OLD.moves)
 OR NEW.proposer_id IS DISTINCT FROM OLD.proposer_id
 OR OLD.status <> 'proposed' AND (NEW.valid_from, NEW.approver_id, NEW.decided_at)
        IS DISTINCT FROM (OLD.valid_from, OLD.approver_id, OLD.decided_at)
 OR OLD.status IN ('retired', 'rejected') AND NEW IS DISTINCT FROM OLD
 OR OLD.status = 'proposed' AND NEW.status = 'retired'
 OR OLD.status = 'approved' AND NEW.status = 'proposed'
 OR OLD.status = 'approved' AND NEW.status = 'rejected' AND NOT ({WITHDRAWN})
"""
PRICE_STAYS = f"""
    (NEW.item_id, NEW.kind, NEW.amount, NEW.source, NEW.taken_over)
        IS DISTINCT FROM (OLD.item_id, OLD.kind, OLD.amount, OLD.source, OLD.taken_over)
 OR NEW.proposer_id IS DISTINCT FROM OLD.proposer_id
 OR OLD.first_approver_id IS NOT NULL AND NEW.first_approver_id IS DISTINCT FROM OLD.first_approver_id
 OR OLD.status <> 'proposed' AND (NEW.valid_from, NEW.second_approver_id, NEW.decided_at)
        IS DISTINCT FROM (OLD.valid_from, OLD.second_approver_id, OLD.decided_at)
 OR OLD.status = 'rejected' AND NEW IS DISTINCT FROM OLD
 OR OLD.status = 'approved' AND NEW.status = 'proposed'
 OR OLD.status = 'approved' AND NEW.status = 'rejected' AND NOT ({WITHDRAWN})
"""
CHARGED = {"code_binding": "check_charged_codes", "price": "check_charged_prices"}
STAYS = {"code_binding": BINDING_STAYS, "price": PRICE_STAYS}

GUARDS = """
CREATE FUNCTION refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% % was decided and is not rewritten: % to %',
        TG_TABLE_NAME, OLD.id, OLD.status, NEW.status
        USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME,
              CONSTRAINT = 'ck_' || TG_TABLE_NAME || '_only_forward';
END $$;

CREATE FUNCTION check_founding() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    shut boolean;
BEGIN
    IF EXISTS (SELECT FROM changed WHERE taken_over) THEN
        EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE %s)', TG_TABLE_NAME, TG_ARGV[0]) INTO shut;
        IF shut THEN
            RAISE EXCEPTION '% is taken over only before the first approval', TG_TABLE_NAME
                USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME,
                      CONSTRAINT = 'ck_' || TG_TABLE_NAME || '_founding_over';
        END IF;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION check_charged_codes() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    since date;
    clash record;
BEGIN
    SELECT min(n.valid_to) INTO since FROM changed n JOIN before o ON o.id = n.id
     WHERE n.valid_to IS DISTINCT FROM o.valid_to AND n.valid_to < coalesce(o.valid_to, 'infinity');
    IF since IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT c.id AS charge, c.business_date, n.system, n.code INTO clash
      FROM charge c
      JOIN changed n ON n.item_id = c.item_id AND c.business_date >= n.valid_to
       AND n.code = CASE n.system WHEN 'material' THEN c.material WHEN 'billing' THEN c.billing
                                  WHEN 'order' THEN c.order_code WHEN 'insurance' THEN c.insurance
                                  ELSE c.udi END
      JOIN before o ON o.id = n.id AND n.valid_to < coalesce(o.valid_to, 'infinity')
     WHERE c.business_date >= since
       AND NOT EXISTS (
           SELECT FROM code_binding b
            WHERE b.item_id = n.item_id AND b.system = n.system AND b.code = n.code
              AND b.status IN ('approved', 'retired') AND b.valid_from <= c.business_date
              AND (b.valid_to IS NULL OR b.valid_to > c.business_date))
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'charge % of % carries the % code %: it cannot have ended before',
            clash.charge, clash.business_date, clash.system, clash.code
            USING ERRCODE = 'check_violation', TABLE = 'code_binding',
                  CONSTRAINT = 'ck_code_binding_charged_since';
    END IF;
    RETURN NULL;
END $$;
"""

CHARGED_PRICES = """
CREATE FUNCTION check_charged_prices() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    since date;
    clash record;
BEGIN
    SELECT min(n.valid_to) INTO since FROM changed n JOIN before o ON o.id = n.id
     WHERE n.kind = 'charge' AND n.status = 'approved' AND n.valid_to < coalesce(o.valid_to, 'infinity');
    IF since IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT c.id AS charge, c.business_date, n.amount INTO clash
      FROM charge c
      JOIN changed n ON n.item_id = c.item_id AND n.kind = 'charge' AND n.amount = c.unit_price
       AND c.business_date >= n.valid_to
      JOIN before o ON o.id = n.id AND n.valid_to < coalesce(o.valid_to, 'infinity')
     WHERE c.business_date >= since AND c.reverses_id IS NULL
       AND NOT EXISTS (
           SELECT FROM price b
            WHERE b.item_id = n.item_id AND b.kind = 'charge' AND b.amount = n.amount
              AND b.status = 'approved' AND b.valid_from <= c.business_date
              AND (b.valid_to IS NULL OR b.valid_to > c.business_date))
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'charge % of % was made at %: that price cannot have ended before',
            clash.charge, clash.business_date, clash.amount
            USING ERRCODE = 'check_violation', TABLE = 'price', CONSTRAINT = 'ck_price_charged_since';
    END IF;
    RETURN NULL;
END $$;
"""

# As in 0002, but only what is in force can be in the way.
CHECK_PRICE = """
CREATE OR REPLACE FUNCTION check_price() RETURNS trigger LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE
    clash record;
BEGIN
    SELECT n.item_id, n.kind, b.valid_from INTO clash
      FROM changed n JOIN price b ON b.item_id = n.item_id AND b.kind = n.kind AND b.id <> n.id
     WHERE daterange(n.valid_from, n.valid_to) && daterange(b.valid_from, b.valid_to){in_force} LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'item % has a % price at that time, from %',
            clash.item_id, clash.kind, clash.valid_from
            USING ERRCODE = 'exclusion_violation', TABLE = 'price', CONSTRAINT = 'ex_price_one_at_a_time';
    END IF;
    RETURN NULL;
END $$;
"""
IN_FORCE = " AND n.status = 'approved' AND b.status = 'approved'"

# Full-width and half-width, capitals and small letters are one to who searches.
SEARCH = (
    "lower(normalize(name || ' ' || specification || ' ' || model || ' ' || maker || ' ' || certificate,"
    " NFKC))"
)
# The initials come from the service; a new name has none until the service has read it.
INITIALS = """
CREATE FUNCTION forget_initials() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.initials := NULL;
    RETURN NEW;
END $$;

CREATE TRIGGER item_initials BEFORE UPDATE OF name ON item FOR EACH ROW
    WHEN (NEW.name IS DISTINCT FROM OLD.name AND NEW.initials IS NOT DISTINCT FROM OLD.initials)
    EXECUTE FUNCTION forget_initials();
"""


def upgrade() -> None:
    _columns()
    _markup()
    _waiver()
    _search()
    op.execute(GUARDS)
    op.execute(CHECK_PRICE.replace("{in_force}", IN_FORCE))
    for table, ours in OURS.items():
        op.execute(f"CREATE INDEX ix_{table}_approved_here ON {table} (id) WHERE {ours}")
        op.execute(
            f"CREATE TRIGGER {table}_only_forward BEFORE UPDATE ON {table}"
            f" FOR EACH ROW WHEN ({STAYS[table]}) EXECUTE FUNCTION refuse_rewriting()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_founding AFTER INSERT ON {table} REFERENCING NEW TABLE AS changed"
            f" FOR EACH STATEMENT EXECUTE FUNCTION check_founding($${ours}$$)"
        )
        op.execute(
            f"CREATE TRIGGER {table}_kept BEFORE DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    op.execute(CHARGED_PRICES)
    for table, function in CHARGED.items():
        op.execute(
            f"CREATE TRIGGER {table}_charged AFTER UPDATE ON {table}"
            " REFERENCING NEW TABLE AS changed OLD TABLE AS before"
            f" FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
        )


def _columns() -> None:
    # A default that is true for what is there costs no rewriting of a million rows.
    for table in OURS:
        op.add_column(table, sa.Column("taken_over", sa.Boolean(), server_default="true", nullable=False))
        op.alter_column(table, "taken_over", server_default="false")
        op.add_column(table, sa.Column("decided_at", sa.DateTime(timezone=True)))
        op.add_column(table, sa.Column("ended_at", sa.DateTime(timezone=True)))
        op.add_column(table, sa.Column("ended_by_id", sa.BigInteger()))
        op.add_column(table, sa.Column("reason", sa.Text(), server_default="", nullable=False))
        op.create_foreign_key(op.f(f"fk_{table}_ended_by_id"), table, "person", ["ended_by_id"], ["id"])
    op.add_column("code_binding", sa.Column("moves", sa.Boolean(), server_default="false", nullable=False))
    op.add_column("price", sa.Column("status", sa.Text(), server_default="approved", nullable=False))
    op.alter_column("price", "status", server_default="proposed")
    op.add_column("price", sa.Column("created_at", sa.DateTime(timezone=True)))
    op.execute(
        "UPDATE code_binding SET taken_over = false"
        " WHERE status IN ('proposed', 'rejected') OR approver_id <> proposer_id"
    )
    op.execute(
        "UPDATE price SET taken_over = false WHERE proposer_id IS NOT NULL"
        " AND first_approver_id IS NOT NULL AND second_approver_id IS NOT NULL"
    )
    op.create_check_constraint(op.f("ck_code_binding_two_people"), "code_binding", TWO_PEOPLE)
    op.create_check_constraint(op.f("ck_price_approved_by_two"), "price", THREE_PEOPLE)
    op.create_check_constraint(
        op.f("ck_price_status"), "price", "status IN ('proposed', 'approved', 'rejected')"
    )
    op.execute(
        "CREATE UNIQUE INDEX uq_code_binding_proposed ON code_binding (item_id, system, code)"
        " WHERE status = 'proposed'"
    )
    op.execute(
        "CREATE UNIQUE INDEX uq_price_proposed ON price (item_id, kind, valid_from, amount)"
        " WHERE status = 'proposed'"
    )


def _markup() -> None:
    op.create_table(
        "markup",
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("percent", sa.Numeric(6, 2), nullable=False),
        sa.Column("cap", sa.Numeric(14, 2)),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("percent >= 0", name=op.f("ck_markup_percent_not_negative")),
        sa.CheckConstraint("cap >= 0", name=op.f("ck_markup_cap_not_negative")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_markup_person_id")),
        sa.PrimaryKeyConstraint("category", name=op.f("pk_markup")),
    )


def _waiver() -> None:
    op.create_table(
        "waiver",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("granted_by_id", sa.BigInteger(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_by_id", sa.BigInteger()),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("why <> ''", name=op.f("ck_waiver_why_not_empty")),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (closed_by_id IS NULL)", name=op.f("ck_waiver_closed_by_somebody")
        ),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_waiver_item_id")),
        sa.ForeignKeyConstraint(["granted_by_id"], ["person.id"], name=op.f("fk_waiver_granted_by_id")),
        sa.ForeignKeyConstraint(["closed_by_id"], ["person.id"], name=op.f("fk_waiver_closed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiver")),
    )
    op.execute("CREATE UNIQUE INDEX uq_waiver_open ON waiver (item_id) WHERE closed_at IS NULL")
    op.execute(
        "CREATE TRIGGER waiver_kept BEFORE DELETE ON waiver FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )


def _search() -> None:
    op.add_column("item", sa.Column("search", sa.Text(), sa.Computed(SEARCH, persisted=True)))
    op.add_column("item", sa.Column("initials", sa.Text()))
    op.execute("CREATE INDEX ix_item_initials_unread ON item (id) WHERE initials IS NULL")
    # Codes are searched by how they begin, whatever the database's collation.
    op.execute("CREATE INDEX ix_code_binding_begins ON code_binding (code text_pattern_ops)")
    op.execute(INITIALS)


def downgrade() -> None:
    op.execute("DROP TRIGGER item_initials ON item")
    op.execute("DROP FUNCTION forget_initials")
    op.execute("DROP INDEX ix_code_binding_begins")
    op.drop_column("item", "initials")
    op.drop_column("item", "search")
    op.drop_table("waiver")
    op.drop_table("markup")
    for table in CHARGED:
        op.execute(f"DROP TRIGGER {table}_charged ON {table}")
    for table in OURS:
        for trigger in ("no_truncate", "kept", "founding", "only_forward"):
            op.execute(f"DROP TRIGGER {table}_{trigger} ON {table}")
        op.execute(f"DROP INDEX ix_{table}_approved_here")
    for function in (*CHARGED.values(), "check_founding", "refuse_rewriting"):
        op.execute(f"DROP FUNCTION {function}")
    # What nobody approved would be in force without its status.
    op.execute("DELETE FROM price WHERE status <> 'approved'")
    op.execute(CHECK_PRICE.replace("{in_force}", ""))
    op.execute("DROP INDEX uq_price_proposed")
    op.execute("DROP INDEX uq_code_binding_proposed")
    op.drop_constraint(op.f("ck_price_status"), "price")
    op.drop_constraint(op.f("ck_price_approved_by_two"), "price")
    op.drop_constraint(op.f("ck_code_binding_two_people"), "code_binding")
    op.drop_column("price", "created_at")
    op.drop_column("price", "status")
    op.drop_column("code_binding", "moves")
    for table in OURS:
        for column in ("reason", "ended_by_id", "ended_at", "decided_at", "taken_over"):
            op.drop_column(table, column)
