"""The first tables."""

from __future__ import annotations

from typing import Final

from alembic import op
from sqlalchemy import Boolean, Column, ForeignKey, LargeBinary, text

from edi_engine.store.types import Exact, Moment, Whole, Words

revision: Final = "0001"
down_revision: Final = None


def upgrade() -> None:
    _tables_of_the_store()
    _tables_of_what_came()
    _tables_of_business()
    _close_the_circles()
    _indexes()


def _tables_of_the_store() -> None:
    op.create_table(
        "blob",
        Column("sha256", Words, primary_key=True),
        Column("size", Whole, nullable=False),
        Column("bytes", LargeBinary, nullable=False),
    )
    op.create_table(
        "lane",
        Column("name", Words, primary_key=True),
        Column("fence", Whole, nullable=False),
        Column("seen", Moment, nullable=False),
    )
    op.create_table(
        "number_scope",
        Column("scope", Words, primary_key=True),
        Column("number", Whole, nullable=False),
        Column("cycle", Whole, nullable=False),
    )
    op.create_table(
        "edition",
        Column("sha256", Words, ForeignKey("blob.sha256"), nullable=False),
        Column("at", Moment, nullable=False),
        Column("os_user", Words, nullable=False),
        Column("current", Boolean, nullable=False),
        Column("id", Whole, primary_key=True),
    )
    op.create_table(
        "timer",
        Column("subject", Words, nullable=False),
        Column("kind", Words, nullable=False),
        Column("due_at", Moment, nullable=False),
        Column("state", Words, nullable=False),
        Column("epoch", Whole, nullable=False),
        Column("id", Whole, primary_key=True),
    )


def _tables_of_what_came() -> None:
    op.create_table(
        "received_file",
        Column("connection", Words, nullable=False),
        Column("name", Words, nullable=False),
        Column("name_hex", Words, nullable=False),
        Column("at", Moment, nullable=False),
        Column("state", Words, nullable=False),
        Column("size", Whole),
        Column("modified", Whole),
        Column("sha256", Words, ForeignKey("blob.sha256")),
        Column("arrival_of", Whole, ForeignKey("received_file.id")),
        Column("partner", Words),
        Column("edition", Words),
        Column("os_user", Words, nullable=False),
        Column("stored_at", Moment),
        Column("cleared_at", Moment),
        Column("clear_attempts", Whole, nullable=False),
        Column("attempts", Whole, nullable=False),
        Column("epoch", Whole, nullable=False),
        Column("id", Whole, primary_key=True),
    )
    op.create_table(
        "interchange",
        Column("direction", Words, nullable=False),
        Column("sender_qualifier", Words, nullable=False),
        Column("sender", Words, nullable=False),
        Column("receiver_qualifier", Words, nullable=False),
        Column("receiver", Words, nullable=False),
        Column("control", Words, nullable=False),
        Column("at", Moment, nullable=False),
        Column("state", Words, nullable=False),
        Column("file_id", Whole, ForeignKey("received_file.id")),
        Column("ordinal", Whole, nullable=False),
        Column("usage", Words, nullable=False),
        Column("version", Words, nullable=False),
        Column("partner", Words),
        Column("start", Whole, nullable=False),
        Column("end", Whole, nullable=False),
        Column("sha256", Words, nullable=False),
        Column("document_id", Whole, ForeignKey("document.id", use_alter=True)),
        Column("edition", Words),
        Column("epoch", Whole, nullable=False),
        Column("id", Whole, primary_key=True),
    )
    op.create_table(
        "functional_group",
        Column("interchange_id", Whole, ForeignKey("interchange.id"), nullable=False),
        Column("ordinal", Whole, nullable=False),
        Column("kind", Words, nullable=False),
        Column("sender", Words, nullable=False),
        Column("receiver", Words, nullable=False),
        Column("control", Words, nullable=False),
        Column("version", Words, nullable=False),
        Column("at", Moment, nullable=False),
        Column("state", Words, nullable=False),
        Column("verdict", Words),
        Column("sets_stated", Words, nullable=False),
        Column("sets_found", Whole, nullable=False),
        Column("sets_accepted", Whole, nullable=False),
        Column("document_id", Whole, ForeignKey("document.id", use_alter=True)),
        Column("outline_json", Words, nullable=False),
        Column("epoch", Whole, nullable=False),
        Column("id", Whole, primary_key=True),
    )
    op.create_table(
        "transaction_set",
        Column("group_id", Whole, ForeignKey("functional_group.id"), nullable=False),
        Column("interchange_id", Whole, ForeignKey("interchange.id"), nullable=False),
        Column("ordinal", Whole, nullable=False),
        Column("set_id", Words, nullable=False),
        Column("control", Words, nullable=False),
        Column("start", Whole, nullable=False),
        Column("end", Whole, nullable=False),
        Column("number", Whole, nullable=False),
        Column("segments", Whole, nullable=False),
        Column("at", Moment, nullable=False),
        Column("state", Words, nullable=False),
        Column("partner", Words),
        Column("verdict", Words),
        Column("findings_json", Words, nullable=False),
        Column("order_id", Whole, ForeignKey("purchase_order.id", use_alter=True)),
        Column("edition", Words),
        Column("attempts", Whole, nullable=False),
        Column("epoch", Whole, nullable=False),
        Column("id", Whole, primary_key=True),
    )


