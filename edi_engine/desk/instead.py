"""What happens to a case instead of a retry, where none can settle it: asked before one is offered or made.

A retry is for what a repaired table, map or partner file would make different. What our own bytes and states have
settled for good is told with what to do about it.
"""

from __future__ import annotations

from typing import Final

from edi_engine.errors import Purged
from edi_engine.finding import Severity
from edi_engine.flow.calloff import CALLED_OFF
from edi_engine.flow.cases import BUGS
from edi_engine.flow.checking import ACKNOWLEDGMENTS
from edi_engine.flow.contradiction import CONTRADICTED
from edi_engine.flow.identity import first_of, is_same
from edi_engine.flow.ports import Unit
from edi_engine.flow.receive import text_of
from edi_engine.flow.records import CaseRecord, DocumentRecord, FileRecord, InterchangeRecord, OrderRecord, SetRecord
from edi_engine.flow.respond import finds_ours
from edi_engine.x12.reader import outline, split
from edi_engine.x12.unwrap import unwrap

_BY_ITSELF: Final = "It is tried again by itself; there is nothing to retry."
_SILENT: Final = (
    "Nothing waits here that could be tried: ask the partner whether they sent it. The case closes by itself when "
    "something comes, or when it is expected no longer."
)
_OF_KIND: Final = {
    "ack.rejected": "Repair the cause and send the document again as the case says; or agree "
    "with the partner what becomes of it, and dismiss the case.",
    CONTRADICTED: "Their first answer stands, and reading the other one again changes nothing. Ask the partner which "
    "of the two counts; then send the document again as the case says, or dismiss the case.",
    "ack.overdue": "The partner's answer closes this by itself; so does sending it again, where the case says how.",
    "partner.silent": _SILENT,
    CALLED_OFF: "Its order is called off, so that it is not sent. Ask the partner what they have of it, and dismiss "
    "the case.",
}
_SENT_AGAIN: Final = (
    "No retry changes the bytes that came. Ask the partner to send it again, which comes in by itself; then dismiss "
    "the case."
)
_CONFLICT: Final = (
    "The number came before with other content, and no retry changes that. Ask the partner which of the two counts; if "
    "this one does, they send it again under a new number, which comes in by itself. Then dismiss the case."
)
_OF_BYTES: Final = {
    "envelope.conflict": _CONFLICT,
    "envelope.count": _SENT_AGAIN,
    "envelope.truncated": _SENT_AGAIN,
}
"""What no partner file makes different, while these are all that keeps an interchange or a file out."""

_UNMATCHED: Final = (
    "Nothing that we have sent fits it so far; read again it would match nothing. Ask the partner what they received, "
    "and dismiss the case."
)
_UNREAD: Final = (
    "No acknowledgment is ever answered. Ask the partner what became of our documents, and dismiss the case."
)
_REFUSED: Final = "Our acknowledgment has refused it; the partner must send it again. That comes in by itself."
_NO_X12: Final = (
    "Nothing of the file can be read as X12, and no retry changes its bytes. Ask whoever sent it for the right file, "
    "which comes in by itself, and dismiss the case."
)


def instead_of_retry(unit: Unit, case: CaseRecord) -> str | None:
    """Say what happens instead of a retry, for a case that none can settle; None where it may be tried."""
    kind, _, number = case.subject.partition(":")
    if case.kind in _OF_KIND:
        return _OF_KIND[case.kind]
    if kind == "connection":
        return None
    if case.kind.startswith("transport.") and kind != "document":
        return _BY_ITSELF
    match kind:
        case "file":
            return _file(unit, unit.files.get(int(number)))
        case "interchange":
            return _interchange(unit, case, int(number))
        case "set":
            return _set(unit, case, int(number))
        case "order":
            return _order(unit.orders.get(int(number)))
        case "document":
            return _document(unit.documents.get(int(number)))
        case "ship" | "bill":
            return None
    return _BY_ITSELF


def _file(unit: Unit, record: FileRecord) -> str | None:
    if record.state == "SEEN":
        return f"{record.name} is fetched again by itself at the next poll."
    if record.state not in {"STORED", "UNREADABLE"}:
        return f"{record.name} was read; what waits of it has cases of its own. Dismiss this one."
    return None if record.state == "STORED" or _may_be_read(unit, record) else _NO_X12


def _may_be_read(unit: Unit, record: FileRecord) -> bool:
    """Say whether there is an interchange in a file, as it is or joined at the width of its first line."""
    if record.sha256 is None:
        return False
    data = unit.blobs.get(record.sha256)
    width = min((at for end in (b"\r", b"\n") if (at := data.find(end)) > 0), default=None)
    return any(outline(text).interchanges for text in (text_of(unit, record), data, unwrap(data, width)))


def _interchange(unit: Unit, case: CaseRecord, number: int) -> str | None:
    record = unit.interchanges.get(number)
    if record.state == "QUARANTINED":
        return None if _came_again(unit, record) else _OF_BYTES.get(case.kind)
    if record.state == "OPENED" and case.kind in BUGS:
        return None
    return f"Interchange {record.control} is {record.state.lower()}; nothing of it waits. Dismiss the case."


def _came_again(unit: Unit, record: InterchangeRecord) -> bool:
    """Say whether the very same has come since and counts: then a retry closes what is told of the first one."""
    earlier = first_of(unit, record)
    if earlier is None or record.file_id is None:
        return False
    try:
        return is_same(unit, record, text_of(unit, unit.files.get(record.file_id)), earlier)
    except Purged:
        return False


def _set(unit: Unit, case: CaseRecord, number: int) -> str | None:
    record = unit.sets.get(number)
    acknowledges = unit.groups.get(record.group_id).kind == ACKNOWLEDGMENTS
    if record.state == "REFUSED" or (case.severity >= Severity.REFUSE and case.kind not in BUGS):
        return _UNREAD if acknowledges else _REFUSED
    if acknowledges and case.kind == "ack.unmatched":
        return None if _fits_now(unit, case, record) else _UNMATCHED
    if acknowledges and case.kind == "ack.invalid":
        return _UNREAD
    if acknowledges or record.state in {"RECEIVED", "HELD"}:
        return None
    return f"{record.set_id} {record.control} is {record.state.lower()}; nothing of it waits. Dismiss the case."


def _fits_now(unit: Unit, case: CaseRecord, record: SetRecord) -> bool:
    """Say whether an acknowledgment that fitted nothing is about a document that we have sent by now."""
    interchange = unit.interchanges.get(record.interchange_id)
    if interchange.file_id is None or case.partner is None:
        return False
    try:
        text = text_of(unit, unit.files.get(interchange.file_id))
    except Purged:
        return False
    marks = next(one.delimiters for one in outline(text).interchanges if one.ordinal == interchange.ordinal)
    segments = split(text[record.start : record.end].decode("latin-1"), marks)
    return finds_ours(unit, case.partner, record, segments)


def _order(record: OrderRecord) -> str | None:
    if record.state in {"OPEN", "HELD"}:
        return None
    return f"Order {record.po_number} is {record.state.lower()}: it is decided already. Dismiss the case."


def _document(record: DocumentRecord) -> str | None:
    if record.state == "PARKED":
        return None
    return f"The {record.kind} is {record.state.lower()}; there is nothing to retry."
