"""Documents are found by their interchange number: a TA1 has no group, so that only this number names each of ours."""

from __future__ import annotations

from typing import Final

from alembic import op

revision: Final = "0003"
down_revision: Final = "0002"


def upgrade() -> None:
    op.create_index("by_document_interchange_control", "document", ["interchange_control"])
