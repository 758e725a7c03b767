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

# Two periods of one code that overlap: an exclusion constraint would say it, but needs the module
# btree_gist, which the embedded server does not carry; and the same over ranges of text costs 0.1 ms a
# row. Codes and prices change rarely, so their writers take turns, and a whole statement is checked
# at once, row by row through the index: the planner does not know how few rows a statement changed, and
# would read the whole table for one; planned while the table is empty, for each (importing 12,000 items
# took 220 s so, and 5 s by index). The errors are those an exclusion constraint would give.
ONE_AT_A_TIME = """
CREATE FUNCTION take_turns() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        -- It would check against what it saw before its turn came.
        RAISE EXCEPTION '% is written at READ COMMITTED only', TG_TABLE_NAME USING ERRCODE = 'TR004';
    END IF;
    PERFORM pg_advisory_xact_lock(7402, TG_RELID::int);
    RETURN NULL;
END $$;

CREATE FUNCTION check_code_binding() RETURNS trigger LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE
    clash record;
BEGIN
    SELECT n.system, n.code, n.item_id, b.item_id AS other INTO clash
      FROM changed n JOIN code_binding b ON b.code = n.code AND b.system = n.system AND b.id <> n.id
     WHERE n.status IN ('approved', 'retired') AND b.status IN ('approved', 'retired')
       AND daterange(n.valid_from, n.valid_to) && daterange(b.valid_from, b.valid_to) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the % code % belongs to item % at that time', clash.system, clash.code, clash.other
            USING ERRCODE = 'exclusion_violation', TABLE = 'code_binding',
                  CONSTRAINT = 'ex_code_binding_one_item_per_code';
    END IF;
    SELECT n.system, n.item_id, b.code INTO clash
      FROM changed n JOIN code_binding b ON b.item_id = n.item_id AND b.system = n.system AND b.id <> n.id
     WHERE n.status IN ('approved', 'retired') AND b.status IN ('approved', 'retired')
       AND daterange(n.valid_from, n.valid_to) && daterange(b.valid_from, b.valid_to) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'item % has the % code % at that time', clash.item_id, clash.system, clash.code
            USING ERRCODE = 'exclusion_violation', TABLE = 'code_binding',
                  CONSTRAINT = 'ex_code_binding_one_code_per_item';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION check_price() RETURNS trigger LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE
    clash record;
BEGIN
    SELECT n.item_id, n.kind, b.valid_from INTO clash
      FROM changed n JOIN price b ON b.item_id = n.item_id AND b.kind = n.kind AND b.id <> n.id
     WHERE daterange(n.valid_from, n.valid_to) && daterange(b.valid_from, b.valid_to) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'item % has a % price at that time, from %',
            clash.item_id, clash.kind, clash.valid_from
            USING ERRCODE = 'exclusion_violation', TABLE = 'price', CONSTRAINT = 'ex_price_one_at_a_time';
    END IF;
    RETURN NULL;
END $$;
"""
DATED = ("code_binding", "price")

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
    op.execute(ONE_AT_A_TIME)
    for table in DATED:
        op.execute(
            f"CREATE TRIGGER {table}_turns BEFORE INSERT OR UPDATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION take_turns()"
        )
        for event in ("insert", "update"):
            op.execute(
                f"CREATE TRIGGER {table}_{event} AFTER {event} ON {table} REFERENCING NEW TABLE AS changed"
                f" FOR EACH STATEMENT EXECUTE FUNCTION check_{table}()"
            )
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
    for table in DATED:
        for trigger in ("insert", "update", "turns"):
            op.execute(f"DROP TRIGGER {table}_{trigger} ON {table}")
        op.execute(f"DROP FUNCTION check_{table}")
    op.execute("DROP FUNCTION take_turns")
