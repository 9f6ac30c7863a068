"""Step 2 of the walk: raw bytes and their ledger row in one commit, before any parsing."""

from __future__ import annotations

import hashlib

from edi_engine.flow.office import Office
from edi_engine.flow.ports import Unit
from edi_engine.flow.records import FileRecord


def safe_name(name: bytes) -> str:
    """Show a file name as people may see it: what is not printable text is escaped, so that it can forge no line."""
    text = name.decode("utf-8", "backslashreplace")
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)


def see(office: Office, unit: Unit, connection: str, name: bytes, size: int, modified: int | None) -> FileRecord:
    """Note a file that has come to rest in a partner's folder."""
    return unit.files.add(
        FileRecord(
            connection=connection,
            name=safe_name(name),
            name_hex=name.hex(),
            at=office.clock.now(),
            size=size,
            modified=modified,
            edition=office.edition.name,
            os_user=office.who,
        )
    )


def store(office: Office, unit: Unit, seen: FileRecord, data: bytes) -> FileRecord:
    """Store the bytes of a file that was seen. Bytes known on this connection are linked to their first arrival."""
    sha256 = hashlib.sha256(data).hexdigest()
    now = office.clock.now()
    first = unit.files.one(
        connection=seen.connection, sha256=sha256, state=("STORED", "INTERPRETED", "DONE", "UNREADABLE")
    )
    if first is not None:
        linked = unit.files.change(
            seen, state="DUPLICATE", sha256=sha256, size=len(data), arrival_of=first.id, stored_at=now
        )
        office.note(
            unit,
            "file repeated",
            f"file:{linked.id}",
            f"{linked.name}: the same bytes came as {first.name} (file {first.id}); nothing is done twice",
            partner=first.partner,
        )
        return linked
    unit.blobs.put(data)
    stored = unit.files.change(seen, state="STORED", sha256=sha256, size=len(data), stored_at=now)
    office.note(unit, "file stored", f"file:{stored.id}", f"{stored.name}, {len(data)} bytes from {stored.connection}")
    return stored


def receive(office: Office, connection: str, name: bytes, data: bytes, modified: int | None = None) -> FileRecord:
    """See and store a file in one commit, as the one-file commands do."""
    with office.ledger.unit("receive.stored") as unit:
        return store(office, unit, see(office, unit, connection, name, len(data), modified), data)