def _tables_of_business() -> None:
    op.create_table(
        "purchase_order",
        Column("partner", Words, nullable=False),
        Column("live", Boolean, nullable=False),
        Column("po_number", Words, nullable=False),
        Column("set_id", Whole, ForeignKey("transaction_set.id"), nullable=False),
        Column("body_json", Words, nullable=False),
        Column("at", Moment, nullable=False),
        Column("release", Words, nullable=False),
        Column("again", Whole, nullable=False),
        Column("state", Words, nullable=False),
        Column("rulings_json", Words, nullable=False),
        Column("answer_json", Words),
        Column("total", Exact),
        Column("currency", Words),
        Column("edition", Words),
        Column("answered_at", Moment),
        Column("epoch", Whole, nullable=False),
        Column("id", Whole, primary_key=True),
    )
    op.create_table(
        "event",
        Column("at", Moment, nullable=False),
        Column("what", Words, nullable=False),
        Column("subject", Words, nullable=False),
        Column("who", Words, nullable=False),
        Column("detail", Words, nullable=False),
        Column("order_id", Whole, ForeignKey("purchase_order.id")),
        Column("partner", Words),
        Column("edition", Words),
        Column("id", Whole, primary_key=True),
    )
    op.create_table(
        "exception_case",
        Column("kind", Words, nullable=False),
        Column("severity", Whole, nullable=False),
        Column("subject", Words, nullable=False),
        Column("cause", Words, nullable=False),
        Column("title", Words, nullable=False),
        Column("step", Words, nullable=False),
        Column("received_at", Moment, nullable=False),
        Column("at", Moment, nullable=False),
        Column("state", Words, nullable=False),
        Column("findings_json", Words, nullable=False),
        Column("partner", Words),
        Column("po_number", Words),
        Column("order_id", Whole, ForeignKey("purchase_order.id")),
        Column("file_id", Whole, ForeignKey("received_file.id")),
        Column("lines_json", Words, nullable=False),
        Column("money_held", Exact),
        Column("currency", Words),
        Column("deadline", Moment),
        Column("resolution", Words),
        Column("resolved_by", Words),
        Column("resolved_at", Moment),
        Column("edition", Words),
        Column("epoch", Whole, nullable=False),
        Column("id", Whole, primary_key=True),
    )
    op.create_table(
        "order_line",
        Column("order_id", Whole, ForeignKey("purchase_order.id"), nullable=False),
        Column("position", Whole, nullable=False),
        Column("state", Words, nullable=False),
        Column("number", Words),
        Column("item", Words),
        Column("ordered", Exact, nullable=False),
        Column("unit", Words),
        Column("accepted", Exact, nullable=False),
        Column("shipped", Exact, nullable=False),
        Column("invoiced", Exact, nullable=False),
        Column("value", Exact, nullable=False),
        Column("epoch", Whole, nullable=False),
        Column("id", Whole, primary_key=True),
    )
    op.create_table(
        "shipment",
        Column("order_id", Whole, ForeignKey("purchase_order.id"), nullable=False),
        Column("number", Words, nullable=False),
        Column("body_json", Words, nullable=False),
        Column("at", Moment, nullable=False),
        Column("invoice_number", Words),
        Column("invoice_json", Words),
        Column("os_user", Words, nullable=False),
        Column("id", Whole, primary_key=True),
    )
    op.create_table(
        "document",
        Column("kind", Words, nullable=False),
        Column("source", Words, nullable=False),
        Column("sha256", Words, ForeignKey("blob.sha256"), nullable=False),
        Column("size", Whole, nullable=False),
        Column("connection", Words, nullable=False),
        Column("name", Words, nullable=False),
        Column("at", Moment, nullable=False),
        Column("partner", Words),
        Column("live", Boolean, nullable=False),
        Column("again", Whole, nullable=False),
        Column("state", Words, nullable=False),
        Column("folder", Words, nullable=False),
        Column("temporary", Words, nullable=False),
        Column("order_id", Whole, ForeignKey("purchase_order.id")),
        Column("group_id", Whole, ForeignKey("functional_group.id")),
        Column("shipment_id", Whole, ForeignKey("shipment.id")),
        Column("po_number", Words),
        Column("interchange_control", Words),
        Column("group_control", Words),
        Column("set_control", Words),
        Column("group_kind", Words),
        Column("attempts", Whole, nullable=False),
        Column("next_at", Moment),
        Column("last_error", Words),
        Column("sent_at", Moment),
        Column("due_at", Moment),
        Column("response_json", Words),
        Column("edition", Words),
        Column("os_user", Words, nullable=False),
        Column("epoch", Whole, nullable=False),
        Column("id", Whole, primary_key=True),
    )
    op.create_table(
        "number_use",
        Column("scope", Words, nullable=False),
        Column("number", Whole, nullable=False),
        Column("at", Moment, nullable=False),
        Column("cycle", Whole, nullable=False),
        Column("document_id", Whole, ForeignKey("document.id")),
        Column("void_reason", Words),
        Column("id", Whole, primary_key=True),
    )


