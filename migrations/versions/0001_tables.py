"""The tables: people, catalogue, stock ledger, orders, charges, closed days.

Two kinds of rows must exist in every hospital and are made here: the virtual places that every
movement's other end may be, and the account under which commands on the server itself are recorded.
"""
# ruff: noqa: E501 - written out by Alembic

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ALWAYS_THERE = """
INSERT INTO location (id, code, name, name_en, kind, path) OVERRIDING SYSTEM VALUE VALUES
    (1, 'SUPPLIER', '供应商', 'Supplier', 'virtual', '/~SUPPLIER/'),
    (2, 'PATIENT', '患者', 'Patient', 'virtual', '/~PATIENT/'),
    (3, 'LOSS', '报损', 'Loss', 'virtual', '/~LOSS/'),
    (4, 'COUNT', '盘点', 'Count', 'virtual', '/~COUNT/');
ALTER TABLE location ALTER COLUMN id RESTART WITH 101;

INSERT INTO person (id, username, name, created_at) OVERRIDING SYSTEM VALUE
    VALUES (1, 'operator', '系统命令行', now());
ALTER TABLE person ALTER COLUMN id RESTART WITH 101;
INSERT INTO role_grant (person_id, role, scope) VALUES (1, 'admin', '/');

CREATE SEQUENCE unit_label_number;
"""


