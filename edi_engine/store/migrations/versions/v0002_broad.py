"""Who looks at a case and until when, what a person held back, what replaced what, what is owed, cartons by number."""

from __future__ import annotations

from typing import Final

from alembic import op
from sqlalchemy import Column, ForeignKey

from edi_engine.store.types import Exact, Moment, Whole, Words

revision: Final = "0002"
down_revision: Final = "0001"


def upgrade() -> None:
    op.add_column("exception_case", Column("assignee", Words))
    op.add_column("exception_case", Column("snoozed_until", Moment))
    op.add_column("exception_case", Column("snoozed_why", Words))
    op.create_index("by_exception_case_po_number", "exception_case", ["po_number"])
    op.add_column("document", Column("held_at", Moment))
    op.add_column("document", Column("held_by", Words))
    op.add_column("document", Column("place", Words))
    op.add_column("received_file", Column("folder", Words))
    op.add_column("order_line", Column("backordered", Exact))
    op.create_table(
        "carton",
        Column("sscc", Words, nullable=False),
        Column("shipment_id", Whole, ForeignKey("shipment.id"), nullable=False),
        Column("id", Whole, primary_key=True),
    )
    op.create_index("once_carton", "carton", ["sscc"], unique=True)
    number = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    _add_link("document", "resend_of", number, "document (id)")
    _add_link("purchase_order", "replaces", number, "purchase_order (id)")
    _add_link("received_file", "text_sha256", "TEXT", "blob (sha256)")


def _add_link(table: str, column: str, kind: str, target: str) -> None:
    """In words of SQL, because Alembic adds the link apart from its column, which SQLite cannot."""
    op.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind} CONSTRAINT fk_{table}_{column} REFERENCES {target}")