def _close_the_circles() -> None:
    if op.get_context().dialect.name == "sqlite":
        return  # it took these with the tables, as it cannot add them later
    op.create_foreign_key("fk_interchange_document_id", "interchange", "document", ["document_id"], ["id"])
    op.create_foreign_key("fk_functional_group_document_id", "functional_group", "document", ["document_id"], ["id"])
    op.create_foreign_key("fk_transaction_set_order_id", "transaction_set", "purchase_order", ["order_id"], ["id"])


def _indexes() -> None:
    for table, names in (
        ("timer", "state due_at"),
        ("timer", "subject"),
        ("received_file", "connection name_hex"),
        ("received_file", "sha256"),
        ("received_file", "state"),
        ("interchange", "direction sender_qualifier sender receiver_qualifier receiver control"),
        ("interchange", "document_id"),
        ("interchange", "state"),
        ("functional_group", "state"),
        ("transaction_set", "interchange_id"),
        ("transaction_set", "order_id"),
        ("transaction_set", "state"),
        ("purchase_order", "po_number"),
        ("purchase_order", "set_id"),
        ("purchase_order", "state"),
        ("event", "order_id"),
        ("event", "subject"),
        ("exception_case", "order_id"),
        ("exception_case", "state"),
        ("exception_case", "subject"),
        ("document", "group_control"),
        ("document", "order_id"),
        ("document", "connection state"),
        ("number_use", "document_id"),
    ):
        columns = names.split()
        op.create_index(f"by_{table}_{columns[-1]}", table, columns)
    for name, table, names, where in (
        ("once_edition", "edition", "sha256", None),
        ("once_edition_current", "edition", "current", '"current"'),
        ("once_received_file", "received_file", "connection sha256", "sha256 IS NOT NULL AND state <> 'DUPLICATE'"),
        ("once_interchange", "interchange", "file_id ordinal", None),
        ("once_functional_group", "functional_group", "interchange_id ordinal", None),
        ("once_transaction_set", "transaction_set", "group_id ordinal", None),
        ("once_purchase_order", "purchase_order", "partner live po_number release again", None),
        ("once_exception_case", "exception_case", "subject cause", "state = 'OPEN'"),
        ("once_order_line", "order_line", "order_id position", None),
        ("once_shipment", "shipment", "order_id number", None),
        ("once_document", "document", "source kind again", None),
        ("once_number_use", "number_use", "scope cycle number", None),
    ):
        condition = None if where is None else text(where)
        op.create_index(name, table, names.split(), unique=True, sqlite_where=condition, postgresql_where=condition)
