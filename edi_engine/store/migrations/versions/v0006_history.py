"""No question of a day's work looks at what was done before it: what waits at a partner, and our own numbers."""

from __future__ import annotations

from typing import Final

from alembic import op

revision: Final = "0006"
down_revision: Final = "0005"


def upgrade() -> None:
    for table, *more in (("interchange", "direction"), ("purchase_order",)):
        op.drop_index(f"by_{table}_state", table)
        op.create_index(f"by_{table}_state", table, ["state", "partner", *more])
    op.create_index("by_shipment_number", "shipment", ["number"])
    op.create_index("by_shipment_invoice_number", "shipment", ["invoice_number", "order_id"])
