"""What the database itself never lets happen (domain.md §4).

Held here, because a rule that only Python knows is broken by the first script that goes around it:
one code one item at any instant; append-only ledgers; balances that agree with movements; a unit
in one place; nothing posted into a closed day; audit entries chained by hash.
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

APPEND_ONLY = (
    "movement",
    "scan",
    "charge",
    "stock_count",
    "audit_entry",
    "request_key",
    "business_day",
    "day_row",
    "day_cause",
)
POSTED_TO_A_DAY = ("movement", "charge", "stock_count")
AUDIT_LANES = 64

# Equality inside a GiST exclusion constraint normally needs the btree_gist module, which the
# embedded server does not carry. A range over text whose two ends are equal says the same.
CODE_RANGE = """
CREATE TYPE code_range AS RANGE (subtype = text, collation = "C");

ALTER TABLE code_binding ADD CONSTRAINT ex_code_binding_one_item_per_code EXCLUDE USING gist (
    code_range(system || ':' || code, system || ':' || code, '[]') WITH &&,
    daterange(valid_from, valid_to) WITH &&
) WHERE (status IN ('approved', 'retired'));

ALTER TABLE code_binding ADD CONSTRAINT ex_code_binding_one_code_per_item EXCLUDE USING gist (
    code_range(item_id || ':' || system, item_id || ':' || system, '[]') WITH &&,
    daterange(valid_from, valid_to) WITH &&
) WHERE (status IN ('approved', 'retired'));

ALTER TABLE price ADD CONSTRAINT ex_price_one_at_a_time EXCLUDE USING gist (
    code_range(item_id || ':' || kind, item_id || ':' || kind, '[]') WITH &&,
    daterange(valid_from, valid_to) WITH &&
);
"""

REFUSE_CHANGE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'TR002';
END $$;
"""

# Postings hold their day's lock shared, the close holds it alone: no posting can slip into a day
# while it is being closed, and nobody who posts on another day waits for the close. Error TR001
# makes the edge begin the transaction again, on the next open day.
OPEN_DAY = """
CREATE FUNCTION require_open_day() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(7401, NEW.business_date - DATE '2000-01-01');
    IF EXISTS (SELECT FROM business_day WHERE business_date >= NEW.business_date) THEN
        RAISE EXCEPTION 'business date % is closed', NEW.business_date USING ERRCODE = 'TR001';
    END IF;
    RETURN NEW;
END $$;
"""

MOVEMENT = """
CREATE FUNCTION check_movement() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    original movement;
    whereabouts bigint;
BEGIN
    IF NEW.reverses_id IS NOT NULL THEN
        SELECT * INTO original FROM movement WHERE id = NEW.reverses_id;
        IF original.kind <> 'use' OR (original.origin_id, original.target_id, original.item_id, original.lot,
               original.quantity) <> (NEW.target_id, NEW.origin_id, NEW.item_id, NEW.lot, NEW.quantity)
           OR original.unit_id IS DISTINCT FROM NEW.unit_id THEN
            RAISE EXCEPTION 'movement does not mirror movement %', NEW.reverses_id USING ERRCODE = 'TR003';
        END IF;
    END IF;
    IF NEW.unit_step > 1 THEN
        SELECT target_id INTO whereabouts FROM movement
         WHERE unit_id = NEW.unit_id AND unit_step = NEW.unit_step - 1;
        IF whereabouts IS DISTINCT FROM NEW.origin_id THEN
            RAISE EXCEPTION 'unit % is not at location %', NEW.unit_id, NEW.origin_id USING ERRCODE = 'TR003';
        END IF;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER movement_check BEFORE INSERT ON movement FOR EACH ROW EXECUTE FUNCTION check_movement();

CREATE FUNCTION keep_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO balance (location_id, item_id, lot, quantity)
    SELECT l.id, NEW.item_id, NEW.lot, CASE WHEN l.id = NEW.target_id THEN NEW.quantity ELSE -NEW.quantity END
      FROM location l
     WHERE l.id IN (NEW.origin_id, NEW.target_id) AND l.kind <> 'virtual'
     ORDER BY l.id
    ON CONFLICT (location_id, item_id, lot) DO UPDATE SET quantity = balance.quantity + EXCLUDED.quantity;
    RETURN NULL;
END $$;

CREATE TRIGGER movement_balance AFTER INSERT ON movement FOR EACH ROW EXECUTE FUNCTION keep_balance();
"""

# An entry is linked behind the head of any chain that nobody is writing to at this moment.
AUDIT = f"""
INSERT INTO audit_lane (id, length, head)
SELECT n, 0, sha256(convert_to('tracer audit lane ' || n, 'UTF8')) FROM generate_series(1, {AUDIT_LANES}) n;

CREATE FUNCTION audit_digest(head bytea, step bigint, e audit_entry) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT sha256(head || convert_to(jsonb_build_array(step, extract(epoch FROM e.at), e.person_id, e.action,
        e.subject, e.subject_id, e.before, e.after, e.why, e.origin)::text, 'UTF8'))
$$;

CREATE FUNCTION chain_audit() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    lane audit_lane;
BEGIN
    SELECT * INTO lane FROM audit_lane ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED;
    IF lane IS NULL THEN
        SELECT * INTO lane FROM audit_lane WHERE id = 1 + pg_backend_pid() % {AUDIT_LANES} FOR UPDATE;
    END IF;
    NEW.lane := lane.id;
    NEW.step := lane.length + 1;
    NEW.hash := audit_digest(lane.head, NEW.step, NEW);
    UPDATE audit_lane SET length = NEW.step, head = NEW.hash WHERE id = lane.id;
    RETURN NEW;
END $$;

CREATE TRIGGER audit_entry_chain BEFORE INSERT ON audit_entry FOR EACH ROW EXECUTE FUNCTION chain_audit();
"""


def upgrade() -> None:
    op.execute(CODE_RANGE)
    op.execute(REFUSE_CHANGE)
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    op.execute(OPEN_DAY)
    for table in POSTED_TO_A_DAY:
        op.execute(
            f"CREATE TRIGGER {table}_open_day BEFORE INSERT ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION require_open_day()"
        )
    op.execute(MOVEMENT)
    op.execute(AUDIT)


def downgrade() -> None:
    op.execute("DROP TRIGGER audit_entry_chain ON audit_entry")
    op.execute("DROP FUNCTION chain_audit")
    op.execute("DROP FUNCTION audit_digest")
    op.execute("DELETE FROM audit_lane")
    op.execute("DROP TRIGGER movement_balance ON movement")
    op.execute("DROP TRIGGER movement_check ON movement")
    op.execute("DROP FUNCTION keep_balance")
    op.execute("DROP FUNCTION check_movement")
    for table in POSTED_TO_A_DAY:
        op.execute(f"DROP TRIGGER {table}_open_day ON {table}")
    op.execute("DROP FUNCTION require_open_day")
    for table in APPEND_ONLY:
        op.execute(f"DROP TRIGGER {table}_no_truncate ON {table}")
        op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
    op.execute("DROP FUNCTION refuse_change")
    op.execute("ALTER TABLE price DROP CONSTRAINT ex_price_one_at_a_time")
    op.execute("ALTER TABLE code_binding DROP CONSTRAINT ex_code_binding_one_code_per_item")
    op.execute("ALTER TABLE code_binding DROP CONSTRAINT ex_code_binding_one_item_per_code")
    op.execute("DROP TYPE code_range")
