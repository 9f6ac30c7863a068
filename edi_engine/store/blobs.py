"""Bytes as rows, by their SHA-256, in the commit that needs them."""

from __future__ import annotations

import hashlib
from typing import Final

from sqlalchemy import Connection, Executable, bindparam, select

from edi_engine.errors import Purged
from edi_engine.store import ready
from edi_engine.store.schema import BLOB
from edi_engine.store.statements import upsert


class Blobs:
    """The bytes that one commit, or one view for reading, works with."""

    __slots__ = ("_connection", "_later", "_writable")

    def __init__(self, connection: Connection, *, writable: bool) -> None:
        """Work on `connection`, whose commit belongs to the caller."""
        self._connection = connection
        self._writable = writable
        self._later: dict[str, bytes] = {}

    def put(self, data: bytes) -> str:
        """Store `data` once, at the latest at the end of this commit, and give its SHA-256 (lower-case hex)."""
        if not self._writable:
            message = "this is a view for reading; open a unit to write"
            raise RuntimeError(message)
        sha256 = hashlib.sha256(data).hexdigest()
        self._later[sha256] = data
        return sha256

    def flush(self) -> None:
        """Store what waits."""
        if self._later:
            kept, self._later = self._later, {}
            if self._connection.dialect.name == "postgresql":  # all of them in one statement
                ready.run_text(self._connection, _PUTTING_ALL, {"names": list(kept), "all_bytes": list(kept.values())})
            else:
                rows = [{"sha256": sha256, "size": len(data), "bytes": data} for sha256, data in kept.items()]
                ready.run_all(self._connection, _PUTTING, rows)

    def get(self, sha256: str) -> bytes:
        """Give the bytes, checked against their hash.

        Raises KeyError if absent, Purged (a KeyError too) if they were let go, ValueError if they were damaged.
        """
        self.flush()
        found, purged_at = next(iter(ready.rows(self._connection, _WANTED, {"wanted": sha256})), (None, None))
        if found is None:
            message = f"the store holds no bytes {sha256}"
            raise KeyError(message)
        if purged_at is not None:
            raise Purged(sha256, f"{purged_at:%Y-%m-%d}")
        data = bytes(found)
        if hashlib.sha256(data).hexdigest() != sha256:
            message = f"the stored bytes {sha256} were damaged: their hash is no longer this"
            raise ValueError(message)
        return data


def _putting() -> Executable:
    statement = upsert("sqlite", BLOB).values({name: bindparam(name) for name in ("sha256", "size", "bytes")})
    new = statement.excluded.bytes
    return statement.on_conflict_do_update(  # type: ignore[no-any-return]
        index_elements=[BLOB.c.sha256],
        set_={"bytes": new, "purged_at": None},
        where=BLOB.c.purged_at.is_not(None) | (BLOB.c.bytes != new),
    )


_PUTTING: Final = _putting()
"""Store bytes. Those that were purged, or damaged on the disk, are there again when they come again."""

_PUTTING_ALL: Final = """
INSERT INTO blob (sha256, size, bytes)
SELECT sha256, length(bytes), bytes
FROM unnest(%(names)b::text[], %(all_bytes)b::bytea[]) AS new (sha256, bytes)
ON CONFLICT (sha256) DO UPDATE SET bytes = excluded.bytes, purged_at = NULL
WHERE blob.purged_at IS NOT NULL OR blob.bytes <> excluded.bytes
"""
"""The same for many at once, in the words of PostgreSQL."""

_WANTED: Final = select(BLOB.c.bytes, BLOB.c.purged_at).where(BLOB.c.sha256 == bindparam("wanted"))