def upgrade() -> None:
    op.create_table(
        "audit_lane",
        sa.Column("id", sa.SmallInteger(), nullable=False),
        sa.Column("length", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_lane")),
    )
    op.create_table(
        "bundle",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("order_code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bundle")),
        sa.UniqueConstraint("order_code", name=op.f("uq_bundle_order_code")),
    )
    op.create_table(
        "item",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("specification", sa.Text(), server_default="", nullable=False),
        sa.Column("model", sa.Text(), server_default="", nullable=False),
        sa.Column("maker", sa.Text(), server_default="", nullable=False),
        sa.Column("certificate", sa.Text(), server_default="", nullable=False),
        sa.Column("base_unit", sa.Text(), server_default="个", nullable=False),
        sa.Column("category", sa.Text(), server_default="", nullable=False),
        sa.Column("tracking", sa.Text(), server_default="LOT", nullable=False),
        sa.Column("chargeable", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("high_value", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("sterile", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("tracking IN ('SERIAL', 'LOT', 'NONE')", name=op.f("ck_item_tracking")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item")),
    )
    op.create_table(
        "location",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("path", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('hospital', 'campus', 'department', 'ward', 'theatre', 'store', 'cabinet', 'virtual')",
            name=op.f("ck_location_kind"),
        ),
        sa.ForeignKeyConstraint(["parent_id"], ["location.id"], name=op.f("fk_location_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_location")),
        sa.UniqueConstraint("code", name=op.f("uq_location_code")),
        sa.UniqueConstraint("path", name=op.f("uq_location_path")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), server_default="zh", nullable=False),
        sa.Column("active", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("failed_attempts", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("username", name=op.f("uq_person_username")),
    )
    op.create_table(
        "supplier",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplier")),
        sa.UniqueConstraint("code", name=op.f("uq_supplier_code")),
    )
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("after", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("origin", sa.Text(), server_default="", nullable=False),
        sa.Column("lane", sa.SmallInteger(), nullable=True),
        sa.Column("step", sa.BigInteger(), nullable=True),
        sa.Column("hash", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_audit_entry_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
        sa.UniqueConstraint("lane", "step", name=op.f("uq_audit_entry_lane_step")),
    )
    op.create_index("ix_audit_entry_subject", "audit_entry", ["subject", "subject_id"], unique=False)
    op.create_table(
        "balance",
        sa.Column("location_id", sa.BigInteger(), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("lot", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_balance_item_id")),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_balance_location_id")),
        sa.PrimaryKeyConstraint("location_id", "item_id", "lot", name=op.f("pk_balance")),
    )
    op.create_index("ix_balance_item", "balance", ["item_id"], unique=False)
    op.create_table(
        "bundle_line",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("bundle_id", sa.BigInteger(), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_bundle_line_quantity_positive")),
        sa.ForeignKeyConstraint(["bundle_id"], ["bundle.id"], name=op.f("fk_bundle_line_bundle_id")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_bundle_line_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bundle_line")),
        sa.UniqueConstraint("bundle_id", "item_id", name=op.f("uq_bundle_line_bundle_id_item_id")),
    )
    op.create_table(
        "business_day",
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_by", sa.BigInteger(), nullable=False),
        sa.Column("summary", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["closed_by"], ["person.id"], name=op.f("fk_business_day_closed_by")),
        sa.PrimaryKeyConstraint("business_date", name=op.f("pk_business_day")),
    )
    op.create_table(
        "code_binding",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("proposer_id", sa.BigInteger(), nullable=True),
        sa.Column("approver_id", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("code <> ''", name=op.f("ck_code_binding_code_not_empty")),
        sa.CheckConstraint(
            "status <> 'retired' OR valid_to IS NOT NULL", name=op.f("ck_code_binding_retired_has_end")
        ),
        sa.CheckConstraint(
            "status IN ('proposed', 'approved', 'retired', 'rejected')", name=op.f("ck_code_binding_status")
        ),
        sa.CheckConstraint(
            "system IN ('material', 'billing', 'order', 'insurance', 'udi')",
            name=op.f("ck_code_binding_system"),
        ),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_to > valid_from", name=op.f("ck_code_binding_validity_in_order")
        ),
        sa.ForeignKeyConstraint(["approver_id"], ["person.id"], name=op.f("fk_code_binding_approver_id")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_code_binding_item_id")),
        sa.ForeignKeyConstraint(["proposer_id"], ["person.id"], name=op.f("fk_code_binding_proposer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code_binding")),
    )
    op.create_index("ix_code_binding_code", "code_binding", ["code", "system"], unique=False)
    op.create_index("ix_code_binding_item", "code_binding", ["item_id", "system"], unique=False)
    op.create_table(
        "encounter",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("patient_name", sa.Text(), server_default="", nullable=False),
        sa.Column("bed", sa.Text(), server_default="", nullable=False),
        sa.Column("location_id", sa.BigInteger(), nullable=True),
        sa.Column("confirmed", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_encounter_location_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_encounter")),
        sa.UniqueConstraint("ref", name=op.f("uq_encounter_ref")),
    )
    op.create_table(
        "lot",
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("lot", sa.Text(), nullable=False),
        sa.Column("expiry", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_lot_item_id")),
        sa.PrimaryKeyConstraint("item_id", "lot", name=op.f("pk_lot")),
    )
    op.create_table(
        "packaging",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("di", sa.Text(), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("base_units", sa.BigInteger(), nullable=False),
        sa.Column("level", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("base_units > 0", name=op.f("ck_packaging_base_units_positive")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_packaging_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_packaging")),
        sa.UniqueConstraint("di", name=op.f("uq_packaging_di")),
    )
    op.create_index(op.f("ix_packaging_item_id"), "packaging", ["item_id"], unique=False)
    op.create_table(
        "price",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("proposer_id", sa.BigInteger(), nullable=True),
        sa.Column("first_approver_id", sa.BigInteger(), nullable=True),
        sa.Column("second_approver_id", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "kind IN ('listed', 'volume_based', 'purchase', 'charge')", name=op.f("ck_price_kind")
        ),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_price_amount_not_negative")),
        sa.CheckConstraint(
            "first_approver_id <> second_approver_id AND proposer_id <> first_approver_id AND proposer_id <> second_approver_id",
            name=op.f("ck_price_three_people"),
        ),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_to > valid_from", name=op.f("ck_price_validity_in_order")
        ),
        sa.ForeignKeyConstraint(
            ["first_approver_id"], ["person.id"], name=op.f("fk_price_first_approver_id")
        ),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_price_item_id")),
        sa.ForeignKeyConstraint(["proposer_id"], ["person.id"], name=op.f("fk_price_proposer_id")),
        sa.ForeignKeyConstraint(
            ["second_approver_id"], ["person.id"], name=op.f("fk_price_second_approver_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price")),
    )
    op.create_index("ix_price_item", "price", ["item_id", "kind"], unique=False)
    op.create_table(
        "request_key",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("answer", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_request_key_person_id")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_request_key")),
    )
    op.create_table(
        "role_grant",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), server_default="/", nullable=False),
        sa.CheckConstraint("scope LIKE '/%' AND scope LIKE '%/'", name=op.f("ck_role_grant_scope_is_path")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_role_grant_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grant")),
        sa.UniqueConstraint("person_id", "role", "scope", name=op.f("uq_role_grant_person_id_role_scope")),
    )
    op.create_table(
        "token",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_token_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_token")),
        sa.UniqueConstraint("digest", name=op.f("uq_token_digest")),
    )
    op.create_index(op.f("ix_token_person_id"), "token", ["person_id"], unique=False)
    op.create_table(
        "unit",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.Text(), nullable=True),
        sa.Column("serial", sa.Text(), nullable=True),
        sa.Column("lot", sa.Text(), server_default="", nullable=False),
        sa.Column("expiry", sa.Date(), nullable=True),
        sa.Column("ownership", sa.Text(), server_default="OWNED", nullable=False),
        sa.Column("supplier_id", sa.BigInteger(), nullable=True),
        sa.Column("held_at_id", sa.BigInteger(), nullable=True),
        sa.Column("unit_cost", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("ownership IN ('OWNED', 'CONSIGNED')", name=op.f("ck_unit_ownership")),
        sa.CheckConstraint("label IS NOT NULL OR serial IS NOT NULL", name=op.f("ck_unit_can_be_told_apart")),
        sa.ForeignKeyConstraint(["held_at_id"], ["location.id"], name=op.f("fk_unit_held_at_id")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_unit_item_id")),
        sa.ForeignKeyConstraint(["supplier_id"], ["supplier.id"], name=op.f("fk_unit_supplier_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("label", name=op.f("uq_unit_label")),
    )
    op.create_index(
        "uq_unit_serial",
        "unit",
        ["item_id", "serial"],
        unique=True,
        postgresql_where=sa.text("serial IS NOT NULL"),
    )
    op.create_table(
        "web_session",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_web_session_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_web_session")),
        sa.UniqueConstraint("digest", name=op.f("uq_web_session_digest")),
    )
    op.create_index(op.f("ix_web_session_person_id"), "web_session", ["person_id"], unique=False)
    op.create_table(
        "clinical_order",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("order_no", sa.Text(), nullable=False),
        sa.Column("encounter_id", sa.BigInteger(), nullable=False),
        sa.Column("location_id", sa.BigInteger(), nullable=False),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["encounter_id"], ["encounter.id"], name=op.f("fk_clinical_order_encounter_id")
        ),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_clinical_order_location_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clinical_order")),
        sa.UniqueConstraint("order_no", name=op.f("uq_clinical_order_order_no")),
    )
    op.create_index("ix_clinical_order_encounter", "clinical_order", ["encounter_id"], unique=False)
    op.create_table(
        "day_row",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("location_id", sa.BigInteger(), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("opening", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("transferred_in", sa.BigInteger(), nullable=False),
        sa.Column("transferred_out", sa.BigInteger(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.Column("written_off", sa.BigInteger(), nullable=False),
        sa.Column("book_closing", sa.BigInteger(), nullable=False),
        sa.Column("counted", sa.BigInteger(), nullable=True),
        sa.Column("consumed", sa.BigInteger(), nullable=False),
        sa.Column("billed", sa.BigInteger(), nullable=False),
        sa.Column("stock_variance", sa.BigInteger(), nullable=True),
        sa.Column("charge_variance", sa.BigInteger(), nullable=True),
        sa.Column("rate", sa.Numeric(precision=20, scale=6), nullable=True),
        sa.Column("unit_cost", sa.Numeric(precision=18, scale=4), nullable=True),
        sa.Column("variance_value", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("weight", sa.BigInteger(), nullable=False),
        sa.Column("weight_cents", sa.BigInteger(), nullable=True),
        sa.Column("variance_cents", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("status IN ('OK', 'BREACH', 'INVALID')", name=op.f("ck_day_row_status")),
        sa.CheckConstraint(
            "book_closing = opening + received + transferred_in - transferred_out - used - written_off",
            name=op.f("ck_day_row_flows_add_up"),
        ),
        sa.ForeignKeyConstraint(
            ["business_date"], ["business_day.business_date"], name=op.f("fk_day_row_business_date")
        ),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_day_row_item_id")),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_day_row_location_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_day_row")),
        sa.UniqueConstraint(
            "business_date",
            "location_id",
            "item_id",
            name=op.f("uq_day_row_business_date_location_id_item_id"),
        ),
    )
    op.create_index("ix_day_row_pair", "day_row", ["location_id", "item_id", "business_date"], unique=False)
    op.create_table(
        "movement",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("origin_id", sa.BigInteger(), nullable=False),
        sa.Column("target_id", sa.BigInteger(), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("lot", sa.Text(), server_default="", nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=True),
        sa.Column("unit_step", sa.BigInteger(), nullable=True),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("document", sa.Text(), server_default="", nullable=False),
        sa.Column("unit_cost", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("encounter_id", sa.BigInteger(), nullable=True),
        sa.Column("reverses_id", sa.BigInteger(), nullable=True),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'use_reversal') = (reverses_id IS NOT NULL)", name=op.f("ck_movement_reversal_names_use")
        ),
        sa.CheckConstraint(
            "kind IN ('receipt', 'supplier_return', 'issue', 'transfer', 'use', 'use_reversal', 'write_off', 'count')",
            name=op.f("ck_movement_kind"),
        ),
        sa.CheckConstraint("(unit_id IS NULL) = (unit_step IS NULL)", name=op.f("ck_movement_unit_has_step")),
        sa.CheckConstraint("origin_id <> target_id", name=op.f("ck_movement_two_places")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_movement_quantity_positive")),
        sa.CheckConstraint("unit_id IS NULL OR quantity = 1", name=op.f("ck_movement_unit_is_one_piece")),
        sa.ForeignKeyConstraint(["encounter_id"], ["encounter.id"], name=op.f("fk_movement_encounter_id")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_movement_item_id")),
        sa.ForeignKeyConstraint(["origin_id"], ["location.id"], name=op.f("fk_movement_origin_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_movement_person_id")),
        sa.ForeignKeyConstraint(["reverses_id"], ["movement.id"], name=op.f("fk_movement_reverses_id")),
        sa.ForeignKeyConstraint(["target_id"], ["location.id"], name=op.f("fk_movement_target_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_movement_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_movement")),
    )
    op.create_index("ix_movement_day", "movement", ["business_date", "item_id"], unique=False)
    op.create_index("ix_movement_item", "movement", ["item_id", "lot"], unique=False)
    op.create_index(
        "uq_movement_reverses",
        "movement",
        ["reverses_id"],
        unique=True,
        postgresql_where=sa.text("reverses_id IS NOT NULL"),
    )
    op.create_index(
        "uq_movement_unit_step",
        "movement",
        ["unit_id", "unit_step"],
        unique=True,
        postgresql_where=sa.text("unit_id IS NOT NULL"),
    )
    op.create_table(
        "day_cause",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("day_row_id", sa.BigInteger(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("evidence", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["day_row_id"], ["day_row.id"], name=op.f("fk_day_cause_day_row_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_day_cause")),
    )
    op.create_index(op.f("ix_day_cause_day_row_id"), "day_cause", ["day_row_id"], unique=False)
    op.create_table(
        "order_line",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("encounter_id", sa.BigInteger(), nullable=False),
        sa.Column("line_no", sa.BigInteger(), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("bundle_id", sa.BigInteger(), nullable=True),
        sa.Column("bundle_no", sa.BigInteger(), nullable=True),
        sa.Column("expected", sa.BigInteger(), nullable=False),
        sa.Column("used", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint("expected > 0", name=op.f("ck_order_line_expected_positive")),
        sa.CheckConstraint("used >= 0", name=op.f("ck_order_line_used_not_negative")),
        sa.ForeignKeyConstraint(["bundle_id"], ["bundle.id"], name=op.f("fk_order_line_bundle_id")),
        sa.ForeignKeyConstraint(["encounter_id"], ["encounter.id"], name=op.f("fk_order_line_encounter_id")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_order_line_item_id")),
        sa.ForeignKeyConstraint(["order_id"], ["clinical_order.id"], name=op.f("fk_order_line_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_line")),
        sa.UniqueConstraint("order_id", "line_no", name=op.f("uq_order_line_order_id_line_no")),
    )
    op.create_index("ix_order_line_encounter_item", "order_line", ["encounter_id", "item_id"], unique=False)
    op.create_index(
        "ix_order_line_open", "order_line", ["order_id"], unique=False, postgresql_where=sa.text("used = 0")
    )
    op.create_table(
        "stock_count",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("location_id", sa.BigInteger(), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("lot", sa.Text(), server_default="", nullable=False),
        sa.Column("counted", sa.BigInteger(), nullable=False),
        sa.Column("book", sa.BigInteger(), nullable=False),
        sa.Column("movement_id", sa.BigInteger(), nullable=True),
        sa.Column("blind", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("document", sa.Text(), server_default="", nullable=False),
        sa.Column("counted_by", sa.BigInteger(), nullable=False),
        sa.Column("accepted_by", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("counted >= 0", name=op.f("ck_stock_count_counted_not_negative")),
        sa.ForeignKeyConstraint(["accepted_by"], ["person.id"], name=op.f("fk_stock_count_accepted_by")),
        sa.ForeignKeyConstraint(["counted_by"], ["person.id"], name=op.f("fk_stock_count_counted_by")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_stock_count_item_id")),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_stock_count_location_id")),
        sa.ForeignKeyConstraint(["movement_id"], ["movement.id"], name=op.f("fk_stock_count_movement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_count")),
    )
    op.create_index(
        "ix_stock_count_day", "stock_count", ["business_date", "location_id", "item_id"], unique=False
    )
    op.create_table(
        "scan",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("location_id", sa.BigInteger(), nullable=False),
        sa.Column("encounter_id", sa.BigInteger(), nullable=False),
        sa.Column("order_line_id", sa.BigInteger(), nullable=True),
        sa.Column("device", sa.Text(), server_default="", nullable=False),
        sa.Column("scanned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("parsed", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=True),
        sa.Column("unit_id", sa.BigInteger(), nullable=True),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("warnings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("movement_id", sa.BigInteger(), nullable=True),
        sa.Column("override_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('charged', 'used', 'needs_choice', 'unresolved', 'refused')",
            name=op.f("ck_scan_outcome"),
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_scan_quantity_positive")),
        sa.ForeignKeyConstraint(["encounter_id"], ["encounter.id"], name=op.f("fk_scan_encounter_id")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_scan_item_id")),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_scan_location_id")),
        sa.ForeignKeyConstraint(["movement_id"], ["movement.id"], name=op.f("fk_scan_movement_id")),
        sa.ForeignKeyConstraint(["order_line_id"], ["order_line.id"], name=op.f("fk_scan_order_line_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_scan_person_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_scan_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scan")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_scan_idempotency_key")),
        sa.UniqueConstraint("movement_id", name=op.f("uq_scan_movement_id")),
    )
    op.create_index("ix_scan_encounter", "scan", ["encounter_id", "id"], unique=False)
    op.create_index(
        "ix_scan_unresolved", "scan", ["id"], unique=False, postgresql_where=sa.text("outcome = 'unresolved'")
    )
    op.create_table(
        "charge",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("encounter_id", sa.BigInteger(), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("location_id", sa.BigInteger(), nullable=False),
        sa.Column("lot", sa.Text(), server_default="", nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=True),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("unit_price", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("material", sa.Text(), nullable=True),
        sa.Column("billing", sa.Text(), nullable=True),
        sa.Column("order_code", sa.Text(), nullable=True),
        sa.Column("insurance", sa.Text(), nullable=True),
        sa.Column("udi", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("scan_id", sa.BigInteger(), nullable=True),
        sa.Column("movement_id", sa.BigInteger(), nullable=True),
        sa.Column("order_line_id", sa.BigInteger(), nullable=True),
        sa.Column("reverses_id", sa.BigInteger(), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("document", sa.Text(), server_default="", nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("source IN ('scan', 'his')", name=op.f("ck_charge_source")),
        sa.CheckConstraint(
            "(quantity < 0) = (reverses_id IS NOT NULL)", name=op.f("ck_charge_refund_names_charge")
        ),
        sa.CheckConstraint(
            "amount = round(quantity * unit_price, 2)", name=op.f("ck_charge_amount_is_product")
        ),
        sa.CheckConstraint("quantity <> 0", name=op.f("ck_charge_quantity_not_zero")),
        sa.CheckConstraint("unit_price >= 0", name=op.f("ck_charge_unit_price_not_negative")),
        sa.ForeignKeyConstraint(["encounter_id"], ["encounter.id"], name=op.f("fk_charge_encounter_id")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_charge_item_id")),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_charge_location_id")),
        sa.ForeignKeyConstraint(["movement_id"], ["movement.id"], name=op.f("fk_charge_movement_id")),
        sa.ForeignKeyConstraint(["order_line_id"], ["order_line.id"], name=op.f("fk_charge_order_line_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_charge_person_id")),
        sa.ForeignKeyConstraint(["reverses_id"], ["charge.id"], name=op.f("fk_charge_reverses_id")),
        sa.ForeignKeyConstraint(["scan_id"], ["scan.id"], name=op.f("fk_charge_scan_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_charge_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_charge")),
    )
    op.create_index("ix_charge_day", "charge", ["business_date", "item_id"], unique=False)
    op.create_index("ix_charge_encounter", "charge", ["encounter_id", "id"], unique=False)
    op.create_index(op.f("ix_charge_scan_id"), "charge", ["scan_id"], unique=False)
    op.create_index(
        "uq_charge_movement",
        "charge",
        ["movement_id"],
        unique=True,
        postgresql_where=sa.text("movement_id IS NOT NULL"),
    )
    op.create_index(
        "uq_charge_reverses",
        "charge",
        ["reverses_id"],
        unique=True,
        postgresql_where=sa.text("reverses_id IS NOT NULL"),
    )
    op.create_table(
        "ledger_exception",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("movement_id", sa.BigInteger(), nullable=True),
        sa.Column("charge_id", sa.BigInteger(), nullable=True),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "kind IN ('no_price', 'used_not_charged', 'charged_not_used', 'quantity_differs')",
            name=op.f("ck_ledger_exception_kind"),
        ),
        sa.CheckConstraint(
            "(movement_id IS NULL) <> (charge_id IS NULL)", name=op.f("ck_ledger_exception_names_one_row")
        ),
        sa.ForeignKeyConstraint(["charge_id"], ["charge.id"], name=op.f("fk_ledger_exception_charge_id")),
        sa.ForeignKeyConstraint(
            ["movement_id"], ["movement.id"], name=op.f("fk_ledger_exception_movement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_exception")),
    )
    op.create_index("ix_ledger_exception_charge", "ledger_exception", ["charge_id"], unique=False)
    op.create_index("ix_ledger_exception_movement", "ledger_exception", ["movement_id"], unique=False)
    op.create_index(
        "ix_ledger_exception_open",
        "ledger_exception",
        ["id"],
        unique=False,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.execute(ALWAYS_THERE)


def downgrade() -> None:
    op.execute("DROP SEQUENCE unit_label_number")
    op.drop_index(
        "ix_ledger_exception_open",
        table_name="ledger_exception",
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.drop_index("ix_ledger_exception_movement", table_name="ledger_exception")
    op.drop_index("ix_ledger_exception_charge", table_name="ledger_exception")
    op.drop_table("ledger_exception")
    op.drop_index(
        "uq_charge_reverses", table_name="charge", postgresql_where=sa.text("reverses_id IS NOT NULL")
    )
    op.drop_index(
        "uq_charge_movement", table_name="charge", postgresql_where=sa.text("movement_id IS NOT NULL")
    )
    op.drop_index(op.f("ix_charge_scan_id"), table_name="charge")
    op.drop_index("ix_charge_encounter", table_name="charge")
    op.drop_index("ix_charge_day", table_name="charge")
    op.drop_table("charge")
    op.drop_index("ix_scan_unresolved", table_name="scan", postgresql_where=sa.text("outcome = 'unresolved'"))
    op.drop_index("ix_scan_encounter", table_name="scan")
    op.drop_table("scan")
    op.drop_index("ix_stock_count_day", table_name="stock_count")
    op.drop_table("stock_count")
    op.drop_index("ix_order_line_open", table_name="order_line", postgresql_where=sa.text("used = 0"))
    op.drop_index("ix_order_line_encounter_item", table_name="order_line")
    op.drop_table("order_line")
    op.drop_index(op.f("ix_day_cause_day_row_id"), table_name="day_cause")
    op.drop_table("day_cause")
    op.drop_index(
        "uq_movement_unit_step", table_name="movement", postgresql_where=sa.text("unit_id IS NOT NULL")
    )
    op.drop_index(
        "uq_movement_reverses", table_name="movement", postgresql_where=sa.text("reverses_id IS NOT NULL")
    )
    op.drop_index("ix_movement_item", table_name="movement")
    op.drop_index("ix_movement_day", table_name="movement")
    op.drop_table("movement")
    op.drop_index("ix_day_row_pair", table_name="day_row")
    op.drop_table("day_row")
    op.drop_index("ix_clinical_order_encounter", table_name="clinical_order")
    op.drop_table("clinical_order")
    op.drop_index(op.f("ix_web_session_person_id"), table_name="web_session")
    op.drop_table("web_session")
    op.drop_index("uq_unit_serial", table_name="unit", postgresql_where=sa.text("serial IS NOT NULL"))
    op.drop_table("unit")
    op.drop_index(op.f("ix_token_person_id"), table_name="token")
    op.drop_table("token")
    op.drop_table("role_grant")
    op.drop_table("request_key")
    op.drop_index("ix_price_item", table_name="price")
    op.drop_table("price")
    op.drop_index(op.f("ix_packaging_item_id"), table_name="packaging")
    op.drop_table("packaging")
    op.drop_table("lot")
    op.drop_table("encounter")
    op.drop_index("ix_code_binding_item", table_name="code_binding")
    op.drop_index("ix_code_binding_code", table_name="code_binding")
    op.drop_table("code_binding")
    op.drop_table("business_day")
    op.drop_table("bundle_line")
    op.drop_index("ix_balance_item", table_name="balance")
    op.drop_table("balance")
    op.drop_index("ix_audit_entry_subject", table_name="audit_entry")
    op.drop_table("audit_entry")
    op.drop_table("supplier")
    op.drop_table("person")
    op.drop_table("location")
    op.drop_table("item")
    op.drop_table("bundle")
    op.drop_table("audit_lane")
