"""Marks of the store itself, numbers that were skipped in one go, bytes that were purged, and a partner's last sets."""

from __future__ import annotations

from typing import Final

from alembic import op
from sqlalchemy import Column

from edi_engine.store.types import Moment, Whole, Words

revision: Final = "0004"
down_revision: Final = "0003"


def upgrade() -> None:
    op.create_table("mark", Column("name", Words, primary_key=True), Column("value", Words, nullable=False))
    op.add_column("number_use", Column("skipped", Whole))
    op.add_column("blob", Column("purged_at", Moment))
    op.create_index("by_transaction_set_set_id", "transaction_set", ["partner", "set_id"])
    op.create_index("by_interchange_partner", "interchange", ["direction", "partner"])
