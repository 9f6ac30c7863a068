"""The audit: ask a live store whether every promise holds, and name each row for which one does not."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from itertools import groupby, islice
from typing import Final

from sqlalchemy import Connection, func, select, text

from edi_engine.finding import Finding, Severity
from edi_engine.orders.lifecycle import MOVES, order_state
from edi_engine.store.ledger import Store
from edi_engine.store.promises import Promise, promises
from edi_engine.store.schema import BLOB, DOCUMENT, FILE, INTERCHANGE, LINE, ORDER
from edi_engine.store.scrub import damage_in
from edi_engine.store.seals import broken, without

TOLD: Final = 20
"""Rows that are named for each question; the rest are counted."""

_FIX: Final = {
    1: "keep a copy of the store (`edi db backup`) and report it; nothing of it is lost by waiting",
    2: "stop the program, keep the store, and go back to the last backup: bytes on the disk have changed",
    3: "look at the set with `edi show`, then replay its file",
    4: "look at the group's file with `edi show`; ask the partner which acknowledgments they have",
    5: "ask the partner which documents they have under these numbers before anything else is sent",
    6: "ask the partner what they have before anything else is sent",
    7: "replay what stopped, so that it opens its case again",
    8: "keep a copy of the store (`edi db backup`) and report it; ask the partner before relying on the document",
    9: "keep a copy of the store (`edi db backup`), and hold its history beside that of a backup or the daemon's log",
}


def audit(store: Store, *, deep: bool = True, kept: str | None = None) -> tuple[Finding, ...]:
    """Check promises V1 to V9 at one moment, while others work. No finding means that all of them hold.

    With `deep`, all stored bytes are read and hashed again, too; without, only what the rows say is checked. `kept` is
    the hash of a seal that somebody wrote down: the history must have it.
    """
    with store.looking() as connection:
        found = [finding for promise in promises() for finding in _told(promise.number, _breaking(connection, promise))]
        found.extend(_told(8, _without_files_for_the_erp(connection)))
        found.extend(_told(8, _otherwise_than_its_lines(connection)))
        found.extend(_told(9, broken(connection)))
        if kept is not None and without(connection, kept):
            found.extend(_told(9, iter((f"the history has no seal {kept}: it was written anew, or taken back",))))
        if deep:
            found.extend(_told(2, _damaged(connection)))
            found.extend(_told(2, _cut_wrongly(connection)))
    return tuple(found)


def _told(number: int, sentences: Iterator[str]) -> Iterator[Finding]:
    """Make a finding of each of the first sentences, and one that counts the rest."""

    def finding(message: str) -> Finding:
        return Finding(f"system.audit.v{number}", Severity.HOLD, message, fix=_FIX[number])

    first = None
    for sentence in islice(sentences, TOLD):
        first = first or sentence
        yield finding(f"{sentence}.")
    rest = sum(1 for _ in sentences)
    if rest:
        yield finding(f"{rest} more rows like: {first}.")


def _breaking(connection: Connection, promise: Promise) -> Iterator[str]:
    for row in connection.execute(text(promise.broken)):
        yield promise.sentence.format(**row._mapping)  # noqa: SLF001 - its public name in SQLAlchemy


def _damaged(connection: Connection) -> Iterator[str]:
    """Hash all bytes again, some at a time."""
    for one in damage_in(connection):
        yield one.sentence


def _cut_wrongly(connection: Connection) -> Iterator[str]:
    """See that each interchange is the very piece of its file, or its document, that its row says."""
    read_as = func.coalesce(FILE.c.text_sha256, FILE.c.sha256)
    incoming = (
        select(INTERCHANGE.c.id, INTERCHANGE.c.sha256, INTERCHANGE.c.start, INTERCHANGE.c.end, read_as)
        .join(FILE, FILE.c.id == INTERCHANGE.c.file_id)
        .order_by(read_as)
    )
    outgoing = (
        select(INTERCHANGE.c.id, INTERCHANGE.c.sha256, INTERCHANGE.c.start, INTERCHANGE.c.end, DOCUMENT.c.sha256)
        .join(DOCUMENT, DOCUMENT.c.id == INTERCHANGE.c.document_id)
        .order_by(DOCUMENT.c.sha256)
    )
    for pieces in (incoming, outgoing):
        whole, data = "", None
        for row, sha256, start, end, holder in connection.execute(pieces).all():
            if holder != whole:
                whole = holder
                kept = select(BLOB.c.bytes).where(BLOB.c.sha256 == holder, BLOB.c.purged_at.is_(None))
                data = connection.execute(kept).scalar()
            if data is not None and hashlib.sha256(data[start:end]).hexdigest() != sha256:
                yield f"interchange {row} is not the bytes {start} to {end} of what holds it"


def _without_files_for_the_erp(connection: Connection) -> Iterator[str]:
    """Find answered orders without a file for the ERP; one that was rejected whole needs none."""
    theirs = select(DOCUMENT.c.id).where(DOCUMENT.c.order_id == ORDER.c.id, DOCUMENT.c.kind.like("erp-%"))
    lacking = select(ORDER.c.id, ORDER.c.answer_json).where(ORDER.c.answer_json.is_not(None), ~theirs.exists())
    for row, answer in connection.execute(lacking):
        if json.loads(answer).get("answer") != "rejected":
            yield f"order {row} was answered, but nothing of it went to the ERP"


def _otherwise_than_its_lines(connection: Connection) -> Iterator[str]:
    """Find orders whose state does not follow from those of their lines; one without lines says nothing."""
    kinds = (
        select(ORDER.c.id, ORDER.c.state, LINE.c.state)
        .join(LINE, LINE.c.order_id == ORDER.c.id)
        .group_by(ORDER.c.id, ORDER.c.state, LINE.c.state)
        .order_by(ORDER.c.id)
    )
    for (row, state), lines in groupby(connection.execute(kinds), key=lambda each: (each[0], each[1])):
        derived = order_state(line[2] for line in lines if line[2] in MOVES["line"])
        if state in MOVES["order"] and state != derived:
            yield f"order {row} is {state}, but its lines make it {derived}"
