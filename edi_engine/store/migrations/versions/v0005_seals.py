"""Seals of the history, and the timers of a kind by the moment when they fall due."""

from __future__ import annotations

from typing import Final

from alembic import op
from sqlalchemy import Column

from edi_engine.store.types import Moment, Whole, Words

revision: Final = "0005"
down_revision: Final = "0004"


def upgrade() -> None:
    op.create_table(
        "seal",
        Column("id", Whole, primary_key=True),
        Column("at", Moment, nullable=False),
        Column("through", Whole, nullable=False),
        Column("events", Whole, nullable=False),
        Column("sha256", Words, nullable=False),
    )
    op.drop_index("by_timer_due_at", "timer")
    op.create_index("by_timer_due_at", "timer", ["state", "kind", "due_at"])
