"""A later answer to a document that has one: the first stands, and what says otherwise is told to a person."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from edi_engine.errors import Purged
from edi_engine.finding import Finding, Severity
from edi_engine.flow.cases import open_case
from edi_engine.flow.documents import about_document, note_document
from edi_engine.flow.office import Office
from edi_engine.flow.ports import Unit
from edi_engine.flow.records import DocumentRecord, InterchangeRecord, SetRecord
from edi_engine.flow.refusal import Said, explain, in_words, said_again
from edi_engine.flow.sent_anew import call_back, sent_anew
from edi_engine.flow.wording import findings_from_json
from edi_engine.partners.partner import Partner

CONTRADICTED: Final = "ack.contradicted"
_AGAIN: Final = "acknowledged again"
_NOW_ACCEPTED: Final = "; now they accept it: "
_OF_NO_ACCOUNT: Final = frozenset({"VOID", "REJECTED"})


def name_of(unit: Unit, received: SetRecord | InterchangeRecord) -> str:
    """Name an acknowledgment by its number, place, interchange and file, so that people and programs find it."""
    if isinstance(received, InterchangeRecord):
        interchange, what = received, "TA1"
    else:
        # ST02 counts anew in each group: only its place tells a set of an interchange from another.
        interchange = unit.interchanges.get(received.interchange_id)
        what = f"{received.set_id} {received.control} at segment {received.number}"
    of_file = ""
    if interchange.file_id is not None:
        file = unit.files.get(interchange.file_id)
        of_file = f" of {file.folder}/{file.name}" if file.folder else f" of {file.name}"
    return f"{what} in interchange {interchange.control}{of_file}, {interchange.at:%Y-%m-%d %H:%M} UTC"


def answer_once_more(
    office: Office, unit: Unit, partner: Partner, document: DocumentRecord, received: SetRecord, said: Said
) -> None:
    """Note a later 997 or 999 about a document that is accepted or rejected, and tell a person if it says otherwise.

    The document stays what it is. One that was read before, as by a retry, does nothing.
    """
    later = name_of(unit, received)
    if not note_again(office, unit, document, said, later):
        return
    if document.state == "ACCEPTED" and not said.took:
        first = _headline(office, unit, partner, document, said, later)
        _tell(office, unit, document, [first, *_details(office, unit, document, said)])
    elif document.state == "REJECTED" and said.took:
        _accepted_after_all(office, unit, partner, document, later)


def note_again(office: Office, unit: Unit, document: DocumentRecord, said: Said, later: str) -> bool:
    """Write down that a document was answered once more, by `later`. False where that is known already."""
    if _first(document) == later:
        return False
    now = _NOW_ACCEPTED if document.state == "REJECTED" and said.took else "; now they say "
    words = f"{said.code} {said.note} (TA1)" if said.note is not None else said.code
    detail = f"{document.kind} {document.interchange_control} was {document.state.lower()}{now}{words} ({later})"
    subject, what = f"document:{document.id}", f"{document.kind} {_AGAIN}"
    if any(one.detail == detail for one in unit.events.select(subject=subject, what=what)):
        return False
    note_document(office, unit, document, _AGAIN, detail)
    return True


def accepted_later(unit: Unit, document: DocumentRecord) -> str | None:
    """Name the acknowledgment that accepts a document which was rejected before; None where there is none."""
    if document.state != "REJECTED":
        return None
    events = unit.events.select(subject=f"document:{document.id}", what=f"{document.kind} {_AGAIN}")
    said = [one.detail.partition(_NOW_ACCEPTED)[2] for one in events]
    return next((one.partition(" (")[2].removesuffix(")") for one in said if one), None)


def _first(document: DocumentRecord) -> str | None:
    """Name the acknowledgment that settled a document; None where it was settled before that was kept."""
    kept = json.loads(document.response_json or "{}").get("by")
    return kept if isinstance(kept, str) else None


def answered_by(unit: Unit, document: DocumentRecord) -> str:
    """Name the acknowledgment that settled a document; or when that was, for one that an older version settled."""
    known = _first(document)
    if known is not None:
        return known
    what = f"{document.kind} {document.state.lower()} by partner"
    events = unit.events.select(subject=f"document:{document.id}", what=what, limit=1)
    return f"{events[0].at:%Y-%m-%d %H:%M} UTC" if events else "before"


def _ours(document: DocumentRecord) -> str:
    of_order = f" of order {document.po_number}" if document.po_number else ""
    return f"our {document.kind} {document.interchange_control}{of_order}"


def _headline(
    office: Office, unit: Unit, partner: Partner, document: DocumentRecord, said: Said, later: str
) -> Finding:
    return Finding(
        CONTRADICTED,
        Severity.HOLD,
        f"{partner.title} accepted {_ours(document)} ({answered_by(unit, document)}), and refuses it now "
        f"({in_words(office, said)}; {later}). It stays accepted.",
        seen=said.code,
        fix="ask the partner which of the two counts; nothing is sent again by itself. If they do not have the "
        f"{document.kind}, {sent_anew(unit, document, '--new-number', 'sends it once more')} (after a repair: "
        "--rewrite); if they have it, dismiss the case",
    )


def _details(office: Office, unit: Unit, document: DocumentRecord, said: Said) -> list[Finding]:
    try:
        data = unit.blobs.get(document.sha256)
    except Purged:  # it was settled long ago
        return []
    return explain(office, document, data, said)


def _accepted_after_all(office: Office, unit: Unit, partner: Partner, document: DocumentRecord, later: str) -> None:
    """Say in the case of a refusal that they accept it after all; or that both count, if it went again since."""
    first = said_again(document)
    refused = f"{partner.title} refused {_ours(document)} ({in_words(office, first) if first is not None else 'R'}"
    case = unit.cases.one(subject=f"document:{document.id}", cause="ack.rejected", state="OPEN")
    if case is not None:
        message = f"{refused}), but later they accepted the very bytes ({later}): nothing to resend."
        fix = "ask the partner to confirm that they have it, and dismiss the case"
        head, *rest = findings_from_json(case.findings_json)
        _tell(office, unit, document, [replace(head, message=message, fix=fix), *rest])
        return
    call_back(office, unit, document)
    again = [one for one in _sent_since(unit, document) if one.sha256 != document.sha256]
    if again:
        numbers = ", ".join(f"document {one.id} ({one.state.lower()})" for one in again)
        message = (
            f"{refused}; {answered_by(unit, document)}), and it was sent again as {numbers}; now they accept the first "
            f"one ({later}), so that it may count twice."
        )
        fix = "tell the partner which of the two counts, and dismiss the case"
        _tell(office, unit, document, [Finding(CONTRADICTED, Severity.HOLD, message, seen="A", fix=fix)])


def _sent_since(unit: Unit, document: DocumentRecord) -> Sequence[DocumentRecord]:
    """Give the documents that send one again and may count."""
    same = unit.documents.select(source=document.source, kind=document.kind)
    return [
        one for one in same if one.resend_of is not None and one.id > document.id and one.state not in _OF_NO_ACCOUNT
    ]


def _tell(office: Office, unit: Unit, document: DocumentRecord, findings: Sequence[Finding]) -> None:
    open_case(office, unit, replace(about_document(document, "respond"), received_at=office.clock.now()), findings)
