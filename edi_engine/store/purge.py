"""The purge: let go of the bytes of what was settled long ago. Hashes, sizes, control numbers and history stay.

So what comes again is still known, no number is given out twice, and whoever kept a copy can prove that it is the one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, text, update

from edi_engine.flow.documents import EXPECT_RESPONSE
from edi_engine.flow.sender import TERMINAL
from edi_engine.store.ledger import Store
from edi_engine.store.schema import BLOB
from edi_engine.store.types import Moment

BATCH: Final = 200
"""Bytes of so many things are let go in one commit."""

_OLD: Final = text(
    """
SELECT b.sha256, b.size,
  (SELECT min(f.id) FROM received_file f WHERE f.sha256 = b.sha256 OR f.text_sha256 = b.sha256) AS file_id,
  (SELECT min(d.id) FROM document d WHERE d.sha256 = b.sha256) AS document_id
FROM blob b
WHERE b.purged_at IS NULL AND b.sha256 > :last
  AND (EXISTS (SELECT 1 FROM received_file f WHERE f.sha256 = b.sha256 OR f.text_sha256 = b.sha256)
       OR EXISTS (SELECT 1 FROM document d WHERE d.sha256 = b.sha256))
  AND NOT EXISTS (SELECT 1 FROM edition e WHERE e.sha256 = b.sha256)
  AND NOT EXISTS (SELECT 1 FROM received_file f WHERE (f.sha256 = b.sha256 OR f.text_sha256 = b.sha256)
    AND (
      f.state NOT IN ('DONE', 'DUPLICATE', 'UNREADABLE') OR f.stored_at IS NULL OR f.stored_at >= :before
      OR (f.state <> 'DUPLICATE' AND f.cleared_at IS NULL AND f.connection <> :terminal)
      OR EXISTS (SELECT 1 FROM exception_case c WHERE c.state = 'OPEN'
             AND (c.file_id = f.id OR c.subject = 'file:' || CAST(f.id AS TEXT)))
      OR EXISTS (SELECT 1 FROM interchange i JOIN transaction_set s ON s.interchange_id = i.id
             JOIN purchase_order o ON o.set_id = s.id WHERE i.file_id = f.id
                 AND o.state NOT IN ('INVOICED', 'CLOSED', 'CANCELLED'))
    ))
  AND NOT EXISTS (SELECT 1 FROM document d WHERE d.sha256 = b.sha256
    AND (
      d.state NOT IN ('ACCEPTED', 'REJECTED', 'VOID', 'CONFIRMED') OR d.at >= :before
      OR (d.state = 'CONFIRMED' AND d.kind IN :answered)
      OR EXISTS (SELECT 1 FROM exception_case c WHERE c.state = 'OPEN'
             AND c.subject = 'document:' || CAST(d.id AS TEXT))
      OR EXISTS (SELECT 1 FROM purchase_order o WHERE o.id = d.order_id
                 AND o.state NOT IN ('INVOICED', 'CLOSED', 'CANCELLED'))
    ))
ORDER BY b.sha256 LIMIT :most
"""
).bindparams(
    bindparam("before", type_=Moment),
    bindparam("terminal", TERMINAL),
    bindparam("answered", sorted(EXPECT_RESPONSE), expanding=True),
)


@dataclass(frozen=True, slots=True)
class Purgeable:
    """Bytes that nobody needs any more: their hash and size, and the first file or document that they are of."""

    sha256: str
    size: int
    file_id: int | None
    document_id: int | None


def purgeable(store: Store, before: datetime) -> tuple[Purgeable, ...]:
    """Give the bytes of all that was settled before a moment, by their hashes."""
    found: list[Purgeable] = []
    while True:
        with store.looking() as connection:
            page = _page(connection, before, found[-1].sha256 if found else "")
        found.extend(page)
        if len(page) < BATCH:
            return tuple(found)


def _page(connection: Connection, before: datetime, last: str) -> Sequence[Purgeable]:
    rows = connection.execute(_OLD, {"before": before, "last": last, "most": BATCH})
    return [Purgeable(*row) for row in rows]


def purge(store: Store, before: datetime, now: datetime) -> tuple[Purgeable, ...]:
    """Let go of these bytes, some in each commit; gives what was let go. Each commit looks again at what it takes."""
    gone: list[Purgeable] = []
    while True:
        with store.writing("purged") as connection:
            page = _page(connection, before, gone[-1].sha256 if gone else "")
            if page:
                named = BLOB.c.sha256.in_([one.sha256 for one in page])
                connection.execute(update(BLOB).where(named).values(bytes=b"", purged_at=now))
        gone.extend(page)
        if len(page) < BATCH:
            return tuple(gone)


def proof(gone: Sequence[Purgeable]) -> str:
    """Give one hash over the hashes of what was let go, in their order: it names this very list."""
    return hashlib.sha256("".join(f"{one.sha256}\n" for one in gone).encode("ascii")).hexdigest()
