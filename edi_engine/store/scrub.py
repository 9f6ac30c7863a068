"""The scrub: read all stored bytes again, some at a time, and see that each are still those that its hash names."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, select

from edi_engine.finding import Finding, Severity
from edi_engine.store.ledger import Store
from edi_engine.store.schema import BLOB, DOCUMENT, EDITION, FILE

BATCH: Final = 50


@dataclass(frozen=True, slots=True)
class Damage:
    """Bytes that are no longer what their hash says, and what they are of: `file 7`, `document 9`."""

    sha256: str
    holders: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """Say it in words."""
        return f"the stored bytes {self.sha256} were damaged: their hash is no longer this"

    @property
    def finding(self) -> Finding:
        """Tell people of it."""
        said, of = self.sentence, ", ".join(self.holders) or "nothing"
        return Finding(
            "system.store.bytes",
            Severity.HOLD,
            f"{said[:1].upper()}{said[1:]}. They are those of {of}.",
            seen=self.sha256,
            fix="check the disk; the same bytes heal it when they come again, so ask the partner to send the file once "
            "more, or go back to a backup",
        )


def scrub(store: Store) -> Iterator[tuple[Damage, ...]]:
    """Give the damage in each batch of bytes; each is looked at in a view of its own, so that others go on."""
    last = ""
    while True:
        with store.looking() as connection:
            end, damaged = _batch(connection, last)
        yield damaged
        if end is None:
            return
        last = end


def damage_in(connection: Connection) -> Iterator[Damage]:
    """Give all damage that one view sees."""
    last: str | None = ""
    while last is not None:
        last, damaged = _batch(connection, last)
        yield from damaged


def _batch(connection: Connection, last: str) -> tuple[str | None, tuple[Damage, ...]]:
    """Look at the bytes behind the hash `last`; give the last hash looked at, None at the end. Purged ones are gone."""
    kept = select(BLOB.c.sha256, BLOB.c.size, BLOB.c.bytes).where(BLOB.c.sha256 > last, BLOB.c.purged_at.is_(None))
    found = connection.execute(kept.order_by(BLOB.c.sha256).limit(BATCH)).all()
    damaged = tuple(
        Damage(sha256, _holders(connection, sha256))
        for sha256, size, data in found
        if hashlib.sha256(data).hexdigest() != sha256 or len(data) != size
    )
    return found[-1][0] if len(found) == BATCH else None, damaged


def _holders(connection: Connection, sha256: str) -> tuple[str, ...]:
    held: list[str] = []
    for word, table, columns in (
        ("file", FILE, (FILE.c.sha256, FILE.c.text_sha256)),
        ("document", DOCUMENT, (DOCUMENT.c.sha256,)),
        ("edition", EDITION, (EDITION.c.sha256,)),
    ):
        for column in columns:
            rows = connection.execute(select(table.c.id).where(column == sha256).order_by(table.c.id))
            held.extend(f"{word} {number}" for (number,) in rows)
    return tuple(held)
