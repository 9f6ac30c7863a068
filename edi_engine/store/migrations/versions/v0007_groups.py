"""What nobody asks of a group is not kept: its bytes and those of its 997 say it."""

from __future__ import annotations

from typing import Final

from alembic import op

revision: Final = "0007"
down_revision: Final = "0006"


def upgrade() -> None:
    for column in ("sets_stated", "sets_accepted", "outline_json"):
        op.drop_column("functional_group", column)
