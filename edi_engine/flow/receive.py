"""Step 2 of the walk: raw bytes and their ledger row in one commit, before any parsing."""

from __future__ import annotations

from edi_engine.errors import Taken
from edi_engine.flow.cases import open_again
from edi_engine.flow.office import Office
from edi_engine.flow.ports import Unit
from edi_engine.flow.records import FileRecord
from edi_engine.x12.unwrap import unwrap

_FIRST = ("STORED", "INTERPRETED", "DONE", "UNREADABLE")


def safe_name(name: bytes) -> str:
    """Show a file name as people may see it: what is not printable text is escaped, so that it can forge no line."""
    text = name.decode("utf-8", "backslashreplace")
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)


def see(
    office: Office,
    unit: Unit,
    connection: str,
    name: bytes,
    size: int,
    modified: int | None,
    *,
    folder: str | None = None,
) -> FileRecord:
    """Note a file that has come to rest in a partner's folder."""
    return unit.files.add(
        FileRecord(
            connection=connection,
            name=safe_name(name),
            name_hex=name.hex(),
            at=office.clock.now(),
            size=size,
            modified=modified,
            folder=folder,
            edition=office.edition.name,
            os_user=office.who,
        )
    )


def store(office: Office, unit: Unit, seen: FileRecord, data: bytes) -> FileRecord:
    """Store the bytes of a file that was seen. Bytes known on this connection are linked to their first arrival."""
    sha256 = unit.blobs.put(data)
    try:
        stored = unit.files.change(seen, state="STORED", sha256=sha256, size=len(data), stored_at=office.clock.now())
    except Taken:
        first = unit.files.one(connection=seen.connection, sha256=sha256, state=_FIRST)
        if first is None:
            raise
        return _link(office, unit, seen, data, first)
    office.note(unit, "file stored", f"file:{stored.id}", f"{stored.name}, {len(data)} bytes from {stored.connection}")
    return stored


def _link(office: Office, unit: Unit, seen: FileRecord, data: bytes, first: FileRecord) -> FileRecord:
    linked = unit.files.change(
        seen,
        state="DUPLICATE",
        sha256=first.sha256,
        size=len(data),
        arrival_of=first.id,
        stored_at=office.clock.now(),
    )
    office.note(
        unit,
        "file repeated",
        f"file:{linked.id}",
        f"{linked.name}: the same bytes came as {first.name} (file {first.id}); nothing is done twice",
        partner=first.partner,
    )
    _ask_again(office, unit, linked, first)
    return linked


def _ask_again(office: Office, unit: Unit, linked: FileRecord, first: FileRecord) -> None:
    """Open the cases of the first arrival again, where nothing was done with it: its sender means it to count."""
    subjects = [f"file:{first.id}"] if first.state == "UNREADABLE" else []
    left_out = unit.interchanges.select(file_id=first.id, direction="in", state="QUARANTINED")
    subjects.extend(f"interchange:{interchange.id}" for interchange in left_out)
    for subject in subjects:
        cases = unit.cases.select(subject=subject)
        if not cases or any(case.state == "OPEN" for case in cases):
            continue
        again = open_again(unit, cases[-1])
        office.note(
            unit,
            "case reopened",
            subject,
            f"case {again.id} {again.kind}: the partner sent the same again as {linked.name}",
            partner=again.partner,
        )


def receive(office: Office, connection: str, name: bytes, data: bytes, *, wrap: int | None = None) -> FileRecord:
    """See and store a file in one commit, as the one-file commands do. With `wrap`, its lines are cut at that width."""
    with office.ledger.unit("receive.stored") as unit:
        seen = see(office, unit, connection, name, len(data), None)
        kept = keep_text(unit, data, unwrap(data, wrap))
        return store(office, unit, seen if kept is None else unit.files.change(seen, text_sha256=kept), data)


def keep_text(unit: Unit, data: bytes, text: bytes) -> str | None:
    """Store the text that a file is read as, beside its bytes as they came; None where that is the same."""
    return None if text == data else unit.blobs.put(text)


def text_of(unit: Unit, record: FileRecord) -> bytes:
    """Give what a stored file is read as: its bytes as they came, or what its wrapped lines read as."""
    return unit.blobs.get(record.text_sha256 or record.sha256 or "")
