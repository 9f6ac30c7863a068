"""A document keeps in which manner its delivery was begun: its connection may have another one by the next attempt."""

from __future__ import annotations

from typing import Final

from alembic import op
from sqlalchemy import Column

from edi_engine.store.types import Words

revision: Final = "0008"
down_revision: Final = "0007"


def upgrade() -> None:
    op.add_column("document", Column("manner", Words, nullable=True))
