"""Who looks at a case and until when it rests, what a person held back, what replaced what, what is still owed."""

from __future__ import annotations

from typing import Final

from alembic import op
from sqlalchemy import Column

from edi_engine.store.types import Exact, Moment, Words

revision: Final = "0002"
down_revision: Final = "0001"


def upgrade() -> None:
    op.add_column("exception_case", Column("assignee", Words))
    op.add_column("exception_case", Column("snoozed_until", Moment))
    op.add_column("exception_case", Column("snoozed_why", Words))
    op.add_column("document", Column("held_at", Moment))
    op.add_column("document", Column("held_by", Words))
    op.add_column("document", Column("place", Words))
    op.add_column("received_file", Column("folder", Words))
    op.add_column("order_line", Column("backordered", Exact))
    _add_link("document", "resend_of", "document")
    _add_link("purchase_order", "replaces", "purchase_order")


def _add_link(table: str, column: str, target: str) -> None:
    """In words of SQL, because Alembic adds the link apart from its column, which SQLite cannot."""
    kind = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(
        f"ALTER TABLE {table} ADD COLUMN {column} {kind} CONSTRAINT fk_{table}_{column} REFERENCES {target} (id)"
    )
